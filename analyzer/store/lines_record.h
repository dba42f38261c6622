// SPDX-License-Identifier: Apache-2.0
//
// One log record as bytes, and back. A record is written against the one before it in its span, so
// what repeats (unit, pid, host) costs a bit and a time a few bytes; a span starts with a zeroed coder.
//
//     byte      clock (3 bits) and what is as before: unit, pid, host, boot, "one line"
//     byte      priority + 1, or 0 for none (4 bits)
//     varints   line, time, what is not as before, the message's length + 1
//     bytes     the message
//
// A text is a number of `texts` (0 absent, 1 the bytes follow, n the text n - 2): units and hosts
// repeat, but a hostile log may bring a new one with every line, so only the first LINES_TEXTS get numbers.
#ifndef INQUEST_STORE_LINES_RECORD_H
#define INQUEST_STORE_LINES_RECORD_H

#include "evidence/rows.h"
#include "util/buffer.h"
#include "util/intern.h"
#include "util/room.h"

enum { LINES_TEXTS = 65536, LINES_TEXT_BYTES = 256 };

struct record_coder {
    uint64_t line; // the line behind the last record
    uint64_t pid, time[8];
    uint32_t unit, host, boot;                   // how the last texts were written
    struct text unit_text, host_text, boot_text; // reading only
};

// A text that there is no room for gets no number.
void record_write(struct buffer *out, struct record_coder *coder, struct intern *texts, struct room *names,
                  const struct row_log *row);

// Moves *rest behind the record. Texts point into *rest or `texts`. False at the end or at damage.
bool record_read(struct text *rest, struct record_coder *coder, const struct intern *texts,
                 struct row_log *row);

// Numbers of 7 bits a byte, the lowest first: at most VARINT_BYTES.
enum { VARINT_BYTES = 10 };
char *varint_write(char *to, uint64_t number);
bool varint_read(struct text *rest, uint64_t *number);
bool varint_read_text(struct text *rest, struct text *text); // a length and so many bytes

#endif
