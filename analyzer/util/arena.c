// SPDX-License-Identifier: Apache-2.0
#include "util/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

enum { BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    _Alignas(max_align_t) char bytes[];
};

static struct arena_block *block_open(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_block))
        mem_exhausted();
    struct arena_block *block = mem_resize(NULL, 1, sizeof *block + size);
    *block = (struct arena_block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return block;
}

static void *take(struct arena *arena, size_t bytes)
{
    enum { ALIGN = _Alignof(max_align_t) };
    if (bytes > SIZE_MAX - ALIGN)
        mem_exhausted();
    bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < bytes)
        block = block_open(arena, bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES);
    char *at = block->bytes + block->used;
    block->used += bytes;
    arena->used += bytes;
    return at;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        mem_exhausted();
    void *at = take(arena, bytes);
    memset(at, 0, bytes);
    return at;
}

struct text arena_copy(struct arena *arena, struct text text)
{
    if (!text.ptr)
        return text;
    char *copy = take(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return (struct text){copy, text.len};
}

const char *arena_string(struct arena *arena, struct text text)
{
    return text.ptr ? arena_copy(arena, text).ptr : NULL;
}

const char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = take(arena, (size_t)(length < 0 ? 0 : length) + 1);
    (void)vsnprintf(at, (size_t)(length < 0 ? 0 : length) + 1, format, again);
    va_end(again);
    return at;
}

static void blocks_free(struct arena_block *block, const struct arena_block *keep)
{
    while (block && block != keep) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_reset(struct arena *arena)
{
    struct arena_block *first = arena->blocks;
    while (first && first->next)
        first = first->next;
    if (first && first->size > BLOCK_BYTES) { // one huge member must not pin its block for ever
        arena_release(arena);
        return;
    }
    blocks_free(arena->blocks, first);
    arena->blocks = first;
    arena->used = 0;
    if (first)
        first->used = 0;
}

void arena_release(struct arena *arena)
{
    blocks_free(arena->blocks, NULL);
    *arena = (struct arena){0};
}
