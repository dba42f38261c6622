// SPDX-License-Identifier: Apache-2.0
//
// A bundle in, finished stores out: one pass, one store a node, the rules' matcher standing before it.
#ifndef INQUEST_COMMAND_PIPELINE_H
#define INQUEST_COMMAND_PIPELINE_H

#include "bundle/bundle.h"
#include "command/jail.h"
#include "command/redacting.h"
#include "rule/match_text.h"
#include "rule/rule.h"
#include "store/store.h"

struct node {
    const char *prefix; // in the archive; "" for the only one
    struct store *store;
    struct text_matcher *matcher; // NULL without rules
};

struct pipeline {
    const struct limits *limits;
    const struct rulebook *book; // NULL: no rules are matched
    bool prefilter;
    bool quiet;              // no progress line
    bool redact;             // private names become made-up words, credentials go; not of a database
    const struct jail *jail; // locked before the bundle is opened; NULL for none
    const char *db_path;     // NULL: private stores. With several nodes all but the first are refused
    const char *db_name;     // what the user calls it
};

struct nodes {
    struct node *items; // by prefix
    size_t count;
    struct bundle_totals totals;
    struct redacting *redacting; // what redacted the bundle; NULL for none
    const char *db_name;         // of the pipeline
    struct store_share share;
};

// Reads the bundle (or the database that unpack wrote) and finishes its stores. Release the nodes either way.
bool pipeline_read(const struct pipeline *pipeline, const char *path, struct nodes *nodes, struct error *err);
// False where a disk failed a store meanwhile: then what was found may be incomplete, and is not to be told.
bool nodes_sound(const struct nodes *nodes, struct error *err);
// A text that may hold names of the bundle (its path), redacted where the bundle is; valid as long as `out`.
struct text nodes_text(const struct nodes *nodes, struct text text, struct buffer *out);
void nodes_release(struct nodes *nodes); // fits CLEANUP()

#endif
