// SPDX-License-Identifier: Apache-2.0
#include "util/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MEMORY_MOST = 4 * 1024 * 1024, PIECE = 256 * 1024 };

int open_nameless(void)
{
    const char *folders[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (!folders[i] || !*folders[i])
            continue;
        int file = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file >= 0)
            return file;
        char name[4096]; // a file system without O_TMPFILE
        int length = snprintf(name, sizeof name, "%s/inquest-XXXXXX", folders[i]);
        if (length <= 0 || (size_t)length >= sizeof name || (file = mkostemp(name, O_CLOEXEC)) < 0)
            continue;
        (void)unlink(name);
        return file;
    }
    return -1;
}

void spool_init(struct spool *spool)
{
    *spool = (struct spool){.file = -1};
}

static bool write_all(int file, struct text piece)
{
    while (piece.len) {
        ssize_t n = write(file, piece.ptr, piece.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        piece = text_from(piece, (size_t)n);
    }
    return true;
}

bool spool_add(struct spool *spool, struct text piece)
{
    bool in_file = spool->bytes > spool->memory.len;
    if (spool->failed)
        return false;
    spool->bytes += piece.len;
    if (!in_file && spool->memory.len + piece.len <= MEMORY_MOST) {
        buffer_add(&spool->memory, piece);
        return true;
    }
    if (spool->file < 0)
        spool->file = open_nameless();
    spool->failed = spool->file < 0 || !write_all(spool->file, piece);
    return !spool->failed;
}

bool spool_give(struct spool *spool, bool (*take)(void *context, struct text piece), void *context)
{
    if (spool->failed || (spool->memory.len && !take(context, buffer_text(&spool->memory))))
        return false;
    uint64_t left = spool->bytes - spool->memory.len;
    if (!left)
        return true;
    struct buffer piece = {0};
    char *room = buffer_reserve(&piece, PIECE);
    bool ok = lseek(spool->file, 0, SEEK_SET) == 0;
    while (ok && left) {
        ssize_t n = read(spool->file, room, left < PIECE ? (size_t)left : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        ok = n > 0 && take(context, (struct text){room, (size_t)n});
        left -= ok ? (uint64_t)n : 0;
    }
    buffer_release(&piece);
    return ok;
}

void spool_clear(struct spool *spool)
{
    buffer_clear(&spool->memory);
    spool->bytes = 0;
    if (spool->file >= 0 && (ftruncate(spool->file, 0) != 0 || lseek(spool->file, 0, SEEK_SET) != 0))
        spool->failed = true;
}

void spool_release(struct spool *spool)
{
    buffer_release(&spool->memory);
    if (spool->file >= 0)
        (void)close(spool->file);
    spool->file = -1;
}
