// SPDX-License-Identifier: Apache-2.0
//
// Unpacking on a second core: a thread reads a few blocks ahead of whoever takes them. It starts only
// after the first megabyte, so a small bundle never pays for it, and after the sandbox was entered.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/source.h"
#include "util/memory.h"

enum { AHEAD_BLOCKS = 6, STACK_BYTES = 256 * 1024, START_BYTES = 1024 * 1024 };

struct block {
    char *bytes;
    size_t length, room;
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
};

static void fill(struct block *block, struct text text)
{
    if (block->room < text.len) {
        block->bytes = mem_resize(block->bytes, text.len, 1);
        block->room = text.len;
    }
    memcpy(block->bytes, text.ptr, text.len);
    block->length = text.len;
}

static void *run(void *context)
{
    struct ahead *ahead = context;
    struct text text;
    bool more = true;
    (void)pthread_mutex_lock(&ahead->lock);
    while (more && !ahead->stop) {
        if (ahead->filled - ahead->taken == AHEAD_BLOCKS) {
            (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&ahead->lock);
        more = source_read(ahead->inner, &text);
        if (more)
            fill(&ahead->blocks[ahead->filled % AHEAD_BLOCKS], text);
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
    for (int i = 0; i < AHEAD_BLOCKS; i++)
        free(ahead->blocks[i].bytes);
    (void)pthread_mutex_destroy(&ahead->lock);
    (void)pthread_cond_destroy(&ahead->changed);
    free(ahead);
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
