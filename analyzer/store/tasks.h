// SPDX-License-Identifier: Apache-2.0
//
// Tasks while the bundle streams in. Each file of proc/<pid>/ knows a little of a thread, in any
// order, so what is known is merged in memory by (pid, tid) and becomes the rows of `thread`, `stack`
// and `frame` at the end, in the order of their keys. 170 to 200 bytes a thread; texts and stacks once.
//
// Where two files disagree (state and wchan are read at different moments) the smaller text and the
// larger number stay, so that the order of the archive does not matter; of states that prefers D.
#ifndef INQUEST_STORE_TASKS_H
#define INQUEST_STORE_TASKS_H

#include "bundle/limits.h"
#include "bundle/member.h"
#include "evidence/rows.h"
#include "util/array.h"
#include "util/intern.h"
#include "util/room.h"

// What a second sample was, and where the first stands.
enum sample { SAMPLE_NONE, SAMPLE_EMPTY, SAMPLE_SOME };

// What is known of a task: the columns of row_task, and the inodes of its ns links behind them.
enum { CELL_pidns = COLUMNS_task, CELL_netns, CELL_mntns, TASK_CELLS };

struct task {
    uint32_t cell[TASK_CELLS]; // packed: tasks_number and tasks_text read them
    uint32_t stack, stack_2;   // numbers in tasks->stacks; INTERN_NONE
    uint32_t stack_line;       // line of its first frame
    uint32_t stack_source;     // in tasks->texts, where the stack is not at its usual path; INTERN_NONE
    uint8_t second;            // enum sample: of the second sample
    bool stack_of_thread;      // its stack came from task/<tid>/, which outranks proc/<pid>/stack
};

// A stack that a kernel log reports.
struct report {
    int64_t line, tid, ppid, time, clock;
    uint32_t member, comm, state, report; // in tasks->texts; INTERN_NONE
    uint32_t stack;
};

// Which limit kept something out.
enum task_limit { TASKS_THREADS, TASKS_STACKS, TASKS_MEMORY, TASK_LIMITS };

struct tasks {
    const struct limits *limits;
    struct room *room; // for threads, texts and stacks of all nodes of the bundle: limit task_mb
    struct intern texts, stacks;
    ARRAY(struct task) list;
    ARRAY(struct report) reports;
    ARRAY(int64_t) wide; // numbers that do not fit a cell
    uint32_t *slots;     // hash of (pid, tid) to index + 1
    size_t slot_count;
    bool reached[TASK_LIMITS];
};

// limits and room must outlive it.
void tasks_init(struct tasks *tasks, const struct limits *limits, struct room *room);
void tasks_release(struct tasks *tasks);

// Rows as they come. What a limit stands in the way of is left out and noted in `reached`; what is known of
// already goes on to be filled.
void tasks_add(struct tasks *tasks, const struct row_task *row);
void tasks_add_stack(struct tasks *tasks, const struct member *member, const struct row_stack *row);
void tasks_add_link(struct tasks *tasks, const struct row_ns_link *row);

// The task, or NULL. Valid until the next add.
struct task *tasks_find(const struct tasks *tasks, int64_t pid, int64_t tid);

// Where a stack stands and on which line: "proc/1/task/2/stack", 1. Appends "member:line".
struct buffer;
void tasks_write_evidence(const struct tasks *tasks, const struct task *task, struct buffer *out);

// A cell's number (ROW_NULL for none), and of a text column its text (absent for none).
int64_t tasks_number(const struct tasks *tasks, const struct task *task, int cell);
struct text tasks_text(const struct tasks *tasks, const struct task *task, int column);

#endif
