// SPDX-License-Identifier: Apache-2.0
//
// Bytes that wait: in memory while they are few, then in a file without a name in TMPDIR (or /var/tmp, /tmp).
#ifndef INQUEST_UTIL_SPOOL_H
#define INQUEST_UTIL_SPOOL_H

#include "util/buffer.h"
#include "util/error.h"

// A file that nobody else can open, gone when it is closed; -1 where none can be made.
int open_nameless(void);

struct spool {
    struct buffer memory;
    int file; // -1 until it is needed
    uint64_t bytes;
    bool failed;
};

void spool_init(struct spool *spool);
bool spool_add(struct spool *spool, struct text piece); // false, then and ever after, where the disk is full
// Gives everything, piece after piece, to take(), as long as that says true. Says whether all went well.
bool spool_give(struct spool *spool, bool (*take)(void *context, struct text piece), void *context);
void spool_clear(struct spool *spool); // empty again; keeps a little memory and the file
void spool_release(struct spool *spool);

#endif
