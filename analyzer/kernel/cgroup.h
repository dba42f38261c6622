// SPDX-License-Identifier: Apache-2.0
//
// Container and pod from cgroup paths of docker, containerd, CRI-O and podman, v1 and v2, both
// drivers (domain.md A.6 lists the shapes).
#ifndef INQUEST_KERNEL_CGROUP_H
#define INQUEST_KERNEL_CGROUP_H

#include "util/arena.h"
#include "util/text.h"

struct cgroup_id {
    struct text container; // 64 hexadecimal digits, or absent. conmon's own scope is not the container
    struct text pod_uid;   // with dashes, as Kubernetes writes it; or a static pod's 32 digits; or absent
    struct text unit;      // last *.service, *.scope or *.slice that is neither's; or absent
};

// Of one path as in /proc/<pid>/cgroup or below sys/fs/cgroup; ` (deleted)` is ignored. Texts live
// in the path or the arena.
void cgroup_identify(struct text path, struct arena *arena, struct cgroup_id *id);

// The most telling path of a whole cgroup file (the v2 line, else the longest of the v1 lines that
// names a container, else name=systemd, else the longest).
struct text cgroup_choose(struct text file);

#endif
