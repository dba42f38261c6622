// SPDX-License-Identifier: Apache-2.0
//
// Holds the warnings of a store to limits.warnings distinct ones. Those that stay are the first by member,
// line and problem, whatever the order in which they come; one more row says that others were left out.
#ifndef INQUEST_STORE_WARNED_H
#define INQUEST_STORE_WARNED_H

#include "bundle/limits.h"
#include "evidence/rows.h"
#include "store/db.h"
#include "util/buffer.h"

struct warned {
    uint64_t since; // rows since the last look
    bool cut;
    struct buffer member, problem; // the first that was left out; behind it nothing is wanted
    int64_t line;
};

// Whether the row would stay, as far as is known. Cheap.
bool warned_wants(const struct warned *warned, struct text member, const struct row_warning *row);
// After a wanted row went into the table: takes out again what is too much, now and then.
bool warned_hold(struct warned *warned, const struct limits *limits, struct db *db, struct error *err);
// After the last: takes out the rest.
bool warned_settle(struct warned *warned, const struct limits *limits, struct db *db, struct error *err);
void warned_release(struct warned *warned);

#endif
