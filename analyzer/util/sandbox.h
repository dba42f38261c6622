// SPDX-License-Identifier: Apache-2.0
//
// The reader of strangers' bytes locks itself in: everything it needs is open before, and afterwards it
// has no network, starts no program, and opens no file but in the folders named here.
//
// Two independent locks: Landlock (5.13; what may be opened, by folder) and seccomp (3.17; which system
// calls there are). Each does what the kernel can: a container may refuse either, an old kernel knows
// less. Besides them limits on memory and CPU, no new privileges, and death with the parent.
// The locks hold for the calling thread and those it starts later, and cannot be undone.
#ifndef INQUEST_UTIL_SANDBOX_H
#define INQUEST_UTIL_SANDBOX_H

#include "util/buffer.h"
#include "util/error.h"

enum sandbox_mode {
    SANDBOX_OFF,
    SANDBOX_TRY,     // as much as the kernel can
    SANDBOX_REQUIRE, // both locks, or it fails
};

struct sandbox {
    enum sandbox_mode mode;
    int read[2]; // descriptors of files, or of folders with files, that may be opened for reading; -1 for
                 // none
    const char *write_folders[2]; // where files may be made, written, read and removed; NULL for none
    uint64_t memory_bytes, cpu_s; // 0 for no limit. Memory is address space
};

// Locks the process in. What could not be done is added to *missing as words of one line ("" when all
// was). Fails only with SANDBOX_REQUIRE. In a program built with ASan seccomp and the memory limit are left
// out: its runtime needs both.
bool sandbox_enter(const struct sandbox *sandbox, struct buffer *missing, struct error *err);

// Runs work() in a child process and waits, at most wall_s seconds: a crash costs only that. Gives what work
// returned (0 to 255) and passes its error on. When the child dies otherwise (a signal, a limit) it fails,
// naming the death.
bool sandbox_run(int (*work)(void *context, struct error *err), void *context, uint64_t wall_s, int *status,
                 struct error *err);

#endif
