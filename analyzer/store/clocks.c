// SPDX-License-Identifier: Apache-2.0
#include "store/clocks.h"

#include <stdlib.h>

#include "util/array.h"
#include "util/intern.h"
#include "util/memory.h"
#include "util/times.h"

struct member_clock {
    struct settlement settlement;
    struct text newest_boot;
};

struct clocks {
    struct settlement node;
    struct intern members; // at the same number in list
    struct member_clock_list ARRAY_BODY(struct member_clock) list;
};

// NULL for a new one when there is no room.
static struct member_clock *of_member(struct clocks *clocks, struct text member, struct room *room)
{
    enum { MEMBER_BYTES = sizeof(struct member_clock) + 80 }; // 80: its boot, and what the set needs
    uint32_t number = intern_find(&clocks->members, member);
    if (number != INTERN_NONE)
        return &clocks->list.items[number];
    if (!room_left(room))
        return NULL;
    room_hold(room, member.len + MEMBER_BYTES);
    (void)intern_add(&clocks->members, member, NULL);
    struct member_clock *added = array_add(&clocks->list);
    added->settlement = settlement_null;
    return added;
}

static void take_fact(struct clocks *clocks, struct text key, struct text value, struct text member,
                      struct room *room)
{
    int64_t number = ROW_NULL;
    bool is_boot = text_is(key, "log_boot");
    if (!is_boot && !text_to_i64(value, &number))
        return;
    if (text_is(key, "zone_offset_s") && clocks->node.zone_offset_s == ROW_NULL)
        clocks->node.zone_offset_s = number; // the first in byte order of the members
    struct member_clock *own = of_member(clocks, member, room);
    if (!own)
        return;
    if (is_boot)
        own->newest_boot = arena_copy(&clocks->members.arena, value);
    else if (text_is(key, "zone_offset_s"))
        own->settlement.zone_offset_s = number;
    else if (text_is(key, "yearless_last_ns"))
        own->settlement.yearless_last_ns = number;
    else if (text_is(key, "yearless_year"))
        own->settlement.yearless_year = number;
}

static bool fact(struct db *db, const char *key, struct text *value, struct arena *arena, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db, "SELECT value FROM fact WHERE key = :key ORDER BY member, line", err);
    if (!query)
        return false;
    bind_text_named(query, ":key", text_of(key));
    enum step step = statement_step(query, err);
    *value = step == STEP_ROW ? arena_copy(arena, column_text(query, 0)) : (struct text){NULL, 0};
    return step != STEP_FAILED;
}

// When the bundle was collected and its kernel booted.
static bool take_node(struct clocks *clocks, struct db *db, int64_t latest_utc_ns, struct error *err)
{
    struct arena *arena = &clocks->members.arena;
    struct text collected, booted, uptime;
    if (!fact(db, "collected_at", &collected, arena, err) || !fact(db, "boot_time_s", &booted, arena, err) ||
        !fact(db, "uptime_s", &uptime, arena, err))
        return false;
    bool zoned;
    int64_t number;
    double seconds;
    if (!collected.ptr || !time_parse_rfc3339(collected, &clocks->node.collected_at_ns, &zoned))
        clocks->node.collected_at_ns = latest_utc_ns;
    if (booted.ptr && text_to_i64(booted, &number) && number > 0 && number < INT64_MAX / NS_PER_S)
        clocks->node.boot_time_ns = number * NS_PER_S;
    else if (uptime.ptr && clocks->node.collected_at_ns != ROW_NULL && text_to_double(uptime, &seconds) &&
             seconds >= 0 && seconds < 1e10)
        clocks->node.boot_time_ns = clocks->node.collected_at_ns - (int64_t)(seconds * 1e9);
    return true;
}

bool clocks_open(struct clocks **clocks, struct db *db, int64_t latest_utc_ns, struct room *room,
                 struct error *err)
{
    struct clocks *made = *clocks = mem_alloc(1, sizeof **clocks);
    made->node = settlement_null;
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db,
                       "SELECT key, value, member FROM fact WHERE key IN ('zone_offset_s', "
                       "'yearless_last_ns', 'yearless_year', 'log_boot') ORDER BY key, member",
                       err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
        take_fact(made, column_text(query, 0), column_text(query, 1), column_text(query, 2), room);
    if (step == STEP_FAILED || !take_node(made, db, latest_utc_ns, err)) {
        clocks_close(clocks);
        return false;
    }
    for (size_t i = 0; i < made->list.count; i++) {
        struct settlement *settlement = &made->list.items[i].settlement;
        settlement->collected_at_ns = made->node.collected_at_ns;
        settlement->boot_time_ns = made->node.boot_time_ns;
        if (settlement->zone_offset_s == ROW_NULL)
            settlement->zone_offset_s = made->node.zone_offset_s;
    }
    return true;
}

void clocks_close(struct clocks **clocks)
{
    if (!*clocks)
        return;
    intern_release(&(*clocks)->members);
    array_release(&(*clocks)->list);
    free(*clocks);
    *clocks = NULL;
}

const struct settlement *clocks_node(const struct clocks *clocks)
{
    return &clocks->node;
}

int64_t clocks_settle(void *context, struct text member, int clock, int64_t raw, struct text boot)
{
    const struct clocks *clocks = context;
    if (raw == ROW_NULL || clock < CLOCK_NONE || clock > CLOCK_BOOT)
        return ROW_NULL;
    uint32_t number = intern_find(&clocks->members, member);
    if (number == INTERN_NONE)
        return settle_time(&clocks->node, (enum clock)clock, raw);
    const struct member_clock *own = &clocks->list.items[number];
    return settle_booted_time(&own->settlement, (enum clock)clock, raw, boot, own->newest_boot);
}

bool clocks_earlier_boot(const struct clocks *clocks, struct text member, struct text boot)
{
    uint32_t number = intern_find(&clocks->members, member);
    return number != INTERN_NONE && settle_is_earlier_boot(boot, clocks->list.items[number].newest_boot);
}

size_t clocks_members(const struct clocks *clocks)
{
    return clocks->list.count;
}

struct text clocks_member(const struct clocks *clocks, size_t index, const struct settlement **settlement,
                          struct text *newest_boot)
{
    *settlement = &clocks->list.items[index].settlement;
    *newest_boot = clocks->list.items[index].newest_boot;
    return clocks->members.texts[index];
}
