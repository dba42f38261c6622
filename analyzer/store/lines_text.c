// SPDX-License-Identifier: Apache-2.0
//
// Finding one line again, for a report's evidence.
#include "store/lines_store.h"

// The first position whose member is not before `member`, or not before or at it.
static size_t span_bound(const struct line_store *lines, struct text member, bool behind)
{
    size_t low = 0, high = lines->spans.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct span *span = &lines->spans.items[lines->order[middle]];
        int order = text_compare(lines->members.texts[span->member], member);
        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void lines_spans_of(const struct line_store *lines, struct text member, size_t *first, size_t *end)
{
    *first = span_bound(lines, member, false);
    *end = span_bound(lines, member, true);
}

// A place for a block: one that nobody reads any more, or a new one.
static struct shown_block *place_for_block(struct line_store *lines)
{
    struct shown_block *oldest = NULL;
    for (size_t i = 0; i < lines->shown.count; i++) {
        struct shown_block *block = lines->shown.items[i];
        if (!block->readers && (!oldest || block->used < oldest->used))
            oldest = block;
    }
    if (oldest && lines->shown.count >= SHOWN_BLOCKS)
        return oldest;
    return *array_add(&lines->shown) = mem_alloc(1, sizeof *oldest);
}

struct shown_block *lines_block_take(struct line_store *lines, uint32_t number)
{
    struct shown_block *found = NULL;
    for (size_t i = 0; i < lines->shown.count && !found; i++)
        if (lines->shown.items[i]->number == number && lines->shown.items[i]->bytes.len)
            found = lines->shown.items[i];
    if (!found) {
        found = place_for_block(lines);
        found->number = number;
        if (!pack_read(lines->pack, number, &found->bytes))
            return NULL;
    }
    found->readers++;
    found->used = ++lines->looks;
    return found;
}

void lines_block_give(struct shown_block **block)
{
    if (*block)
        (*block)->readers--;
    *block = NULL;
}

// The record that begins on the line, else one that covers it.
static bool text_in_span(struct line_store *lines, const struct span *span, int64_t line, struct buffer *out)
{
    struct record_coder coder = {0};
    struct row_log row;
    struct text found = {NULL, 0};
    if (line < span->first_line || line > span->last_line)
        return false;
    CLEANUP(lines_block_give) struct shown_block *block = lines_block_take(lines, span->block);
    struct text rest = block ? span_bytes(span, block) : TEXT("");
    while (record_read(&rest, &coder, &lines->texts, &row) && row.line <= line)
        if (row.line == line || line - row.line < row.lines)
            found = row.message.ptr ? row.message : TEXT("");
    buffer_add(out, found);
    return found.ptr != NULL;
}

static bool log_text(struct line_store *lines, struct text member, int64_t line, struct buffer *out)
{
    size_t first, end;
    lines_spans_of(lines, member, &first, &end);
    while (end > first) // the last span that has it: a record may begin where another still goes on
        if (text_in_span(lines, &lines->spans.items[lines->order[--end]], line, out))
            return true;
    return false;
}

// ---- kept texts ------------------------------------------------------------------------------

// The positions in places of this hash are [first, end).
static size_t place_bound(const struct line_store *lines, uint32_t hash, bool behind)
{
    size_t low = 0, high = lines->places.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t at = lines->places.items[middle].hash;
        if (at < hash || (behind && at == hash))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct kept_text {
    struct text member, text;
    uint64_t first_line;
};

static bool kept_read(struct text *rest, struct kept_text *kept)
{
    uint64_t length, name;
    if (!varint_read(rest, &kept->first_line) || !varint_read(rest, &length) || !varint_read(rest, &name) ||
        name > rest->len || length > rest->len - name)
        return false;
    kept->member = text_slice(*rest, 0, (size_t)name);
    kept->text = text_slice(*rest, (size_t)name, (size_t)length);
    *rest = text_from(*rest, (size_t)(name + length));
    return true;
}

// Gives every part of the member to `take`, in order, until that says true.
static bool kept_each(struct line_store *lines, struct text member,
                      bool (*take)(const struct kept_text *kept, int64_t line, struct buffer *out),
                      int64_t line, struct buffer *out)
{
    uint32_t hash = (uint32_t)hash_bytes(member.ptr, member.len, 0), last = UINT32_MAX;
    size_t end = place_bound(lines, hash, true);
    bool found = false;
    for (size_t at = place_bound(lines, hash, false); at < end && !found; at++) {
        uint32_t block = lines->places.items[at].block;
        if (block == last) // two texts of one hash in one block
            continue;
        last = block;
        CLEANUP(lines_block_give) struct shown_block *shown = lines_block_take(lines, block);
        struct text rest = shown ? buffer_text(&shown->bytes) : TEXT("");
        struct kept_text kept;
        while (!found && kept_read(&rest, &kept))
            found = text_equal(kept.member, member) && take(&kept, line, out);
    }
    return found;
}

static bool take_line(const struct kept_text *kept, int64_t line, struct buffer *out)
{
    if (line < 0 || (uint64_t)line < kept->first_line)
        return false;
    uint64_t number = kept->first_line;
    struct text rest = kept->text, piece;
    for (; rest.len && number < (uint64_t)line; number++)
        (void)text_split(&rest, '\n', &piece);
    if (!rest.len || number != (uint64_t)line)
        return false;
    (void)text_split(&rest, '\n', &piece);
    if (text_ends(piece, "\r"))
        piece.len--;
    buffer_add(out, piece);
    return true;
}

static bool take_all(const struct kept_text *kept, int64_t found, struct buffer *out)
{
    (void)found;
    buffer_add(out, kept->text);
    return false; // go on to the next part
}

bool lines_text(struct line_store *lines, struct text member, int64_t line, struct buffer *out)
{
    lines_seal(lines);
    return log_text(lines, member, line, out) || kept_each(lines, member, take_line, line, out);
}

static bool take_nothing(const struct kept_text *kept, int64_t line, struct buffer *out)
{
    (void)kept, (void)line, (void)out;
    return true;
}

bool lines_member_text(struct line_store *lines, struct text member, struct buffer *out)
{
    lines_seal(lines);
    if (!kept_each(lines, member, take_nothing, 0, out))
        return false;
    (void)kept_each(lines, member, take_all, 0, out);
    return true;
}
