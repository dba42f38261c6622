// SPDX-License-Identifier: Apache-2.0
//
// One line on standard error while a long read goes on: only on a terminal, only after a second, gone at the
// end.
#ifndef INQUEST_COMMAND_PROGRESS_H
#define INQUEST_COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on;
    int64_t start_ns, shown_ns; // on the monotonic clock; 0 before the first
    uint64_t bytes, members;
};

// Off where standard error is no terminal, or for `quiet`.
void progress_init(struct progress *progress, bool quiet);
void progress_add(struct progress *progress, uint64_t members, uint64_t bytes);
void progress_end(struct progress *progress);

#endif
