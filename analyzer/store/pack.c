// SPDX-License-Identifier: Apache-2.0
#include "store/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/lines.h"
#include "store/squeeze.h"
#include "util/array.h"
#include "util/spool.h"

enum { QUEUE = 4 };

struct packed {
    char *bytes;     // NULL when it lies in the file
    uint64_t offset; // there
    size_t stored, raw;
    bool lost;
};

struct job {
    struct buffer bytes;
    uint32_t number;
};

struct pack {
    ARRAY(struct packed) blocks;
    uint64_t memory_bytes, held_bytes, file_bytes;
    int file; // -1 where there is none
    bool damaged;
    struct squeezer *squeezer;
    struct buffer scratch;

    // The thread and what it shares: the queue, the spare buffers and, until it ends, `blocks`.
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool threaded, refused, sealed;
    struct job queue[QUEUE];
    size_t queued;
    struct buffer spare[QUEUE + 1];
    size_t spares;
};

struct pack *pack_open(uint64_t memory_bytes)
{
    struct pack *pack = mem_alloc(1, sizeof *pack);
    pack->memory_bytes = memory_bytes;
    pack->file = open_nameless();
    pack->squeezer = squeezer_open();
    (void)pthread_mutex_init(&pack->lock, NULL);
    (void)pthread_cond_init(&pack->changed, NULL);
    return pack;
}

void pack_close(struct pack **pointer)
{
    struct pack *pack = *pointer;
    if (!pack)
        return;
    pack_seal(pack);
    for (size_t i = 0; i < pack->blocks.count; i++)
        free(pack->blocks.items[i].bytes);
    array_release(&pack->blocks);
    buffer_release(&pack->scratch);
    squeezer_close(pack->squeezer);
    (void)pthread_mutex_destroy(&pack->lock);
    (void)pthread_cond_destroy(&pack->changed);
    if (pack->file >= 0)
        (void)close(pack->file);
    free(pack);
    *pointer = NULL;
}

static bool write_all(int file, const char *bytes, size_t length, uint64_t offset)
{
    while (length) {
        ssize_t written = pwrite(file, bytes, length, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        offset += (uint64_t)written;
        length -= (size_t)written;
    }
    return true;
}

static bool read_all(int file, char *bytes, size_t length, uint64_t offset)
{
    while (length) {
        ssize_t got = pread(file, bytes, length, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}

// Compresses into pack->scratch and puts the result where there is room. What does not shrink is stored as it
// is.
static struct packed store_block(struct pack *pack, struct text raw)
{
    struct packed packed = {.raw = raw.len};
    buffer_clear(&pack->scratch);
    char *to = buffer_reserve(&pack->scratch, squeeze_bound(raw.len));
    size_t length = squeeze(pack->squeezer, raw, to);
    struct text stored = length && length < raw.len ? (struct text){to, length} : raw;
    packed.stored = stored.len;
    if (pack->file < 0 || pack->held_bytes + stored.len <= pack->memory_bytes) {
        packed.bytes = mem_copy(stored.ptr, stored.len);
        pack->held_bytes += stored.len;
        return packed;
    }
    packed.offset = pack->file_bytes;
    packed.lost = !write_all(pack->file, stored.ptr, stored.len, packed.offset);
    pack->file_bytes += stored.len;
    return packed;
}

// Takes one job off the queue, with the lock held, and gives it back when done.
static void work_once(struct pack *pack)
{
    struct job job = pack->queue[0];
    memmove(pack->queue, pack->queue + 1, --pack->queued * sizeof *pack->queue);
    (void)pthread_cond_broadcast(&pack->changed);
    (void)pthread_mutex_unlock(&pack->lock);
    struct packed packed = store_block(pack, buffer_text(&job.bytes));
    buffer_clear(&job.bytes);
    (void)pthread_mutex_lock(&pack->lock);
    pack->blocks.items[job.number] = packed;
    pack->damaged = pack->damaged || packed.lost;
    if (pack->spares < sizeof pack->spare / sizeof *pack->spare)
        pack->spare[pack->spares++] = job.bytes;
    else
        buffer_release(&job.bytes);
}

static void *work(void *context)
{
    struct pack *pack = context;
    (void)pthread_mutex_lock(&pack->lock);
    for (;;) {
        while (!pack->queued && !pack->sealed)
            (void)pthread_cond_wait(&pack->changed, &pack->lock);
        if (!pack->queued)
            break;
        work_once(pack);
    }
    (void)pthread_mutex_unlock(&pack->lock);
    return NULL;
}

// From the second block on: most bundles have only one.
static void start_thread(struct pack *pack)
{
    if (pack->threaded || pack->refused || pack->sealed || pack->blocks.count < 2)
        return;
    pack->threaded = pthread_create(&pack->thread, NULL, work, pack) == 0;
    pack->refused = !pack->threaded;
}

uint32_t pack_add(struct pack *pack, struct buffer *block)
{
    (void)pthread_mutex_lock(&pack->lock);
    uint32_t number = (uint32_t)pack->blocks.count;
    (void)array_add(&pack->blocks);
    start_thread(pack);
    while (pack->queued == QUEUE)
        (void)pthread_cond_wait(&pack->changed, &pack->lock);
    pack->queue[pack->queued++] = (struct job){*block, number};
    *block = (struct buffer){0};
    if (pack->threaded)
        (void)pthread_cond_broadcast(&pack->changed);
    else
        work_once(pack);
    if (pack->spares)
        *block = pack->spare[--pack->spares];
    (void)pthread_mutex_unlock(&pack->lock);
    return number;
}

void pack_seal(struct pack *pack)
{
    (void)pthread_mutex_lock(&pack->lock);
    pack->sealed = true;
    (void)pthread_cond_broadcast(&pack->changed);
    (void)pthread_mutex_unlock(&pack->lock);
    if (pack->threaded)
        (void)pthread_join(pack->thread, NULL);
    pack->threaded = false;
    while (pack->spares)
        buffer_release(&pack->spare[--pack->spares]);
    buffer_release(&pack->scratch);
}

// The bytes of a block as stored, in memory or read into the scratch buffer; NULL when the file failed.
static const char *fetch(struct pack *pack, const struct packed *packed)
{
    if (packed->bytes)
        return packed->bytes;
    buffer_clear(&pack->scratch);
    char *to = buffer_reserve(&pack->scratch, packed->stored);
    return read_all(pack->file, to, packed->stored, packed->offset) ? to : NULL;
}

bool pack_read(struct pack *pack, uint32_t number, struct buffer *out)
{
    if (number >= pack->blocks.count || pack->blocks.items[number].lost)
        return false;
    const struct packed *packed = &pack->blocks.items[number];
    const char *from = fetch(pack, packed);
    buffer_clear(out);
    char *to = buffer_reserve(out, packed->raw);
    bool plain = packed->stored == packed->raw, whole = from != NULL;
    if (from && plain)
        memcpy(to, from, packed->raw);
    else if (from)
        whole = unsqueeze(pack->squeezer, (struct text){from, packed->stored}, to, packed->raw);
    out->len = whole ? packed->raw : 0;
    to[out->len] = '\0';
    pack->damaged |= !whole;
    return whole;
}

bool pack_damaged(const struct pack *pack)
{
    return pack->damaged;
}

const char *lines_library_version(void)
{
    return squeeze_version();
}
