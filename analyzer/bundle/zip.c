// SPDX-License-Identifier: Apache-2.0
#include "bundle/zip.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/memory.h"

// Sizes and places of the fields that are needed, APPNOTE 4.3.12 to 4.3.16.
enum {
    END_BYTES = 22,
    END_COUNT = 10,
    END_SIZE = 12,
    END_COMMENT = 20,
    END64_BYTES = 56,
    END64_COUNT = 32,
    END64_SIZE = 40,
    LOCATOR_BYTES = 20,
    LOCATOR_OFFSET = 8,
    ENTRY_BYTES = 46,
    ENTRY_MADE_BY = 5,
    ENTRY_NAME = 28,
    ENTRY_EXTRA = 30,
    ENTRY_COMMENT = 32,
    ENTRY_MODE = 40,
    COMMENT_MOST = 65535,
    LINKS_MOST = 10000,
};

static uint64_t field(const char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static bool read_at(int fd, uint64_t offset, char *to, size_t bytes)
{
    size_t got = 0;
    while (got < bytes) {
        ssize_t n = pread(fd, to + got, bytes - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

struct extent {
    uint64_t offset, bytes, count;
};

// Where the numbers do not fit 32 bits a second end record stands before the first.
static void widen(int fd, uint64_t end, struct extent *directory)
{
    char locator[LOCATOR_BYTES], record[END64_BYTES];
    if (end < LOCATOR_BYTES || !read_at(fd, end - LOCATOR_BYTES, locator, sizeof locator) ||
        memcmp(locator, "PK\6\7", 4) != 0)
        return;
    uint64_t at = field(locator + LOCATOR_OFFSET, 8);
    if (at > end || !read_at(fd, at, record, sizeof record) || memcmp(record, "PK\6\6", 4) != 0)
        return;
    directory->count = field(record + END64_COUNT, 8);
    directory->bytes = field(record + END64_SIZE, 8);
    directory->offset = at;
}

// The end record: its comment reaches exactly to the end of the file, which tells it from others in the
// comment.
static bool find_end(int fd, uint64_t size, struct extent *directory)
{
    struct buffer tail CLEANUP(buffer_release) = {0};
    uint64_t bytes = size < END_BYTES + COMMENT_MOST ? size : END_BYTES + COMMENT_MOST;
    if (bytes < END_BYTES || !read_at(fd, size - bytes, buffer_reserve(&tail, bytes), bytes))
        return false;
    for (uint64_t at = bytes - END_BYTES + 1; at-- > 0;) {
        const char *record = tail.ptr + at;
        if (memcmp(record, "PK\5\6", 4) != 0 || at + END_BYTES + field(record + END_COMMENT, 2) != bytes)
            continue;
        uint64_t end = size - bytes + at;
        *directory = (struct extent){end, field(record + END_SIZE, 4), field(record + END_COUNT, 2)};
        widen(fd, end, directory);
        if (directory->bytes > directory->offset)
            return false;
        directory->offset -= directory->bytes;
        return true;
    }
    return false;
}

// One entry at the start of `bytes`; its length, or 0 when it is damaged or does not fit.
static size_t take_entry(struct zip_directory *directory, struct text bytes)
{
    if (bytes.len < ENTRY_BYTES || memcmp(bytes.ptr, "PK\1\2", 4) != 0)
        return 0;
    size_t name = field(bytes.ptr + ENTRY_NAME, 2);
    size_t length =
        ENTRY_BYTES + name + field(bytes.ptr + ENTRY_EXTRA, 2) + field(bytes.ptr + ENTRY_COMMENT, 2);
    if (length > bytes.len)
        return 0;
    bool is_unix = bytes.ptr[ENTRY_MADE_BY] == 3;
    if (is_unix && S_ISLNK(field(bytes.ptr + ENTRY_MODE, 2)) && directory->links.count < LINKS_MOST)
        (void)intern_add(&directory->links, text_slice(bytes, ENTRY_BYTES, name), NULL);
    directory->entries++;
    return length;
}

// Reads in windows; an entry has at most 46 + 3 * 65535 bytes.
static void walk(struct zip_directory *directory, int fd, const struct extent *extent)
{
    enum { WINDOW = 512 * 1024 };
    struct buffer window CLEANUP(buffer_release) = {0};
    uint64_t at = 0;
    while (at < extent->bytes) {
        size_t bytes = extent->bytes - at < WINDOW ? (size_t)(extent->bytes - at) : WINDOW;
        if (!read_at(fd, extent->offset + at, buffer_reserve(&window, bytes), bytes))
            return;
        size_t used = 0, taken;
        while ((taken = take_entry(directory, (struct text){window.ptr + used, bytes - used})) > 0)
            used += taken;
        if (used == 0)
            return;
        at += used;
    }
    directory->whole = directory->entries == extent->count || (directory->entries & 0xffff) == extent->count;
}

void zip_directory_read(struct zip_directory *directory, int fd, uint64_t size)
{
    struct extent extent;
    *directory = (struct zip_directory){0};
    if (find_end(fd, size, &extent))
        walk(directory, fd, &extent);
}

void zip_directory_release(struct zip_directory *directory)
{
    intern_release(&directory->links);
}
