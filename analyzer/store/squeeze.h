// SPDX-License-Identifier: Apache-2.0
//
// Packing of a block of bytes in memory, cheaper than zipping it: by LZ4 where it was there when this was
// built (squeeze_lz4.c), else by zstd (squeeze_zstd.c). A block of log records of 256 KiB: LZ4 takes 0.55 to
// 0.7 ns a byte for 1:5 and 0.1 to 0.2 to read back; zstd at level -7 0.6 to 0.95 for 1:5 to 1:6, and 0.23 to
// 0.36; at level 1 1.15 to 1.3 for 1:10.
#ifndef INQUEST_STORE_SQUEEZE_H
#define INQUEST_STORE_SQUEEZE_H

#include "util/text.h"

struct squeezer;

struct squeezer *squeezer_open(void);
void squeezer_close(struct squeezer *squeezer);

size_t squeeze_bound(size_t length); // bytes that packing `length` may need
// Gives the bytes that were written to `to`, which has room for squeeze_bound(raw.len); 0 where it failed.
size_t squeeze(struct squeezer *squeezer, struct text raw, char *to);
// Whether `packed` was `length` bytes, which stand in `to` then.
bool unsqueeze(struct squeezer *squeezer, struct text packed, char *to, size_t length);

// Which one, with its version: "LZ4 1.9.4".
const char *squeeze_version(void);

#endif
