// SPDX-License-Identifier: Apache-2.0
//
// The inside of the evidence kind `log`: bytes become lines (log_split.c), lines become records
// (log_record.c), or bytes become records at once (log_export.c).
#ifndef INQUEST_EVIDENCE_LOG_READER_H
#define INQUEST_EVIDENCE_LOG_READER_H

#include "evidence/evidence.h"
#include "evidence/log_dump.h"
#include "evidence/log_line.h"
#include "evidence/report.h"
#include "util/utf16.h"

// journalctl -o export: a field is `NAME=value`, or a name alone, eight bytes of length and so many bytes.
struct log_export {
    enum { EXPORT_LINE, EXPORT_LENGTH, EXPORT_DATA, EXPORT_DATA_END } state;
    struct buffer part;    // of a line or of a binary field's value
    struct buffer name;    // of a binary field
    uint64_t length, have; // of it; bytes of the length or value read
    bool dropped;
    struct log_fields fields;
    struct arena arena; // their values
    bool any;
    uint64_t line, first,
        part_line; // number of the line, as wc counts; of the record's and the field's first
};

struct log_reader {
    bool open;
    enum { LOG_LINES, LOG_EXPORT } mode;
    struct log_format format;

    // bytes to lines
    struct buffer carry; // a line whose end has not come
    struct buffer clean; // a line without its escape sequences
    struct utf16 utf16;
    bool escapes;                  // an ESC byte was seen in this member
    uint64_t nuls;                 // in a row, not in carry yet
    uint64_t line;                 // number of the line being read
    uint64_t cut_lines, first_cut; // longer than limits.line_bytes
    bool dropping;                 // the rest of one
    uint64_t glued; // the number that a paste glued before the next line; 0: not known, NOT_GLUED: none
    struct log_export export;

    // lines to records
    bool held; // a record waits for lines that continue it
    struct log_line records[2];
    size_t current;        // of records: the held one
    uint64_t first, lines; // its first line and their number
    struct text last;      // its last physical line
    struct buffer joined, kept, tail;
    bool joining;                      // its message is in `joined`
    uint64_t split_lines, split_bytes; // records that were split at limits.join_lines and limits.line_bytes
    uint64_t blanks;                   // blank lines behind it, which count if more of it follows
    bool wall;                         // the line before was a wall message's head: its host and time
    struct log_line wall_line;

    // what runs through the records
    struct buffer boot; // the row's boot; empty: none
    struct buffer first_boot;
    uint64_t boots; // marks seen
    int64_t last_printk, last_time;
    enum clock last_clock;
    uint64_t since_mark;                     // records since the last boot mark
    uint64_t forth, back;                    // steps of time from record to record
    int64_t delay_line, delay_s, delay_time; // records that arrive late; delay_line 0: none now
    enum clock delay_clock;
    struct buffer delay_unit;
    struct report *report; // of the kernel's records; opened at the first
    struct log_dumps dumps;
};

enum { NOT_GLUED = INT32_MAX };

void log_split_feed(struct log_reader *reader, struct input *input);
void log_split_end(struct log_reader *reader, struct input *input);
void log_export_feed(struct log_reader *reader, struct input *input);
void log_export_end(struct log_reader *reader, struct input *input);

// A whole line. `stable`: its bytes stay where they are until this feed() ends.
void log_record_line(struct log_reader *reader, struct input *input, struct text line, uint64_t number,
                     bool stable);
// What stood on a line before a hole of NUL bytes: the last words before a power loss. The record behind the
// hole has the line's number, so they go to the record before.
void log_record_fragment(struct log_reader *reader, struct input *input, struct text text, uint64_t number);
// A record that came whole, with the lines it took.
void log_record_whole(struct log_reader *reader, struct input *input, struct log_line *line, uint64_t first,
                      uint64_t lines);
// This feed() ends: what is held must not point into its bytes.
void log_record_settle(struct log_reader *reader);
// The member ends: what is held, open reports and dumps, and what the log says of its clock.
void log_record_end(struct log_reader *reader, struct input *input);

// A record that takes longer to arrive waited for a stuck journal.
enum { LOG_LATE_S = 60 };

// ---- log_boot.c: boots, delays and the facts of a member's clock
void log_boot_note(struct log_reader *reader, struct input *input, const struct log_line *line,
                   uint64_t number);
void log_boot_mark(struct log_reader *reader, struct input *input, struct text id, uint64_t number,
                   const struct log_line *line);
void log_delay_note(struct log_reader *reader, struct input *input, const struct log_line *line,
                    uint64_t number);
void log_facts_emit(struct log_reader *reader, struct input *input);

// A clock as rows have it.
static inline int64_t row_clock(enum clock clock)
{
    return clock == CLOCK_NONE ? ROW_NULL : (int64_t)clock;
}

#endif
