// SPDX-License-Identifier: Apache-2.0
#include "command/draft_task.h"

#include "evidence/rows.h"
#include "util/memory.h"

enum { SIGNATURE_DIGITS_MIN = 8, SIGNATURE_DIGITS = 16 };

// Of what kernels report only the stacks that rules are matched against.
#define SELECT_TASK(tid) \
    "SELECT g.comm, g.state, s.frames, " tid ", g.pid, g.moved_on FROM sighting g " \
    "JOIN stack s ON s.id = g.stack WHERE (g.report IS NULL OR g.report IN ('hung-task', 'sysrq')) "

// ---- one task --------------------------------------------------------------------------------

static void take_row(const struct statement *row, struct arena *arena, struct task *task)
{
    int64_t moved = column_integer_or(row, 5, ROW_NULL);
    *task = (struct task){
        .comm = arena_copy(arena, column_text(row, 0)),
        .state = arena_copy(arena, column_text(row, 1)),
        .frames = arena_copy(arena, column_text(row, 2)),
        .is_thread = column_integer(row, 3) != column_integer(row, 4),
        .moved = moved == 1,
    };
    if (moved == 0)
        task->later = task->frames;
    stack_canonical(task->frames, arena, &task->stack);
    stack_site(&task->stack, &task->wait, &task->below);
    task->place = stack_where(&task->stack, arena);
}

static bool tells(const struct task *task, struct error *err)
{
    return task->wait ||
           fail_kind(err, ERROR_USAGE,
                     "the stack shows only that it sleeps (%s): there is nothing to look for", task->place);
}

// The first row of a query that is bound; STEP_DONE is the caller's to explain.
static enum step first_task(struct statement *query, struct arena *arena, struct task *task,
                            struct error *err)
{
    enum step step = statement_step(query, err);
    if (step == STEP_ROW)
        take_row(query, arena, task);
    return step;
}

static bool explain_missing(struct db *db, int64_t tid, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(db, "SELECT comm FROM thread WHERE tid = ?", err);
    if (!query)
        return false;
    bind_integer(query, 1, tid);
    enum step step = statement_step(query, err);
    if (step == STEP_ROW)
        return fail_kind(err, ERROR_USAGE, "the bundle holds thread %lld (%.*s), but no stack of it",
                         (long long)tid, TEXT_ARG(column_text(query, 0)));
    return step == STEP_DONE &&
           fail_kind(err, ERROR_USAGE, "the bundle holds no thread %lld", (long long)tid);
}

bool task_by_tid(struct db *db, int64_t tid, struct arena *arena, struct task *task, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db, SELECT_TASK("g.tid") "AND g.tid = ? ORDER BY g.seen, g.time DESC LIMIT 1", err);
    if (!query)
        return false;
    bind_integer(query, 1, tid);
    enum step step = first_task(query, arena, task, err);
    if (step == STEP_DONE)
        return explain_missing(db, tid, err);
    return step == STEP_ROW && tells(task, err);
}

static bool is_signature(struct text text)
{
    return text.len >= SIGNATURE_DIGITS_MIN && text.len <= SIGNATURE_DIGITS && text_all_hex(text);
}

bool task_by_signature(struct db *db, struct text signature, struct arena *arena, struct task *task,
                       struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        db,
        SELECT_TASK(
            "g.tid") "AND ((?2 AND substr(s.signature, 1, length(?1)) = lower(?1)) OR s.place = ?1) "
                     "ORDER BY s.place = ?1 DESC, g.state = 'D' DESC, g.moved_on IS 0 DESC, g.seen, g.tid "
                     "LIMIT 1",
        err);
    if (!query)
        return false;
    bind_text(query, 1, signature);
    bind_integer(query, 2, is_signature(signature));
    enum step step = first_task(query, arena, task, err);
    if (step == STEP_DONE)
        return fail_kind(err, ERROR_USAGE, "no stack in the bundle has the signature or name '%.*s'",
                         TEXT_ARG(signature));
    return step == STEP_ROW && tells(task, err);
}

// ---- the nearest other -----------------------------------------------------------------------

static size_t find_function(const struct stack *stack, size_t from, struct text function)
{
    while (from < stack->canonical_count && !text_equal(stack->canonical[from].function, function))
        from++;
    return from;
}

// Whether the pattern that is made of the task fits the stack, in whatever state.
static bool fits(const struct task *task, const struct stack *stack)
{
    size_t at = find_function(stack, 0, task->wait->function);
    if (at < stack->canonical_count && task->below)
        at = find_function(stack, at + 1, task->below->function);
    return at < stack->canonical_count;
}

static size_t shared_frames(const struct stack *a, const struct stack *b)
{
    size_t shared = 0;
    for (size_t i = 0; i < a->canonical_count; i++)
        shared += find_function(b, 0, a->canonical[i].function) < b->canonical_count;
    return shared;
}

bool task_nearest(struct db *db, const struct task *task, struct arena *arena, struct task *other,
                  struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db, SELECT_TASK("min(g.tid)") "GROUP BY g.stack, g.state ORDER BY 4", err);
    size_t best = 0;
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW) {
        struct task next;
        take_row(query, arena, &next);
        size_t shared = shared_frames(&task->stack, &next.stack);
        size_t score = 2 * shared + (shared && text_equal(task->state, next.state));
        if (score <= best || fits(task, &next.stack))
            continue;
        best = score;
        *other = next;
    }
    return step == STEP_DONE;
}
