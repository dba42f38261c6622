// SPDX-License-Identifier: Apache-2.0
#include "rule/yaml_scan.h"

#include <string.h>

// ---- places ----------------------------------------------------------------------------------

struct yaml *scan_give_up(struct yaml_scan *scan)
{
    scan->give_up = true;
    return NULL;
}

uint32_t scan_column(struct yaml_scan *scan)
{
    if (!scan->counted || scan->counted < scan->line_start || scan->counted > scan->at) {
        scan->counted = scan->line_start;
        scan->characters = 0;
    }
    for (; scan->counted < scan->at; scan->counted++)
        scan->characters += ((unsigned char)*scan->counted & 0xc0) != 0x80;
    return scan->characters + 1;
}

struct yaml *scan_node_open(struct yaml_scan *scan, enum yaml_kind kind)
{
    struct yaml *node = arena_alloc(scan->arena, 1, sizeof *node);
    node->kind = kind;
    node->line = scan->line;
    node->column = scan_column(scan);
    return node;
}

void scan_next_line(struct yaml_scan *scan)
{
    scan->at++; // the newline
    scan->line_start = scan->at;
    scan->line++;
}

void scan_end_line(struct yaml_scan *scan)
{
    bool blank = scan->at == scan->line_start || scan->at[-1] == ' ';
    for (;;) {
        while (scan->at < scan->end && *scan->at == ' ') {
            scan->at++;
            blank = true;
        }
        if (scan_peek(scan) == '#' && blank) {
            const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
            scan->at = newline ? newline : scan->end;
        }
        if (scan->at >= scan->end || *scan->at != '\n')
            break;
        scan_next_line(scan);
        blank = true;
    }
    // Content must be the first of its line.
    for (const char *at = scan->line_start; at < scan->at; at++)
        if (*at != ' ')
            scan->give_up = true;
}

// ---- texts -----------------------------------------------------------------------------------

static struct yaml *text_node(struct yaml_scan *scan, const char *start, const char *stop,
                              enum yaml_style style)
{
    struct yaml *node = scan_node_open(scan, YAML_TEXT);
    node->style = style;
    node->text = arena_copy(scan->arena, (struct text){start, (size_t)(stop - start)});
    return node;
}

struct yaml *scan_read_single(struct yaml_scan *scan)
{
    struct yaml *node = scan_node_open(scan, YAML_TEXT);
    const char *start = ++scan->at;
    size_t doubled = 0;
    for (;; scan->at++) {
        if (scan_peek(scan) == '\n' || scan_peek(scan) == '\t')
            return scan_give_up(scan);
        if (*scan->at != '\'')
            continue;
        if (scan_peek_next(scan) != '\'')
            break;
        doubled++;
        scan->at++;
    }
    size_t length = (size_t)(scan->at - start) - doubled;
    char *copy = arena_alloc(scan->arena, length + 1, 1), *to = copy;
    for (const char *from = start; from < scan->at; from += *from == '\'' ? 2 : 1)
        *to++ = *from;
    scan->at++;
    node->style = YAML_SINGLE;
    node->text = (struct text){copy, length};
    return node;
}

// Behind a backslash at a line's end: the text goes on with what the next line holds.
static void continue_line(struct yaml_scan *scan)
{
    scan_next_line(scan);
    scan_skip_blanks(scan);
    scan->give_up |= scan_indent_of(scan) == 0 || scan_peek(scan) == '\n' || scan_peek(scan) == '\t';
}

struct yaml *scan_read_double(struct yaml_scan *scan)
{
    static const char escapes[] = "\"\"\\\\n\nt\t//";
    struct yaml *node = scan_node_open(scan, YAML_TEXT);
    const char *start = ++scan->at;
    const char *stop = start;
    while (stop < scan->end && *stop != '"' && *stop != '\n')
        stop += *stop == '\\' ? 2 : 1;
    char *copy = arena_alloc(scan->arena, stop < scan->end ? (size_t)(stop - start) + 1 : 1, 1), *to = copy;
    while (scan_peek(scan) != '"') {
        const char *escape = NULL;
        if (stop >= scan->end || scan->give_up || scan_peek(scan) == '\n' || scan_peek(scan) == '\t')
            return scan_give_up(scan);
        if (*scan->at == '\\') {
            scan->at++;
            if (scan_peek(scan) == '\n') {
                continue_line(scan);
                continue;
            }
            for (size_t i = 0; i + 1 < sizeof escapes && !escape; i += 2)
                escape = escapes[i] == scan_peek(scan) ? &escapes[i + 1] : NULL;
            if (!escape)
                return scan_give_up(scan);
        }
        *to++ = escape ? *escape : *scan->at;
        scan->at++;
    }
    scan->at++;
    node->style = YAML_DOUBLE;
    node->text = (struct text){copy, (size_t)(to - copy)};
    return node;
}

bool scan_begins_plain(char c)
{
    return byte_is_word(c) || (c && strchr("./(+<~$^=\\;", c)) || (unsigned char)c >= 0x80;
}

struct yaml *scan_read_plain(struct yaml_scan *scan, bool flow)
{
    const char *start = scan->at, *stop = start;
    if (!scan_begins_plain(*start))
        return scan_give_up(scan);
    for (; stop < scan->end && *stop != '\n'; stop++) {
        char next = stop + 1 < scan->end ? stop[1] : '\n';
        if (*stop == '\t' ||
            (*stop == ':' && (next == ' ' || next == '\n' || (flow && !byte_is_word(next) && next != '/'))))
            return scan_give_up(scan);
        if (*stop == ' ' && next == '#')
            break;
        if (flow && (*stop == ',' || *stop == ']' || *stop == '}'))
            break;
        if (flow && strchr("[{?#", *stop))
            return scan_give_up(scan);
    }
    const char *behind = stop;
    while (stop > start && stop[-1] == ' ')
        stop--;
    struct yaml *node = text_node(scan, start, stop, YAML_PLAIN);
    scan->at = behind;
    return node;
}

// ---- blocks of text ------------------------------------------------------------------------------

// The indentation of the line at `at`: its blanks. *empty when nothing else is on it.
static size_t blanks_at(const struct yaml_scan *scan, const char *at, bool *empty)
{
    const char *start = at;
    while (at < scan->end && *at == ' ')
        at++;
    *empty = at >= scan->end || *at == '\n';
    return (size_t)(at - start);
}

static const char *line_end(const struct yaml_scan *scan, const char *at)
{
    return memchr(at, '\n', (size_t)(scan->end - at)); // the document ends with one
}

// How far the content is indented: as its first line is. 0: give up.
static size_t block_indent(const struct yaml_scan *scan, size_t parent)
{
    for (const char *at = scan->at; at < scan->end; at = line_end(scan, at) + 1) {
        bool empty;
        size_t blanks = blanks_at(scan, at, &empty);
        if (empty && blanks)
            return 0; // leading blanks may mean something
        if (!empty)
            return blanks > parent && at[blanks] != '\t' ? blanks : 0;
    }
    return 0;
}

// Where the block ends: at a line that holds something and is indented less.
static const char *block_end(struct yaml_scan *scan, size_t indent, size_t parent)
{
    const char *at = scan->at;
    for (bool empty; at < scan->end; at = line_end(scan, at) + 1) {
        size_t blanks = blanks_at(scan, at, &empty);
        if (empty || blanks >= indent)
            continue;
        scan->give_up |= blanks > parent || at[blanks] == '\t';
        break;
    }
    return at;
}

// Copies the content's lines up to `end` without their indentation; gives where the last that is not empty
// ends, its newline counted.
static char *copy_lines(struct yaml_scan *scan, const char *end, size_t indent, char *to)
{
    char *last = to;
    while (scan->at < end) {
        bool empty;
        size_t blanks = blanks_at(scan, scan->at, &empty);
        const char *stop = line_end(scan, scan->at);
        const char *from = scan->at + (blanks < indent ? blanks : indent);
        memcpy(to, from, (size_t)(stop - from) + 1);
        to += stop - from + 1;
        last = from < stop ? to : last; // empty lines at the end are not kept
        scan->at = stop;
        scan_next_line(scan);
    }
    return last;
}

// Folds lines into one. False where there is more to it: empty lines, lines indented more.
static bool fold(struct text text)
{
    char *bytes = (char *)(uintptr_t)text.ptr; // our own copy
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] == '\n' &&
            (text.ptr[i + 1] == '\n' || text.ptr[i + 1] == ' ' || text.ptr[i + 1] == '\t'))
            return false;
        bytes[i] = bytes[i] == '\n' ? ' ' : bytes[i];
    }
    return text.len && text.ptr[0] != ' ' && text.ptr[0] != '\n';
}

struct yaml *scan_read_block_text(struct yaml_scan *scan, size_t parent)
{
    struct yaml *node = scan_node_open(scan, YAML_TEXT);
    node->style = *scan->at == '|' ? YAML_LITERAL : YAML_FOLDED;
    scan->at++;
    bool strip = scan_peek(scan) == '-';
    scan->at += strip;
    if (scan_peek(scan) != '\n' || scan->at >= scan->end)
        return scan_give_up(scan);
    scan_next_line(scan);
    size_t indent = block_indent(scan, parent);
    if (!indent)
        return scan_give_up(scan);
    const char *end = block_end(scan, indent, parent);
    char *copy = arena_alloc(scan->arena, (size_t)(end - scan->at) + 1, 1);
    node->text = (struct text){copy, (size_t)(copy_lines(scan, end, indent, copy) - copy)};
    if (node->style == YAML_FOLDED && !fold(node->text))
        return scan_give_up(scan);
    node->text.len -= strip;
    copy[node->text.len] = '\0';
    return node;
}
