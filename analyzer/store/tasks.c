// SPDX-License-Identifier: Apache-2.0
#include "store/tasks.h"

#include "util/buffer.h"
#include "util/hash.h"
#include "util/memory.h"

void tasks_init(struct tasks *tasks, const struct limits *limits, struct room *room)
{
    *tasks = (struct tasks){.limits = limits, .room = room};
}

void tasks_release(struct tasks *tasks)
{
    intern_release(&tasks->texts);
    intern_release(&tasks->stacks);
    array_release(&tasks->list);
    array_release(&tasks->reports);
    array_release(&tasks->wide);
    free(tasks->slots);
    *tasks = (struct tasks){0};
}

// ---- cells -----------------------------------------------------------------------------------

// A cell is the number plus 16, so that small negative ones fit; above that the place in `wide`.
enum { CELL_SHIFT = 16 };
#define CELL_WIDE UINT32_C(0xF8000000)
#define CELL_NULL UINT32_MAX

int64_t tasks_number(const struct tasks *tasks, const struct task *task, int cell)
{
    uint32_t packed = task->cell[cell];
    if (packed < CELL_WIDE)
        return (int64_t)packed - CELL_SHIFT;
    return packed == CELL_NULL ? ROW_NULL : tasks->wide.items[packed - CELL_WIDE];
}

static bool is_narrow(int64_t number)
{
    return number >= -CELL_SHIFT && number < (int64_t)CELL_WIDE - CELL_SHIFT;
}

static bool has_wide(const struct task *task, int cell)
{
    return task->cell[cell] >= CELL_WIDE && task->cell[cell] != CELL_NULL;
}

static void set_number(struct tasks *tasks, struct task *task, int cell, int64_t number)
{
    uint32_t *packed = &task->cell[cell];
    if (is_narrow(number)) {
        *packed = (uint32_t)(number + CELL_SHIFT);
    } else if (has_wide(task, cell)) {
        tasks->wide.items[*packed - CELL_WIDE] = number;
    } else if (tasks->wide.count < CELL_NULL - CELL_WIDE) { // far above what task_mb lets in
        *packed = CELL_WIDE + (uint32_t)tasks->wide.count;
        *array_add(&tasks->wide) = number;
        room_hold(tasks->room, sizeof number);
    }
}

struct text tasks_text(const struct tasks *tasks, const struct task *task, int column)
{
    int64_t number = tasks_number(tasks, task, column);
    return number == ROW_NULL ? (struct text){NULL, 0} : tasks->texts.texts[number];
}

// ---- by (pid, tid) ---------------------------------------------------------------------------

static uint32_t *slot_of(const struct tasks *tasks, int64_t pid, int64_t tid)
{
    const int64_t key[2] = {pid, tid};
    size_t mask = tasks->slot_count - 1;
    size_t at = (size_t)hash_text(key, sizeof key) & mask;
    for (; tasks->slots[at]; at = (at + 1) & mask) {
        const struct task *task = &tasks->list.items[tasks->slots[at] - 1];
        if (tasks_number(tasks, task, COLUMN_task_tid) == tid &&
            tasks_number(tasks, task, COLUMN_task_pid) == pid)
            break;
    }
    return &tasks->slots[at];
}

static void grow(struct tasks *tasks)
{
    tasks->slot_count = tasks->slot_count ? tasks->slot_count * 2 : 1024;
    free(tasks->slots);
    tasks->slots = mem_alloc(tasks->slot_count, sizeof *tasks->slots);
    for (size_t i = 0; i < tasks->list.count; i++) {
        const struct task *task = &tasks->list.items[i];
        int64_t pid = tasks_number(tasks, task, COLUMN_task_pid),
                tid = tasks_number(tasks, task, COLUMN_task_tid);
        *slot_of(tasks, pid, tid) = (uint32_t)i + 1;
    }
}

struct task *tasks_find(const struct tasks *tasks, int64_t pid, int64_t tid)
{
    if (!tasks->slot_count)
        return NULL;
    uint32_t slot = *slot_of(tasks, pid, tid);
    return slot ? &tasks->list.items[slot - 1] : NULL;
}

// ---- limits ----------------------------------------------------------------------------------

static uint32_t add_text(struct tasks *tasks, struct intern *set, struct text text)
{
    bool added;
    uint32_t number = intern_add(set, text, &added);
    if (added)
        room_hold(tasks->room, text.len + sizeof *set->texts + 2 * sizeof *set->slots);
    return number;
}

// The text's number in one of the sets; INTERN_NONE where it is new and there is no room.
static uint32_t keep(struct tasks *tasks, struct intern *set, struct text text)
{
    if (room_left(tasks->room))
        return add_text(tasks, set, text);
    uint32_t known = intern_find(set, text);
    tasks->reached[TASKS_MEMORY] |= known == INTERN_NONE;
    return known;
}

// False, and noted, where there is no room for a new thread.
static bool may_add(struct tasks *tasks)
{
    if (tasks->list.count >= tasks->limits->threads)
        tasks->reached[TASKS_THREADS] = true;
    else if (!room_left(tasks->room))
        tasks->reached[TASKS_MEMORY] = true;
    else
        return true;
    return false;
}

static struct task *task_of(struct tasks *tasks, int64_t pid, int64_t tid)
{
    struct task *known = tasks_find(tasks, pid, tid);
    if (known || !may_add(tasks))
        return known;
    room_hold(tasks->room, sizeof(struct task) + 3 * sizeof *tasks->slots);
    if (tasks->list.count * 2 >= tasks->slot_count)
        grow(tasks);
    uint32_t *slot = slot_of(tasks, pid, tid);
    struct task *task = array_add(&tasks->list);
    *slot = (uint32_t)tasks->list.count;
    memset(task->cell, 0xFF, sizeof task->cell); // CELL_NULL
    set_number(tasks, task, COLUMN_task_pid, pid);
    set_number(tasks, task, COLUMN_task_tid, tid);
    task->stack = task->stack_2 = task->stack_source = INTERN_NONE;
    return task;
}

// ---- rows ------------------------------------------------------------------------------------

static void merge_text(struct tasks *tasks, struct task *task, int column, struct text text)
{
    if (!text.ptr)
        return;
    struct text known = tasks_text(tasks, task, column);
    if (known.ptr && text_compare(text, known) >= 0)
        return;
    uint32_t number = keep(tasks, &tasks->texts, text);
    if (number != INTERN_NONE)
        set_number(tasks, task, column, number);
}

// The larger number stays; ROW_NULL is the smallest.
static void merge_number(struct tasks *tasks, struct task *task, int cell, int64_t number)
{
    if (number <= tasks_number(tasks, task, cell))
        return;
    if (is_narrow(number) || has_wide(task, cell) || room_left(tasks->room))
        set_number(tasks, task, cell, number);
    else
        tasks->reached[TASKS_MEMORY] = true;
}

void tasks_add(struct tasks *tasks, const struct row_task *row)
{
    struct task *task = task_of(tasks, row->pid, row->tid);
    if (!task)
        return;
    const struct row_description *description = &row_table[ROW_task];
    for (size_t i = 0; i < description->columns; i++) {
        const char *at = (const char *)row + description->column[i].offset;
        if (description->column[i].type == COLUMN_TEXT) {
            struct text text;
            memcpy(&text, at, sizeof text);
            merge_text(tasks, task, (int)i, text);
        } else {
            int64_t number;
            memcpy(&number, at, sizeof number);
            merge_number(tasks, task, (int)i, number);
        }
    }
}

void tasks_write_evidence(const struct tasks *tasks, const struct task *task, struct buffer *out)
{
    int64_t pid = tasks_number(tasks, task, COLUMN_task_pid),
            tid = tasks_number(tasks, task, COLUMN_task_tid);
    bool has_stack = task->stack != INTERN_NONE, of_thread = has_stack ? task->stack_of_thread : pid != tid;
    if (task->stack_source != INTERN_NONE) {
        buffer_add(out, tasks->texts.texts[task->stack_source]);
    } else {
        buffer_puts(out, "proc/");
        buffer_number(out, pid);
        if (of_thread) {
            buffer_puts(out, "/task/");
            buffer_number(out, tid);
        }
        buffer_puts(out, has_stack ? "/stack" : "/status");
    }
    buffer_putc(out, ':');
    buffer_number(out, task->stack_line ? task->stack_line : 1);
}

static uint32_t add_optional(struct tasks *tasks, struct text text)
{
    return text.ptr ? add_text(tasks, &tasks->texts, text) : INTERN_NONE;
}

// A report is kept whole or not at all.
static void add_report(struct tasks *tasks, const struct member *member, const struct row_stack *row)
{
    if (!room_left(tasks->room)) {
        tasks->reached[TASKS_MEMORY] = true;
        return;
    }
    room_hold(tasks->room, sizeof(struct report));
    *array_add(&tasks->reports) = (struct report){
        .line = row->line,
        .tid = row->tid,
        .ppid = row->ppid,
        .time = row->time,
        .clock = row->clock,
        .member = add_text(tasks, &tasks->texts, member->source),
        .comm = add_optional(tasks, row->comm),
        .state = add_optional(tasks, row->state),
        .report = add_optional(tasks, row->report),
        .stack = add_text(tasks, &tasks->stacks, row->frames),
    };
}

// Of two first samples of one thread the thread level's file counts, then the one with frames, then
// the smaller: whatever the order they come in.
static bool better(const struct tasks *tasks, const struct task *task, bool of_thread, struct text frames)
{
    if (task->stack == INTERN_NONE)
        return true;
    struct text known = tasks->stacks.texts[task->stack];
    if ((known.len == 0) != (frames.len == 0))
        return known.len == 0;
    if (of_thread != task->stack_of_thread)
        return of_thread;
    return text_compare(frames, known) < 0;
}

static void add_second(const struct tasks *tasks, struct task *task, struct text frames, uint32_t stack)
{
    if (task->second != SAMPLE_SOME || text_compare(frames, tasks->stacks.texts[task->stack_2]) < 0)
        task->stack_2 = stack;
    task->second = frames.len || task->second == SAMPLE_SOME ? SAMPLE_SOME : SAMPLE_EMPTY;
}

// Where the place of a stack cannot be kept, the stack is not: evidence must not name another file.
static void add_first(struct tasks *tasks, struct task *task, const struct member *member,
                      const struct row_stack *row, uint32_t stack)
{
    bool usual = text_equal(member->source, member->path);
    uint32_t source = usual ? INTERN_NONE : keep(tasks, &tasks->texts, member->source);
    if (!usual && source == INTERN_NONE)
        return;
    task->stack = stack;
    task->stack_of_thread = member->thread_level;
    task->stack_line = (uint32_t)row->line;
    task->stack_source = source;
}

void tasks_add_stack(struct tasks *tasks, const struct member *member, const struct row_stack *row)
{
    if (tasks->stacks.count >= tasks->limits->stacks &&
        intern_find(&tasks->stacks, row->frames) == INTERN_NONE) {
        tasks->reached[TASKS_STACKS] = true;
        return;
    }
    if (text_is(row->origin, "report")) {
        add_report(tasks, member, row);
        return;
    }
    uint32_t stack = keep(tasks, &tasks->stacks, row->frames);
    struct task *task = stack == INTERN_NONE ? NULL : task_of(tasks, row->pid, row->tid);
    if (!task)
        return;
    if (text_is(row->origin, "proc.2"))
        add_second(tasks, task, row->frames, stack);
    else if (better(tasks, task, member->thread_level, row->frames))
        add_first(tasks, task, member, row, stack);
}

void tasks_add_link(struct tasks *tasks, const struct row_ns_link *row)
{
    static const struct {
        const char *kind;
        int cell;
    } kept[] = {{"pid", CELL_pidns}, {"net", CELL_netns}, {"mnt", CELL_mntns}};
    struct task *task = task_of(tasks, row->pid, row->pid);
    for (size_t i = 0; task && i < sizeof kept / sizeof *kept; i++)
        if (text_is(row->kind, kept[i].kind))
            merge_number(tasks, task, kept[i].cell, row->inode);
}
