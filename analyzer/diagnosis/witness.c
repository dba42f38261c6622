// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/witness.h"

#include "evidence/rows.h"
#include "store/clocks.h"
#include "util/memory.h"

bool witness_split(struct text evidence, struct witness *witness)
{
    size_t colon = evidence.len;
    while (colon && evidence.ptr[colon - 1] != ':')
        colon--;
    uint64_t line;
    if (colon < 2 || !text_to_u64(text_from(evidence, colon), &line) || line > INT64_MAX)
        return false;
    witness->source = text_slice(evidence, 0, colon - 1);
    witness->line = (int64_t)line;
    return true;
}

// The thread of proc/<pid>/stack, proc/<pid>/task/<tid>/stack and stack.2; ROW_NULL for other paths.
static int64_t tid_of_path(struct text path)
{
    uint64_t pid, tid;
    if (!text_skip(&path, "proc/") || !text_take_u64(&path, &pid))
        return ROW_NULL;
    tid = pid;
    if (text_skip(&path, "/task/") && !text_take_u64(&path, &tid))
        return ROW_NULL;
    bool stack = text_is(path, "/stack") || text_is(path, "/stack.2") || text_is(path, "/wchan");
    return stack && tid < INT64_MAX ? (int64_t)tid : ROW_NULL;
}

// Frame `depth` (from 0) of a stack in normal form.
static struct text frame_at(struct text frames, int64_t depth)
{
    struct lines lines = {.rest = frames};
    struct text line;
    while (lines_next(&lines, &line))
        if ((int64_t)lines.number == depth + 1)
            return line;
    return (struct text){NULL, 0};
}

static const char by_tid[] = "SELECT t.tid, t.state, t.moved_on, s.frames, t.evidence, t.wchan FROM thread t "
                             "LEFT JOIN stack s ON s.id = t.stack WHERE t.tid = ?1 AND ?2 IS NOT NULL";
// A pasted stack: the thread whose first frame stands at or above the line, in the same member.
static const char by_paste[] =
    "SELECT t.tid, t.state, t.moved_on, s.frames, t.evidence, t.wchan FROM thread t JOIN stack s ON s.id = "
    "t.stack "
    "WHERE substr(t.evidence, 1, length(?1) + 1) = ?1 || ':' AND CAST(substr(t.evidence, length(?1) + 2) AS "
    "INTEGER) <= ?2 "
    "AND CAST(substr(t.evidence, length(?1) + 2) AS INTEGER) + s.depth > ?2 LIMIT 1";

static bool take_thread(struct statement *query, struct arena *arena, struct witness *witness)
{
    struct error ignored = {0};
    if (statement_step(query, &ignored) != STEP_ROW)
        return false;
    witness->kind = SEEN_STACK;
    witness->tid = column_integer(query, 0);
    witness->running = text_is(column_text(query, 1), "R");
    witness->moved_on = column_integer(query, 2) == 1;
    if (!column_is_null(query, 2) && !witness->moved_on)
        witness->kind |= SEEN_TWICE;
    struct witness first = {0};
    (void)witness_split(column_text(query, 4), &first);
    struct text frame = frame_at(column_text(query, 3), witness->line - first.line);
    if (text_ends(witness->source, "/wchan"))
        frame = column_text(query, 5);
    witness->text = arena_copy(arena, frame);
    return true;
}

static bool look_thread(struct db *db, struct arena *arena, struct witness *witness)
{
    struct error ignored = {0};
    int64_t tid = tid_of_path(witness->source);
    bool pasted = tid == ROW_NULL;
    if (pasted && text_starts(witness->source, "proc/"))
        return false;
    CLEANUP(statement_release)
    struct statement *query = statement_open(db, pasted ? by_paste : by_tid, &ignored);
    if (!query)
        return false;
    if (pasted)
        bind_text(query, 1, witness->source);
    else
        bind_integer(query, 1, tid);
    bind_integer(query, 2, witness->line);
    return take_thread(query, arena, witness);
}

static bool look_report(struct db *db, struct arena *arena, struct witness *witness)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db,
                       "SELECT r.tid, r.time, r.presence, s.frames, r.line FROM report_stack r JOIN stack s "
                       "ON s.id = r.stack "
                       "WHERE r.member = ? AND r.line <= ? ORDER BY r.line DESC LIMIT 1",
                       &ignored);
    if (!query)
        return false;
    bind_text(query, 1, witness->source);
    bind_integer(query, 2, witness->line);
    if (statement_step(query, &ignored) != STEP_ROW)
        return false;
    struct text frame = frame_at(column_text(query, 3), witness->line - column_integer(query, 4));
    if (!frame.ptr)
        return false;
    struct text presence = column_text(query, 2);
    witness->kind = SEEN_REPORT;
    witness->tid = column_integer_or(query, 0, ROW_NULL);
    witness->time_ns = column_integer_or(query, 1, ROW_NULL);
    witness->gone = text_is(presence, "gone") || text_is(presence, "reused") || text_is(presence, "over");
    witness->there = text_is(presence, "there");
    witness->text = arena_copy(arena, frame);
    return true;
}

static bool look_log(struct store *store, struct arena *arena, struct witness *witness)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        store_db(store), "SELECT time, boot, message FROM log WHERE member = ? AND line = ?", &ignored);
    if (!query)
        return false;
    bind_text(query, 1, witness->source);
    bind_integer(query, 2, witness->line);
    if (statement_step(query, &ignored) != STEP_ROW)
        return false;
    witness->kind = SEEN_LOG;
    witness->time_ns = column_integer_or(query, 0, ROW_NULL);
    witness->earlier_boot = clocks_earlier_boot(store_clocks(store), witness->source, column_text(query, 1));
    witness->text = arena_copy(arena, column_text(query, 2));
    return true;
}

static bool look_profile(struct db *db, struct witness *witness)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(db, "SELECT time_ns FROM profile WHERE member = ?", &ignored);
    if (!query)
        return false;
    bind_text(query, 1, witness->source);
    if (statement_step(query, &ignored) != STEP_ROW)
        return false;
    witness->kind = SEEN_PROFILE;
    return true;
}

bool witness_look(struct store *store, struct text evidence, struct arena *arena, struct witness *witness)
{
    *witness = (struct witness){.time_ns = ROW_NULL, .tid = ROW_NULL};
    if (!witness_split(evidence, witness))
        return false;
    struct db *db = store_db(store);
    witness->source = arena_copy(arena, witness->source);
    bool found = look_thread(db, arena, witness) || look_report(db, arena, witness) ||
                 look_profile(db, witness) || look_log(store, arena, witness);
    if (found && witness->kind & (SEEN_LOG | SEEN_REPORT)) {
        const struct settlement *node = clocks_node(store_clocks(store));
        bool known = witness->time_ns != ROW_NULL && node->boot_time_ns != ROW_NULL;
        witness->earlier_boot |= known && witness->time_ns < node->boot_time_ns;
    }
    if (found && (witness->text.ptr || witness->kind == SEEN_PROFILE))
        return true;
    if (!found)
        witness->kind = text_contains(witness->source, "/ns") ? SEEN_NAMESPACE : SEEN_OTHER;
    (void)store_line(store, witness->source, witness->line, arena, &witness->text);
    return true;
}
