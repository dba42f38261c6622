// SPDX-License-Identifier: Apache-2.0
#include "util/utf16.h"

void utf16_begin(struct utf16 *utf16, struct text head)
{
    utf16->order = text_starts(head, "\xff\xfe")   ? UTF16_LE
                   : text_starts(head, "\xfe\xff") ? UTF16_BE
                                                   : UTF16_NONE;
    buffer_clear(&utf16->odd);
}

static void add_unit(struct buffer *out, unsigned unit)
{
    if (unit < 0x80) {
        buffer_putc(out, (char)unit);
    } else if (unit < 0x800) {
        buffer_putc(out, (char)(0xc0 | unit >> 6));
        buffer_putc(out, (char)(0x80 | (unit & 63)));
    } else {
        buffer_putc(out, (char)(0xe0 | unit >> 12));
        buffer_putc(out, (char)(0x80 | (unit >> 6 & 63)));
        buffer_putc(out, (char)(0x80 | (unit & 63)));
    }
}

struct text utf16_piece(struct utf16 *utf16, struct text piece)
{
    struct buffer *odd = &utf16->odd;
    if (utf16->order == UTF16_NONE)
        return piece;
    buffer_clear(&utf16->decoded);
    for (size_t i = 0; i < piece.len; i++) {
        buffer_putc(odd, piece.ptr[i]);
        if (odd->len < 2)
            continue;
        unsigned first = (unsigned char)odd->ptr[0], second = (unsigned char)odd->ptr[1];
        add_unit(&utf16->decoded, utf16->order == UTF16_LE ? second << 8 | first : first << 8 | second);
        buffer_clear(odd);
    }
    return buffer_text(&utf16->decoded);
}

void utf16_release(struct utf16 *utf16)
{
    buffer_release(&utf16->odd);
    buffer_release(&utf16->decoded);
}
