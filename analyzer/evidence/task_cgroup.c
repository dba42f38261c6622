// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/cgroup: the most telling path, and container and pod in it. On cgroup v1 a task past
// exit_signals() shows `/` in every line (kernel/cgroup/cgroup.c: proc_cgroup_show).
#include "evidence/reading.h"
#include "kernel/cgroup.h"

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "cgroup");
}

static void parse(struct input *input)
{
    if (input_failed(input))
        return;
    struct text path = cgroup_choose(input->content);
    if (!path.ptr) {
        if (text_trim(input->content).len)
            sink_warn(input->sink, input->member, 1, "holds no cgroup path");
        return;
    }
    struct row_task row = input_task(input);
    struct cgroup_id id;
    cgroup_identify(path, input->arena, &id);
    row.cgroup = path;
    row.container = id.container;
    row.pod_uid = id.pod_uid;
    emit_task(input->sink, input->member, &row);
}

const struct evidence evidence_task_cgroup = {
    .name = "cgroup",
    .paths = "proc/<pid>/cgroup",
    .help = "The cgroup of a process, and the container and pod it names.",
    .claims = claims,
    .parse = parse,
};
