// SPDX-License-Identifier: Apache-2.0
#include "store/lines_store.h"

#include <stdlib.h>

enum { INDEX_BITS = 24 }; // of a rowid: the record's number in its span

struct lines_cursor {
    struct line_store *lines;
    struct lines_query query;
    uint64_t units; // bits of the query's
    bool timed;     // the query bounds the time
    size_t at, end; // positions in lines->order: of the span behind the current one, and of the last
    const struct span *span;
    uint32_t index; // of the record in it
    struct text rest;
    struct record_coder coder;
    struct row_log row;
    int64_t time;
    bool eof;
    struct shown_block *block;
};

struct lines_cursor *lines_cursor_open(struct line_store *lines)
{
    lines_seal(lines);
    struct lines_cursor *cursor = mem_alloc(1, sizeof *cursor);
    cursor->lines = lines;
    cursor->eof = true;
    return cursor;
}

void lines_cursor_close(struct lines_cursor **cursor)
{
    if (!*cursor)
        return;
    lines_block_give(&(*cursor)->block);
    free(*cursor);
    *cursor = NULL;
}

// ---- settling --------------------------------------------------------------------------------

static const struct member_clock *clock_of(const struct line_store *lines, uint32_t member)
{
    static const struct member_clock unknown = {{ROW_NULL, ROW_NULL, ROW_NULL, ROW_NULL, ROW_NULL},
                                                {NULL, 0}};
    return member < lines->clocks.count ? &lines->clocks.items[member] : &unknown;
}

static int64_t settled(const struct member_clock *clock, const struct row_log *row)
{
    if (row->clock <= CLOCK_NONE || row->clock > CLOCK_BOOT)
        return ROW_NULL;
    return settle_booted_time(&clock->settlement, (enum clock)row->clock, row->time, row->boot,
                              clock->newest_boot);
}

static bool time_in_query(const struct lines_query *query, int64_t time)
{
    return time != ROW_NULL && time >= query->first_time && time <= query->last_time;
}

// ---- what a scan leaves out --------------------------------------------------------------------

// Whether a record of the span may lie in the query's time. Settling is monotone, but a bound that does not
// settle (29 February) says nothing.
static bool span_in_time(const struct lines_cursor *cursor, const struct span *span)
{
    if (!cursor->timed)
        return true;
    const struct settlement *settlement = &clock_of(cursor->lines, span->member)->settlement;
    for (int clock = CLOCK_UTC; clock <= CLOCK_BOOT; clock++) {
        if (span->earliest[clock] > span->latest[clock])
            continue;
        int64_t first = settle_time(settlement, (enum clock)clock, span->earliest[clock]);
        int64_t last = settle_time(settlement, (enum clock)clock, span->latest[clock]);
        if ((first == ROW_NULL || first <= cursor->query.last_time) &&
            (last == ROW_NULL || last >= cursor->query.first_time))
            return true;
    }
    return false;
}

static bool span_in_query(const struct lines_cursor *cursor, const struct span *span)
{
    const struct lines_query *query = &cursor->query;
    return span->last_line >= query->first_line && span->first_line <= query->last_line &&
           (!query->units || (span->units & cursor->units)) && span_in_time(cursor, span);
}

static bool unit_in_query(const struct lines_query *query, struct text unit)
{
    for (size_t i = 0; i < query->unit_count; i++)
        if (unit.ptr && text_equal(unit, query->units[i]))
            return true;
    return !query->units;
}

static bool row_in_query(struct lines_cursor *cursor)
{
    const struct lines_query *query = &cursor->query;
    const struct row_log *row = &cursor->row;
    if (row->line < query->first_line || row->line > query->last_line || !unit_in_query(query, row->unit))
        return false;
    cursor->time = settled(clock_of(cursor->lines, cursor->span->member), row);
    return !cursor->timed || time_in_query(query, cursor->time);
}

// ---- moving ----------------------------------------------------------------------------------

static bool enter_span(struct lines_cursor *cursor, const struct span *span)
{
    cursor->span = span;
    cursor->index = UINT32_MAX; // before the first
    cursor->coder = (struct record_coder){0};
    lines_block_give(&cursor->block);
    cursor->block = lines_block_take(cursor->lines, span->block);
    cursor->rest = cursor->block ? span_bytes(span, cursor->block) : (struct text){NULL, 0};
    return cursor->block != NULL;
}

static bool next_record(struct lines_cursor *cursor)
{
    if (!cursor->span || !record_read(&cursor->rest, &cursor->coder, &cursor->lines->texts, &cursor->row))
        return false;
    cursor->index++;
    return true;
}

static bool next_span(struct lines_cursor *cursor)
{
    while (cursor->at < cursor->end) {
        const struct span *span = &cursor->lines->spans.items[cursor->lines->order[cursor->at++]];
        if (span_in_query(cursor, span) && enter_span(cursor, span))
            return true;
    }
    return false;
}

void lines_cursor_next(struct lines_cursor *cursor)
{
    if (cursor->eof)
        return;
    do {
        while (!next_record(cursor))
            if (!next_span(cursor)) {
                cursor->eof = true;
                lines_block_give(&cursor->block);
                return;
            }
    } while (!row_in_query(cursor));
}

void lines_cursor_filter(struct lines_cursor *cursor, const struct lines_query *query)
{
    cursor->query = *query;
    cursor->timed = query->first_time != INT64_MIN || query->last_time != INT64_MAX;
    cursor->units = 0;
    for (size_t i = 0; i < query->unit_count; i++)
        cursor->units |= unit_bit(query->units[i]);
    cursor->at = 0;
    cursor->end = cursor->lines->spans.count;
    if (query->member.ptr)
        lines_spans_of(cursor->lines, query->member, &cursor->at, &cursor->end);
    cursor->span = NULL;
    cursor->eof = false;
    lines_cursor_next(cursor);
}

bool lines_cursor_eof(const struct lines_cursor *cursor)
{
    return cursor->eof;
}

struct text lines_cursor_member(const struct lines_cursor *cursor)
{
    return cursor->lines->members.texts[cursor->span->member];
}

const struct row_log *lines_cursor_row(const struct lines_cursor *cursor)
{
    return &cursor->row;
}

int64_t lines_cursor_time(const struct lines_cursor *cursor)
{
    return cursor->time;
}

int64_t lines_cursor_rowid(const struct lines_cursor *cursor)
{
    return (cursor->span - cursor->lines->spans.items) << INDEX_BITS | cursor->index;
}

bool lines_cursor_seek(struct lines_cursor *cursor, int64_t rowid)
{
    uint64_t span = (uint64_t)rowid >> INDEX_BITS, index = (uint64_t)rowid & ((1u << INDEX_BITS) - 1);
    cursor->query = lines_query_all;
    cursor->timed = false;
    cursor->at = cursor->end = 0; // the end comes next
    cursor->eof = true;
    if (rowid < 0 || span >= cursor->lines->spans.count ||
        !enter_span(cursor, &cursor->lines->spans.items[span]))
        return false;
    do
        if (!next_record(cursor))
            return false;
    while (cursor->index != index);
    cursor->time = settled(clock_of(cursor->lines, cursor->span->member), &cursor->row);
    cursor->rest = (struct text){NULL, 0};
    cursor->eof = false;
    return true;
}
