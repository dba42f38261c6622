// SPDX-License-Identifier: Apache-2.0
//
// The inside of the keeper of lines, for the files store/lines*.c alone.
#ifndef INQUEST_STORE_LINES_STORE_H
#define INQUEST_STORE_LINES_STORE_H

#include "store/lines.h"
#include "store/lines_record.h"
#include "store/pack.h"
#include "util/array.h"

// The records of one member that lie in one block, and what a scan must know to leave them out.
struct span {
    uint32_t member; // number in lines->members
    uint32_t block;  // of the pack
    uint32_t offset, bytes, count;
    int64_t first_line, last_line;  // last_line: the last physical line of its records
    uint64_t units;                 // bit unit_bit() of every unit
    int64_t earliest[5], latest[5]; // time by clock; earliest > latest where there is none
};

// A text member, or a part of one, that lies in a block. Sorted by hash, then in the order they came.
struct place {
    uint32_t hash, block;
};

// How the times of a log member settle.
struct member_clock {
    struct settlement settlement;
    struct text newest_boot;
};

// An unpacked block. Readers share them: SQLite opens a cursor for each run of a statement, and evidence that
// is looked up line by line mostly lies together.
struct shown_block {
    uint32_t number;
    struct buffer bytes;
    unsigned readers;
    uint64_t used; // when last: the oldest without readers makes room
};
enum { SHOWN_BLOCKS = 8 }; // kept unpacked when nobody reads them

struct line_store {
    const struct limits *limits;
    struct room *names;
    struct pack *pack;
    struct intern members;    // names of log members
    struct intern texts;      // units, hosts, boots
    struct buffer logs, kept; // the blocks being filled
    struct record_coder coder;
    ARRAY(struct span) spans;
    size_t open_span; // the first span whose block is not in the pack yet
    uint32_t *order;  // of spans by (member, line); made by lines_seal
    ARRAY(struct place) places;
    size_t open_place;
    ARRAY(struct member_clock) clocks; // by member
    struct arena arena;                // boots of the clocks
    uint64_t count;
    bool sealed;
    ARRAY(struct shown_block *) shown;
    uint64_t looks;
};

// One bit of 64 for a unit, absent too.
uint64_t unit_bit(struct text unit);

// Positions in lines->order: the spans of one member are [first, end).
void lines_spans_of(const struct line_store *lines, struct text member, size_t *first, size_t *end);

// The block, unpacked, until it is given back. NULL when it was lost.
struct shown_block *lines_block_take(struct line_store *lines, uint32_t number);
void lines_block_give(struct shown_block **block); // harmless for NULL; fits CLEANUP()

// The bytes of a span in its block.
static inline struct text span_bytes(const struct span *span, const struct shown_block *block)
{
    return text_slice(buffer_text(&block->bytes), span->offset, span->bytes);
}

#endif
