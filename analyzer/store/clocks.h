// SPDX-License-Identifier: Apache-2.0
//
// The clocks of a finished node: how each member's times settle (settle.h), gathered from its facts.
#ifndef INQUEST_STORE_CLOCKS_H
#define INQUEST_STORE_CLOCKS_H

#include "store/db.h"
#include "store/settle.h"
#include "util/room.h"

struct clocks;

// Reads the table fact. latest_utc_ns: the latest CLOCK_UTC time that passed, ROW_NULL for none; it stands in
// for a manifest's collected_at.
// room: for the names of members; those beyond it have the node's clock.
bool clocks_open(struct clocks **clocks, struct db *db, int64_t latest_utc_ns, struct room *room,
                 struct error *err);
void clocks_close(struct clocks **clocks);

// Of the node as a whole.
const struct settlement *clocks_node(const struct clocks *clocks);

// A time of a member in nanoseconds since 1970 UTC; ROW_NULL unknown. Fits extend_settle().
int64_t clocks_settle(void *clocks, struct text member, int clock, int64_t raw, struct text boot);

// Whether a row of the member with that boot is of an earlier boot than the newest in the member.
bool clocks_earlier_boot(const struct clocks *clocks, struct text member, struct text boot);

// Every member that has facts of its own.
size_t clocks_members(const struct clocks *clocks);
struct text clocks_member(const struct clocks *clocks, size_t index, const struct settlement **settlement,
                          struct text *newest_boot);

#endif
