// SPDX-License-Identifier: Apache-2.0
//
// The canonical form of a stack: what rules and signatures look at. From the top every frame that
// only sleeps or takes a lock is set apart (as the lock), unreliable frames are marked, entry frames at the
// bottom are left out.
//
// Why: /proc/<pid>/stack hides functions of .sched.text (mutex_lock, down_read, schedule …) while
// dmesg shows them, and which are hidden changes with every kernel. One rule must match both.
#ifndef INQUEST_KERNEL_STACK_H
#define INQUEST_KERNEL_STACK_H

#include "kernel/frame.h"

enum lock { LOCK_NONE, LOCK_RWSEM_READ, LOCK_RWSEM_WRITE, LOCK_MUTEX, LOCK_COMPLETION };

struct stack {
    struct frame *frames; // all, top first, in the arena
    size_t count;
    struct frame *canonical; // the frames that matter, top first
    size_t canonical_count;
    enum lock lock;      // what the frames set apart at the top say; LOCK_NONE where they are hidden
    bool all_unreliable; // every frame carries `?`: then all count as reliable
    bool cut;            // the last line was cut short
};

// `frames`: one frame a line in normal form (frame.h). Everything lives in the arena.
void stack_canonical(struct text frames, struct arena *arena, struct stack *stack);

const char *lock_name(enum lock lock); // "rwsem-read" …, "none"

// What the wait is called: "nfs_wait_bit_killable in nfs4_proc_getattr [nfs]"; and the hash of its
// normalised canonical functions as 16 hexadecimal digits. Equal hangs on different kernels get equal ones.
// See the implementation for which frames count.
const char *stack_where(const struct stack *stack, struct arena *arena);
void stack_signature(const struct stack *stack, char signature[static 17]);

#endif
