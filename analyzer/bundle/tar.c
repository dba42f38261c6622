// SPDX-License-Identifier: Apache-2.0
//
// Tar in its dialects: v7, ustar, GNU and pax (POSIX.1-2008 "pax Interchange Format"; GNU tar manual, "Basic
// Tar Format" and "Storing Sparse Files"). Read here and not by libarchive, which takes ten times as long
// for an entry, ends at a size it cannot believe, and turns names through the locale.
//
// Damage never ends the walk: what is no header is passed over to the next good one. Zero blocks do not end
// it either: evidence may stand behind an early end mark, where two archives were joined or an extent was
// lost.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/format.h"
#include "bundle/reader.h"
#include "util/buffer.h"
#include "util/memory.h"

enum {
    BLOCK = 512,
    NAME = 0,
    NAME_BYTES = 100,
    SIZE = 124,
    SIZE_BYTES = 12,
    TYPE = 156,
    LINK = 157,
    MAGIC = 257,
    PREFIX = 345,
    PREFIX_BYTES = 155,
    SPARSE_MORE = 482,    // of a GNU sparse header: more of its map follows
    MAP_MORE = 504,       // of a block of that map
    EXTRA_MOST = 1 << 20, // of a long name or an extended header; longer ones are passed over
};
#define SIZE_MOST ((uint64_t)1 << 56) // no file is larger; a number that is, is damage

struct tar {
    struct reader reader;
    struct source *source;
    struct text rest;   // of the source's block
    char spill[BLOCK];  // a block that lies across two of the source's
    uint64_t left, pad; // of the entry's data, and behind it
    struct buffer path, target;
    bool long_path, long_target; // from extra headers, for the next entry
    bool has_size, sparse, mapped;
    uint64_t size;
    bool lost; // between a damaged header and the next good one
};

// ---- blocks ------------------------------------------------------------------------------------

static bool refill(struct tar *tar)
{
    while (tar->rest.len == 0)
        if (!source_read(tar->source, &tar->rest))
            return false;
    return true;
}

// The next block, or less at the end.
static struct text take_block(struct tar *tar)
{
    struct text block;
    size_t got = 0;
    if (refill(tar) && tar->rest.len >= BLOCK) {
        block = text_slice(tar->rest, 0, BLOCK);
        tar->rest = text_from(tar->rest, BLOCK);
        return block;
    }
    while (got < BLOCK && refill(tar)) {
        block = text_slice(tar->rest, 0, BLOCK - got);
        memcpy(tar->spill + got, block.ptr, block.len);
        tar->rest = text_from(tar->rest, block.len);
        got += block.len;
    }
    return (struct text){tar->spill, got};
}

static bool skip(struct tar *tar, uint64_t bytes)
{
    while (bytes && refill(tar)) {
        struct text part = text_slice(tar->rest, 0, bytes < SIZE_MAX ? (size_t)bytes : SIZE_MAX);
        tar->rest = text_from(tar->rest, part.len);
        bytes -= part.len;
    }
    return bytes == 0;
}

static void set_data(struct tar *tar, uint64_t bytes)
{
    tar->left = bytes;
    tar->pad = (BLOCK - bytes % BLOCK) % BLOCK;
}

// What is left of the present entry. The last one's padding may be missing.
static void pass_data(struct tar *tar)
{
    if (tar->left && !skip(tar, tar->left))
        (void)snprintf(tar->reader.damage, sizeof tar->reader.damage, "it ends inside an entry");
    (void)skip(tar, tar->pad);
    tar->left = tar->pad = 0;
}

// The data of an extra header, when they are of a believable size.
static bool read_extra(struct tar *tar, struct buffer *out)
{
    buffer_clear(out);
    bool fits = tar->left <= EXTRA_MOST;
    while (fits && tar->left && refill(tar)) {
        struct text part = text_slice(tar->rest, 0, (size_t)tar->left);
        buffer_add(out, part);
        tar->rest = text_from(tar->rest, part.len);
        tar->left -= part.len;
    }
    fits = fits && tar->left == 0;
    pass_data(tar);
    return fits;
}

// ---- headers -----------------------------------------------------------------------------------

// Octal digits between blanks, or GNU's and star's base 256 with the top bit set.
static bool read_number(struct text field, uint64_t *value)
{
    const unsigned char *bytes = (const unsigned char *)field.ptr;
    *value = 0;
    if (bytes[0] & 0x80) {
        for (size_t i = 0; i < field.len; i++) {
            if (*value >> 56)
                return false;
            *value = *value << 8 | (i ? bytes[i] : bytes[i] & 0x7f);
        }
        return !(bytes[0] & 0x40); // a negative one
    }
    size_t at = 0;
    while (at < field.len && bytes[at] == ' ')
        at++;
    for (; at < field.len && bytes[at] >= '0' && bytes[at] <= '7'; at++)
        *value = *value << 3 | (uint64_t)(bytes[at] - '0');
    return at == field.len || bytes[at] == ' ' || bytes[at] == '\0';
}

static struct text string_at(struct text block, size_t at, size_t most)
{
    struct text field = text_slice(block, at, most);
    ptrdiff_t end = text_find_byte(field, '\0');
    return end < 0 ? field : text_slice(field, 0, (size_t)end);
}

static void header_path(struct tar *tar, struct text block)
{
    struct text prefix = string_at(block, PREFIX, PREFIX_BYTES);
    bool posix = memcmp(block.ptr + MAGIC, "ustar\0", 6) == 0;
    buffer_clear(&tar->path);
    if (posix && prefix.len) {
        buffer_add(&tar->path, prefix);
        buffer_putc(&tar->path, '/');
    }
    buffer_add(&tar->path, string_at(block, NAME, NAME_BYTES));
}

static void forget_extras(struct tar *tar)
{
    tar->long_path = tar->long_target = tar->has_size = tar->sparse = tar->mapped = false;
}

static void set_string(struct buffer *to, struct text value, bool *is_set)
{
    buffer_clear(to);
    buffer_add(to, string_at(value, 0, value.len));
    *is_set = true;
}

static bool take_record(struct tar *tar, struct text key, struct text value)
{
    if (text_is(key, "path") || text_is(key, "GNU.sparse.name"))
        set_string(&tar->path, value, &tar->long_path);
    else if (text_is(key, "linkpath"))
        set_string(&tar->target, value, &tar->long_target);
    else if (text_is(key, "size"))
        return tar->has_size = text_to_u64(value, &tar->size) && tar->size < SIZE_MOST;
    else if (text_is(key, "GNU.sparse.major"))
        tar->sparse = tar->mapped = text_is(value, "1");
    else if (text_starts(key, "GNU.sparse."))
        tar->sparse = true;
    return true;
}

// `30 path=proc/1/comm\n`: the number counts all of the record. False at the first that is none.
static bool take_records(struct tar *tar, struct text records)
{
    bool good = true;
    while (records.len) {
        struct text rest = records, key;
        uint64_t length;
        if (!text_take_u64(&rest, &length) || !text_skip(&rest, " ") || length > records.len ||
            length <= records.len - rest.len)
            return false;
        rest = text_slice(rest, 0, (size_t)length - (records.len - rest.len));
        if (!text_ends(rest, "\n") || !text_split(&rest, '=', &key) || !rest.ptr)
            return false;
        rest.len--; // the newline
        good = take_record(tar, key, rest) && good;
        records = text_from(records, (size_t)length);
    }
    return good;
}

// Takes the headers that only speak of the next one. False for one that is damaged.
static bool take_extra(struct tar *tar, char type)
{
    CLEANUP(buffer_release) struct buffer extra = {0};
    if (type == 'g') { // for all entries: nothing in it that we read
        pass_data(tar);
        return true;
    }
    if (!read_extra(tar, &extra))
        return false;
    if (type == 'L')
        set_string(&tar->path, buffer_text(&extra), &tar->long_path);
    else if (type == 'K')
        set_string(&tar->target, buffer_text(&extra), &tar->long_target);
    else
        return take_records(tar, buffer_text(&extra));
    return true;
}

static bool is_extra(char type)
{
    return type && strchr("xXgLK", type);
}

// ---- entries -------------------------------------------------------------------------------------

static enum entry_type type_of(const struct tar *tar, char type)
{
    switch (type) {
    case '1':
        return ENTRY_HARD_LINK;
    case '2':
        return ENTRY_LINK;
    case '3':
    case '4':
        return ENTRY_DEVICE;
    case '5':
    case 'D':
        return ENTRY_FOLDER;
    case '6':
        return ENTRY_PIPE;
    case 'V': // a volume's label, names for another old dialect
    case 'N':
        return ENTRY_FOLDER;
    default: // 0 and NUL, and what nobody knows is a file by POSIX; v7 marks folders by a slash
        return text_ends(buffer_text(&tar->path), "/") ? ENTRY_FOLDER : ENTRY_FILE;
    }
}

// A GNU sparse header's map goes on in blocks of its own.
static void pass_sparse_map(struct tar *tar, struct text header)
{
    bool more = header.ptr[SPARSE_MORE] != 0;
    while (more) {
        struct text block = take_block(tar);
        more = block.len == BLOCK && block.ptr[MAP_MORE] != 0;
    }
}

// A decimal line at the start of the data.
static bool map_number(struct tar *tar, uint64_t *value, uint64_t *used)
{
    enum { DIGITS = 20 };
    *value = 0;
    for (int i = 0; i < DIGITS && tar->left && refill(tar); i++) {
        char c = tar->rest.ptr[0];
        tar->rest = text_from(tar->rest, 1);
        tar->left--;
        ++*used;
        if (c == '\n')
            return i > 0;
        if (!byte_is_digit(c))
            return false;
        *value = *value * 10 + (uint64_t)(c - '0');
    }
    return false;
}

// pax's sparse format 1.0: the map is text before the data, filled up to a block.
static bool pass_pax_map(struct tar *tar)
{
    enum { EXTENTS_MOST = 1000000 };
    uint64_t used = 0, extents, number, pad;
    bool good = map_number(tar, &extents, &used) && extents <= EXTENTS_MOST;
    for (uint64_t i = 0; good && i < 2 * extents; i++)
        good = map_number(tar, &number, &used);
    pad = (BLOCK - used % BLOCK) % BLOCK;
    good = good && pad <= tar->left && skip(tar, pad);
    if (good)
        tar->left -= pad;
    return good;
}

static void note_sparse(struct tar *tar)
{
    bool good = !tar->mapped || pass_pax_map(tar);
    if (!good)
        pass_data(tar);
    (void)snprintf(tar->reader.trouble, sizeof tar->reader.trouble,
                   "a sparse file: its holes were left out%s",
                   good ? "" : " (and its map is damaged: all of it was)");
}

static void fill_entry(struct tar *tar, struct text header, uint64_t size, struct entry *entry)
{
    char type = header.ptr[TYPE];
    if (!tar->long_path)
        header_path(tar, header);
    if (!tar->long_target)
        set_string(&tar->target, string_at(header, LINK, NAME_BYTES), &tar->long_target);
    entry->type = type_of(tar, type);
    entry->path = buffer_text(&tar->path);
    entry->target = buffer_text(&tar->target);
    // links and devices have no data, whatever some programs write as their size; dumped folders do
    bool has_data = entry->type == ENTRY_FILE || (entry->type == ENTRY_FOLDER && type != '5');
    set_data(tar, !has_data ? 0 : tar->has_size ? tar->size : size);
    if (type == 'S')
        pass_sparse_map(tar, header);
    if (type == 'S' || tar->sparse)
        note_sparse(tar);
    forget_extras(tar);
}

static bool all_zero(struct text block)
{
    return block.ptr[0] == 0 && memcmp(block.ptr, block.ptr + 1, block.len - 1) == 0;
}

// The next good header. ENTRY_DAMAGED once for each run of blocks that are none.
static enum entry_result find_header(struct tar *tar, struct text *header, uint64_t *size)
{
    for (;;) {
        *header = take_block(tar);
        if (header->len == 0)
            return ENTRY_END;
        if (all_zero(*header))
            continue;
        if (header->len < BLOCK) {
            (void)snprintf(tar->reader.damage, sizeof tar->reader.damage, "it ends inside a header");
            return ENTRY_END;
        }
        if (format_is_tar_header(*header) && read_number(text_slice(*header, SIZE, SIZE_BYTES), size) &&
            *size < SIZE_MOST) {
            tar->lost = false;
            return ENTRY_FOUND;
        }
        if (!tar->lost) {
            tar->lost = true;
            forget_extras(tar);
            return ENTRY_DAMAGED;
        }
    }
}

static enum entry_result tar_next(struct reader *reader, struct entry *entry)
{
    struct tar *tar = (struct tar *)reader;
    struct text header;
    uint64_t size;
    pass_data(tar);
    reader->trouble[0] = '\0';
    while (!reader->damage[0]) {
        enum entry_result result = find_header(tar, &header, &size);
        if (result != ENTRY_FOUND)
            return result;
        if (!is_extra(header.ptr[TYPE])) {
            fill_entry(tar, header, size, entry);
            return ENTRY_FOUND;
        }
        set_data(tar, size);
        if (!take_extra(tar, header.ptr[TYPE]) && !reader->damage[0])
            return ENTRY_DAMAGED;
    }
    return ENTRY_END;
}

static bool tar_read(struct reader *reader, struct text *chunk)
{
    struct tar *tar = (struct tar *)reader;
    if (tar->left == 0 || reader->damage[0])
        return false;
    if (!refill(tar)) {
        (void)snprintf(reader->damage, sizeof reader->damage, "it ends inside an entry");
        return false;
    }
    *chunk = text_slice(tar->rest, 0, tar->left < SIZE_MAX ? (size_t)tar->left : SIZE_MAX);
    tar->rest = text_from(tar->rest, chunk->len);
    tar->left -= chunk->len;
    return true;
}

static void tar_close(struct reader *reader)
{
    struct tar *tar = (struct tar *)reader;
    buffer_release(&tar->path);
    buffer_release(&tar->target);
    free(tar);
}

struct reader *reader_of_tar(struct source *source)
{
    struct tar *tar = mem_alloc(1, sizeof *tar);
    tar->reader = (struct reader){.next = tar_next, .read = tar_read, .close = tar_close};
    tar->source = source;
    return &tar->reader;
}
