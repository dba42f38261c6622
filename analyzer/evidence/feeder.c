// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/recall.h"
#include "util/buffer.h"
#include "util/memory.h"

enum { HEAD_LOOKED_AT = 1024, SPARE_BYTES = 1024 * 1024 };

// Where the pieces of a member go that holds other kinds of evidence.
struct pieces {
    struct arena arena;
    struct buffer state; // of a streaming parser
    struct member member;
    const struct evidence *kind;
    struct input input;
    uint64_t serial; // of the last member or piece
};

struct feeder {
    struct sink sink; // counts rows and hands on
    uint64_t rows;    // but warnings
    const struct limits *limits;
    struct arena arena;
    struct pieces pieces;
    struct recall *recall;

    struct member member;
    const struct evidence *kind;
    struct input input;
    struct buffer state; // of a streaming parser
    struct buffer whole; // of a kind that is read whole
    uint64_t bytes;
    bool is_text;

    struct buffer carry; // the line that the last piece ended in
    uint64_t line;       // number of the next line that goes to sink->lines
    bool dropped;        // a line was too long
};

static void count_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    struct feeder *feeder = (struct feeder *)sink;
    feeder->rows += kind != ROW_warning;
    sink->next->row(sink->next, member, kind, row);
}

struct feeder *feeder_open(const struct limits *limits, struct sink *sink)
{
    struct feeder *feeder = mem_alloc(1, sizeof *feeder);
    feeder->sink = (struct sink){.row = count_row, .next = sink};
    feeder->limits = limits;
    feeder->recall = recall_open();
    return feeder;
}

static size_t count_controls(const char *at, size_t length)
{
    size_t controls = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)at[i];
        controls += c < '\b' || (c > '\r' && c < ' ' && c != '\033');
    }
    return controls;
}

// Text has few control bytes; Go profiles, UTF-16 and noise have many. Eight bytes are looked at together:
// nearly always none of them lies below the blank.
bool head_is_text(struct text head)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t controls = 0, i = 0;
    head = text_slice(head, 0, HEAD_LOOKED_AT);
    for (uint64_t bytes; i + sizeof bytes <= head.len; i += sizeof bytes) {
        memcpy(&bytes, head.ptr + i, sizeof bytes);
        if ((bytes - ones * ' ') & ~bytes & tops)
            controls += count_controls(head.ptr + i, sizeof bytes);
    }
    controls += count_controls(head.ptr + i, head.len - i);
    return controls * 20 <= head.len;
}

static void *fresh_state(struct buffer *state, size_t bytes)
{
    buffer_clear(state);
    return memset(buffer_reserve(state, bytes), 0, bytes);
}

void feeder_begin(struct feeder *feeder, const struct member *member)
{
    feeder->member = *member;
    feeder->kind = evidence_of(member);
    feeder->member.kind = feeder->kind ? feeder->kind->name : NULL;
    feeder->member.serial = ++feeder->pieces.serial;
    feeder->input = (struct input){
        .member = &feeder->member,
        .arena = &feeder->arena,
        .sink = &feeder->sink,
        .limits = feeder->limits,
        .pieces = &feeder->pieces,
        .recall = feeder->recall,
    };
    if (feeder->kind && feeder->kind->feed)
        feeder->input.state = fresh_state(&feeder->state, feeder->kind->state_bytes);
    buffer_clear(&feeder->whole);
    buffer_clear(&feeder->carry);
    feeder->bytes = 0;
    feeder->line = 1;
    feeder->dropped = false;
    feeder->is_text = member->type == MEMBER_FILE && head_is_text(member->head);
}

// ---- lines of text ---------------------------------------------------------------------------

// In steps of a fixed length and with small counters, so that compilers make vectors of it.
static uint64_t count_lines(struct text block)
{
    enum { STEP = 128 };
    uint64_t lines = 0;
    size_t at = 0;
    for (; at + STEP <= block.len; at += STEP) {
        uint8_t here = 0;
        for (size_t i = 0; i < STEP; i++)
            here = (uint8_t)(here + (block.ptr[at + i] == '\n'));
        lines += here;
    }
    for (; at < block.len; at++)
        lines += block.ptr[at] == '\n';
    return lines;
}

static void give_lines(struct feeder *feeder, struct text block)
{
    struct sink *sink = feeder->sink.next;
    if (block.len == 0)
        return;
    sink->lines(sink, &feeder->member, block, feeder->line);
    feeder->line += count_lines(block);
}

// Keeps the start of a line that is not over yet; what is more than line_bytes is dropped.
static void carry_on(struct feeder *feeder, struct text part)
{
    uint64_t most = feeder->limits->line_bytes;
    size_t room = feeder->carry.len < most ? (size_t)(most - feeder->carry.len) : 0;
    if (part.len > room && !feeder->dropped) {
        feeder->dropped = true;
        sink_warn(&feeder->sink, &feeder->member, feeder->line,
                  "a line longer than %llu bytes (limit line_bytes): its rest was dropped",
                  (unsigned long long)most);
    }
    buffer_add(&feeder->carry, text_slice(part, 0, room));
}

static void split_lines(struct feeder *feeder, struct text piece)
{
    const char *last = memrchr(piece.ptr, '\n', piece.len);
    if (!last) {
        carry_on(feeder, piece);
        return;
    }
    if (feeder->carry.len) { // the line that began in an earlier piece ends here
        size_t first = (size_t)text_find_byte(piece, '\n');
        carry_on(feeder, text_slice(piece, 0, first));
        buffer_putc(&feeder->carry, '\n');
        give_lines(feeder, buffer_text(&feeder->carry));
        buffer_clear(&feeder->carry);
        piece = text_from(piece, first + 1);
    }
    size_t whole = (size_t)(last + 1 - piece.ptr);
    give_lines(feeder, text_slice(piece, 0, whole));
    if (whole < piece.len)
        carry_on(feeder, text_from(piece, whole));
}

// ---- the member --------------------------------------------------------------------------------

void feeder_piece(struct feeder *feeder, struct text piece)
{
    if (piece.len == 0)
        return;
    feeder->bytes += piece.len;
    if (feeder->kind && feeder->kind->feed) {
        feeder->input.content = piece;
        feeder->kind->feed(&feeder->input);
    } else if (feeder->kind && feeder->whole.len < feeder->limits->whole_bytes) {
        buffer_add(&feeder->whole, text_slice(piece, 0, feeder->limits->whole_bytes - feeder->whole.len));
    }
    if (feeder->is_text && feeder->sink.next->lines)
        split_lines(feeder, piece);
}

static void end_kind(struct feeder *feeder)
{
    if (feeder->kind->feed) {
        feeder->input.content = (struct text){NULL, 0};
        feeder->kind->end(&feeder->input);
        return;
    }
    if (feeder->bytes > feeder->whole.len)
        sink_warn(&feeder->sink, &feeder->member, 0,
                  "longer than %llu bytes (limit whole_bytes): the rest was not looked at",
                  (unsigned long long)feeder->limits->whole_bytes);
    feeder->input.content = buffer_text(&feeder->whole);
    feeder->kind->parse(&feeder->input);
}

void feeder_end(struct feeder *feeder)
{
    struct sink *sink = feeder->sink.next;
    if (feeder->carry.len)
        give_lines(feeder, buffer_text(&feeder->carry));
    if (feeder->kind)
        end_kind(feeder);
    bool kept = feeder->is_text && feeder->bytes <= feeder->limits->keep_bytes;
    bool is_link = feeder->member.type == MEMBER_LINK;
    if (sink->listed && !feeder->kind && (is_link || !kept))
        sink->listed(sink, &feeder->member, feeder->bytes,
                     is_link           ? "link"
                     : feeder->is_text ? "text"
                                       : "binary");
    arena_reset(&feeder->arena);
    if (feeder->whole.capacity > SPARE_BYTES) // one large member must not hold its memory for ever
        buffer_release(&feeder->whole);
}

bool feeder_recognised(const struct feeder *feeder)
{
    return feeder->rows > 0;
}

void feeder_close(struct feeder *feeder)
{
    arena_release(&feeder->arena);
    arena_release(&feeder->pieces.arena);
    buffer_release(&feeder->state);
    buffer_release(&feeder->pieces.state);
    buffer_release(&feeder->whole);
    buffer_release(&feeder->carry);
    recall_close(feeder->recall);
    free(feeder);
}

// ---- pieces ------------------------------------------------------------------------------------

static bool begin_piece(struct input *input, const struct member *piece, struct text head)
{
    struct pieces *pieces = input->pieces;
    if (!pieces)
        return false;
    pieces->member = *piece;
    pieces->member.type = MEMBER_FILE;
    pieces->member.node = input->member->node;
    pieces->member.head = text_slice(head, 0, MEMBER_HEAD_BYTES);
    pieces->member.bare = false;
    pieces->kind = evidence_of(&pieces->member);
    if (!pieces->kind)
        return false;
    pieces->member.kind = pieces->kind->name;
    pieces->member.serial = ++pieces->serial;
    pieces->input = (struct input){
        .member = &pieces->member, .arena = &pieces->arena, .sink = input->sink, .limits = input->limits};
    if (pieces->kind->feed)
        pieces->input.state = fresh_state(&pieces->state, pieces->kind->state_bytes);
    return true;
}

static void end_piece(struct pieces *pieces)
{
    pieces->input.content = (struct text){NULL, 0};
    if (pieces->kind->feed)
        pieces->kind->end(&pieces->input);
    arena_reset(&pieces->arena);
}

void input_piece(struct input *input, const struct member *piece, struct text content)
{
    struct pieces *pieces = input->pieces;
    if (!begin_piece(input, piece, content))
        return;
    bool streams = pieces->kind->feed != NULL;
    pieces->input.content = streams ? content : text_slice(content, 0, input->limits->whole_bytes);
    (streams ? pieces->kind->feed : pieces->kind->parse)(&pieces->input);
    end_piece(pieces);
}

bool input_piece_begin(struct input *input, const struct member *piece, struct text head)
{
    return begin_piece(input, piece, head) && input->pieces->kind->feed;
}

void input_piece_feed(struct input *input, struct text content)
{
    input->pieces->input.content = content;
    input->pieces->kind->feed(&input->pieces->input);
}

void input_piece_end(struct input *input)
{
    end_piece(input->pieces);
}
