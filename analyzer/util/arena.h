// SPDX-License-Identifier: Apache-2.0
//
// An arena: many small allocations with one lifetime (a member, the rules, a report).
//
// A zeroed `struct arena` is ready for use. Nothing is freed alone; reset keeps the first block for
// the next member, release gives everything back.
#ifndef INQUEST_UTIL_ARENA_H
#define INQUEST_UTIL_ARENA_H

#include <stddef.h>

#include "util/text.h"

struct arena_block;
struct arena {
    struct arena_block *blocks; // newest first
    size_t used;                // bytes handed out since the last reset
};

void *arena_alloc(struct arena *arena, size_t count, size_t size); // zeroed, aligned for anything
struct text arena_copy(struct arena *arena, struct text text);   // with a NUL behind it; absent stays absent
const char *arena_string(struct arena *arena, struct text text); // the same as a NUL-ended string
const char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *arena);
void arena_release(struct arena *arena);

#endif
