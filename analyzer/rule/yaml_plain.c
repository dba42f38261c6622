// SPDX-License-Identifier: Apache-2.0
#include "rule/yaml_plain.h"

#include <string.h>

#include "util/show.h"

struct reader {
    const char *at, *end;
    const char *line_start;
    uint32_t line;
    uint64_t depth, limit;
    struct arena *arena;
    bool give_up;
};

// ---- places ----------------------------------------------------------------------------------

static bool done(const struct reader *reader)
{
    return reader->give_up || reader->at >= reader->end;
}

static char peek(const struct reader *reader)
{
    return reader->at < reader->end ? *reader->at : '\n';
}

static char peek_next(const struct reader *reader)
{
    return reader->at + 1 < reader->end ? reader->at[1] : '\n';
}

static struct yaml *give_up(struct reader *reader)
{
    reader->give_up = true;
    return NULL;
}

// Columns count characters.
static uint32_t column(const struct reader *reader)
{
    uint32_t count = 1;
    for (const char *at = reader->line_start; at < reader->at; at++)
        count += ((unsigned char)*at & 0xc0) != 0x80;
    return count;
}

static size_t indent_of(const struct reader *reader)
{
    return (size_t)(reader->at - reader->line_start);
}

static struct yaml *node_open(struct reader *reader, enum yaml_kind kind)
{
    struct yaml *node = arena_alloc(reader->arena, 1, sizeof *node);
    node->kind = kind;
    node->line = reader->line;
    node->column = column(reader);
    return node;
}

static void skip_blanks(struct reader *reader)
{
    while (reader->at < reader->end && *reader->at == ' ')
        reader->at++;
}

static void next_line(struct reader *reader)
{
    reader->at++; // the newline
    reader->line_start = reader->at;
    reader->line++;
}

// Behind a value: blanks, a remark, the line's end. Moves to the next line that holds something, at its
// first byte.
static void end_line(struct reader *reader)
{
    bool blank = reader->at == reader->line_start || reader->at[-1] == ' ';
    for (;;) {
        while (reader->at < reader->end && *reader->at == ' ') {
            reader->at++;
            blank = true;
        }
        if (peek(reader) == '#' && blank) {
            const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
            reader->at = newline ? newline : reader->end;
        }
        if (reader->at >= reader->end || *reader->at != '\n')
            break;
        next_line(reader);
        blank = true;
    }
    // Content must be the first of its line.
    for (const char *at = reader->line_start; at < reader->at; at++)
        if (*at != ' ')
            reader->give_up = true;
}

// ---- texts -----------------------------------------------------------------------------------

static struct yaml *text_node(struct reader *reader, const char *start, const char *stop,
                              enum yaml_style style)
{
    struct yaml *node = node_open(reader, YAML_TEXT);
    node->style = style;
    node->text = arena_copy(reader->arena, (struct text){start, (size_t)(stop - start)});
    return node;
}

static struct yaml *read_single(struct reader *reader)
{
    struct yaml *node = node_open(reader, YAML_TEXT);
    const char *start = ++reader->at;
    size_t doubled = 0;
    for (;; reader->at++) {
        if (peek(reader) == '\n' || peek(reader) == '\t')
            return give_up(reader);
        if (*reader->at != '\'')
            continue;
        if (peek_next(reader) != '\'')
            break;
        doubled++;
        reader->at++;
    }
    size_t length = (size_t)(reader->at - start) - doubled;
    char *copy = arena_alloc(reader->arena, length + 1, 1), *to = copy;
    for (const char *from = start; from < reader->at; from += *from == '\'' ? 2 : 1)
        *to++ = *from;
    reader->at++;
    node->style = YAML_SINGLE;
    node->text = (struct text){copy, length};
    return node;
}

static struct yaml *read_double(struct reader *reader)
{
    static const char escapes[] = "\"\"\\\\n\nt\t//";
    struct yaml *node = node_open(reader, YAML_TEXT);
    const char *start = ++reader->at;
    const char *stop = start;
    while (stop < reader->end && *stop != '"' && *stop != '\n')
        stop += *stop == '\\' ? 2 : 1;
    char *copy = arena_alloc(reader->arena, stop < reader->end ? (size_t)(stop - start) + 1 : 1, 1),
         *to = copy;
    while (peek(reader) != '"') {
        const char *escape = NULL;
        if (stop >= reader->end || peek(reader) == '\n' || peek(reader) == '\t')
            return give_up(reader);
        if (*reader->at == '\\') {
            reader->at++;
            for (size_t i = 0; i + 1 < sizeof escapes && !escape; i += 2)
                escape = escapes[i] == peek(reader) ? &escapes[i + 1] : NULL;
            if (!escape)
                return give_up(reader);
        }
        *to++ = escape ? *escape : *reader->at;
        reader->at++;
    }
    reader->at++;
    node->style = YAML_DOUBLE;
    node->text = (struct text){copy, (size_t)(to - copy)};
    return node;
}

// What a plain text may begin with: no indicator of YAML's.
static bool begins_plain(char c)
{
    return byte_is_word(c) || (c && strchr("./(+<~$^=\\;", c)) || (unsigned char)c >= 0x80;
}

// Up to the line's end, a remark, or in a flow what ends an item there.
static struct yaml *read_plain(struct reader *reader, bool flow)
{
    const char *start = reader->at, *stop = start;
    if (!begins_plain(*start))
        return give_up(reader);
    for (; stop < reader->end && *stop != '\n'; stop++) {
        char next = stop + 1 < reader->end ? stop[1] : '\n';
        if (*stop == '\t' ||
            (*stop == ':' && (next == ' ' || next == '\n' || (flow && !byte_is_word(next) && next != '/'))))
            return give_up(reader);
        if (*stop == ' ' && next == '#')
            break;
        if (flow && (*stop == ',' || *stop == ']' || *stop == '}'))
            break;
        if (flow && strchr("[{?#", *stop))
            return give_up(reader);
    }
    const char *behind = stop;
    while (stop > start && stop[-1] == ' ')
        stop--;
    struct yaml *node = text_node(reader, start, stop, YAML_PLAIN);
    reader->at = behind;
    return node;
}

// ---- blocks of text ------------------------------------------------------------------------------

// The indentation of the line at `at`: its blanks. *empty when nothing else is on it.
static size_t blanks_at(const struct reader *reader, const char *at, bool *empty)
{
    const char *start = at;
    while (at < reader->end && *at == ' ')
        at++;
    *empty = at >= reader->end || *at == '\n';
    return (size_t)(at - start);
}

static const char *line_end(const struct reader *reader, const char *at)
{
    return memchr(at, '\n', (size_t)(reader->end - at)); // the document ends with one
}

// How far the content is indented: as its first line is. 0: give up.
static size_t block_indent(const struct reader *reader, size_t parent)
{
    for (const char *at = reader->at; at < reader->end; at = line_end(reader, at) + 1) {
        bool empty;
        size_t blanks = blanks_at(reader, at, &empty);
        if (empty && blanks)
            return 0; // leading blanks may mean something
        if (!empty)
            return blanks > parent && at[blanks] != '\t' ? blanks : 0;
    }
    return 0;
}

// Where the block ends: at a line that holds something and is indented less.
static const char *block_end(struct reader *reader, size_t indent, size_t parent)
{
    const char *at = reader->at;
    for (bool empty; at < reader->end; at = line_end(reader, at) + 1) {
        size_t blanks = blanks_at(reader, at, &empty);
        if (empty || blanks >= indent)
            continue;
        reader->give_up |= blanks > parent || at[blanks] == '\t';
        break;
    }
    return at;
}

// Copies the content's lines up to `end` without their indentation; gives where the last that is not empty
// ends, its newline counted.
static char *copy_lines(struct reader *reader, const char *end, size_t indent, char *to)
{
    char *last = to;
    while (reader->at < end) {
        bool empty;
        size_t blanks = blanks_at(reader, reader->at, &empty);
        const char *stop = line_end(reader, reader->at);
        const char *from = reader->at + (blanks < indent ? blanks : indent);
        memcpy(to, from, (size_t)(stop - from) + 1);
        to += stop - from + 1;
        last = from < stop ? to : last; // empty lines at the end are not kept
        reader->at = stop;
        next_line(reader);
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

// At `|` or `>`. The content must be indented more than `parent`.
static struct yaml *read_block_text(struct reader *reader, size_t parent)
{
    struct yaml *node = node_open(reader, YAML_TEXT);
    node->style = *reader->at == '|' ? YAML_LITERAL : YAML_FOLDED;
    reader->at++;
    bool strip = peek(reader) == '-';
    reader->at += strip;
    if (peek(reader) != '\n' || reader->at >= reader->end)
        return give_up(reader);
    next_line(reader);
    size_t indent = block_indent(reader, parent);
    if (!indent)
        return give_up(reader);
    const char *end = block_end(reader, indent, parent);
    char *copy = arena_alloc(reader->arena, (size_t)(end - reader->at) + 1, 1);
    node->text = (struct text){copy, (size_t)(copy_lines(reader, end, indent, copy) - copy)};
    if (node->style == YAML_FOLDED && !fold(node->text))
        return give_up(reader);
    node->text.len -= strip;
    copy[node->text.len] = '\0';
    return node;
}

// ---- flows -----------------------------------------------------------------------------------

static struct yaml *read_flow(struct reader *reader);

static void skip_flow_space(struct reader *reader)
{
    skip_blanks(reader);
    while (reader->at < reader->end && *reader->at == '\n') {
        next_line(reader);
        skip_blanks(reader);
        // a flow's line at the margin may be a document's mark, a tab anything
        if (indent_of(reader) == 0 || peek(reader) == '\t')
            reader->give_up = true;
    }
}

static struct yaml *read_flow_item(struct reader *reader)
{
    switch (peek(reader)) {
    case '[':
    case '{':
        return read_flow(reader);
    case '\'':
        return read_single(reader);
    case '"':
        return read_double(reader);
    default:
        return read_plain(reader, true);
    }
}

static bool is_key_byte(char c)
{
    return byte_is_word(c) || (c && strchr("./+@~-", c));
}

// A plain key and its colon; *at moves behind it. Not even tried where no key can be.
static bool read_key(struct reader *reader, struct yaml *key)
{
    const char *stop = reader->at;
    while (stop < reader->end && is_key_byte(*stop))
        stop++;
    if (stop == reader->at || !begins_plain(*reader->at) || stop >= reader->end || *stop != ':' ||
        (stop + 1 < reader->end && stop[1] != ' ' && stop[1] != '\n'))
        return false;
    *key = (struct yaml){.key_line = reader->line, .key_column = column(reader)};
    key->key = arena_copy(reader->arena, (struct text){reader->at, (size_t)(stop - reader->at)});
    reader->at = stop + 1;
    return true;
}

static void hang(struct yaml *parent, struct yaml *child, struct yaml **last, const struct yaml *key)
{
    if (key) {
        child->key = key->key;
        child->key_line = key->key_line;
        child->key_column = key->key_column;
    }
    *(*last ? &(*last)->next : &parent->first) = child;
    *last = child;
    parent->count++;
}

static bool map_is_fine(struct reader *reader, const struct yaml *node)
{
    const struct yaml *first, *twin;
    if (node->kind == YAML_MAP && !yaml_keys_differ(node, &first, &twin))
        reader->give_up = true;
    return !reader->give_up;
}

// Depth is bounded like the document's.
static struct yaml *read_flow(struct reader *reader)
{
    bool map = peek(reader) == '{';
    struct yaml *node = node_open(reader, map ? YAML_MAP : YAML_LIST), *last = NULL;
    if (++reader->depth > reader->limit)
        return give_up(reader);
    reader->at++;
    skip_flow_space(reader);
    while (!done(reader) && peek(reader) != (map ? '}' : ']')) {
        struct yaml key;
        if (map && !read_key(reader, &key))
            return give_up(reader);
        skip_flow_space(reader);
        struct yaml *item = done(reader) ? NULL : read_flow_item(reader);
        if (!item)
            return give_up(reader);
        hang(node, item, &last, map ? &key : NULL);
        skip_flow_space(reader);
        if (peek(reader) == ',') {
            reader->at++;
            skip_flow_space(reader);
        } else if (peek(reader) != (map ? '}' : ']')) {
            return give_up(reader);
        }
    }
    if (done(reader) || !map_is_fine(reader, node))
        return give_up(reader);
    reader->at++;
    reader->depth--;
    return node;
}

// ---- blocks ----------------------------------------------------------------------------------

static struct yaml *read_block(struct reader *reader, size_t indent);

// A plain text goes on in the next line where that is indented more.
static struct yaml *end_value(struct reader *reader, struct yaml *node, size_t indent)
{
    if (!node)
        return NULL;
    end_line(reader);
    if (reader->at < reader->end && indent_of(reader) > indent)
        return give_up(reader);
    return node;
}

// A value behind `key:` or `-` on the same line; `indent` is the map's or list's.
static struct yaml *read_value(struct reader *reader, size_t indent)
{
    switch (peek(reader)) {
    case '|':
    case '>': {
        struct yaml *node = read_block_text(reader, indent);
        if (node)
            end_line(reader);
        return node;
    }
    case '[':
    case '{':
    case '\'':
    case '"':
        return end_value(reader, read_flow_item(reader), indent);
    default:
        return end_value(reader, read_plain(reader, false), indent);
    }
}

// What stands below `key:`: a block indented more, or a list at the key's own indentation.
static struct yaml *read_nested(struct reader *reader, size_t indent)
{
    end_line(reader);
    if (done(reader))
        return give_up(reader);
    size_t next = indent_of(reader);
    if (next > indent || (next == indent && peek(reader) == '-' && peek_next(reader) == ' '))
        return read_block(reader, next);
    return give_up(reader); // nothing
}

static bool ends_here(const struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && *at == ' ')
        at++;
    return at >= reader->end || *at == '\n' || (*at == '#' && at > reader->at);
}

static struct yaml *read_map(struct reader *reader, size_t indent)
{
    struct yaml *node = node_open(reader, YAML_MAP), *last = NULL;
    while (!done(reader) && indent_of(reader) == indent) {
        struct yaml key;
        if (!read_key(reader, &key))
            return give_up(reader);
        struct yaml *value;
        if (ends_here(reader)) {
            value = read_nested(reader, indent);
        } else {
            skip_blanks(reader);
            value = read_value(reader, indent);
        }
        if (!value)
            return give_up(reader);
        hang(node, value, &last, &key);
    }
    return map_is_fine(reader, node) ? node : NULL;
}

// Behind `- `: a map that begins on this line, or a value.
static struct yaml *read_entry(struct reader *reader, size_t indent)
{
    struct reader before = *reader;
    struct yaml key;
    if (!read_key(reader, &key))
        return read_value(reader, indent);
    *reader = before;
    if (++reader->depth > reader->limit)
        return give_up(reader);
    struct yaml *node = read_map(reader, indent_of(reader));
    reader->depth--;
    return node;
}

static struct yaml *read_list(struct reader *reader, size_t indent)
{
    struct yaml *node = node_open(reader, YAML_LIST), *last = NULL;
    while (!done(reader) && indent_of(reader) == indent && peek(reader) == '-' && peek_next(reader) == ' ') {
        reader->at++;
        if (ends_here(reader))
            return give_up(reader);
        skip_blanks(reader);
        struct yaml *value = read_entry(reader, indent);
        if (!value)
            return give_up(reader);
        hang(node, value, &last, NULL);
    }
    return node;
}

// The block whose first line is indented so. Behind it stands a line indented less, or the end.
static struct yaml *read_block(struct reader *reader, size_t indent)
{
    if (++reader->depth > reader->limit)
        return give_up(reader);
    bool list = peek(reader) == '-' && peek_next(reader) == ' ';
    struct yaml *node = list ? read_list(reader, indent) : read_map(reader, indent);
    reader->depth--;
    if (reader->at < reader->end && indent_of(reader) > indent)
        return give_up(reader);
    return node;
}

// ---- the document ----------------------------------------------------------------------------

// Bytes that libyaml would refuse, or that end a line for it and not for us.
static bool bytes_are_plain(struct text source)
{
    for (size_t i = 0; i < source.len; i++) {
        unsigned char c = (unsigned char)source.ptr[i];
        uint32_t code;
        if (c >= 0x80) {
            size_t length = utf8_decode(text_from(source, i), &code);
            if (!length || code < 0xa0 || code == 0x2028 || code == 0x2029 || code == 0xfeff || code > 0xfffd)
                return false;
            i += length - 1;
        } else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return source.len && source.ptr[source.len - 1] == '\n';
}

struct yaml *yaml_plain(struct text source, uint64_t depth, struct arena *arena)
{
    if (!bytes_are_plain(source))
        return NULL;
    struct reader reader = {
        .at = source.ptr,
        .end = source.ptr + source.len,
        .line_start = source.ptr,
        .line = 1,
        .limit = depth,
        .arena = arena,
    };
    end_line(&reader);
    if (done(&reader) || indent_of(&reader) != 0)
        return NULL;
    struct yaml *root = read_block(&reader, 0);
    return reader.give_up || reader.at < reader.end ? NULL : root;
}
