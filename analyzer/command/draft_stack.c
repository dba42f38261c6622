// SPDX-License-Identifier: Apache-2.0
//
// A rule from a task's stack: the frame where it waits and the operation below it, in its state.
#include <string.h>

#include "command/draft.h"
#include "evidence/rows.h"
#include "kernel/stack.h"
#include "util/memory.h"
#include "util/scrub.h"

enum { PROCESS = 4242, THREAD = 4250 }; // made up

struct task {
    struct text comm, state, frames, later; // later: of the second sample where it is the same stack
    bool is_thread;                         // not the main one
    const char *place;
    const struct frame *wait, *below;
    struct stack stack;
};

// ---- reading ---------------------------------------------------------------------------------

static bool understand(struct task *task, struct arena *arena, struct error *err)
{
    stack_canonical(task->frames, arena, &task->stack);
    stack_site(&task->stack, &task->wait, &task->below);
    task->place = stack_where(&task->stack, arena);
    if (task->wait)
        return true;
    return fail_kind(err, ERROR_USAGE,
                     "the stack shows only that it sleeps (%s): there is nothing to look for", task->place);
}

static void take_row(const struct statement *row, struct arena *arena, struct task *task)
{
    task->comm = arena_copy(arena, column_text(row, 0));
    task->state = arena_copy(arena, column_text(row, 1));
    task->frames = arena_copy(arena, column_text(row, 2));
    task->is_thread = column_integer(row, 3) != column_integer(row, 4);
    if (column_integer_or(row, 5, ROW_NULL) == 0)
        task->later = task->frames;
}

#define TASK_COLUMNS \
    "SELECT g.comm, g.state, s.frames, g.tid, g.pid, g.moved_on FROM sighting g JOIN stack s ON s.id = " \
    "g.stack "

static bool read_task(const struct draft *draft, int64_t tid, struct arena *arena, struct task *task,
                      struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(draft->db, TASK_COLUMNS "WHERE g.tid = ? ORDER BY g.seen, g.time DESC LIMIT 1", err);
    if (!query)
        return false;
    bind_integer(query, 1, tid);
    enum step step = statement_step(query, err);
    if (step == STEP_DONE)
        return fail_kind(err, ERROR_USAGE, "the bundle holds no stack of a thread %lld", (long long)tid);
    if (step == STEP_ROW)
        take_row(query, arena, task);
    return step == STEP_ROW && understand(task, arena, err);
}

static bool read_signature(const struct draft *draft, struct text signature, struct arena *arena,
                           struct task *task, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        draft->db,
        TASK_COLUMNS "WHERE s.signature LIKE ? || '%' ORDER BY g.state = 'D' DESC, g.moved_on IS 0 DESC, "
                     "g.tid LIMIT 1",
        err);
    if (!query)
        return false;
    bind_text(query, 1, signature);
    enum step step = statement_step(query, err);
    if (step == STEP_DONE)
        return fail_kind(err, ERROR_USAGE, "no stack in the bundle has the signature %.*s",
                         TEXT_ARG(signature));
    if (step == STEP_ROW)
        take_row(query, arena, task);
    return step == STEP_ROW && understand(task, arena, err);
}

// ---- writing ---------------------------------------------------------------------------------

static const char *state_words(struct text state)
{
    static const char *const words[] = {"R (running)",      "S (sleeping)", "D (disk sleep)", "T (stopped)",
                                        "t (tracing stop)", "Z (zombie)",   "I (idle)",       NULL};
    for (const char *const *word = words; *word; word++)
        if (state.len && (*word)[0] == state.ptr[0])
            return *word;
    return "D (disk sleep)";
}

static void write_status(struct buffer *out, const struct task *task, struct text comm, const char *state)
{
    CLEANUP(buffer_release) struct buffer status = {0};
    buffer_printf(out, task->is_thread ? "      proc/%d/task/%d/status: |\n" : "      proc/%d/status: |\n",
                  PROCESS, THREAD);
    buffer_printf(&status, "Name:\t%.*s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t1\n", TEXT_ARG(comm), state,
                  PROCESS, task->is_thread ? THREAD : PROCESS);
    draft_block(out, 8, buffer_text(&status));
}

static void write_stack(struct buffer *out, const struct task *task, const char *file, struct text frames)
{
    CLEANUP(buffer_release) struct buffer stack = {0};
    struct lines lines = {.rest = frames};
    struct text line;
    while (lines_next(&lines, &line)) {
        buffer_puts(&stack, "[<0>] ");
        buffer_add(&stack, line);
        buffer_putc(&stack, '\n');
    }
    buffer_printf(out, "      proc/%d/task/%d/%s: |\n", PROCESS, task->is_thread ? THREAD : PROCESS, file);
    draft_block(out, 8, buffer_text(&stack));
}

static void write_files(struct buffer *out, const struct task *task, struct text comm, const char *state,
                        struct text later)
{
    buffer_puts(out, "    files:\n");
    write_status(out, task, comm, state);
    write_stack(out, task, "stack", task->frames);
    if (later.ptr)
        write_stack(out, task, "stack.2", later);
}

static void write_tests(struct buffer *out, const struct task *task, struct text comm)
{
    const char *state = state_words(task->state);
    buffer_puts(out, "tests:\n  - name: as it was found\n");
    write_files(out, task, comm, state, task->later);
    buffer_printf(out, "    expect: {tid: %d}\n", task->is_thread ? THREAD : PROCESS);
    // a task at rest in epoll: what most threads of a healthy node do
    buffer_puts(out, "  - name: in the second sample it had moved on\n");
    write_files(out, task, comm, state,
                TEXT("ep_poll+0x3a0/0x3c0\ndo_epoll_wait+0xb0/0xd0\n__x64_sys_epoll_wait+0x60/0x100\n"));
    buffer_puts(out, "    expect: none\n");
    if (state[0] != 'D')
        return;
    buffer_puts(out, "  - name: the same wait, but one that a signal ends\n");
    write_files(out, task, comm, "S (sleeping)", (struct text){NULL, 0});
    buffer_puts(out, "    expect: none\n");
}

static void write_head(struct buffer *out, const struct draft *draft, const struct task *task)
{
    buffer_printf(out, "# SPDX-License-Identifier: Apache-2.0\nid: %.*s\n",
                  TEXT_ARG(buffer_text(draft->chosen)));
    buffer_puts(out, "title: ");
    CLEANUP(buffer_release) struct buffer title = {0};
    buffer_printf(&title, "Tasks wait in %s", task->place);
    draft_quoted(out, buffer_text(&title));
    buffer_puts(out, "\nseverity: medium\ncause: draft # a word of rules/causes.txt that names the failure\n"
                     "patterns:\n  stuck:\n    stack: [");
    draft_quoted(out, task->wait->function);
    if (task->below) {
        buffer_puts(out, ", ");
        draft_quoted(out, task->below->function);
    }
    buffer_printf(out, "]\n    state: %c\n", state_words(task->state)[0]);
    buffer_puts(out, "query: |\n"
                     "  SELECT tid, pid, comm, container, pod, pidns, netns, evidence\n"
                     "  FROM stuck WHERE coalesce(moved_on, 0) = 0\n"
                     "summary: '{comm} ({pid}) and {n-1} more wait in ");
    buffer_add(out, task->wait->function);
    buffer_puts(out, ".'\n");
    draft_advice(out);
}

static bool write_draft(const struct draft *draft, const struct task *task, struct error *err)
{
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open();
    CLEANUP(buffer_release) struct buffer comm = {0};
    if (!draft_scrubber(draft->db, scrubber, err))
        return false;
    scrub(scrubber, task->comm.ptr ? task->comm : TEXT("task"), &comm);
    draft_id(draft, text_of(task->place));
    write_head(draft->out, draft, task);
    write_tests(draft->out, task, buffer_text(&comm));
    return true;
}

bool draft_of_task(const struct draft *draft, int64_t tid, struct error *err)
{
    struct arena arena = {0};
    struct task task = {0};
    bool ok = read_task(draft, tid, &arena, &task, err) && write_draft(draft, &task, err);
    arena_release(&arena);
    return ok;
}

bool draft_of_signature(const struct draft *draft, struct text signature, struct error *err)
{
    struct arena arena = {0};
    struct task task = {0};
    bool ok = read_signature(draft, signature, &arena, &task, err) && write_draft(draft, &task, err);
    arena_release(&arena);
    return ok;
}
