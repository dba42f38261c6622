// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/[task/<tid>/]wchan: the function a thread sleeps in, without a newline. `0` is kept, but it says
// nothing: running, no permission, or (4.14 to 5.15 with the ORC unwinder) not known. 3.10 prints an address
// where it knows no symbol, and nothing without permission (fs/proc/base.c: proc_pid_wchan).
#include "evidence/reading.h"

enum { SYMBOL_BYTES = 512 }; // KSYM_NAME_LEN

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "wchan");
}

static bool is_name(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!byte_is_word(text.ptr[i]) && text.ptr[i] != '.' && text.ptr[i] != '$')
            return false;
    return text.len > 0 && text.len <= SYMBOL_BYTES;
}

static void parse(struct input *input)
{
    if (input_failed(input))
        return;
    struct row_task row = input_task(input);
    row.wchan = text_trim(input->content);
    if (row.wchan.len == 0)
        return;
    if (is_name(row.wchan))
        emit_task(input->sink, input->member, &row);
    else
        sink_warn(input->sink, input->member, 1, "holds no name of a function");
}

const struct evidence evidence_task_wchan = {
    .name = "wchan",
    .paths = "proc/<pid>/wchan, proc/<pid>/task/<tid>/wchan",
    .help = "The kernel function a thread sleeps in.",
    .claims = claims,
    .parse = parse,
};
