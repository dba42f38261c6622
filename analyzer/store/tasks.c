// SPDX-License-Identifier: Apache-2.0
#include "store/tasks.h"

#include "util/buffer.h"
#include "util/hash.h"
#include "util/memory.h"

void tasks_init(struct tasks *tasks, const struct limits *limits)
{
    *tasks = (struct tasks){.limits = limits};
}

void tasks_release(struct tasks *tasks)
{
    intern_release(&tasks->texts);
    intern_release(&tasks->stacks);
    array_release(&tasks->list);
    array_release(&tasks->reports);
    free(tasks->slots);
    *tasks = (struct tasks){0};
}

// ---- by (pid, tid) ---------------------------------------------------------------------------

static uint32_t *slot_of(const struct tasks *tasks, int64_t pid, int64_t tid)
{
    const int64_t key[2] = {pid, tid};
    size_t mask = tasks->slot_count - 1;
    size_t at = (size_t)hash_text(key, sizeof key) & mask;
    for (; tasks->slots[at]; at = (at + 1) & mask) {
        const struct task *task = &tasks->list.items[tasks->slots[at] - 1];
        if (task->column[COLUMN_task_pid] == pid && task->column[COLUMN_task_tid] == tid)
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
        const int64_t *column = tasks->list.items[i].column;
        *slot_of(tasks, column[COLUMN_task_pid], column[COLUMN_task_tid]) = (uint32_t)i + 1;
    }
}

struct task *tasks_find(const struct tasks *tasks, int64_t pid, int64_t tid)
{
    if (!tasks->slot_count)
        return NULL;
    uint32_t slot = *slot_of(tasks, pid, tid);
    return slot ? &tasks->list.items[slot - 1] : NULL;
}

// Beyond limit task_mb nothing new is kept; what is known of already goes on to be filled.
static bool has_room(struct tasks *tasks)
{
    bool room = tasks->bytes >> 20 < tasks->limits->task_mb;
    tasks->full |= !room;
    return room;
}

// The text's number in one of the sets, INTERN_NONE where it is new and there is no room.
static uint32_t keep(struct tasks *tasks, struct intern *set, struct text text)
{
    if (!has_room(tasks))
        return intern_find(set, text);
    bool added;
    uint32_t number = intern_add(set, text, &added);
    if (added)
        tasks->bytes += text.len + sizeof *set->texts + 2 * sizeof *set->slots;
    return number;
}

static struct task *task_of(struct tasks *tasks, int64_t pid, int64_t tid)
{
    struct task *known = tasks_find(tasks, pid, tid);
    if (known)
        return known;
    if (tasks->list.count >= tasks->limits->threads) {
        tasks->dropped_threads++;
        return NULL;
    }
    if (!has_room(tasks))
        return NULL;
    tasks->bytes += sizeof(struct task) + 2 * sizeof *tasks->slots;
    if (tasks->list.count * 2 >= tasks->slot_count)
        grow(tasks);
    uint32_t *slot = slot_of(tasks, pid, tid);
    struct task *task = array_add(&tasks->list);
    *slot = (uint32_t)tasks->list.count;
    for (int i = 0; i < COLUMNS_task; i++)
        task->column[i] = ROW_NULL;
    task->column[COLUMN_task_pid] = pid;
    task->column[COLUMN_task_tid] = tid;
    task->namespace_pid = task->namespace_net = task->namespace_mnt = ROW_NULL;
    task->stack = task->stack_2 = task->stack_source = INTERN_NONE;
    return task;
}

// ---- rows ------------------------------------------------------------------------------------

struct text tasks_text(const struct tasks *tasks, const struct task *task, int column)
{
    int64_t number = task->column[column];
    return number == ROW_NULL ? (struct text){NULL, 0} : tasks->texts.texts[number];
}

static void merge_text(struct tasks *tasks, int64_t *column, struct text text)
{
    if (!text.ptr)
        return;
    if (*column != ROW_NULL && text_compare(text, tasks->texts.texts[*column]) >= 0)
        return;
    uint32_t number = keep(tasks, &tasks->texts, text);
    if (number != INTERN_NONE)
        *column = number;
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
            merge_text(tasks, &task->column[i], text);
        } else {
            int64_t number;
            memcpy(&number, at, sizeof number);
            if (number > task->column[i]) // ROW_NULL is the smallest
                task->column[i] = number;
        }
    }
}

void tasks_write_evidence(const struct tasks *tasks, const struct task *task, struct buffer *out)
{
    int64_t pid = task->column[COLUMN_task_pid], tid = task->column[COLUMN_task_tid];
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

static uint32_t optional_text(struct tasks *tasks, struct text text)
{
    return text.ptr ? keep(tasks, &tasks->texts, text) : INTERN_NONE;
}

static void add_report(struct tasks *tasks, const struct member *member, const struct row_stack *row,
                       uint32_t stack)
{
    tasks->bytes += sizeof(struct report);
    struct report *report = array_add(&tasks->reports);
    *report = (struct report){
        .line = row->line,
        .tid = row->tid,
        .ppid = row->ppid,
        .time = row->time,
        .clock = row->clock,
        .member = keep(tasks, &tasks->texts, member->source),
        .comm = optional_text(tasks, row->comm),
        .state = optional_text(tasks, row->state),
        .report = optional_text(tasks, row->report),
        .stack = stack,
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

void tasks_add_stack(struct tasks *tasks, const struct member *member, const struct row_stack *row)
{
    if (tasks->stacks.count >= tasks->limits->stacks &&
        intern_find(&tasks->stacks, row->frames) == INTERN_NONE) {
        tasks->dropped_stacks++;
        return;
    }
    uint32_t stack = keep(tasks, &tasks->stacks, row->frames);
    if (stack == INTERN_NONE)
        return;
    if (text_is(row->origin, "report")) {
        add_report(tasks, member, row, stack);
        return;
    }
    struct task *task = task_of(tasks, row->pid, row->tid);
    if (!task)
        return;
    if (text_is(row->origin, "proc.2")) {
        if (task->second != SAMPLE_SOME || text_compare(row->frames, tasks->stacks.texts[task->stack_2]) < 0)
            task->stack_2 = stack;
        task->second = row->frames.len || task->second == SAMPLE_SOME ? SAMPLE_SOME : SAMPLE_EMPTY;
        return;
    }
    if (better(tasks, task, member->thread_level, row->frames)) {
        task->stack = stack;
        task->stack_of_thread = member->thread_level;
        task->stack_line = (uint32_t)row->line;
        bool usual = text_equal(member->source, member->path);
        task->stack_source = usual ? INTERN_NONE : keep(tasks, &tasks->texts, member->source);
    }
}

void tasks_add_link(struct tasks *tasks, const struct row_ns_link *row)
{
    struct task *task = task_of(tasks, row->pid, row->pid);
    if (!task || row->inode == ROW_NULL)
        return;
    if (text_is(row->kind, "pid"))
        task->namespace_pid = row->inode;
    else if (text_is(row->kind, "net"))
        task->namespace_net = row->inode;
    else if (text_is(row->kind, "mnt"))
        task->namespace_mnt = row->inode;
}
