// SPDX-License-Identifier: Apache-2.0
//
// Bytes to lines. A line inside one piece is used where it stands; only what crosses pieces is copied.
#include "evidence/log_reader.h"

#include <stdio.h>
#include <string.h>

// A run of so many NUL bytes in a line is the hole that a power loss left; shorter ones are somebody's data.
enum { HOLE = 8 };

// ---- escape sequences --------------------------------------------------------------------------

// Bytes of the sequence that begins with ESC at the start of `rest`: CSI, OSC up to BEL or ST, or two bytes.
static size_t sequence_length(struct text rest)
{
    size_t n = 2;
    if (rest.len < 2)
        return rest.len;
    if (rest.ptr[1] == '[') {
        while (n < rest.len && (unsigned char)rest.ptr[n] >= 0x20 && (unsigned char)rest.ptr[n] < 0x40)
            n++;
        return n < rest.len ? n + 1 : n;
    }
    if (rest.ptr[1] != ']')
        return 2;
    for (; n < rest.len; n++) {
        if (rest.ptr[n] == '\a')
            return n + 1;
        if (rest.ptr[n] == '\033' && n + 1 < rest.len && rest.ptr[n + 1] == '\\')
            return n + 2;
    }
    return rest.len;
}

static struct text without_escapes(struct log_reader *reader, struct text line)
{
    buffer_clear(&reader->clean);
    for (;;) {
        ptrdiff_t at = text_find_byte(line, '\033');
        buffer_add(&reader->clean, text_slice(line, 0, at < 0 ? line.len : (size_t)at));
        if (at < 0)
            return buffer_text(&reader->clean);
        line = text_from(line, (size_t)at);
        line = text_from(line, sequence_length(line));
    }
}

// ---- glued line numbers ------------------------------------------------------------------------

static bool is_record(const struct log_reader *reader, struct text line, bool *numeric_month)
{
    struct log_format copy = reader->format; // only to look
    struct log_line out;
    copy.text = (struct buffer){0};
    bool found = log_line_parse(&copy, line, &out) == LOG_RECORD;
    *numeric_month = out.form == LOG_FORM_SYSLOG && byte_is_digit(line.ptr[0]);
    log_format_release(&copy);
    return found;
}

// Whether the first line begins with a number of its own, as blogs put before pasted lines: `16 10
// 16:09:15k8s…` is line 1 and June the 10th.
static uint64_t first_glued(const struct log_reader *reader, struct text line)
{
    bool numeric, ignored;
    if (line.len < 2 || line.ptr[0] < '1' || line.ptr[0] > '9')
        return NOT_GLUED;
    bool whole = is_record(reader, line, &numeric);
    if (whole && !numeric)
        return NOT_GLUED;
    return is_record(reader, text_from(line, 1), &ignored) ? (uint64_t)(line.ptr[0] - '0') : NOT_GLUED;
}

static struct text without_number(struct log_reader *reader, struct text line)
{
    char digits[24];
    if (!reader->glued && line.len)
        reader->glued = first_glued(reader, line);
    if (!reader->glued || reader->glued == NOT_GLUED)
        return line;
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)reader->glued);
    if (!text_skip(&line, digits))
        reader->glued = NOT_GLUED;
    else
        reader->glued++;
    return line;
}

// ---- lines -----------------------------------------------------------------------------------

static void line_end(struct log_reader *reader, struct input *input, struct text line, bool stable)
{
    if (line.len > input->limits->line_bytes) {
        line.len = input->limits->line_bytes;
        reader->dropping = true;
    }
    if (reader->dropping && !reader->cut_lines++)
        reader->first_cut = reader->line;
    reader->dropping = false;
    if (reader->escapes && line.len && memchr(line.ptr, '\033', line.len)) {
        line = without_escapes(reader, line);
        stable = false;
    }
    if (reader->glued != NOT_GLUED)
        line = without_number(reader, line);
    log_record_line(reader, input, line, reader->line, stable);
}

static void carry_end(struct log_reader *reader, struct input *input)
{
    line_end(reader, input, buffer_text(&reader->carry), false);
    buffer_clear(&reader->carry);
}

static void carry_add(struct log_reader *reader, struct input *input, struct text part)
{
    size_t most = (size_t)input->limits->line_bytes;
    size_t room = reader->carry.len < most ? most - reader->carry.len : 0;
    reader->dropping = reader->dropping || part.len > room;
    buffer_add(&reader->carry, text_slice(part, 0, room));
}

// NUL bytes wait until what follows shows whether they are a hole: then they end the line.
static void nuls_end(struct log_reader *reader, struct input *input, bool line_ends)
{
    static const char zeros[HOLE] = {0};
    if (reader->nuls >= HOLE && reader->carry.len && !line_ends) {
        log_record_fragment(reader, input, buffer_text(&reader->carry), reader->line);
        buffer_clear(&reader->carry);
        reader->dropping = false;
    } else if (reader->carry.len && !line_ends) {
        carry_add(reader, input, (struct text){zeros, (size_t)reader->nuls});
    }
    reader->nuls = 0;
}

static void split_with_nuls(struct log_reader *reader, struct input *input, struct text rest)
{
    while (rest.len) {
        size_t n = 0;
        while (n < rest.len && rest.ptr[n] == '\0')
            n++;
        reader->nuls += n;
        rest = text_from(rest, n);
        if (!rest.len)
            return;
        for (n = 0; n < rest.len && rest.ptr[n] != '\0' && rest.ptr[n] != '\n'; n++)
            ;
        bool ends = n < rest.len && rest.ptr[n] == '\n';
        nuls_end(reader, input, ends && n == 0);
        carry_add(reader, input, text_slice(rest, 0, n));
        if (ends) {
            carry_end(reader, input);
            reader->line++;
        }
        rest = text_from(rest, n + ends);
    }
}

static void split(struct log_reader *reader, struct input *input, struct text piece)
{
    if (!piece.len)
        return;
    reader->escapes = reader->escapes || memchr(piece.ptr, '\033', piece.len);
    if (reader->nuls || memchr(piece.ptr, '\0', piece.len)) {
        split_with_nuls(reader, input, piece);
        return;
    }
    const char *at = piece.ptr, *end = piece.ptr + piece.len, *newline;
    while ((newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        struct text line = {at, (size_t)(newline - at)};
        if (reader->carry.len || reader->dropping) {
            carry_add(reader, input, line);
            carry_end(reader, input);
        } else {
            line_end(reader, input, line, true);
        }
        reader->line++;
        at = newline + 1;
        if (at == end)
            return;
    }
    carry_add(reader, input, (struct text){at, (size_t)(end - at)});
}

// ---- all of it -------------------------------------------------------------------------------

void log_split_feed(struct log_reader *reader, struct input *input)
{
    split(reader, input, utf16_piece(&reader->utf16, input->content));
    log_record_settle(reader);
}

void log_split_end(struct log_reader *reader, struct input *input)
{
    if (reader->carry.len || reader->dropping)
        carry_end(reader, input);
    if (reader->cut_lines)
        sink_warn(input->sink, input->member, reader->first_cut,
                  "%llu lines are longer than %llu bytes (limit line_bytes); their rest is left out",
                  (unsigned long long)reader->cut_lines, (unsigned long long)input->limits->line_bytes);
    buffer_release(&reader->carry);
    buffer_release(&reader->clean);
    utf16_release(&reader->utf16);
}
