// SPDX-License-Identifier: Apache-2.0
#include "store/lines_store.h"

#include <stdlib.h>

struct line_store *lines_open(const struct limits *limits, struct pack *pack, struct room *names)
{
    struct line_store *lines = mem_alloc(1, sizeof *lines);
    lines->limits = limits;
    lines->names = names;
    lines->pack = pack;
    return lines;
}

void lines_close(struct line_store **pointer)
{
    struct line_store *lines = *pointer;
    if (!lines)
        return;
    intern_release(&lines->members);
    intern_release(&lines->texts);
    buffer_release(&lines->logs);
    buffer_release(&lines->kept);
    for (size_t i = 0; i < lines->shown.count; i++) {
        buffer_release(&lines->shown.items[i]->bytes);
        free(lines->shown.items[i]);
    }
    array_release(&lines->shown);
    array_release(&lines->spans);
    array_release(&lines->places);
    array_release(&lines->clocks);
    arena_release(&lines->arena);
    free(lines->order);
    free(lines);
    *pointer = NULL;
}

uint64_t unit_bit(struct text unit)
{
    return UINT64_C(1) << (unit.ptr ? hash_bytes(unit.ptr, unit.len, 0) % 63 : 63);
}

// ---- logs ------------------------------------------------------------------------------------

static void flush_logs(struct line_store *lines)
{
    if (!lines->logs.len)
        return;
    uint32_t number = pack_add(lines->pack, &lines->logs);
    for (; lines->open_span < lines->spans.count; lines->open_span++)
        lines->spans.items[lines->open_span].block = number;
}

static struct span *span_open(struct line_store *lines, uint32_t member)
{
    struct span *span = array_add(&lines->spans);
    span->member = member;
    span->offset = (uint32_t)lines->logs.len;
    span->first_line = INT64_MAX;
    span->last_line = INT64_MIN;
    for (size_t i = 0; i < 5; i++) {
        span->earliest[i] = INT64_MAX;
        span->latest[i] = INT64_MIN;
    }
    lines->coder = (struct record_coder){0};
    return span;
}

uint32_t lines_log_member(struct line_store *lines, struct text member)
{
    enum { MEMBER_BYTES = sizeof(struct span) + sizeof(struct member_clock) + 40 };
    uint32_t number = intern_find(&lines->members, member);
    if (number != INTERN_NONE)
        return number;
    if (lines->members.count >= lines->limits->log_members || !room_left(lines->names))
        return LINES_NO_MEMBER;
    room_hold(lines->names, member.len + MEMBER_BYTES);
    return intern_add(&lines->members, member, NULL);
}

// The span that the next record of the member goes to.
static struct span *span_for(struct line_store *lines, uint32_t member, size_t room)
{
    struct span *span = lines->spans.count ? &lines->spans.items[lines->spans.count - 1] : NULL;
    bool same = span && span->member == member;
    if (lines->logs.len && lines->logs.len + room > LINES_BLOCK_BYTES) {
        flush_logs(lines);
        same = false;
    }
    if (!lines->logs.capacity)
        (void)buffer_reserve(&lines->logs, LINES_BLOCK_BYTES);
    return same ? span : span_open(lines, member);
}

static void span_note(struct span *span, const struct row_log *row, bool same_unit)
{
    if (row->line < span->first_line)
        span->first_line = row->line;
    int64_t last;
    if (row->lines <= 1 || __builtin_add_overflow(row->line, row->lines - 1, &last))
        last = row->line;
    if (last > span->last_line)
        span->last_line = last;
    if (!same_unit)
        span->units |= unit_bit(row->unit);
    if (row->clock <= CLOCK_NONE || row->clock > CLOCK_BOOT || row->time == ROW_NULL)
        return;
    if (row->time < span->earliest[row->clock])
        span->earliest[row->clock] = row->time;
    if (row->time > span->latest[row->clock])
        span->latest[row->clock] = row->time;
}

void lines_add_log(struct line_store *lines, uint32_t member, const struct row_log *row)
{
    size_t room = 256 + row->message.len + row->unit.len + row->host.len + row->boot.len;
    struct span *span = span_for(lines, member, room);
    uint32_t unit = span->count ? lines->coder.unit : UINT32_MAX;
    record_write(&lines->logs, &lines->coder, &lines->texts, lines->names, row);
    span_note(span, row, lines->coder.unit == unit && unit != 1);
    span->count++;
    span->bytes = (uint32_t)(lines->logs.len - span->offset);
    lines->count++;
}

// ---- kept texts ------------------------------------------------------------------------------

static void flush_kept(struct line_store *lines)
{
    if (!lines->kept.len)
        return;
    uint32_t number = pack_add(lines->pack, &lines->kept);
    for (; lines->open_place < lines->places.count; lines->open_place++)
        lines->places.items[lines->open_place].block = number;
}

void lines_add_text(struct line_store *lines, struct text member, uint64_t first_line, struct text text)
{
    size_t room = 3 * VARINT_BYTES + member.len + text.len;
    if (lines->kept.len && lines->kept.len + room > LINES_BLOCK_BYTES)
        flush_kept(lines);
    if (!lines->kept.capacity)
        (void)buffer_reserve(&lines->kept, LINES_BLOCK_BYTES);
    char *start = buffer_reserve(&lines->kept, 3 * VARINT_BYTES);
    char *to = varint_write(start, first_line);
    to = varint_write(to, text.len);
    to = varint_write(to, member.len);
    lines->kept.len += (size_t)(to - start);
    buffer_add(&lines->kept, member);
    buffer_add(&lines->kept, text);
    uint32_t hash = (uint32_t)hash_bytes(member.ptr, member.len, 0);
    size_t last = lines->places.count;
    if (last > lines->open_place && lines->places.items[last - 1].hash == hash)
        return; // the same member, or a finder that looks at one text too many
    array_add(&lines->places)->hash = hash;
}

// ---- the end ---------------------------------------------------------------------------------

static int by_member_and_line(const void *a, const void *b, void *context)
{
    const struct line_store *lines = context;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const struct span *s = &lines->spans.items[x], *t = &lines->spans.items[y];
    if (s->member != t->member)
        return text_compare(lines->members.texts[s->member], lines->members.texts[t->member]);
    if (s->first_line != t->first_line)
        return s->first_line < t->first_line ? -1 : 1;
    return x < y ? -1 : 1;
}

static int by_hash(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->block < y->block ? -1 : x->block > y->block;
}

void lines_seal(struct line_store *lines)
{
    if (lines->sealed)
        return;
    lines->sealed = true;
    flush_logs(lines);
    flush_kept(lines);
    pack_seal(lines->pack);
    lines->order = mem_alloc(lines->spans.count + 1, sizeof *lines->order);
    for (uint32_t i = 0; i < lines->spans.count; i++)
        lines->order[i] = i;
    if (lines->spans.count)
        qsort_r(lines->order, lines->spans.count, sizeof *lines->order, by_member_and_line, lines);
    array_sort(&lines->places, by_hash);
}

uint64_t lines_log_count(const struct line_store *lines)
{
    return lines->count;
}

bool lines_damaged(struct line_store *lines)
{
    lines_seal(lines);
    return pack_damaged(lines->pack);
}

void lines_settle_all(struct line_store *lines, const struct settlement *settlement)
{
    while (lines->clocks.count < lines->members.count)
        (void)array_add(&lines->clocks);
    for (size_t i = 0; i < lines->clocks.count; i++)
        lines->clocks.items[i].settlement = *settlement;
}

void lines_settle(struct line_store *lines, struct text member, const struct settlement *settlement,
                  struct text newest_boot)
{
    uint32_t number = intern_find(&lines->members, member);
    if (number == INTERN_NONE)
        return;
    while (lines->clocks.count <= number)
        array_add(&lines->clocks)->settlement = settlement_null;
    lines->clocks.items[number] = (struct member_clock){*settlement, arena_copy(&lines->arena, newest_boot)};
}
