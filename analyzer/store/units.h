// SPDX-License-Identifier: Apache-2.0
//
// Which units the log records are of, and how many of each: the table log_unit, which says what a bundle's
// logs could tell without reading them.
#ifndef INQUEST_STORE_UNITS_H
#define INQUEST_STORE_UNITS_H

#include "store/db.h"
#include "util/array.h"
#include "util/intern.h"
#include "util/room.h"

struct units { // zeroed: empty
    struct intern names;
    ARRAY(uint64_t) records; // by number in names
    uint32_t last;           // number of the record before
};

// Counts a record of the unit. False for a new one that there is no room for: it is not counted.
bool units_count(struct units *units, struct text unit, struct room *room);
bool units_write(const struct units *units, struct db *db, struct error *err);
void units_release(struct units *units);

#endif
