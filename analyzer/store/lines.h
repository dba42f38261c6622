// SPDX-License-Identifier: Apache-2.0
//
// Every log record and every kept text, without a row each: appended while the bundle streams in,
// kept in compressed blocks, read back in order or by place.
//
// A block is at most LINES_BLOCK_BYTES of serialised records of one kind, log or text. Full blocks are
// compressed by a thread of their own (or in place where there can be none), and what takes more than
// the pack's share of memory goes to an unlinked temporary file. What stays in memory for good is
// about 150 bytes a block, 24 bytes and the name for a log member, 8 bytes for a text member.
//
// Costs: adding copies the message once. A cursor reads each block that its filter does not rule
// out once, and in it each record once. Finding one line costs a binary search and one block (0.2 ms).
// Memory of a cursor: one block, which readers of the same block share; eight stay unpacked for the next.
//
// Adding and reading do not mix: the first cursor or lines_text seals the keeper (lines_seal).
#ifndef INQUEST_STORE_LINES_H
#define INQUEST_STORE_LINES_H

#include "bundle/limits.h"
#include "evidence/rows.h"
#include "store/pack.h"
#include "store/settle.h"
#include "util/buffer.h"
#include "util/room.h"

enum { LINES_BLOCK_BYTES = 256 * 1024, LINES_MEMORY_BYTES = 32 * 1024 * 1024 };

struct line_store;

// pack: where the blocks go, and names: the room for names of members, units, hosts and boots. Keepers may
// share them; all outlive the keeper.
struct line_store *lines_open(const struct limits *limits, struct pack *pack, struct room *names);
void lines_close(struct line_store **lines); // fits CLEANUP()

// The number of a log member (its `source`); LINES_NO_MEMBER for a new one above limits.log_members or
// without room for its name.
#define LINES_NO_MEMBER UINT32_MAX
uint32_t lines_log_member(struct line_store *lines, struct text member);
// A log record of the member of that number. The records of a member come one after the other with rising
// lines; members in any order.
void lines_add_log(struct line_store *lines, uint32_t member, const struct row_log *row);

// Lines of a text member as they pass (sink->lines); `first_line` is the number of the first.
void lines_add_text(struct line_store *lines, struct text member, uint64_t first_line, struct text text);

// Ends adding and waits for the compressor. Called by whoever reads first; harmless twice.
void lines_seal(struct line_store *lines);

uint64_t lines_log_count(const struct line_store *lines); // records
// Whether something could not be written to or read from the temporary file; those blocks are lost.
bool lines_damaged(struct line_store *lines); // seals

// How the times of all log members settle, of which lines_settle says nothing else.
void lines_settle_all(struct line_store *lines, const struct settlement *settlement);
// How the times of a log member settle (copied; before the cursor opens). newest_boot is the fact log_boot,
// absent where there is none. Without it times settle with settlement_null.
void lines_settle(struct line_store *lines, struct text member, const struct settlement *settlement,
                  struct text newest_boot);

// The text of a line for a person: of a log record that covers the line its message, else the line of a kept
// text. Appends to *out. False where it was not kept.
bool lines_text(struct line_store *lines, struct text member, int64_t line, struct buffer *out);
// The whole kept text of a member. Appends to *out. False where none was kept.
bool lines_member_text(struct line_store *lines, struct text member, struct buffer *out);

// ---- cursors: log records in the order of (member, line) -----------------------------------------
// Made for SQLite's xFilter, xEof, xNext, xColumn, xRowid. Any number at once, from one thread.
//
//     struct lines_cursor *cursor = lines_cursor_open(lines);
//     for (lines_cursor_filter(cursor, &query); !lines_cursor_eof(cursor); lines_cursor_next(cursor))
//         … lines_cursor_row(cursor)->message …
struct lines_cursor;

// What a scan may leave out. Every part is a hint that is honoured exactly.
struct lines_query {
    struct text member;            // only this one; absent: all
    int64_t first_line, last_line; // inclusive
    int64_t first_time, last_time; // settled, inclusive; any bound set leaves out records without a time
    const struct text *units;      // only these; NULL: all. Must outlive the scan
    size_t unit_count;
};
static const struct lines_query lines_query_all
    __attribute__((unused)) = {{0}, INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, 0, 0};

struct lines_cursor *lines_cursor_open(struct line_store *lines);
void lines_cursor_close(struct lines_cursor **cursor); // fits CLEANUP()

// Places the cursor before the first record that the query lets through, and on it.
void lines_cursor_filter(struct lines_cursor *cursor, const struct lines_query *query);
bool lines_cursor_eof(const struct lines_cursor *cursor);
void lines_cursor_next(struct lines_cursor *cursor);

// Of the record it stands on; texts live until the cursor moves. row->time is as the line had it, on
// row->clock; lines_cursor_time is settled.
struct text lines_cursor_member(const struct lines_cursor *cursor);
const struct row_log *lines_cursor_row(const struct lines_cursor *cursor);
int64_t lines_cursor_time(const struct lines_cursor *cursor);

// An opaque number of the record, stable while the keeper lives; and the way back: the cursor stands on
// that record alone, whatever the filter said. False, and at the end, when there is no such record.
int64_t lines_cursor_rowid(const struct lines_cursor *cursor);
bool lines_cursor_seek(struct lines_cursor *cursor, int64_t rowid);

// Of what packs blocks, with its name.
const char *lines_library_version(void);

#endif
