// SPDX-License-Identifier: Apache-2.0
//
// A dump of all goroutines: what debug=2, SIGQUIT, a panic or dockerd's SIGUSR1 print (runtime/traceback.go).
//
//     goroutine 115 [semacquire, 5611 minutes, locked to thread]:
//     sync.(*RWMutex).RLock(0xc421056a68)
//             /usr/local/go/src/sync/rwmutex.go:50 +0x4b
//     created by github.com/docker/docker/daemon.NewDaemon in goroutine 1
//
// Also with a log's prefix before each line, with blanks for tabs, cut anywhere.
#ifndef INQUEST_EVIDENCE_GOROUTINE_DUMP_H
#define INQUEST_EVIDENCE_GOROUTINE_DUMP_H

#include "util/buffer.h"
#include "util/text.h"

struct goroutine {
    uint64_t line; // of its first line
    int64_t id;
    struct text state;      // "chan receive", "select (no cases)"; absent where none is printed
    int64_t wait_minutes;   // -1: under a minute, not printed
    struct text stack;      // one function a line, leaf first, without arguments and runtime.goexit
    struct text created_by; // absent for the first goroutine
    bool in_syscall;        // the arguments of its system call are printed, for what they are worth
    uint64_t syscall, syscall_arg0;
};

// Called for each goroutine; its texts die after the call.
typedef void goroutine_take(void *context, const struct goroutine *goroutine);

struct goroutine_dump {
    goroutine_take *take;
    void *context;
    size_t most_frames; // of one stack; the rest is left out
    uint64_t line, count;
    struct goroutine open;
    bool is_open;
    size_t frames;
    uint64_t stacks_cut; // that were longer than most_frames
    struct buffer state, stack, created_by, prefix;
};

void goroutine_dump_init(struct goroutine_dump *dump, goroutine_take *take, void *context,
                         size_t most_frames);
void goroutine_dump_line(struct goroutine_dump *dump, struct text line);
void goroutine_dump_end(struct goroutine_dump *dump); // the last goroutine, and frees

// Whether a line begins a goroutine: "goroutine 7 [running]:", possibly behind a log's prefix, which *prefix
// then is. What stands between its number and the bracket (gp=…, m=…) is skipped.
bool goroutine_is_header(struct text line, struct text *prefix);

// Whether some line of a text's start begins one; `first`: before anything but a dump's own banner.
bool goroutine_dump_looks_right(struct text head, bool first);

#endif
