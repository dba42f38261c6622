// SPDX-License-Identifier: Apache-2.0
#include "util/show.h"

struct range {
    uint32_t first, last;
};

// Characters that show nothing or change how their neighbours are shown: bidirectional controls
// (CVE-2021-42574), zero-width and format characters, fillers, variation selectors, tags, line and
// paragraph separators, noncharacters. Unicode 15, category Cf and Default_Ignorable_Code_Point.
static const struct range invisible[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x0600, 0x0605},
    {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff},
};

// East Asian wide and fullwidth characters and emoji: two columns. Unicode 15, EastAsianWidth W and F.
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},
    {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},
    {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},
    {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18cff},
    {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a},
    {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca},
    {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440},
    {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596},
    {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d7},
    {0x1f6dc, 0x1f6df}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7f0}, {0x1f90c, 0x1f93a},
    {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

// Marks that stand over the character before them: no column. The blocks that turn up in practice.
static const struct range combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0900, 0x0902}, {0x093a, 0x093a}, {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d},
    {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe20, 0xfe2f},
};

#define IN(table, code) in_ranges(table, sizeof(table) / sizeof *(table), code)

static bool in_ranges(const struct range *table, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > table[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code >= table[low].first;
}

bool show_is_invisible(uint32_t code)
{
    return IN(invisible, code);
}

// Bytes of the character that starts with this byte; 0 for one that cannot start any.
static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4) // continuation, overlong C0 C1, beyond U+10FFFF
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t utf8_decode(struct text text, uint32_t *code)
{
    const unsigned char *byte = (const unsigned char *)text.ptr;
    size_t length = text.len ? sequence_length(byte[0]) : 0;
    if (length == 0 || length > text.len)
        return 0;
    uint32_t sum = length == 1 ? byte[0] : byte[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
        sum = sum << 6 | (byte[i] & 0x3f);
    }
    bool overlong = (length == 3 && sum < 0x800) || (length == 4 && sum < 0x10000);
    if (overlong || (sum >= 0xd800 && sum <= 0xdfff) || sum > 0x10ffff)
        return 0;
    *code = sum;
    return length;
}

// How many bytes at the start are printable ASCII: nearly all text is, and is added in one go.
static size_t plain_length(struct text text)
{
    size_t n = 0;
    while (n < text.len && text.ptr[n] >= 0x20 && text.ptr[n] < 0x7f)
        n++;
    return n;
}

static size_t show_character(struct buffer *out, struct text text)
{
    uint32_t code;
    size_t length = utf8_decode(text, &code);
    if (length == 0) {
        buffer_printf(out, "\\x%02x", (unsigned char)text.ptr[0]);
        return 1;
    }
    if (!IN(invisible, code))
        buffer_add(out, text_slice(text, 0, length));
    else if (code < 0x80)
        buffer_printf(out, "\\x%02x", code);
    else
        buffer_printf(out, "\\u{%04x}", code);
    return length;
}

void show_line(struct buffer *out, struct text text)
{
    while (text.len) {
        size_t plain = plain_length(text);
        buffer_add(out, text_slice(text, 0, plain));
        text = text_from(text, plain);
        if (text.len)
            text = text_from(text, show_character(out, text));
    }
}

void show_lines(struct buffer *out, struct text text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n' && text.ptr[i] != '\t')
            continue;
        show_line(out, text_slice(text, start, i - start));
        buffer_putc(out, text.ptr[i] == '\n' ? '\n' : ' ');
        start = i + 1;
    }
    show_line(out, text_from(text, start));
}

void show_valid_utf8(struct buffer *out, struct text text)
{
    size_t start = 0, at = 0;
    while (at < text.len) {
        uint32_t code;
        size_t length = utf8_decode(text_from(text, at), &code);
        if (length == 0) {
            buffer_add(out, text_slice(text, start, at - start));
            buffer_puts(out, "\xef\xbf\xbd");
            start = at + 1;
        }
        at += length ? length : 1;
    }
    buffer_add(out, text_from(text, start));
}

enum { FIRST_ODD_WIDTH = 0x300 }; // combining diacritical marks begin there

size_t show_width(struct text text)
{
    size_t columns = 0;
    while (text.len) {
        uint32_t code = 0;
        size_t length = utf8_decode(text, &code);
        if (code < FIRST_ODD_WIDTH)
            columns++;
        else if (!IN(combining, code))
            columns += IN(wide, code) ? 2 : 1;
        text = text_from(text, length ? length : 1);
    }
    return columns;
}
