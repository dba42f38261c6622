// SPDX-License-Identifier: Apache-2.0
//
// Go dumps inside logs: what SIGQUIT or SIGUSR1 makes a daemon print, each line a record of its own, or all
// of it in one escaped message (`=== BEGIN goroutine stack dump ===\n…`). A dump is gathered and handed to
// the reader of goroutines as a piece, pprof/<unit>/goroutine.txt. Other records of the same daemon may stand
// between its lines; those of others are not looked at.
//
// Lines of the piece keep their numbers in the log: before each goroutine blank lines make up for records
// that were left out.
#ifndef INQUEST_EVIDENCE_LOG_DUMP_H
#define INQUEST_EVIDENCE_LOG_DUMP_H

#include "evidence/evidence.h"
#include "util/buffer.h"

// LOG_DUMP_BYTES: a whole dump in one message is longer.
enum { DUMPS = 4, DUMP_FOREIGN_LINES = 64, LOG_DUMP_BYTES = 2048 };

struct log_dump {
    bool open;
    int64_t pid;        // whose; ROW_NULL where records have none
    struct buffer unit; // likewise
    struct buffer text;
    uint64_t first, line; // of the member: the dump's first line, and the one behind its last
    unsigned foreign;     // records of the daemon in a row that are not of the dump
};

struct log_dumps {
    struct log_dump dumps[DUMPS]; // of several daemons at once
    size_t open;
    struct buffer unescaped;
};

// One line of a record's message. Cheap where no dump is open and none begins.
void log_dump_line(struct log_dumps *dumps, struct input *input, struct text unit, int64_t pid,
                   struct text message, uint64_t line);
// Hands over what is open, and frees.
void log_dumps_end(struct log_dumps *dumps, struct input *input);

#endif
