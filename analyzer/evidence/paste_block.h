// SPDX-License-Identifier: Apache-2.0
//
// The pieces of a pasted text: lines that belong together, and whose they are.
#ifndef INQUEST_EVIDENCE_PASTE_BLOCK_H
#define INQUEST_EVIDENCE_PASTE_BLOCK_H

#include "evidence/evidence.h"
#include "evidence/paste_line.h"
#include "util/buffer.h"

struct numbered { // a line of the text
    struct paste_line line;
    uint64_t number; // in the text, from 1
    uint64_t glued;  // the line number that was glued before it; 0 for none
};

struct owner {
    int64_t pid, tid; // NO_ID for nobody named
    char comm[16], state;
    uint64_t line;     // where it is said
    char path[160];    // of a command's output that is read as it stands; "" for none
    char journal[160]; // where log lines are from
};

enum block { BLOCK_NONE, BLOCK_STACK, BLOCK_LISTING, BLOCK_LOG, BLOCK_REPORT, BLOCK_FILE, BLOCK_GOROUTINES };

struct blocks {
    struct owner owner; // who the next evidence is of
    int64_t last;       // task last named or shown; NO_ID for none

    enum block block;
    struct buffer text; // of the block; of a log only what was not yet handed over
    bool streaming;     // a log's piece is open
    uint64_t first;     // its first line
    int64_t pid, tid;   // its owner
    bool entry, over;   // of a stack: it reached the entry frames; its end mark came
    bool one_line, namespaces, descriptors, quoted, kernel;
    char path[160];
};

void blocks_init(struct blocks *blocks);
// Takes the next line; `next` is the one after it. Pieces that are complete go to input_piece().
void blocks_line(struct input *input, struct blocks *blocks, const struct numbered *line,
                 const struct paste_line *next);
// Hands over what is open, and frees.
void blocks_end(struct input *input, struct blocks *blocks);

#endif
