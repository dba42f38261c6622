// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/[task/<tid>/]stat: fields by position (proc_pid_stat(5); fs/proc/array.c: do_task_stat). The
// name stands in parentheses and may hold any byte, so the fields count from the last parenthesis.
#include "evidence/reading.h"

enum { PF_KTHREAD = 0x00200000 }; // include/linux/sched.h, unchanged since 2.6.27
enum field { PPID = 4, FLAGS = 9, UTIME = 14, STIME = 15, THREADS = 20, START = 22, FIELDS = 23 };

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "stat");
}

static ptrdiff_t last_parenthesis(struct text text)
{
    ptrdiff_t at = (ptrdiff_t)text.len - 1;
    while (at >= 0 && text.ptr[at] != ')')
        at--;
    return at;
}

static void take_fields(struct text rest, struct row_task *row)
{
    int64_t field[FIELDS];
    struct text word;
    int last = PPID;
    for (int i = PPID; i < FIELDS; i++) {
        bool given = text_word(&rest, &word);
        field[i] = given ? row_number(word) : ROW_NULL;
        last = given ? i : last;
    }
    if (rest.len == 0) // the last number of a cut line may be half of one
        field[last] = ROW_NULL;
    row->ppid = field[PPID];
    row->flags = field[FLAGS];
    row->threads = field[THREADS];
    row->start_ticks = field[START];
    if (row->flags != ROW_NULL)
        row->kthread = (row->flags & PF_KTHREAD) != 0;
    if (field[UTIME] >= 0 && field[STIME] >= 0 &&
        __builtin_add_overflow(field[UTIME], field[STIME], &row->cpu_ticks))
        row->cpu_ticks = ROW_NULL;
}

static void parse(struct input *input)
{
    struct text line = text_trim(input->content);
    if (line.len == 0 || input_failed(input))
        return;
    ptrdiff_t open = text_find_byte(line, '('), close = last_parenthesis(line);
    if (open < 0 || close < open || line.len < (size_t)close + 3) {
        sink_warn(input->sink, input->member, 1, "is no line of stat, or cut");
        return;
    }
    struct row_task row = input_task(input);
    row.comm = text_slice(line, (size_t)open + 1, (size_t)(close - open) - 1);
    struct text rest = text_from(line, (size_t)close + 2);
    (void)text_word(&rest, &row.state);
    if (row.state.len != 1 || !byte_is_alpha(row.state.ptr[0]))
        row.state = (struct text){NULL, 0};
    take_fields(rest, &row);
    emit_task(input->sink, input->member, &row);
}

const struct evidence evidence_task_stat = {
    .name = "stat",
    .paths = "proc/<pid>/stat, proc/<pid>/task/<tid>/stat",
    .help = "State, parent, flags, start and processor time of a thread.",
    .claims = claims,
    .parse = parse,
};
