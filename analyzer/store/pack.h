// SPDX-License-Identifier: Apache-2.0
//
// A pack: numbered blocks of bytes that are written once, kept packed (squeeze.h) in memory up to a
// budget and beyond it in an unlinked temporary file, and read back whole by number.
//
// Compression runs in a thread of its own, a few blocks behind; where no thread can be had (or for the
// first block, which may be the only one) it runs in place. Which of both does not show in the result.
//
// The temporary file lies in $TMPDIR, else /var/tmp or /tmp, without a name and with mode 0600. It is opened
// with the pack, so that a sandbox may close the doors after. Where it cannot be had, blocks stay in memory.
#ifndef INQUEST_STORE_PACK_H
#define INQUEST_STORE_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buffer.h"

struct pack;

struct pack *pack_open(uint64_t memory_bytes);
void pack_close(struct pack **pack); // fits CLEANUP()

// Takes what *block holds and leaves it empty, maybe with other memory. Gives the block's number, from 0
// on. Waits when the compressor is several blocks behind.
uint32_t pack_add(struct pack *pack, struct buffer *block);

// Waits for the compressor. Before the first read; harmless twice. What is added later is compressed in
// place.
void pack_seal(struct pack *pack);

// Puts the block into *out, in place of what was there. False when there is no such block or it was lost.
bool pack_read(struct pack *pack, uint32_t number, struct buffer *out);

// Whether a block was lost: written short, or read back damaged.
bool pack_damaged(const struct pack *pack);

#endif
