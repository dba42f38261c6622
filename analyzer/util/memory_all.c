// SPDX-License-Identifier: Apache-2.0
//
// malloc, calloc and realloc of the whole process, libraries and glibc included: they are those that would be
// called anyway (glibc's, or what LD_PRELOAD put before it), but they never come back empty-handed. Without
// this libarchive 3.6.2 crashes where archive_entry_new() gets no memory, calls an archive damaged where a
// filter gets none, or prints a line of its own and calls exit(1); SQLite's parser drops a rule, PCRE2 a hit.
// Each of them was tried, call by call: tests/faults.
//
// Huge requests may fail: a hostile header can ask a library for them (a dictionary of 1 GiB in the second
// stream of an xz file), which costs that member and not the bundle.
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

#if defined __SANITIZE_ADDRESS__
#define TAKEN // the sanitizer's runtime stands there
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define TAKEN
#endif
#endif

#if defined __GLIBC__ && !defined TAKEN

enum { HUGE_BYTES = 64 << 20 };

// What glibc calls them for those who stand before them: for the calls that dlsym makes itself.
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);

static void *(*next_malloc)(size_t) = __libc_malloc;
static void *(*next_calloc)(size_t, size_t) = __libc_calloc;
static void *(*next_realloc)(void *, size_t) = __libc_realloc;

static void find(void *pointer, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (found)
        memcpy(pointer, &found, sizeof found);
}

// The first request comes long before main() and any thread.
static void find_next(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    find(&next_malloc, "malloc");
    find(&next_calloc, "calloc");
    find(&next_realloc, "realloc");
}

void *malloc(size_t bytes)
{
    find_next();
    void *block = next_malloc(bytes);
    if (!block && bytes < HUGE_BYTES)
        mem_exhausted();
    return block;
}

void *calloc(size_t count, size_t bytes)
{
    find_next();
    void *block = next_calloc(count, bytes);
    if (!block && (!bytes || count < HUGE_BYTES / bytes))
        mem_exhausted();
    return block;
}

void *realloc(void *old, size_t bytes)
{
    find_next();
    void *block = next_realloc(old, bytes);
    if (!block && bytes && bytes < HUGE_BYTES)
        mem_exhausted();
    return block;
}

#endif
