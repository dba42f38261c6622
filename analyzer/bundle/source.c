// SPDX-License-Identifier: Apache-2.0
#include "bundle/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/digest.h"
#include "util/memory.h"

enum { FILE_BLOCK = 256 * 1024 };

bool source_read(struct source *source, struct text *block)
{
    struct text next = source->pushed;
    source->pushed = (struct text){NULL, 0};
    if (!next.ptr) {
        if (source->damage[0] || !source->next(source, &next))
            return false;
        source->bytes += next.len;
    }
    *block = next; // untouched at the end
    return true;
}

struct text source_peek(struct source *source)
{
    struct text block;
    if (!source->pushed.ptr && source_read(source, &block))
        source->pushed = block;
    return source->pushed;
}

void source_skip(struct source *source, size_t bytes)
{
    source->pushed = text_from(source->pushed, bytes);
}

void source_close(struct source **source)
{
    if (*source)
        (*source)->close(*source);
    *source = NULL;
}

struct file_source {
    struct source source;
    int fd;
    struct digest *digest;
    char block[FILE_BLOCK];
};

// Fills the block, so that the formats' marks (CD001 stands at 32 KiB) are in the first even from a pipe.
static bool file_next(struct source *source, struct text *block)
{
    struct file_source *file = (struct file_source *)source;
    size_t got = 0;
    char *block_at = source->into.room >= FILE_BLOCK ? source->into.ptr : file->block;
    while (got < FILE_BLOCK) {
        ssize_t n = read(file->fd, block_at + got, FILE_BLOCK - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            (void)snprintf(source->damage, sizeof source->damage, "reading failed at byte %llu (%s)",
                           (unsigned long long)(source->bytes + got), strerror(errno));
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    *block = (struct text){block_at, got};
    digest_add(file->digest, *block);
    return got > 0;
}

static void file_close(struct source *source)
{
    struct file_source *file = (struct file_source *)source;
    digest_close(&file->digest, NULL);
    (void)close(file->fd);
    free(file);
}

struct source *source_of_file(int fd)
{
    struct file_source *file = mem_alloc(1, sizeof *file);
    file->source.next = file_next;
    file->source.close = file_close;
    file->fd = fd;
    file->digest = digest_open();
    return &file->source;
}

void source_digest(struct source *file, uint64_t bytes, char hex[static 65])
{
    struct text block;
    uint64_t end = file->bytes + bytes;
    bool more = true;
    while (more && file->bytes < end)
        more = source_read(file, &block);
    struct file_source *self = (struct file_source *)file;
    digest_close(&self->digest, hex);
    self->digest = digest_open();
    if (more)
        hex[0] = '\0';
}

// A stretch is what one block of the file unpacks to, or less for a short member.
enum { STRETCH = FILE_BLOCK, STRETCH_FLOOR = 4 * 1024 };

static bool is_dense(const struct budget *budget, uint64_t packed, uint64_t unpacked)
{
    uint64_t most;
    if (packed < STRETCH_FLOOR)
        packed = STRETCH_FLOOR;
    return !__builtin_mul_overflow(packed, budget->limits->ratio, &most) && unpacked > most;
}

void budget_begin(struct budget *budget)
{
    budget->packed = budget->unpacked = 0;
}

bool budget_allows(struct budget *budget, uint64_t packed, uint64_t unpacked, char *why, size_t room)
{
    const struct limits *limits = budget->limits;
    uint64_t in = packed - budget->packed, out = unpacked - budget->unpacked;
    bool dense = is_dense(budget, in, out);
    if (unpacked > limits->total_bytes || (dense && budget->dense + out > budget->dense_most)) {
        bool total = unpacked > limits->total_bytes;
        (void)snprintf(why, room, "given up after %llu bytes at byte %llu of the packed ones (limit %s)",
                       (unsigned long long)unpacked, (unsigned long long)packed,
                       total ? "total_bytes" : "dense_bytes, and ratio: a bomb unpacks like this");
        return false;
    }
    if (in >= STRETCH) {
        budget->dense += dense ? out : 0;
        budget->packed = packed;
        budget->unpacked = unpacked;
    }
    return true;
}

void budget_end(struct budget *budget, uint64_t packed, uint64_t unpacked)
{
    uint64_t out = unpacked - budget->unpacked;
    if (is_dense(budget, packed - budget->packed, out))
        budget->dense += out;
    budget_begin(budget);
}
