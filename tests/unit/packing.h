// SPDX-License-Identifier: Apache-2.0
//
// Small archives made in memory for tests, and what reading one gave.
#ifndef INQUEST_TESTS_PACKING_H
#define INQUEST_TESTS_PACKING_H

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "bundle/bundle.h"
#include "test.h"
#include "util/buffer.h"
#include "util/memory.h"

struct packed_entry {
    const char *path, *content;
    int type;           // AE_IFREG for 0
    const char *target; // of a link
    bool hard;          // target is a hard link's
};

static inline ssize_t pack_write(struct archive *archive, void *context, const void *bytes, size_t length)
{
    (void)archive;
    buffer_add(context, (struct text){bytes, length});
    return (ssize_t)length;
}

static inline void pack_entry(struct archive *archive, const struct packed_entry *from)
{
    struct archive_entry *entry = archive_entry_new();
    size_t length = from->content ? strlen(from->content) : 0;
    archive_entry_set_pathname(entry, from->path);
    archive_entry_set_filetype(entry, from->type ? (unsigned)from->type : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (int64_t)length);
    if (from->target && from->hard)
        archive_entry_set_hardlink(entry, from->target);
    else if (from->target)
        archive_entry_set_symlink(entry, from->target);
    assert_true(archive_write_header(archive, entry) >= ARCHIVE_WARN);
    if (length)
        assert_true(archive_write_data(archive, from->content, length) == (la_ssize_t)length);
    archive_entry_free(entry);
}

// Appends an archive of the entries (the last has no path) to `out`.
static inline void pack(struct buffer *out, int format, int filter, const struct packed_entry *entries)
{
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format(archive, format), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open(archive, out, NULL, pack_write, NULL), ARCHIVE_OK);
    for (; entries->path; entries++)
        pack_entry(archive, entries);
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

// Appends one gzip member that holds `plain`.
static inline void gzip(struct buffer *out, struct text plain)
{
    z_stream zlib = {0};
    assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&zlib, plain.len);
    zlib.next_in = (unsigned char *)(uintptr_t)plain.ptr;
    zlib.avail_in = (unsigned)plain.len;
    zlib.next_out = (unsigned char *)buffer_reserve(out, room);
    zlib.avail_out = (unsigned)room;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    out->len += zlib.total_out;
    assert_int_equal(deflateEnd(&zlib), Z_OK);
}

// What reading gave: a line for each member, and one for each warning.
struct reading_of {
    bool opened, closed;
    struct buffer members; // "path|content\n", a link as "path->target\n", a node before the path as "[node]"
    struct buffer warnings; // "source: problem\n"
    struct error err;
    struct bundle_totals totals;
    uint64_t count;
};

static inline void note_warning(void *context, struct text source, uint64_t line, const char *problem)
{
    (void)line;
    struct reading_of *reading = context;
    buffer_add(&reading->warnings, source);
    buffer_printf(&reading->warnings, ": %s\n", problem);
}

static inline void note_member(struct reading_of *reading, struct bundle *bundle, const struct member *member)
{
    struct text chunk;
    reading->count++;
    if (member->node.len)
        buffer_printf(&reading->members, "[%.*s]", TEXT_ARG(member->node));
    buffer_add(&reading->members, member->path);
    if (member->type == MEMBER_LINK)
        buffer_printf(&reading->members, "->%.*s", TEXT_ARG(member->link_target));
    else
        buffer_putc(&reading->members, '|');
    while (bundle_read(bundle, &chunk))
        buffer_add(&reading->members, chunk);
    buffer_putc(&reading->members, '\n');
}

static inline void read_path(struct reading_of *reading, const char *path, const struct limits *limits)
{
    struct bundle *bundle;
    struct member member;
    *reading = (struct reading_of){0};
    reading->opened = bundle_open(&bundle, path, limits, note_warning, reading, &reading->err);
    if (!reading->opened)
        return;
    while (bundle_next(bundle, &member))
        note_member(reading, bundle, &member);
    reading->closed = bundle_close(bundle, &reading->totals, &reading->err);
    (void)buffer_reserve(&reading->members, 0);
    (void)buffer_reserve(&reading->warnings, 0);
    reading->members.ptr[reading->members.len] = '\0';
    reading->warnings.ptr[reading->warnings.len] = '\0';
}

// Writes the bytes to a file of that name in a folder of their own, which the caller removes.
static inline char *scratch_file(const char *name, struct text bytes)
{
    char folder[] = "/tmp/inquest-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    size_t room = strlen(folder) + strlen(name) + 2;
    char *path = mem_alloc(room, 1);
    (void)snprintf(path, room, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    (void)close(fd);
    return path;
}

static inline void scratch_remove(char *path)
{
    assert_int_equal(unlink(path), 0);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0);
    free(path);
}

static inline void read_bytes(struct reading_of *reading, const char *name, struct text bytes,
                              const struct limits *limits)
{
    char *path = scratch_file(name, bytes);
    read_path(reading, path, limits);
    scratch_remove(path);
}

static inline void reading_release(struct reading_of *reading)
{
    buffer_release(&reading->members);
    buffer_release(&reading->warnings);
}

#endif
