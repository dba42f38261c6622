// SPDX-License-Identifier: Apache-2.0
#include "store/units.h"

enum { UNIT_BYTES = 48 }; // that a unit takes beside its name

// The record before mostly was of the same unit.
static bool is_last(const struct units *units, struct text unit)
{
    return units->last < units->names.count && text_same(units->names.texts[units->last], unit);
}

bool units_count(struct units *units, struct text unit, struct room *room)
{
    if (!is_last(units, unit))
        units->last = intern_find(&units->names, unit);
    if (units->last == INTERN_NONE) {
        if (!room_left(room))
            return false;
        units->last = intern_add(&units->names, unit, NULL);
        (void)array_add(&units->records);
        room_hold(room, unit.len + UNIT_BYTES);
    }
    units->records.items[units->last]++;
    return true;
}

bool units_write(const struct units *units, struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *insert = statement_open(db, "INSERT INTO log_unit(unit, records) VALUES(?, ?)", err);
    bool ok = insert != NULL;
    for (uint32_t i = 0; i < units->names.count && ok; i++) {
        bind_text(insert, 1, units->names.texts[i]);
        bind_integer(insert, 2, (int64_t)units->records.items[i]);
        ok = statement_run(insert, err);
    }
    return ok;
}

void units_release(struct units *units)
{
    intern_release(&units->names);
    array_release(&units->records);
}
