// SPDX-License-Identifier: Apache-2.0
//
// Inside of yaml_plain.h: places, and texts of every style. A function that meets what it does not know sets
// give_up and gives NULL.
#ifndef INQUEST_RULE_YAML_SCAN_H
#define INQUEST_RULE_YAML_SCAN_H

#include "rule/yaml.h"

struct yaml_scan {
    const char *at, *end;
    const char *line_start;
    uint32_t line;
    const char *counted; // up to where `characters` of the line were counted
    uint32_t characters;
    uint64_t depth, limit;
    struct arena *arena;
    bool give_up;
};

// At the end of the document there is a newline to see.
static inline bool scan_done(const struct yaml_scan *scan)
{
    return scan->give_up || scan->at >= scan->end;
}

static inline char scan_peek(const struct yaml_scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\n';
}

static inline char scan_peek_next(const struct yaml_scan *scan)
{
    return scan->at + 1 < scan->end ? scan->at[1] : '\n';
}

static inline size_t scan_indent_of(const struct yaml_scan *scan)
{
    return (size_t)(scan->at - scan->line_start);
}

static inline void scan_skip_blanks(struct yaml_scan *scan)
{
    while (scan->at < scan->end && *scan->at == ' ')
        scan->at++;
}

struct yaml *scan_give_up(struct yaml_scan *scan);
uint32_t scan_column(struct yaml_scan *scan); // in characters, from 1
struct yaml *scan_node_open(struct yaml_scan *scan, enum yaml_kind kind);
void scan_next_line(struct yaml_scan *scan); // at a newline: moves behind it

// Behind a value: blanks, a remark, the line's end. Moves to the next line that holds something, at its
// first byte.
void scan_end_line(struct yaml_scan *scan);

// What a plain text may begin with: no indicator of YAML's.
bool scan_begins_plain(char c);
// Up to the line's end, a remark, or in a flow what ends an item there.
struct yaml *scan_read_plain(struct yaml_scan *scan, bool flow);
struct yaml *scan_read_single(struct yaml_scan *scan); // at the quote, on one line
struct yaml *scan_read_double(struct yaml_scan *scan);
// At `|` or `>`. The content must be indented more than `parent`.
struct yaml *scan_read_block_text(struct yaml_scan *scan, size_t parent);

#endif
