// SPDX-License-Identifier: Apache-2.0
#include "util/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif

enum {
    STEP = 16, // sizes are multiples of it
#ifdef WATCHED
    SMALL_MAX = 0,
#else
    SMALL_MAX = 1024,
#endif
    CHUNK = 32768,
};

// Before each piece: how long it is. A free one holds the next.
struct piece {
    size_t size;
    union {
        struct piece *next;
        max_align_t aligned; // a piece's bytes are at a multiple of 16
    } bytes;
};
#define HEADER offsetof(struct piece, bytes)

static _Thread_local struct piece *free_pieces[SMALL_MAX / STEP + 1];
static _Thread_local char *chunk, *chunk_end;

static struct piece *piece_of(const void *bytes)
{
    return (struct piece *)((uintptr_t)bytes - HEADER);
}

static struct piece *carve(size_t size)
{
    if ((size_t)(chunk_end - chunk) < HEADER + size) {
        chunk = malloc(CHUNK);
        chunk_end = chunk ? chunk + CHUNK : NULL;
        if (!chunk)
            return NULL;
    }
    struct piece *piece = (struct piece *)(void *)chunk;
    chunk += HEADER + size;
    return piece;
}

void *pool_alloc(size_t size)
{
    if (size > SIZE_MAX - HEADER - STEP)
        return NULL;
    size = size ? (size + STEP - 1) / STEP * STEP : STEP;
    struct piece *piece;
    if (size > SMALL_MAX) {
        piece = malloc(HEADER + size);
    } else if ((piece = free_pieces[size / STEP])) {
        free_pieces[size / STEP] = piece->bytes.next;
        return &piece->bytes;
    } else {
        piece = carve(size);
    }
    if (!piece)
        return NULL;
    piece->size = size;
    return &piece->bytes;
}

void pool_free(void *bytes)
{
    if (!bytes)
        return;
    struct piece *piece = piece_of(bytes);
    if (piece->size > SMALL_MAX) {
        free(piece);
        return;
    }
    piece->bytes.next = free_pieces[piece->size / STEP];
    free_pieces[piece->size / STEP] = piece;
}

void *pool_resize(void *bytes, size_t size)
{
    if (!bytes)
        return pool_alloc(size);
    struct piece *piece = piece_of(bytes);
    if (size <= piece->size && size >= piece->size / 2)
        return bytes;
    if (piece->size > SMALL_MAX && size > SMALL_MAX && size <= SIZE_MAX - HEADER - STEP) {
        size = (size + STEP - 1) / STEP * STEP;
        struct piece *moved = realloc(piece, HEADER + size);
        if (!moved)
            return NULL;
        moved->size = size;
        return &moved->bytes;
    }
    void *fresh = pool_alloc(size);
    if (!fresh)
        return NULL;
    memcpy(fresh, bytes, size < piece->size ? size : piece->size);
    pool_free(bytes);
    return fresh;
}

size_t pool_size(const void *bytes)
{
    return bytes ? piece_of(bytes)->size : 0;
}
