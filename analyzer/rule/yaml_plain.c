// SPDX-License-Identifier: Apache-2.0
#include "rule/yaml_plain.h"

#include <string.h>

#include "rule/yaml_scan.h"
#include "util/show.h"

// ---- flows -----------------------------------------------------------------------------------

static struct yaml *read_flow(struct yaml_scan *scan);

static void skip_flow_space(struct yaml_scan *scan)
{
    scan_skip_blanks(scan);
    while (scan->at < scan->end && *scan->at == '\n') {
        scan_next_line(scan);
        scan_skip_blanks(scan);
        // a flow's line at the margin may be a document's mark, a tab anything
        if (scan_indent_of(scan) == 0 || scan_peek(scan) == '\t')
            scan->give_up = true;
    }
}

static struct yaml *read_flow_item(struct yaml_scan *scan)
{
    switch (scan_peek(scan)) {
    case '[':
    case '{':
        return read_flow(scan);
    case '\'':
        return scan_read_single(scan);
    case '"':
        return scan_read_double(scan);
    default:
        return scan_read_plain(scan, true);
    }
}

static bool is_key_byte(char c)
{
    return byte_is_word(c) || (c && strchr("./+@~-", c));
}

// A plain key and its colon; *at moves behind it. Not even tried where no key can be.
static bool read_key(struct yaml_scan *scan, struct yaml *key)
{
    const char *stop = scan->at;
    while (stop < scan->end && is_key_byte(*stop))
        stop++;
    if (stop == scan->at || !scan_begins_plain(*scan->at) || stop >= scan->end || *stop != ':' ||
        (stop + 1 < scan->end && stop[1] != ' ' && stop[1] != '\n'))
        return false;
    *key = (struct yaml){.key_line = scan->line, .key_column = scan_column(scan)};
    key->key = arena_copy(scan->arena, (struct text){scan->at, (size_t)(stop - scan->at)});
    scan->at = stop + 1;
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

static bool map_is_fine(struct yaml_scan *scan, const struct yaml *node)
{
    const struct yaml *first, *twin;
    if (node->kind == YAML_MAP && !yaml_keys_differ(node, &first, &twin))
        scan->give_up = true;
    return !scan->give_up;
}

// Depth is bounded like the document's.
static struct yaml *read_flow(struct yaml_scan *scan)
{
    bool map = scan_peek(scan) == '{';
    struct yaml *node = scan_node_open(scan, map ? YAML_MAP : YAML_LIST), *last = NULL;
    if (++scan->depth > scan->limit)
        return scan_give_up(scan);
    scan->at++;
    skip_flow_space(scan);
    while (!scan_done(scan) && scan_peek(scan) != (map ? '}' : ']')) {
        struct yaml key;
        if (map && !read_key(scan, &key))
            return scan_give_up(scan);
        skip_flow_space(scan);
        struct yaml *item = scan_done(scan) ? NULL : read_flow_item(scan);
        if (!item)
            return scan_give_up(scan);
        hang(node, item, &last, map ? &key : NULL);
        skip_flow_space(scan);
        if (scan_peek(scan) == ',') {
            scan->at++;
            skip_flow_space(scan);
        } else if (scan_peek(scan) != (map ? '}' : ']')) {
            return scan_give_up(scan);
        }
    }
    if (scan_done(scan) || !map_is_fine(scan, node))
        return scan_give_up(scan);
    scan->at++;
    scan->depth--;
    return node;
}

// ---- blocks ----------------------------------------------------------------------------------

static struct yaml *read_block(struct yaml_scan *scan, size_t indent);

// A plain text goes on in the next line where that is indented more.
static struct yaml *end_value(struct yaml_scan *scan, struct yaml *node, size_t indent)
{
    if (!node)
        return NULL;
    scan_end_line(scan);
    if (scan->at < scan->end && scan_indent_of(scan) > indent)
        return scan_give_up(scan);
    return node;
}

// A value behind `key:` or `-` on the same line; `indent` is the map's or list's.
static struct yaml *read_value(struct yaml_scan *scan, size_t indent)
{
    switch (scan_peek(scan)) {
    case '|':
    case '>': {
        struct yaml *node = scan_read_block_text(scan, indent);
        if (node)
            scan_end_line(scan);
        return node;
    }
    case '[':
    case '{':
    case '\'':
    case '"':
        return end_value(scan, read_flow_item(scan), indent);
    default:
        return end_value(scan, scan_read_plain(scan, false), indent);
    }
}

// What stands below `key:`: a block indented more, or a list at the key's own indentation.
static struct yaml *read_nested(struct yaml_scan *scan, size_t indent)
{
    scan_end_line(scan);
    if (scan_done(scan))
        return scan_give_up(scan);
    size_t next = scan_indent_of(scan);
    if (next > indent || (next == indent && scan_peek(scan) == '-' && scan_peek_next(scan) == ' '))
        return read_block(scan, next);
    return scan_give_up(scan); // nothing
}

static bool ends_here(const struct yaml_scan *scan)
{
    const char *at = scan->at;
    while (at < scan->end && *at == ' ')
        at++;
    return at >= scan->end || *at == '\n' || (*at == '#' && at > scan->at);
}

static struct yaml *read_map(struct yaml_scan *scan, size_t indent)
{
    struct yaml *node = scan_node_open(scan, YAML_MAP), *last = NULL;
    while (!scan_done(scan) && scan_indent_of(scan) == indent) {
        struct yaml key;
        if (!read_key(scan, &key))
            return scan_give_up(scan);
        struct yaml *value;
        if (ends_here(scan)) {
            value = read_nested(scan, indent);
        } else {
            scan_skip_blanks(scan);
            value = read_value(scan, indent);
        }
        if (!value)
            return scan_give_up(scan);
        hang(node, value, &last, &key);
    }
    return map_is_fine(scan, node) ? node : NULL;
}

// Behind `- `: a map that begins on this line, or a value.
static struct yaml *read_entry(struct yaml_scan *scan, size_t indent)
{
    struct yaml_scan before = *scan;
    struct yaml key;
    if (!read_key(scan, &key))
        return read_value(scan, indent);
    *scan = before;
    if (++scan->depth > scan->limit)
        return scan_give_up(scan);
    struct yaml *node = read_map(scan, scan_indent_of(scan));
    scan->depth--;
    return node;
}

static struct yaml *read_list(struct yaml_scan *scan, size_t indent)
{
    struct yaml *node = scan_node_open(scan, YAML_LIST), *last = NULL;
    while (!scan_done(scan) && scan_indent_of(scan) == indent && scan_peek(scan) == '-' &&
           scan_peek_next(scan) == ' ') {
        scan->at++;
        if (ends_here(scan))
            return scan_give_up(scan);
        scan_skip_blanks(scan);
        struct yaml *value = read_entry(scan, indent);
        if (!value)
            return scan_give_up(scan);
        hang(node, value, &last, NULL);
    }
    return node;
}

// The block whose first line is indented so. Behind it stands a line indented less, or the end.
static struct yaml *read_block(struct yaml_scan *scan, size_t indent)
{
    if (++scan->depth > scan->limit)
        return scan_give_up(scan);
    bool list = scan_peek(scan) == '-' && scan_peek_next(scan) == ' ';
    struct yaml *node = list ? read_list(scan, indent) : read_map(scan, indent);
    scan->depth--;
    if (scan->at < scan->end && scan_indent_of(scan) > indent)
        return scan_give_up(scan);
    return node;
}

// ---- the document ----------------------------------------------------------------------------

// Whether a character above ASCII is one that libyaml takes and that ends no line for it.
static bool character_is_plain(uint32_t code)
{
    return code >= 0xa0 && code <= 0xfffd && code != 0x2028 && code != 0x2029 && code != 0xfeff;
}

static bool bytes_are_plain(struct text source)
{
    for (size_t i = 0; i < source.len;) {
        uint32_t code;
        char c = source.ptr[i];
        if ((c >= ' ' && c <= '~') || c == '\n' || c == '\t') {
            i++;
            continue;
        }
        size_t length = utf8_decode(text_from(source, i), &code);
        if (length < 2 || !character_is_plain(code))
            return false;
        i += length;
    }
    return source.len && source.ptr[source.len - 1] == '\n';
}

struct yaml *yaml_plain(struct text source, uint64_t depth, struct arena *arena)
{
    if (!bytes_are_plain(source))
        return NULL;
    struct yaml_scan scan = {
        .at = source.ptr,
        .end = source.ptr + source.len,
        .line_start = source.ptr,
        .line = 1,
        .limit = depth,
        .arena = arena,
    };
    scan_end_line(&scan);
    if (scan_done(&scan) || scan_indent_of(&scan) != 0)
        return NULL;
    struct yaml *root = read_block(&scan, 0);
    return scan.give_up || scan.at < scan.end ? NULL : root;
}
