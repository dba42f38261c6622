// SPDX-License-Identifier: Apache-2.0
#include "util/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*last_wish)(void);

void mem_before_exhausted(void (*last)(void))
{
    last_wish = last;
}

_Noreturn void mem_exhausted(void)
{
    if (last_wish)
        last_wish();
    static const char line[] = "inquest: out of memory\n";
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    _exit(4);
}

void *mem_alloc(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block)
        mem_exhausted();
    return block;
}

void *mem_resize(void *block, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        mem_exhausted();
    size_t bytes = count * size;
    void *grown = realloc(block, bytes > 0 ? bytes : 1);
    if (!grown)
        mem_exhausted();
    return grown;
}

char *mem_copy(const char *bytes, size_t length)
{
    char *copy = mem_resize(NULL, length + 1, 1);
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

void mem_release(void *pointer_to_pointer)
{
    void *block;
    memcpy(&block, pointer_to_pointer, sizeof block);
    free(block);
}
