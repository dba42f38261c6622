// SPDX-License-Identifier: Apache-2.0
#include "bundle/format.h"

#include <string.h>

struct mark {
    size_t offset;
    const char *bytes;
    size_t length;
    struct format format;
};

#define MARK(at, literal, ...) \
    { \
        at, literal, sizeof(literal) - 1, \
        { \
            __VA_ARGS__ \
        } \
    }
#define REFUSED(at, literal, what) MARK(at, literal, .kind = FORMAT_REFUSED, .name = what)

// The marks are those of file(1)'s database.
static const struct mark marks[] = {
    MARK(0, "\x1f\x8b", .kind = FORMAT_PACKED, .packing = PACKING_GZIP, .name = "gzip"),
    MARK(0,
         "\xfd"
         "7zXZ\0",
         .kind = FORMAT_PACKED, .packing = PACKING_XZ, .name = "xz"),
    MARK(0, "\x28\xb5\x2f\xfd", .kind = FORMAT_PACKED, .packing = PACKING_ZSTD, .name = "zstd"),
    MARK(0, "BZh", .kind = FORMAT_PACKED, .packing = PACKING_BZIP2, .name = "bzip2"),
    MARK(0, "PK\3\4", .kind = FORMAT_ZIP, .name = "zip"),
    MARK(0, "PK\5\6", .kind = FORMAT_ZIP, .name = "zip"),
    MARK(0, "SQLite format 3\0", .kind = FORMAT_DATABASE, .name = "SQLite database"),
    REFUSED(0, "PK\7\x08", "zip archive in several parts"),
    REFUSED(0, "7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    REFUSED(0, "Rar!\x1a\x07", "RAR archive"),
    REFUSED(0, "LRZI", "lrzip stream"),
    REFUSED(0, "GRZipII", "grzip stream"),
    REFUSED(0, "\x89LZO\0\r\n\x1a\n", "lzop stream"),
    REFUSED(0, "\x04\x22\x4d\x18", "lz4 stream"),
    REFUSED(0, "LZIP", "lzip stream"),
    REFUSED(0, "\x1f\x9d", "compress (.Z) stream"),
    REFUSED(0, "\x5d\0\0", "lzma stream"),
    REFUSED(0, "070701", "cpio archive"),
    REFUSED(0, "070702", "cpio archive"),
    REFUSED(0, "070707", "cpio archive"),
    REFUSED(0, "\xc7\x71", "cpio archive"),
    REFUSED(0, "#mtree", "mtree list"),
    REFUSED(0, "WARC/", "WARC archive"),
    REFUSED(0, "begin 644 ", "uuencoded file"),
    REFUSED(0, "begin-base64 ", "uuencoded file"),
    REFUSED(0, "!<arch>\n", "ar archive"),
    REFUSED(0, "xar!", "xar archive"),
    REFUSED(0, "MSCF", "cabinet archive"),
    REFUSED(0, "\xed\xab\xee\xdb", "RPM package"),
    REFUSED(0, "hsqs", "squashfs image"),
    REFUSED(0,
            "\x7f"
            "ELF",
            "ELF file"),
    REFUSED(0, "%PDF-", "PDF document"),
    REFUSED(32769, "CD001", "ISO 9660 image"),
};

enum { BLOCK = 512, NAME_BYTES = 100, SUM_AT = 148, SUM_BYTES = 8, MAGIC_AT = 257 };

// Octal digits, blanks before and NUL or blank behind them.
static bool octal(struct text digits, uint64_t *value)
{
    size_t at = 0, start;
    *value = 0;
    while (at < digits.len && digits.ptr[at] == ' ')
        at++;
    for (start = at; at < digits.len && digits.ptr[at] >= '0' && digits.ptr[at] <= '7'; at++)
        *value = *value << 3 | (uint64_t)(digits.ptr[at] - '0');
    return at > start;
}

// A header block's checksum: the sum of its bytes with the sum's own field as blanks. Some old tars
// added signed bytes.
bool format_is_tar_header(struct text block)
{
    uint64_t want;
    if (block.len < BLOCK || !octal(text_slice(block, SUM_AT, SUM_BYTES), &want))
        return false;
    const unsigned char *bytes = (const unsigned char *)block.ptr;
    uint32_t sum = 0, high = 0;
    for (int i = 0; i < BLOCK; i++) // plain, so that compilers make vectors of it: it runs for each member
        sum += bytes[i];
    for (int i = SUM_AT; i < SUM_AT + SUM_BYTES; i++)
        sum += ' ' - (uint32_t)bytes[i];
    if (sum == want)
        return true;
    for (int i = 0; i < BLOCK; i++)
        high += (i < SUM_AT || i >= SUM_AT + SUM_BYTES) && bytes[i] > 127;
    return sum - 256 * high == want;
}

static bool all_zero(struct text block)
{
    for (size_t i = 0; i < block.len; i++)
        if (block.ptr[i])
            return false;
    return block.len > 0;
}

// A tar whose first header is damaged is still one: then it starts at the first good header.
static bool is_tar(struct text head, size_t *start)
{
    bool looks = format_is_tar_header(head) || text_starts(text_from(head, MAGIC_AT), "ustar") ||
                 all_zero(text_slice(head, 0, BLOCK));
    for (*start = 0; looks && *start + BLOCK <= head.len; *start += BLOCK)
        if (format_is_tar_header(text_from(head, *start)))
            return true;
    *start = 0;
    return looks && head.len >= BLOCK;
}

bool format_may_be_packed(struct text head)
{
    if (head.len < 2)
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i].format.kind == FORMAT_PACKED && head.ptr[0] == marks[i].bytes[0])
            return head.ptr[1] == marks[i].bytes[1];
    return head.ptr[1] == '\x2a'; // a zstd stream's frames to be skipped
}

struct format format_of(struct text head)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        struct text at = text_slice(head, marks[i].offset, marks[i].length);
        if (at.len == marks[i].length && memcmp(at.ptr, marks[i].bytes, at.len) == 0)
            return marks[i].format;
    }
    // a zstd stream may begin with frames to be skipped: 0x184D2A50 to 5F
    if (head.len > 4 && (head.ptr[0] & 0xf0) == 0x50 && memcmp(head.ptr + 1, "\x2a\x4d\x18", 3) == 0)
        return (struct format){.kind = FORMAT_PACKED, .packing = PACKING_ZSTD, .name = "zstd"};
    size_t start;
    if (is_tar(head, &start))
        return (struct format){.kind = FORMAT_TAR, .name = "tar", .start = start};
    return (struct format){.kind = FORMAT_OTHER};
}
