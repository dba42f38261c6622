// SPDX-License-Identifier: Apache-2.0
//
// A first rule cut from a bundle: what one task or one log record shows, generalised, with a test that hits
// and look-alikes that must not. Names of hosts, containers and addresses are made up (privacy/scrub.h). The
// author has to name the failure and say what to do.
#ifndef INQUEST_COMMAND_DRAFT_H
#define INQUEST_COMMAND_DRAFT_H

#include "store/db.h"
#include "util/buffer.h"

struct draft {
    struct db *db;         // a finished store
    const char *id;        // of the rule; NULL: made from what it sees
    struct buffer *out;    // the rule's text
    struct buffer *chosen; // the id that was taken
};

// The stack of the thread `tid`, or of the blocked thread whose stack has the signature (its first digits, or
// its name).
bool draft_of_task(const struct draft *draft, int64_t tid, struct error *err);
bool draft_of_signature(const struct draft *draft, struct text signature, struct error *err);
// The first log record whose message holds the text, whatever its capitals; what a log format puts before the
// message may stand before it.
bool draft_of_log(const struct draft *draft, struct text wanted, struct error *err);

// ---- what the two kinds share ----------------------------------------------------------------
struct scrubber;

// Tells the scrubber the names that the bundle gives its node, pods and containers.
bool draft_scrubber(struct db *db, struct scrubber *scrubber, struct error *err);
// Chooses the id: that of the draft, else the words of `from` joined by dashes.
void draft_id(const struct draft *draft, struct text from);
// The first lines: licence, what the author has to do, and the id.
void draft_start(const struct draft *draft);
// The severity and cause that stand for "not yet known".
void draft_cause(struct buffer *out);
// A YAML text in single quotes.
void draft_quoted(struct buffer *out, struct text text);
// The lines as a block, each indented by `indent` blanks; only visible text passes.
void draft_block(struct buffer *out, int indent, struct text lines);
// What every draft ends its head with: remedy, prevention, references to be filled in.
void draft_advice(struct buffer *out);

#endif
