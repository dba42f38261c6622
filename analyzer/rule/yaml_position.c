// SPDX-License-Identifier: Apache-2.0
//
// From a byte of a text back to its place in the file: the way through quotes, escapes and indentation.
#include "rule/yaml.h"

#include "util/show.h"

// The line with that number, from 1, without its end. libyaml counts CR, LF and CR LF as one line's end.
static struct text line_of(struct text source, uint32_t number)
{
    size_t start = 0;
    for (size_t i = 0; i < source.len; i++) {
        if (source.ptr[i] != '\n' && source.ptr[i] != '\r')
            continue;
        if (number == 1)
            return text_slice(source, start, i - start);
        if (source.ptr[i] == '\r' && i + 1 < source.len && source.ptr[i + 1] == '\n')
            i++;
        start = i + 1;
        number--;
    }
    return number == 1 ? text_from(source, start) : TEXT("");
}

static size_t characters(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return count;
}

// Bytes that the first `count` characters of a line take.
static size_t bytes_of(struct text line, size_t count)
{
    size_t at = 0;
    while (at < line.len && count) {
        at++;
        while (at < line.len && ((unsigned char)line.ptr[at] & 0xc0) == 0x80)
            at++;
        count--;
    }
    return at;
}

static size_t utf8_length(uint64_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

// One escape of a double-quoted text: its length in the source, and in *gives the bytes it stands for.
static size_t escape_length(struct text at, size_t *gives)
{
    char kind = at.len > 1 ? at.ptr[1] : 0;
    size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    uint64_t code = 0;
    *gives = kind == 'N' || kind == '_' ? 2 : kind == 'L' || kind == 'P' ? 3 : 1;
    if (digits && text_to_hex(text_slice(at, 2, digits), &code))
        *gives = utf8_length(code);
    return 2 + digits;
}

// Where in the rest of a line, from the text's first byte on, its byte `offset` stands.
static size_t walk(struct text rest, enum yaml_style style, size_t offset)
{
    size_t at = 0, given = 0;
    while (at < rest.len && given < offset) {
        size_t gives = 1, takes = 1;
        if (style == YAML_SINGLE && text_starts(text_from(rest, at), "''"))
            takes = 2;
        else if (style == YAML_DOUBLE && rest.ptr[at] == '\\')
            takes = escape_length(text_from(rest, at), &gives);
        at += takes;
        given += gives;
    }
    return at;
}

// A text that runs over several lines of the source is folded: its bytes have no plain place.
static bool one_line(struct text rest, const struct yaml *node)
{
    if (node->style == YAML_PLAIN)
        return text_equal(text_slice(rest, 0, node->text.len), node->text);
    size_t end = walk(rest, node->style, node->text.len);
    return end < rest.len && rest.ptr[end] == (node->style == YAML_SINGLE ? '\'' : '"');
}

static void position_in_block(struct text source, const struct yaml *node, size_t offset, uint32_t *line,
                              uint32_t *column)
{
    struct lines lines = {.rest = node->text};
    struct text current = {0}, rest = node->text;
    size_t passed = 0;
    while (lines_next(&lines, &current)) {
        size_t next = rest.len - lines.rest.len;
        if (offset < next || !lines.rest.len)
            break;
        passed = next;
    }
    *line = node->line + (uint32_t)lines.number;
    struct text written = line_of(source, *line);
    // What the block has lost at the start of each line is its indentation.
    size_t indent = written.len > current.len ? written.len - current.len : 0;
    size_t within = offset - passed > current.len ? current.len : offset - passed;
    *column = (uint32_t)characters(text_slice(written, 0, indent + within)) + 1;
}

void yaml_position(struct text source, const struct yaml *node, size_t offset, uint32_t *line,
                   uint32_t *column)
{
    *line = node->line;
    *column = node->column;
    if (node->kind != YAML_TEXT || node->style == YAML_FOLDED)
        return;
    if (offset > node->text.len)
        offset = node->text.len;
    if (node->style == YAML_LITERAL) {
        position_in_block(source, node, offset, line, column);
        return;
    }
    struct text written = line_of(source, node->line);
    size_t start = bytes_of(written, node->column - 1) + (node->style != YAML_PLAIN);
    struct text rest = text_from(written, start);
    if (one_line(rest, node))
        *column = (uint32_t)characters(text_slice(written, 0, start + walk(rest, node->style, offset))) + 1;
}
