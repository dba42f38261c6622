// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/[task/<tid>/]comm: the thread's name, at most 15 bytes for user tasks; kernel workers show
// their queue behind it since 4.18 (kworker/u12:4+nvme-wq).
#include "evidence/reading.h"

enum { COMM_BYTES = 64 }; // fs/proc/array.c: proc_task_name prints at most 64

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "comm");
}

static void parse(struct input *input)
{
    if (input_failed(input))
        return;
    struct row_task row = input_task(input);
    row.comm = input->content;
    while (row.comm.len && (row.comm.ptr[row.comm.len - 1] == '\n' || row.comm.ptr[row.comm.len - 1] == '\r'))
        row.comm.len--; // a name may end in blanks
    if (row.comm.len > COMM_BYTES) {
        sink_warn(input->sink, input->member, 1, "a name of %zu bytes is cut", row.comm.len);
        row.comm.len = COMM_BYTES;
    }
    if (row.comm.len)
        emit_task(input->sink, input->member, &row);
}

const struct evidence evidence_task_comm = {
    .name = "comm",
    .paths = "proc/<pid>/comm, proc/<pid>/task/<tid>/comm",
    .help = "The name of a thread.",
    .claims = claims,
    .parse = parse,
};
