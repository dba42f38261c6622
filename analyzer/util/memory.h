// SPDX-License-Identifier: Apache-2.0
//
// Memory that cannot fail, and handles that close themselves.
//
// Out of memory ends the process with one line and exit 4: every output is temporary until it is
// renamed, so there is nothing to unwind. Sizes are checked for overflow.
//
// That holds for the libraries too (memory_all.c): most take a lack of memory for a damaged archive, a wrong
// pattern or a line that does not match, some crash.
#ifndef INQUEST_UTIL_MEMORY_H
#define INQUEST_UTIL_MEMORY_H

#include <stddef.h>

// `count` zeroed elements of `size` bytes; the caller frees them with free().
void *mem_alloc(size_t count, size_t size);

// Grows or shrinks a block to `count` elements of `size` bytes; new bytes are not cleared.
void *mem_resize(void *block, size_t count, size_t size);

// A copy of `length` bytes with a NUL behind them; the caller frees it.
char *mem_copy(const char *bytes, size_t length);

// Calls what mem_before_exhausted names, prints "inquest: out of memory" and ends the process with exit 4.
_Noreturn void mem_exhausted(void);

// What is to be done when memory runs out, before that line: it may use no memory, and may end the process
// itself. NULL for nothing.
void mem_before_exhausted(void (*last)(void));

// For __attribute__((cleanup)): frees what the variable points to.
void mem_release(void *pointer_to_pointer);

// A scope guard: `CLEANUP(mem_release) char *path = …;`
#define CLEANUP(function) __attribute__((cleanup(function)))

#endif
