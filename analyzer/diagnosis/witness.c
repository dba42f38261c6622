// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/witness.h"

#include <stdlib.h>

#include "evidence/rows.h"
#include "store/clocks.h"
#include "util/intern.h"
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

enum look { BY_TID, BY_PASTE, BY_REPORT, BY_PROFILE, BY_LOG, LOOKS };

// ?1: the thread, else the member; ?2: the line.
static const char *const looks[LOOKS] = {
    [BY_TID] = "SELECT t.tid, t.state, t.moved_on, s.frames, t.evidence, t.wchan FROM thread t "
               "LEFT JOIN stack s ON s.id = t.stack WHERE t.tid = ?1 AND ?2 IS NOT NULL",
    // a pasted stack: the thread whose first frame stands at or above the line, in the same member
    [BY_PASTE] = "SELECT t.tid, t.state, t.moved_on, s.frames, t.evidence, t.wchan FROM thread t "
                 "JOIN stack s ON s.id = t.stack WHERE substr(t.evidence, 1, length(?1) + 1) = ?1 || ':' "
                 "AND CAST(substr(t.evidence, length(?1) + 2) AS INTEGER) <= ?2 "
                 "AND CAST(substr(t.evidence, length(?1) + 2) AS INTEGER) + s.depth > ?2 LIMIT 1",
    [BY_REPORT] = "SELECT r.tid, r.time, r.presence, s.frames, r.line FROM report_stack r JOIN stack s "
                  "ON s.id = r.stack WHERE r.member = ?1 AND r.line <= ?2 ORDER BY r.line DESC LIMIT 1",
    [BY_PROFILE] = "SELECT time_ns FROM profile WHERE member = ?1 AND ?2 IS NOT NULL",
    [BY_LOG] = "SELECT time, boot, message FROM log WHERE member = ?1 AND line = ?2",
};

struct witnesses {
    struct store *store;
    struct statement *look[LOOKS];
    struct intern pasted; // members that hold pasted stacks: looking through all threads is for them alone
};

static bool collect_pasted(struct witnesses *witnesses, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(store_db(witnesses->store),
                       "SELECT evidence FROM thread WHERE evidence NOT GLOB 'proc/*' ORDER BY tid", err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW) {
        struct witness place = {0};
        if (witness_split(column_text(query, 0), &place))
            (void)intern_add(&witnesses->pasted, place.source, NULL);
    }
    return step == STEP_DONE;
}

struct witnesses *witnesses_open(struct store *store, struct error *err)
{
    struct witnesses *witnesses = mem_alloc(1, sizeof *witnesses);
    witnesses->store = store;
    bool ok = collect_pasted(witnesses, err);
    for (size_t i = 0; i < LOOKS && ok; i++)
        ok = (witnesses->look[i] = statement_open(store_db(store), looks[i], err)) != NULL;
    if (!ok)
        witnesses_close(&witnesses);
    return witnesses;
}

void witnesses_close(struct witnesses **witnesses)
{
    if (!*witnesses)
        return;
    for (size_t i = 0; i < LOOKS; i++)
        statement_release(&(*witnesses)->look[i]);
    intern_release(&(*witnesses)->pasted);
    free(*witnesses);
    *witnesses = NULL;
}

// The statement at its first row, or NULL; the caller resets it.
static struct statement *row_of(struct witnesses *witnesses, enum look look, const struct witness *witness)
{
    struct error ignored = {0};
    struct statement *query = witnesses->look[look];
    statement_reset(query);
    if (look == BY_TID)
        bind_integer(query, 1, tid_of_path(witness->source));
    else
        bind_text(query, 1, witness->source);
    bind_integer(query, 2, witness->line);
    return statement_step(query, &ignored) == STEP_ROW ? query : NULL;
}

static bool take_thread(const struct statement *query, struct arena *arena, struct witness *witness)
{
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

static bool look_thread(struct witnesses *witnesses, struct arena *arena, struct witness *witness)
{
    bool of_task = tid_of_path(witness->source) != ROW_NULL;
    if (!of_task && intern_find(&witnesses->pasted, witness->source) == INTERN_NONE)
        return false;
    struct statement *row = row_of(witnesses, of_task ? BY_TID : BY_PASTE, witness);
    return row && take_thread(row, arena, witness);
}

static bool look_report(struct witnesses *witnesses, struct arena *arena, struct witness *witness)
{
    struct statement *row = row_of(witnesses, BY_REPORT, witness);
    if (!row)
        return false;
    struct text frame = frame_at(column_text(row, 3), witness->line - column_integer(row, 4));
    if (!frame.ptr)
        return false;
    struct text presence = column_text(row, 2);
    witness->kind = SEEN_REPORT;
    witness->tid = column_integer_or(row, 0, ROW_NULL);
    witness->time_ns = column_integer_or(row, 1, ROW_NULL);
    witness->gone = text_is(presence, "gone") || text_is(presence, "reused") || text_is(presence, "over");
    witness->there = text_is(presence, "there");
    witness->text = arena_copy(arena, frame);
    return true;
}

static bool look_profile(struct witnesses *witnesses, struct witness *witness)
{
    if (!row_of(witnesses, BY_PROFILE, witness))
        return false;
    witness->kind = SEEN_PROFILE;
    return true;
}

static bool look_log(struct witnesses *witnesses, struct arena *arena, struct witness *witness)
{
    struct statement *row = row_of(witnesses, BY_LOG, witness);
    if (!row)
        return false;
    witness->kind = SEEN_LOG;
    witness->time_ns = column_integer_or(row, 0, ROW_NULL);
    witness->earlier_boot =
        clocks_earlier_boot(store_clocks(witnesses->store), witness->source, column_text(row, 1));
    witness->text = arena_copy(arena, column_text(row, 2));
    return true;
}

static bool look_everywhere(struct witnesses *witnesses, struct arena *arena, struct witness *witness)
{
    bool found = look_thread(witnesses, arena, witness) || look_report(witnesses, arena, witness) ||
                 look_profile(witnesses, witness) || look_log(witnesses, arena, witness);
    for (size_t i = 0; i < LOOKS; i++)
        statement_reset(witnesses->look[i]);
    return found;
}

bool witness_look(struct witnesses *witnesses, struct text evidence, struct arena *arena,
                  struct witness *witness)
{
    *witness = (struct witness){.time_ns = ROW_NULL, .tid = ROW_NULL};
    if (!witness_split(evidence, witness))
        return false;
    witness->source = arena_copy(arena, witness->source);
    bool found = look_everywhere(witnesses, arena, witness);
    if (found && witness->kind & (SEEN_LOG | SEEN_REPORT)) {
        const struct settlement *node = clocks_node(store_clocks(witnesses->store));
        bool known = witness->time_ns != ROW_NULL && node->boot_time_ns != ROW_NULL;
        witness->earlier_boot |= known && witness->time_ns < node->boot_time_ns;
    }
    if (found && (witness->text.ptr || witness->kind == SEEN_PROFILE))
        return true;
    if (!found)
        witness->kind = text_contains(witness->source, "/ns") ? SEEN_NAMESPACE : SEEN_OTHER;
    (void)store_line(witnesses->store, witness->source, witness->line, arena, &witness->text);
    return true;
}
