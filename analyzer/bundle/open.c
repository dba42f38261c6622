// SPDX-License-Identifier: Apache-2.0
//
// What is it that we were given, and can it be read?
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/inside.h"
#include "util/memory.h"
#include "util/opened.h"

static bool refuse(struct error *err, const char *what)
{
    return fail_kind(err, ERROR_BUNDLE, "%s: this format is not supported", what);
}

// What stands in the name's place when it is neither file nor folder.
static const char *special(mode_t mode)
{
    return S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

static int open_path(const char *path, struct stat *status, struct error *err)
{
    bool from_stdin = strcmp(path, "-") == 0;
    int fd =
        from_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : opened_again(path); // a pipe must not block
    if (fd < 0 || fstat(fd, status) != 0) {
        (void)fail_kind(err, ERROR_BUNDLE, "cannot open it: %s", strerror(errno));
    } else if (!from_stdin && !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode)) {
        (void)fail_kind(err, ERROR_BUNDLE, "not a regular file but %s; a stream is read as '-'",
                        special(status->st_mode));
    } else {
        return fd;
    }
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

// The archive that the bytes are, or none for a single file.
static bool open_reader(struct bundle *bundle, struct format format, int fd, uint64_t size, struct error *err)
{
    bundle->format = format.name ? format.name : "file";
    if (format.kind == FORMAT_REFUSED)
        return refuse(err, format.name);
    if (format.kind == FORMAT_DATABASE)
        return fail_kind(err, ERROR_BUNDLE, "a database is opened by its name, not as a stream");
    if (format.kind == FORMAT_TAR) {
        if (format.start)
            tally_add(&bundle->tally, ODD_DAMAGED, TEXT("bundle"));
        source_skip(bundle->unpacked, format.start);
    }
    if (format.kind != FORMAT_ZIP)
        bundle->ahead = source_ahead(bundle->unpacked);
    if (format.kind == FORMAT_TAR)
        bundle->reader = reader_of_tar(bundle->ahead);
    if (format.kind != FORMAT_ZIP)
        return true;
    bundle->is_zip = true;
    bundle->reader = reader_of_zip(bundle->unpacked, &bundle->budget);
    if (bundle->is_regular) {
        zip_directory_read(&bundle->directory, fd, size);
        reader_zip_directory(bundle->reader, &bundle->directory);
    }
    return true;
}

// Takes one layer of packing off.
static bool open_packed(struct bundle *bundle, struct format outer, struct format *inner, struct error *err)
{
    bundle->unpacked = source_unpack(bundle->file, outer.packing, &bundle->budget);
    struct text head = source_peek(bundle->unpacked);
    if (head.len == 0 && bundle->unpacked->damage[0])
        return fail_kind(err, ERROR_BUNDLE, "%s", bundle->unpacked->damage);
    if (head.len == 0)
        return fail_kind(err, ERROR_BUNDLE, "an empty %s stream", outer.name);
    *inner = format_of(head);
    if (inner->kind == FORMAT_PACKED || inner->kind == FORMAT_ZIP)
        return fail_kind(err, ERROR_BUNDLE, "nested compression (%s in %s): not supported", inner->name,
                         outer.name);
    return true;
}

static bool open_file(struct bundle *bundle, int fd, const struct stat *status, struct error *err)
{
    bundle->is_regular = S_ISREG(status->st_mode);
    bundle->file = bundle->unpacked = source_of_file(fd);
    struct text head = source_peek(bundle->file);
    if (bundle->file->damage[0])
        return fail_kind(err, ERROR_BUNDLE, "%s", bundle->file->damage);
    if (head.len == 0)
        return fail_kind(err, ERROR_BUNDLE, "an empty file");
    struct format format = format_of(head);
    if (format.kind == FORMAT_PACKED && !open_packed(bundle, format, &format, err))
        return false;
    return open_reader(bundle, format, fd, (uint64_t)status->st_size, err);
}

static bool open_any(struct bundle *bundle, struct error *err)
{
    struct stat status;
    int fd = open_path(bundle->path, &status, err);
    if (fd < 0)
        return false;
    if (!S_ISDIR(status.st_mode))
        return open_file(bundle, fd, &status, err);
    bundle->format = "folder";
    bundle->reader = reader_of_folder(fd, bundle->limits);
    return !bundle->reader->damage[0] || fail_kind(err, ERROR_BUNDLE, "%s", bundle->reader->damage);
}

bool bundle_open(struct bundle **opened, const char *path, const struct limits *limits, bundle_warn *warn,
                 void *warn_context, struct error *err)
{
    struct bundle *bundle = mem_alloc(1, sizeof *bundle);
    bundle->limits = limits;
    bundle->warn = warn;
    bundle->warn_context = warn_context;
    bundle->path = mem_copy(path, strlen(path));
    bundle->budget.limits = bundle->inner_budget.limits = limits;
    bundle->budget.dense_most = limits->dense_bytes;
    // what is packed inside a bundle are profiles and old logs: a few honest ones are never dense
    bundle->inner_budget.dense_most = limits->dense_bytes / 4;
    *opened = bundle;
    if (open_any(bundle, err))
        return true;
    bundle_release(bundle);
    *opened = NULL;
    return fail_context(err, "%.300s", path);
}

bool bundle_is_database(const char *path)
{
    char head[16];
    int fd = strcmp(path, "-") == 0 ? -1 : opened_again(path);
    if (fd < 0)
        return false;
    ssize_t n = pread(fd, head, sizeof head, 0);
    (void)close(fd);
    return n == (ssize_t)sizeof head && format_of((struct text){head, sizeof head}).kind == FORMAT_DATABASE;
}

void bundle_release(struct bundle *bundle)
{
    source_close(&bundle->inner);
    source_close(&bundle->packed);
    if (bundle->reader)
        bundle->reader->close(bundle->reader);
    source_close(&bundle->ahead);
    if (bundle->unpacked != bundle->file)
        source_close(&bundle->unpacked);
    source_close(&bundle->file);
    zip_directory_release(&bundle->directory);
    buffer_release(&bundle->name);
    buffer_release(&bundle->head);
    buffer_release(&bundle->packed_head);
    tally_release(&bundle->tally);
    seen_release(&bundle->seen);
    intern_release(&bundle->nodes);
    array_release(&bundle->manifests);
    free(bundle->path);
    free(bundle);
}
