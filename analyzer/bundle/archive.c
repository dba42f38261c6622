// SPDX-License-Identifier: Apache-2.0
//
// The only file that knows libarchive. It gets one format or one filter at a time: every other format
// is attack surface, and archive_read_support_filter_all() runs programs from PATH.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "bundle/packer.h"
#include "bundle/reader.h"
#include "bundle/zip.h"
#include "util/buffer.h"
#include "util/memory.h"

struct unpacker {
    struct reader reader;
    struct archive *archive;
    struct source *source;
    struct budget *budget;
    const struct zip_directory *directory;
    struct buffer target; // of a zip's link
    locale_t utf8;        // else names marked as UTF-8 lose all but ASCII
    int64_t expected;     // offset of the entry's next byte
    uint64_t unpacked;
    bool begun, over; // an entry's data may be read; nothing more will come
};

static ssize_t pull(struct archive *archive, void *context, const void **block)
{
    (void)archive;
    struct text piece;
    if (!source_read(context, &piece))
        return 0;
    *block = piece.ptr;
    return (ssize_t)piece.len;
}

// libarchive's message, which can be absent after a fatal error.
static const char *message(struct archive *archive)
{
    const char *text = archive_error_string(archive);
    return text ? text : "damaged";
}

// ---- bzip2, unpacked by a filter --------------------------------------------------------------

struct filter {
    struct source source;
    struct archive *archive;
    struct source *packed;
    struct budget *budget;
    bool open;
};

static bool filter_failed(struct filter *filter)
{
    struct source *source = &filter->source;
    struct text rest;
    bool cut = !source_read(filter->packed, &rest);
    (void)snprintf(source->damage, sizeof source->damage, "%s bzip2 stream at byte %llu (%.80s)",
                   cut ? "truncated" : "damaged", (unsigned long long)filter->packed->bytes,
                   message(filter->archive));
    return false;
}

static bool filter_open(struct filter *filter)
{
    struct archive_entry *entry;
    filter->open = true;
    int result = archive_read_open(filter->archive, filter->packed, NULL, pull, NULL);
    if (result == ARCHIVE_OK)
        result = archive_read_next_header(filter->archive, &entry);
    if (result == ARCHIVE_EOF)
        return false;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
        return filter_failed(filter);
    if (archive_filter_count(filter->archive) <= 2) // the filter and "none"
        return true;
    (void)snprintf(filter->source.damage, sizeof filter->source.damage,
                   "nested compression (bzip2 in bzip2)");
    return false;
}

static bool filter_next(struct source *source, struct text *block)
{
    struct filter *filter = (struct filter *)source;
    if (!filter->open && !filter_open(filter))
        return false;
    const void *bytes;
    int64_t offset;
    do {
        int result = archive_read_data_block(filter->archive, &bytes, &block->len, &offset);
        if (result == ARCHIVE_EOF)
            return false;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return filter_failed(filter);
    } while (block->len == 0);
    block->ptr = bytes;
    (void)budget_allows(filter->budget, filter->packed->bytes, source->bytes + block->len, source->damage,
                        sizeof source->damage);
    return true;
}

static void filter_close(struct source *source)
{
    struct filter *filter = (struct filter *)source;
    budget_end(filter->budget, filter->packed->bytes, source->bytes);
    (void)archive_read_free(filter->archive);
    free(filter);
}

struct source *source_unpack(struct source *packed, enum packing packing, struct budget *budget)
{
    if (packing == PACKING_GZIP)
        return source_gunzip(packed, budget);
    if (packing == PACKING_ZSTD)
        return source_unzstd(packed, budget);
    if (packing == PACKING_XZ)
        return source_unxz(packed, budget);
    struct filter *filter = mem_alloc(1, sizeof *filter);
    *filter = (struct filter){
        .source = {.next = filter_next, .close = filter_close},
        .archive = archive_read_new(),
        .packed = packed,
        .budget = budget,
    };
    if (!filter->archive)
        mem_exhausted();
    (void)archive_read_support_format_raw(filter->archive);
    (void)archive_read_support_format_empty(filter->archive);
    (void)archive_read_support_filter_bzip2(filter->archive);
    budget_begin(budget);
    return &filter->source;
}

// ---- zip -----------------------------------------------------------------------------

static bool end_with(struct unpacker *unpacker, const char *why)
{
    unpacker->over = true;
    if (!unpacker->reader.damage[0])
        (void)snprintf(unpacker->reader.damage, sizeof unpacker->reader.damage, "%s", why);
    return false;
}

static bool trouble(struct unpacker *unpacker, const char *what)
{
    (void)snprintf(unpacker->reader.trouble, sizeof unpacker->reader.trouble, "%s", what);
    return false;
}

// Counts what was unpacked.
static bool affordable(struct unpacker *unpacker, size_t bytes)
{
    struct reader *reader = &unpacker->reader;
    unpacker->unpacked += bytes;
    if (budget_allows(unpacker->budget, unpacker->source->bytes, unpacker->unpacked, reader->damage,
                      sizeof reader->damage))
        return true;
    unpacker->over = true;
    return false;
}

static bool unpacker_read(struct reader *reader, struct text *chunk)
{
    struct unpacker *unpacker = (struct unpacker *)reader;
    const void *bytes = NULL;
    int64_t offset = 0;
    do {
        if (unpacker->over)
            return false;
        chunk->len = 0;
        int result = archive_read_data_block(unpacker->archive, &bytes, &chunk->len, &offset);
        if (result == ARCHIVE_EOF)
            return false;
        if (result == ARCHIVE_FATAL)
            (void)end_with(unpacker, message(unpacker->archive));
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return trouble(unpacker, message(unpacker->archive));
        if (result == ARCHIVE_WARN) // a wrong checksum or size: the bytes are what they are
            (void)trouble(unpacker, message(unpacker->archive));
        if (offset != unpacker->expected)
            (void)trouble(unpacker, "a sparse file: its holes were left out");
    } while (chunk->len == 0);
    chunk->ptr = bytes;
    unpacker->expected = (int64_t)((uint64_t)offset + chunk->len);
    return affordable(unpacker, chunk->len);
}

static enum entry_type type_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry))
        return ENTRY_HARD_LINK;
    if (archive_entry_is_encrypted(entry))
        return ENTRY_ENCRYPTED;
    switch (archive_entry_filetype(entry)) {
    case AE_IFLNK:
        return ENTRY_LINK;
    case AE_IFDIR:
        return ENTRY_FOLDER;
    case AE_IFCHR:
    case AE_IFBLK:
        return ENTRY_DEVICE;
    case AE_IFIFO:
        return ENTRY_PIPE;
    case AE_IFSOCK:
        return ENTRY_SOCKET;
    default: // a zip's local header has no type
        return ENTRY_FILE;
    }
}

// A zip's link holds its target as content.
static void read_target(struct unpacker *unpacker, struct entry *entry)
{
    enum { TARGET_MOST = 4096 };
    struct text chunk;
    buffer_clear(&unpacker->target);
    while (unpacker->target.len < TARGET_MOST && unpacker_read(&unpacker->reader, &chunk))
        buffer_add(&unpacker->target, text_slice(chunk, 0, TARGET_MOST - unpacker->target.len));
    entry->type = ENTRY_LINK;
    entry->target = buffer_text(&unpacker->target);
}

// What is left of a zip's entry is read here and not skipped by libarchive, so that a bomb stays in its
// budget.
static void pass_rest(struct unpacker *unpacker)
{
    struct text chunk;
    if (!unpacker->begun)
        return;
    while (unpacker_read(&unpacker->reader, &chunk)) {
    }
}

static int next_header(struct unpacker *unpacker, struct archive_entry **found)
{
    locale_t before = uselocale(unpacker->utf8);
    int result = archive_read_next_header(unpacker->archive, found);
    (void)uselocale(before);
    return result;
}

static enum entry_result unpacker_next(struct reader *reader, struct entry *entry)
{
    struct unpacker *unpacker = (struct unpacker *)reader;
    struct archive_entry *found = NULL;
    pass_rest(unpacker);
    if (unpacker->over)
        return ENTRY_END;
    reader->trouble[0] = '\0';
    unpacker->expected = 0;
    int result = next_header(unpacker, &found);
    if (result == ARCHIVE_EOF)
        unpacker->over = true;
    else if (result == ARCHIVE_FATAL)
        (void)end_with(unpacker, message(unpacker->archive));
    if (unpacker->over)
        return ENTRY_END;
    const char *path = found ? archive_entry_pathname(found) : NULL;
    if ((result != ARCHIVE_OK && result != ARCHIVE_WARN) || !path)
        return ENTRY_DAMAGED;
    unpacker->begun = true;
    *entry = (struct entry){type_of(found), text_of(path), text_of(archive_entry_symlink(found))};
    if (unpacker->directory && intern_find(&unpacker->directory->links, entry->path) != INTERN_NONE)
        read_target(unpacker, entry);
    return ENTRY_FOUND;
}

static void unpacker_close(struct reader *reader)
{
    struct unpacker *unpacker = (struct unpacker *)reader;
    (void)archive_read_free(unpacker->archive);
    buffer_release(&unpacker->target);
    if (unpacker->utf8)
        freelocale(unpacker->utf8);
    free(unpacker);
}

static struct unpacker *unpacker_open(struct source *source)
{
    struct unpacker *unpacker = mem_alloc(1, sizeof *unpacker);
    *unpacker = (struct unpacker){
        .reader = {.next = unpacker_next, .read = unpacker_read, .close = unpacker_close},
        .archive = archive_read_new(),
        .source = source,
        .utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0),
    };
    if (!unpacker->archive)
        mem_exhausted();
    return unpacker;
}

static struct reader *begin(struct unpacker *unpacker)
{
    if (archive_read_open(unpacker->archive, unpacker->source, NULL, pull, NULL) != ARCHIVE_OK)
        (void)end_with(unpacker, message(unpacker->archive));
    return &unpacker->reader;
}

struct reader *reader_of_zip(struct source *source, struct budget *budget)
{
    struct unpacker *unpacker = unpacker_open(source);
    (void)archive_read_support_format_zip_streamable(unpacker->archive);
    unpacker->budget = budget;
    budget_begin(budget);
    return begin(unpacker);
}

void reader_zip_directory(struct reader *zip, const struct zip_directory *directory)
{
    ((struct unpacker *)zip)->directory = directory;
}

// ---- packing -----------------------------------------------------------------------------------

struct packer {
    struct archive *archive; // NULL: as it is
    packer_sink *sink;
    void *context;
    bool ok;
};

static la_ssize_t push(struct archive *archive, void *context, const void *bytes, size_t length)
{
    struct packer *packer = context;
    if (packer->sink(packer->context, (struct text){bytes, length}))
        return (la_ssize_t)length;
    archive_set_error(archive, EIO, "the output failed");
    return -1;
}

static bool packer_begin(struct packer *packer, enum packing packing)
{
    struct archive *archive = packer->archive;
    struct archive_entry *entry = archive_entry_new();
    if (!entry)
        mem_exhausted();
    archive_entry_set_pathname(entry, "data");
    archive_entry_set_filetype(entry, AE_IFREG);
    (void)archive_write_set_format_raw(archive);
    (void)(packing == PACKING_XZ     ? archive_write_add_filter_xz
           : packing == PACKING_ZSTD ? archive_write_add_filter_zstd
                                     : archive_write_add_filter_gzip)(archive);
    if (packing == PACKING_GZIP) // level 3 costs a third of the time and a tenth of the size of level 6
        (void)archive_write_set_options(archive, "gzip:!timestamp,gzip:compression-level=3");
    (void)archive_write_set_bytes_in_last_block(archive, 1);
    bool ok = archive_write_open(archive, packer, NULL, push, NULL) == ARCHIVE_OK &&
              archive_write_header(archive, entry) == ARCHIVE_OK;
    archive_entry_free(entry);
    return ok;
}

// What became of a step. The sink says itself why it failed; xz asks for more at once than memory_all.c sees
// to.
static bool packed(struct packer *packer, bool ok)
{
    if (!ok && packer->archive && archive_errno(packer->archive) == ENOMEM)
        mem_exhausted();
    return ok;
}

struct packer *packer_open(enum packing packing, packer_sink *sink, void *context)
{
    struct packer *packer = mem_alloc(1, sizeof *packer);
    *packer = (struct packer){.sink = sink, .context = context, .ok = true};
    if (packing == PACKING_NONE)
        return packer;
    packer->archive = archive_write_new();
    if (!packer->archive)
        mem_exhausted();
    packer->ok = packed(packer, packer_begin(packer, packing));
    return packer;
}

bool packer_add(struct packer *packer, struct text bytes)
{
    if (!packer->ok || !bytes.len)
        return packer->ok;
    if (packer->archive)
        packer->ok = packed(packer, archive_write_data(packer->archive, bytes.ptr, bytes.len) ==
                                        (la_ssize_t)bytes.len);
    else
        packer->ok = packer->sink(packer->context, bytes);
    return packer->ok;
}

bool packer_close(struct packer **packer)
{
    struct packer *old = *packer;
    if (!old)
        return true;
    bool ok = old->ok;
    if (old->archive) {
        ok = packed(old, archive_write_close(old->archive) == ARCHIVE_OK) && ok;
        (void)archive_write_free(old->archive);
    }
    free(old);
    *packer = NULL;
    return ok;
}

const char *bundle_library_version(void)
{
    return archive_version_string() + strlen("libarchive ");
}
