// SPDX-License-Identifier: Apache-2.0
//
// Kernel stack frames in all the spellings that people paste (3.10 to 6.x, x86-64, arm64, arm32, ppc64).
//
// A frame's normal form is one line: `[? ]function[+0xoff/0xsize][ [module]]`, where the function has
// lost its address but kept its compiler suffix; frame_function() gives the name that rules know:
// without suffix (.isra.0, .constprop.0, .part.0, .cold, .llvm.N, .clone.0, .cfi_jt) and with `sys:`
// for every spelling of a syscall entry (SyS_, SYSC_, sys_, __x64_sys_, __se_sys_, __do_sys_,
// __arm64_sys_, __ia32_sys_, ksys_, …).
#ifndef INQUEST_KERNEL_FRAME_H
#define INQUEST_KERNEL_FRAME_H

#include <string.h>

#include "util/arena.h"
#include "util/buffer.h"
#include "util/text.h"

struct frame {
    struct text symbol;    // as written: do_truncate.part.0
    struct text function;  // normalised: do_truncate, sys:sync
    struct text module;    // "" for the kernel itself
    uint64_t offset, size; // 0 where not given
    bool has_offset, has_size;
    bool reliable; // no `?` before it
};

// Reads one line as a frame: `[<0>] f+0x1/0x2 [m]`, `[<ffff…>] f+…`, ` f+0x1/0x2`, `? f+…`, with a log
// prefix, line number, list mark, mail quote or trailing remark round it. False for what is no
// frame: blank lines, the ULONG_MAX trailer, `<TASK>`, prose. *cut is set when the line looks like a
// frame whose end is missing. `bracketed` asks for /proc's form (an address in brackets) so that prose
// is never taken for a frame. Texts point into `line` but for `function`, which may live in the arena.
bool frame_parse(struct text line, bool bracketed, struct arena *arena, struct frame *frame, bool *cut);

// Appends the normal form and a newline.
void frame_write(struct buffer *out, const struct frame *frame);

// The normalised name of a symbol; points into the symbol or the arena.
struct text frame_function(struct text symbol, struct arena *arena);

// Reads a line that frame_write wrote.
bool frame_read(struct text line, struct arena *arena, struct frame *frame);

// What stands above the wait itself: __schedule, mutex_lock, rwsem_down_read_slowpath, io_schedule …
// (sleep.list)
bool frame_is_lock_or_sleep(struct text function);
// How a thread got into the kernel: do_syscall_64, entry_SYSCALL_64_after_hwframe, el0_svc, ret_from_fork …
// (entry.list)
bool frame_is_entry(struct text function);

// The lock that a frame of sleep.list takes; LOCK_NONE for one that only sleeps and for other frames.
enum lock { LOCK_NONE, LOCK_RWSEM_READ, LOCK_RWSEM_WRITE, LOCK_MUTEX, LOCK_COMPLETION };
enum lock frame_lock(struct text function);

// A name of one of the lists: the function itself, or with `*` at its end how functions begin. It has its
// length beside it because each frame of each stack is compared with hundreds.
struct frame_name {
    const char *text;
    size_t length;
};
#define FRAME_NAME(name) \
    { \
        name, sizeof(name) - 1 \
    }

static inline bool frame_name_fits(struct text function, const struct frame_name *name)
{
    size_t before = name->length - 1; // of the last byte
    if (function.len < before || (before && function.ptr[0] != name->text[0]))
        return false;
    bool ends = name->text[before] == '*' ||
                (function.len == name->length && function.ptr[before] == name->text[before]);
    return ends && memcmp(function.ptr, name->text, before) == 0;
}

#endif
