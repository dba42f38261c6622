// SPDX-License-Identifier: Apache-2.0
//
// The last step of a store: merged tasks become rows of thread, stack, frame and report_stack.
#ifndef INQUEST_STORE_THREADS_H
#define INQUEST_STORE_THREADS_H

#include "store/db.h"
#include "store/tasks.h"

// Writes all rows in the order of their keys. Which container a task belongs to is decided here: its
// own cgroup's, else that of its pid namespace's members (a dying init shows `/`), else its shim's
// arguments'.
bool threads_write(struct tasks *tasks, struct db *db, struct error *err);

#endif
