// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/[task/<tid>/]syscall: `running`; `-1 SP PC`, blocked outside of a system call (a page fault, an
// exit); or the number, six arguments in hexadecimal, SP and PC (fs/proc/base.c: proc_pid_syscall). The
// number depends on the architecture; an exiting task shows the call that the signal interrupted.
#include "evidence/reading.h"

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "syscall");
}

static void parse(struct input *input)
{
    struct text rest = text_trim(input->content), word;
    if (rest.len == 0 || text_is(rest, "running") || input_failed(input))
        return;
    struct row_task row = input_task(input);
    (void)text_word(&rest, &word);
    row.syscall = row_number(word);
    if (row.syscall == ROW_NULL || row.syscall < -1 || row.syscall > INT32_MAX) {
        sink_warn(input->sink, input->member, 1, "holds no number of a system call");
        return;
    }
    if (row.syscall >= 0 && text_word(&rest, &word))
        row.syscall_arg0 = row_hex(word);
    if (row.syscall >= 0 && text_word(&rest, &word))
        row.syscall_arg1 = row_hex(word);
    emit_task(input->sink, input->member, &row);
}

const struct evidence evidence_task_syscall = {
    .name = "syscall",
    .paths = "proc/<pid>/syscall, proc/<pid>/task/<tid>/syscall",
    .help = "The system call a thread is in and its first arguments.",
    .claims = claims,
    .parse = parse,
};
