// SPDX-License-Identifier: Apache-2.0
//
// Evidence: one member's text becomes rows. One file per kind, each ending in one const descriptor
// that evidence.list names. A parser sees its own member only and does not know SQLite; whatever
// joins members is a view in schema/.
#ifndef INQUEST_EVIDENCE_EVIDENCE_H
#define INQUEST_EVIDENCE_EVIDENCE_H

#include "bundle/limits.h"
#include "bundle/member.h"
#include "evidence/sink.h"
#include "util/arena.h"

struct input {
    const struct member *member;
    struct text content; // the whole member for parse(); the next piece for feed()
    struct arena *arena; // reset after the member
    struct sink *sink;
    const struct limits *limits;
    void *state; // of a streaming parser: state_bytes zeroed bytes
    struct pieces *pieces;
    struct recall *recall; // recall.h, for the one kind that uses it; may be NULL
};

struct evidence {
    const char *name;  // of the kind: "stack", "journal"
    const char *paths; // where it is found, for help and docs: "proc/<pid>/stack, stack.2"
    const char *help;  // one sentence: what it tells
    // Whether the member is of this kind, by its path and, where paths do not tell, its head. The
    // first in evidence.list that claims it gets it.
    bool (*claims)(const struct member *member);
    // A kind that is read whole. NULL for a streaming one.
    void (*parse)(struct input *input);
    // A streaming kind (logs, profiles): feed() is given pieces cut at any byte, end() comes once
    // after the last, also after damage.
    size_t state_bytes;
    void (*feed)(struct input *input);
    void (*end)(struct input *input);
};

extern const struct evidence *const evidence_table[]; // ends with NULL

// The kind that claims the member, or NULL.
const struct evidence *evidence_of(const struct member *member);

// Whether bytes are text: Go profiles, UTF-16 and noise have many control bytes.
bool head_is_text(struct text head);

// Feeds one member through its parser: begin, piece after piece, end. Also hands the lines of text
// members to sink->lines and what is not kept to sink->listed.
struct feeder;
struct feeder *feeder_open(const struct limits *limits, struct sink *sink);
void feeder_begin(struct feeder *feeder, const struct member *member);
void feeder_piece(struct feeder *feeder, struct text piece);
void feeder_end(struct feeder *feeder);
// Whether any row but a warning came so far: a bundle without one holds nothing that we know.
bool feeder_recognised(const struct feeder *feeder);
void feeder_close(struct feeder *feeder);

// For a parser that finds other kinds inside its text (a pasted ticket, a Go dump in a log): hands
// a piece over as a member of its own. piece->path says what it is (proc/362091/stack), its source
// and line_base where it stands. Pieces of pieces are not taken.
void input_piece(struct input *input, const struct member *piece, struct text content);

// The same for a piece that comes bit by bit, so that a long log needs no more memory than a short one. One
// at a time, and no other pieces between begin and end. False where nobody takes it: then there is no end.
bool input_piece_begin(struct input *input, const struct member *piece, struct text head);
void input_piece_feed(struct input *input, struct text content);
void input_piece_end(struct input *input);

// The line number of a row of this member: its own line plus the member's line_base.
static inline int64_t input_line(const struct input *input, uint64_t line)
{
    return (int64_t)(line + input->member->line_base);
}

#endif
