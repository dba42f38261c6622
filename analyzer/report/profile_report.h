// SPDX-License-Identifier: Apache-2.0
//
// A profile as text: the listings of `inquest profile`. Names are escaped by show_line.
#ifndef INQUEST_REPORT_PROFILE_REPORT_H
#define INQUEST_REPORT_PROFILE_REPORT_H

#include "report/profile_graph.h"

struct profile_report {
    const struct profile *profile; // finished
    struct graph_options options;
    const char *focus, *ignore; // the regexes' texts, for the header; may be NULL
    const char *name;           // of the file, for titles; may be NULL
};

// flat, flat%, sum%, cum, cum% of each function: byte for byte what `go tool pprof -symbolize=none -top`
// prints (in UTC), but for warnings on top.
void profile_write_top(struct buffer *out, const struct profile_report *report);

// Callers and callees of the functions that match, as `go tool pprof -peek`. False when none does.
bool profile_write_peek(struct buffer *out, const struct profile_report *report, struct pattern *which);

// One line a stack, root first, names joined by ';' (a ';' within a name becomes ':'), in order: what flame
// graph tools read. Of a difference two numbers a line, before and after, as difffolded.pl prints. The text
// can be many times the profile, so `flush` takes `out` and empties it now and then; false from it ends the
// writing.
typedef bool profile_flush(void *context, struct buffer *out);
bool profile_write_folded(struct buffer *out, const struct profile_report *report, profile_flush *flush,
                          void *context);

// inquest-profile/1: sample_type, unit, total, functions (function, flat, cum) in the order of the listing,
// and what the reading of the profile had to warn of.
void profile_write_json(struct buffer *out, const struct profile_report *report);

#endif
