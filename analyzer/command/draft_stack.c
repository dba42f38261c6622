// SPDX-License-Identifier: Apache-2.0
//
// A rule from a task's stack: the frame where it waits and the operation below it, in its state.
#include <string.h>

#include "command/draft.h"
#include "command/draft_task.h"
#include "kernel/stack.h"
#include "privacy/scrub.h"
#include "util/memory.h"

enum { PROCESS = 4242, THREAD = 4250 }; // made up

// What the tests say of a task.
struct scene {
    struct buffer *out;
    struct text comm;
    bool is_thread;
};

static const char *state_words(struct text state)
{
    static const char *const words[] = {"R (running)",      "S (sleeping)", "D (disk sleep)", "T (stopped)",
                                        "t (tracing stop)", "Z (zombie)",   "I (idle)",       NULL};
    for (const char *const *word = words; *word; word++)
        if (state.len && (*word)[0] == state.ptr[0])
            return *word;
    return "D (disk sleep)";
}

static void write_status(const struct scene *scene, const char *state)
{
    CLEANUP(buffer_release) struct buffer status = {0};
    buffer_printf(scene->out,
                  scene->is_thread ? "      proc/%d/task/%d/status: |\n" : "      proc/%d/status: |\n",
                  PROCESS, THREAD);
    buffer_printf(&status, "Name:\t%.*s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t1\n", TEXT_ARG(scene->comm),
                  state, PROCESS, scene->is_thread ? THREAD : PROCESS);
    draft_block(scene->out, 8, buffer_text(&status));
}

static void write_stack(const struct scene *scene, const char *file, struct text frames)
{
    CLEANUP(buffer_release) struct buffer stack = {0};
    struct lines lines = {.rest = frames};
    struct text line;
    while (lines_next(&lines, &line)) {
        buffer_puts(&stack, "[<0>] ");
        buffer_add(&stack, line);
        buffer_putc(&stack, '\n');
    }
    buffer_printf(scene->out, "      proc/%d/task/%d/%s: |\n", PROCESS, scene->is_thread ? THREAD : PROCESS,
                  file);
    draft_block(scene->out, 8, buffer_text(&stack));
}

// later: of the second sample; absent where there was none.
static void write_test(const struct scene *scene, const char *name, const char *state, struct text frames,
                       struct text later)
{
    buffer_printf(scene->out, "  - name: %s\n    files:\n", name);
    write_status(scene, state);
    write_stack(scene, "stack", frames);
    if (later.ptr)
        write_stack(scene, "stack.2", later);
}

static void expect_none(const struct scene *scene)
{
    buffer_puts(scene->out, "    expect: none\n");
}

static void write_lookalike(const struct scene *scene, const struct task *task, const struct task *other,
                            struct arena *arena)
{
    const struct text nothing = {NULL, 0};
    const char *state = state_words(task->state);
    if (other->frames.ptr) {
        const char *name = arena_printf(arena, "the nearest stack of the same node, %s", other->place);
        CLEANUP(buffer_release) struct buffer quoted = {0};
        draft_quoted(&quoted, text_of(name));
        write_test(scene, quoted.ptr, state_words(other->state), other->frames, nothing);
        expect_none(scene);
    } else if (state[0] == 'D') {
        write_test(scene, "the same wait, but one that a signal ends", "S (sleeping)", task->frames, nothing);
        expect_none(scene);
    }
}

static void write_tests(struct buffer *out, const struct task *task, const struct task *other,
                        struct text comm, struct arena *arena)
{
    const struct text rest =
        TEXT("ep_poll+0x3a0/0x3c0\ndo_epoll_wait+0xb0/0xd0\n__x64_sys_epoll_wait+0x60/0x100\n");
    struct scene scene = {out, comm, task->is_thread};
    const char *state = state_words(task->state);
    buffer_puts(out, "tests:\n");
    write_test(&scene, "as it was found", state, task->frames, task->later);
    buffer_printf(out, "    expect: {tid: %d}\n", task->is_thread ? THREAD : PROCESS);
    write_lookalike(&scene, task, other, arena);
    if (task->moved)
        return;
    // a task at rest in epoll: what most threads of a healthy node do
    write_test(&scene, "in the second sample it had moved on", state, task->frames, rest);
    expect_none(&scene);
}

static void write_pattern(struct buffer *out, const struct task *task)
{
    buffer_puts(out, "patterns:\n  stuck:\n    stack: [");
    draft_quoted(out, task->wait->function);
    if (task->below) {
        buffer_puts(out, ", ");
        draft_quoted(out, task->below->function);
    }
    buffer_printf(out, "]\n    state: %c\n", state_words(task->state)[0]);
}

static void write_head(const struct draft *draft, const struct task *task)
{
    struct buffer *out = draft->out;
    CLEANUP(buffer_release) struct buffer title = {0};
    draft_start(draft);
    buffer_puts(out, "title: ");
    buffer_printf(&title, "Tasks wait in %s", task->place);
    draft_quoted(out, buffer_text(&title));
    draft_cause(out);
    if (task->moved)
        buffer_puts(out, "confidence: low # in the second sample it had moved on\n");
    write_pattern(out, task);
    buffer_puts(out, "query: |\n"
                     "  SELECT tid, pid, comm, container, pod, pidns, netns, evidence\n"
                     "  FROM stuck");
    buffer_puts(out, task->moved ? "\n" : " WHERE coalesce(moved_on, 0) = 0\n");
    buffer_puts(out, "summary: '{comm} ({pid}) and {n-1} more wait in ");
    buffer_add(out, task->wait->function);
    buffer_puts(out, ".'\n");
    draft_advice(out);
}

static bool write_draft(const struct draft *draft, const struct task *task, struct arena *arena,
                        struct error *err)
{
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    CLEANUP(buffer_release) struct buffer comm = {0};
    struct task other = {0};
    if (!draft_scrubber(draft->db, scrubber, err) || !task_nearest(draft->db, task, arena, &other, err))
        return false;
    scrub(scrubber, task->comm.len ? task->comm : TEXT("task"), &comm);
    draft_id(draft, text_of(task->place));
    write_head(draft, task);
    write_tests(draft->out, task, &other, buffer_text(&comm), arena);
    return true;
}

bool draft_of_task(const struct draft *draft, int64_t tid, struct error *err)
{
    struct arena arena = {0};
    struct task task = {0};
    bool ok = task_by_tid(draft->db, tid, &arena, &task, err) && write_draft(draft, &task, &arena, err);
    arena_release(&arena);
    return ok;
}

bool draft_of_signature(const struct draft *draft, struct text signature, struct error *err)
{
    struct arena arena = {0};
    struct task task = {0};
    bool ok = task_by_signature(draft->db, text_trim(signature), &arena, &task, err) &&
              write_draft(draft, &task, &arena, err);
    arena_release(&arena);
    return ok;
}
