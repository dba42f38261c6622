// SPDX-License-Identifier: Apache-2.0
//
// Unpacking on a second core: a thread reads a few blocks ahead of whoever takes them. It starts only
// after the first megabyte, so a small bundle never pays for it, and after the sandbox was entered.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/source.h"
#include "util/memory.h"

enum { AHEAD_BLOCKS = 6, BLOCK_BYTES = 256 * 1024, STACK_BYTES = 256 * 1024, START_BYTES = 1024 * 1024 };

struct block {
    char *bytes;
    size_t length, room;
    struct buffer notes;
    bool noted; // the notes are of these bytes
};

struct ahead {
    struct source source;
    struct source *inner;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct block blocks[AHEAD_BLOCKS];
    unsigned filled, taken; // blocks so far; the difference is what waits
    bool running, alone;    // the thread is there; there is none to be had
    bool holding;           // the reader uses block `taken`
    bool ended, stop;
    bundle_look *look;
    void *look_context;
};

static void reserve(struct block *block, size_t bytes)
{
    if (block->room >= bytes)
        return;
    block->bytes = mem_resize(block->bytes, bytes, 1);
    block->room = bytes;
}

// False at the end.
static bool fill(struct block *block, struct source *inner)
{
    struct text text;
    reserve(block, BLOCK_BYTES);
    inner->into = (struct place){block->bytes, block->room};
    bool more = source_read(inner, &text);
    inner->into = (struct place){NULL, 0};
    if (!more)
        return false;
    if (text.ptr != block->bytes) {
        reserve(block, text.len);
        memcpy(block->bytes, text.ptr, text.len);
    }
    block->length = text.len;
    return true;
}

static void *run(void *context)
{
    struct ahead *ahead = context;
    bool more = true;
    (void)pthread_mutex_lock(&ahead->lock);
    while (more && !ahead->stop) {
        if (ahead->filled - ahead->taken == AHEAD_BLOCKS) {
            (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
            continue;
        }
        struct block *block = &ahead->blocks[ahead->filled % AHEAD_BLOCKS];
        bundle_look *look = ahead->look;
        void *look_context = ahead->look_context;
        (void)pthread_mutex_unlock(&ahead->lock);
        more = fill(block, ahead->inner);
        block->noted =
            more && look && look(look_context, (struct text){block->bytes, block->length}, &block->notes);
        (void)pthread_mutex_lock(&ahead->lock);
        ahead->filled += more;
        (void)pthread_cond_signal(&ahead->changed);
    }
    ahead->ended = true;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

static void start(struct ahead *ahead)
{
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    ahead->running = pthread_create(&ahead->thread, &attributes, run, ahead) == 0;
    ahead->alone = !ahead->running;
    (void)pthread_attr_destroy(&attributes);
}

static bool ahead_next(struct source *source, struct text *block)
{
    struct ahead *ahead = (struct ahead *)source;
    if (!ahead->running && !ahead->alone && source->bytes >= START_BYTES)
        start(ahead);
    if (!ahead->running)
        return source_read(ahead->inner, block);
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->taken += ahead->holding;
    (void)pthread_cond_signal(&ahead->changed);
    while (ahead->filled == ahead->taken && !ahead->ended)
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    ahead->holding = ahead->filled != ahead->taken;
    (void)pthread_mutex_unlock(&ahead->lock);
    const struct block *next = &ahead->blocks[ahead->taken % AHEAD_BLOCKS];
    if (ahead->holding)
        *block = (struct text){next->bytes, next->length};
    return ahead->holding;
}

static void ahead_close(struct source *source)
{
    struct ahead *ahead = (struct ahead *)source;
    if (ahead->running) {
        (void)pthread_mutex_lock(&ahead->lock);
        ahead->stop = true;
        (void)pthread_cond_signal(&ahead->changed);
        (void)pthread_mutex_unlock(&ahead->lock);
        (void)pthread_join(ahead->thread, NULL);
    }
    for (int i = 0; i < AHEAD_BLOCKS; i++) {
        free(ahead->blocks[i].bytes);
        buffer_release(&ahead->blocks[i].notes);
    }
    (void)pthread_mutex_destroy(&ahead->lock);
    (void)pthread_cond_destroy(&ahead->changed);
    free(ahead);
}

void source_watch(struct source *source, bundle_look *look, void *context)
{
    struct ahead *ahead = (struct ahead *)source;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->look = look;
    ahead->look_context = context;
    (void)pthread_mutex_unlock(&ahead->lock);
}

struct text source_notes(const struct source *source, struct text *block)
{
    const struct ahead *ahead = (const struct ahead *)source;
    const struct block *held = &ahead->blocks[ahead->taken % AHEAD_BLOCKS];
    *block = (struct text){NULL, 0};
    if (!ahead->holding || !held->noted)
        return *block;
    *block = (struct text){held->bytes, held->length};
    return buffer_text(&held->notes);
}

struct source *source_ahead(struct source *inner)
{
    struct ahead *ahead = mem_alloc(1, sizeof *ahead);
    ahead->source.next = ahead_next;
    ahead->source.close = ahead_close;
    ahead->inner = inner;
    (void)pthread_mutex_init(&ahead->lock, NULL);
    (void)pthread_cond_init(&ahead->changed, NULL);
    return &ahead->source;
}
