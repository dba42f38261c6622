// SPDX-License-Identifier: Apache-2.0
//
// A finished profile as functions and the calls between them, for one sample type: what the listings are
// printed from. Which functions are kept, their order and which calls count as inlined follow google/pprof
// internal/{graph,report}.
#ifndef INQUEST_REPORT_PROFILE_GRAPH_H
#define INQUEST_REPORT_PROFILE_GRAPH_H

#include "evidence/profile_model.h"
#include "util/pattern.h"

// Zeroed: everything. `go tool pprof -top` has node_fraction 0.005 and edge_fraction 0.001.
struct graph_options {
    size_t type;
    bool by_cum;                    // order by cum instead of flat
    size_t node_count;              // at most so many functions; 0: all
    double node_fraction;           // leave out functions whose cum is below this share
    double edge_fraction;           // leave out calls below this share
    bool without_calls;             // no edges, and nothing said of inlining
    struct pattern *focus, *ignore; // samples with any (and none) such function, file or binary; may be NULL
};

struct graph_node {
    uint32_t node; // of the profile
    int64_t flat, cum;
    bool inlined, called; // some call to it was inlined; some was not
};

struct graph_edge {
    uint32_t caller, callee; // nodes of the profile
    uint32_t seen;           // last stack that it was counted for
    int64_t weight;
    bool inlined;
};

struct graph {
    const struct profile *profile;
    ARRAY(struct graph_node) nodes; // in order
    ARRAY(struct graph_edge) edges;
    int64_t total;
    size_t candidates, dropped; // functions before node_count; left out by node_fraction
};

// Released by graph_release. The profile must outlive it.
void graph_build(struct graph *graph, const struct profile *profile, const struct graph_options *options);
void graph_release(struct graph *graph);

// Decides which samples are looked at: `focus` and `ignore` of graph_options, by location. Zeroed: all.
struct graph_filter {
    unsigned char *flags; // by location
};
void graph_filter_init(struct graph_filter *filter, const struct profile *profile, struct pattern *focus,
                       struct pattern *ignore);
void graph_filter_release(struct graph_filter *filter);
bool graph_filter_passes(const struct graph_filter *filter, const struct profile_frames *frames);

#endif
