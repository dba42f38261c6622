// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/unexplained.h"

#include <stdlib.h>

#include "diagnosis/finding.h"
#include "evidence/rows.h"
#include "util/memory.h"

// Blocked now, or blocked in a hung-task report of a bundle that cannot say whether the task is still there.
static const char blocked[] =
    "SELECT t.tid, t.comm, coalesce(s.signature, 'wchan ' || coalesce(t.wchan, '?')), coalesce(s.place, "
    "t.wchan), s.frames "
    "FROM thread t LEFT JOIN stack s ON s.id = t.stack "
    "WHERE t.state = 'D' AND coalesce(t.moved_on, 0) = 0 "
    "UNION ALL "
    "SELECT r.tid, r.comm, s.signature, s.place, s.frames FROM report_stack r JOIN stack s ON s.id = r.stack "
    "WHERE r.presence = 'unknown' AND r.report IN ('hung-task', 'sysrq') AND r.state = 'D' "
    "ORDER BY 3, 1";

static bool has_finding(const struct diagnosis *diagnosis, int64_t tid)
{
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        if (finding_names_thread(&diagnosis->findings[i], tid))
            return true;
    return false;
}

static int by_tasks(const void *a, const void *b)
{
    const struct unexplained *x = a, *y = b;
    if (x->tasks != y->tasks)
        return x->tasks > y->tasks ? -1 : 1;
    return text_compare(x->signature, y->signature);
}

struct unexplained_list ARRAY_BODY(struct unexplained);

bool unexplained_collect(struct diagnosis *diagnosis, struct db *db, struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(db, blocked, err);
    struct unexplained_list list = {0};
    struct arena *arena = &diagnosis->arena;
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW) {
        if (has_finding(diagnosis, column_integer(query, 0)))
            continue;
        struct text signature = column_text(query, 2);
        struct unexplained *last = list.count ? &list.items[list.count - 1] : NULL;
        if (last && text_equal(last->signature, signature)) {
            last->tasks++;
            continue;
        }
        *array_add(&list) = (struct unexplained){
            .signature = arena_copy(arena, signature),
            .place = arena_copy(arena, column_text(query, 3)),
            .tasks = 1,
            .example_tid = column_integer_or(query, 0, ROW_NULL),
            .example_comm = arena_copy(arena, column_text(query, 1)),
            .frames = arena_copy(arena, column_text(query, 4)),
        };
    }
    array_sort(&list, by_tasks);
    diagnosis->unexplained = arena_alloc(arena, list.count, sizeof *list.items);
    diagnosis->unexplained_count = list.count;
    if (list.count)
        memcpy(diagnosis->unexplained, list.items, list.count * sizeof *list.items);
    array_release(&list);
    return step == STEP_DONE;
}
