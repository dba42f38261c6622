// SPDX-License-Identifier: Apache-2.0
//
// The task that a draft is made of, and the one of the same bundle that looks most like it.
#ifndef INQUEST_COMMAND_DRAFT_TASK_H
#define INQUEST_COMMAND_DRAFT_TASK_H

#include "kernel/stack.h"
#include "store/db.h"

struct task {
    struct text comm, state, frames, later; // later: of the second sample where it is the same stack
    bool is_thread;                         // not the main one
    bool moved;                             // the second sample shows something else
    const char *place;                      // where it waits, in words
    const struct frame *wait, *below;       // below: NULL for none
    struct stack stack;
};

// Everything lives in the arena. They fail where there is no such task, or its stack says nothing.
bool task_by_tid(struct db *db, int64_t tid, struct arena *arena, struct task *task, struct error *err);
// The signature: its first digits (8 or more), or its name. Of several tasks a blocked one that stayed.
bool task_by_signature(struct db *db, struct text signature, struct arena *arena, struct task *task,
                       struct error *err);

// The task whose stack shares most with this one's without holding its `wait` and `below`, of the same state
// first; other->frames stays absent where none shares a frame.
bool task_nearest(struct db *db, const struct task *task, struct arena *arena, struct task *other,
                  struct error *err);

#endif
