// SPDX-License-Identifier: Apache-2.0
#include "bundle/tar_write.h"

#include <stdio.h>

enum {
    BLOCK = 512,
    NAME_BYTES = 100,
    LINK_AT = 157,
    SIZE_DIGITS = 11, // octal: up to 8 GiB
};

static void put(char *block, size_t at, size_t room, struct text text)
{
    memcpy(block + at, text.ptr, text.len < room ? text.len : room);
}

static void pad(struct buffer *out, uint64_t bytes)
{
    size_t rest = (size_t)(bytes % BLOCK);
    if (rest)
        memset(buffer_reserve(out, BLOCK - rest), 0, BLOCK - rest), out->len += BLOCK - rest;
}

// What does not fit the header stands in a pax header before it.
static void add_header(struct buffer *out, struct text path, struct text target, uint64_t bytes, char type)
{
    char *block = memset(buffer_reserve(out, BLOCK), 0, BLOCK);
    char number[24];
    put(block, 0, NAME_BYTES, path);
    put(block, 100, 8, TEXT("0000600"));
    put(block, 108, 8, TEXT("0000000"));
    put(block, 116, 8, TEXT("0000000"));
    bool large = bytes >> (3 * SIZE_DIGITS);
    (void)snprintf(number, sizeof number, "%011llo", large ? 0ULL : (unsigned long long)bytes);
    put(block, 124, SIZE_DIGITS, text_of(number));
    put(block, 136, SIZE_DIGITS, TEXT("00000000000"));
    put(block, 148, 8, TEXT("        "));
    block[156] = type;
    put(block, LINK_AT, NAME_BYTES, target);
    put(block, 257, 8, TEXT("ustar\00000"));
    unsigned sum = 0;
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char)block[i];
    (void)snprintf(number, sizeof number, "%06o", sum);
    put(block, 148, 7, (struct text){number, 7}); // with its NUL, then a blank
    out->len += BLOCK;
}

// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
static void add_record(struct buffer *records, const char *key, struct text value)
{
    size_t rest = 1 + strlen(key) + 1 + value.len + 1, length = rest + 1;
    char digits[24];
    size_t own = 0;
    while (own != (size_t)snprintf(digits, sizeof digits, "%zu", length)) {
        own = (size_t)snprintf(digits, sizeof digits, "%zu", length);
        length = rest + own;
    }
    buffer_printf(records, "%zu %s=", length, key);
    buffer_add(records, value);
    buffer_putc(records, '\n');
}

static void add_entry(struct buffer *out, struct text path, struct text target, uint64_t bytes, char type)
{
    struct buffer records = {0};
    if (path.len > NAME_BYTES)
        add_record(&records, "path", path);
    if (target.len > NAME_BYTES)
        add_record(&records, "linkpath", target);
    if (bytes >> (3 * SIZE_DIGITS)) {
        char number[24];
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)bytes);
        add_record(&records, "size", text_of(number));
    }
    if (records.len) {
        add_header(out, TEXT("pax-header"), TEXT(""), records.len, 'x');
        buffer_add(out, buffer_text(&records));
        pad(out, records.len);
    }
    add_header(out, path, target, bytes, type);
    buffer_release(&records);
}

void tar_begin_file(struct buffer *out, struct text path, uint64_t bytes)
{
    add_entry(out, path, TEXT(""), bytes, '0');
}

void tar_end_file(struct buffer *out, uint64_t bytes)
{
    pad(out, bytes);
}

void tar_add_link(struct buffer *out, struct text path, struct text target)
{
    add_entry(out, path, target, 0, '2');
}

void tar_end(struct buffer *out)
{
    size_t bytes = (size_t)BLOCK * 2;
    memset(buffer_reserve(out, bytes), 0, bytes);
    out->len += bytes;
}
