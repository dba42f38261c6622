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

// What the wait is called, "nfs_wait_bit_killable in nfs4_proc_getattr [nfs]", and the hash of the same as 16
// hexadecimal digits, so that a signature and its name go together.
//
// Both stand on two frames: the first that tells what is waited for, and the first below it that names the
// operation. That few, so that a stack cut at its bottom, and one that another caller led to the same wait,
// count as the same hang. On the way there
//   - what is set apart (sleep.list, entry.list, unreliable frames) is not looked at,
//   - frames of wait.list wait for anything, so they are passed over, unless nothing else is there,
//   - frames of pass.list only hand on, likewise, and so are unresolved addresses,
//   - a frame with the same name as the first, as they are compared, is passed over.
// Names are compared without leading underscores, offset, size, compiler suffix and module, and by the one
// name of same.list where kernels differ. With no operation in sight the syscall is named ("iterate_supers in
// sync()"), but not hashed: entering through another call is the same hang. The lock is not hashed
// either, for /proc hides what kernel logs show; only a stack that shows nothing else is known by it. An
// empty stack has the signature 0000000000000000.
// What it waits for in plain words, "for an answer of an NFS server" (plain.list), or NULL.
const char *stack_plain(const struct stack *stack);

// stack_site gives these frames of the canonical ones: where it waits (NULL: it only sleeps), and the
// operation, else the system call, below it (NULL for none).
void stack_site(const struct stack *stack, const struct frame **wait, const struct frame **below);
const char *stack_where(const struct stack *stack, struct arena *arena);
void stack_signature(const struct stack *stack, char signature[static 17]);

#endif
