// SPDX-License-Identifier: Apache-2.0
#include "command/draft_regex.h"

#include <stdio.h>
#include <string.h>

#include "util/memory.h"
#include "util/show.h"

enum { UNSEEN_BYTES = 8 }; // what show_line makes of one byte, at most

static size_t run_of(struct text text, bool (*belongs)(char c))
{
    size_t length = 0;
    while (length < text.len && belongs(text.ptr[length]))
        length++;
    return length;
}

static bool is_digit(char c)
{
    return byte_is_digit(c);
}

static bool is_hex(char c)
{
    return byte_is_hex(c);
}

// Bytes at the start that show_line writes in another way: the test will hold them so, the bundle does not.
static size_t unseen_part(struct text rest)
{
    size_t length = 0;
    while (length < rest.len) {
        CLEANUP(buffer_release) struct buffer shown = {0};
        uint32_t code;
        size_t bytes = utf8_decode(text_from(rest, length), &code);
        struct text one = text_slice(rest, length, bytes ? bytes : 1);
        show_line(&shown, one);
        if (text_equal(buffer_text(&shown), one))
            break;
        length += one.len;
    }
    return length;
}

struct part {
    size_t length; // 0: what stands there is the same every time
    char stands_for[24];
};

// What differs from incident to incident at the start of `rest`.
static struct part open_part(const struct scrubber *scrubber, struct text rest)
{
    struct part part = {scrubbed_at(scrubber, rest), "\\S+"};
    size_t digits = run_of(rest, is_digit);
    size_t address = text_starts(rest, "0x") ? run_of(text_from(rest, 2), is_hex) : 0;
    if (part.length > digits)
        return part;
    if (address)
        return (struct part){address + 2, "0x[0-9a-f]+"};
    if (digits)
        return (struct part){digits, "[0-9]+"};
    part.length = byte_is_word(rest.ptr[0]) ? 0 : unseen_part(rest);
    (void)snprintf(part.stands_for, sizeof part.stands_for, ".{1,%zu}",
                   UNSEEN_BYTES * (part.length < 32 ? part.length : 32));
    return part;
}

void draft_regex(const struct scrubber *scrubber, struct text text, struct buffer *out)
{
    bool number = false; // a wrapped paste loses the blank between a number and its unit
    while (text.len) {
        struct part part = open_part(scrubber, text);
        if (part.length) {
            buffer_puts(out, part.stands_for);
        } else {
            uint32_t code;
            size_t bytes = utf8_decode(text, &code);
            part.length = bytes ? bytes : 1;
            if (strchr("\\^$.|?*+()[]{}", text.ptr[0]))
                buffer_putc(out, '\\');
            buffer_add(out, text_slice(text, 0, part.length));
            if (number && text.ptr[0] == ' ')
                buffer_putc(out, '?');
        }
        number = byte_is_digit(text.ptr[part.length - 1]);
        text = text_from(text, part.length);
    }
}

void draft_words(const struct scrubber *scrubber, struct text text, struct buffer *out)
{
    while (text.len) {
        struct part part = open_part(scrubber, text);
        bool word = !part.length && byte_is_alpha(text.ptr[0]);
        if (word)
            buffer_putc(out, text.ptr[0]);
        else if (out->len && out->ptr[out->len - 1] != ' ')
            buffer_putc(out, ' ');
        text = text_from(text, part.length ? part.length : 1);
    }
}
