// SPDX-License-Identifier: Apache-2.0
//
// A source gives bytes in order, block after block: a file on disk, or what unpacks another source.
// Sources stack: tar reader ← gunzip ← file. A source that ends before its time says why in `damage`;
// what it gave until then is good.
#ifndef INQUEST_BUNDLE_SOURCE_H
#define INQUEST_BUNDLE_SOURCE_H

#include "bundle/bundle.h"
#include "bundle/limits.h"
#include "util/text.h"

struct place {
    char *ptr; // NULL: wherever the source likes
    size_t room;
};

struct source {
    bool (*next)(struct source *source, struct text *block); // false at the end; blocks are not empty
    void (*close)(struct source *source);                    // frees it, not what it stands on
    struct text pushed;                                      // the block that source_peek looked at
    struct place into; // where the next block should be put; a source that can does so
    uint64_t bytes;    // given out so far
    char damage[160];  // "" for a clean end
    char note[80];     // damage that lost nothing: a wrong checksum
};

// The next block, valid until the next call. False at the end.
bool source_read(struct source *source, struct text *block);
// The first block without taking it; empty when there is none.
struct text source_peek(struct source *source);
// Drops bytes of the peeked block.
void source_skip(struct source *source, size_t bytes);
void source_close(struct source **source);

// Reads the descriptor from where it stands and closes it with the source. The blocks are full but for the
// last.
struct source *source_of_file(int fd);
// The SHA-256 of the whole file as hexadecimal (65 bytes): reads on to its end; "" when that is more
// than `bytes` away.
void source_digest(struct source *file, uint64_t bytes, char hex[static 65]);

// Reads `inner` ahead in a thread of its own, from the second megabyte on. Until it is closed nobody else may
// touch inner, not even its damage.
struct source *source_ahead(struct source *inner);
// Has that thread, once it runs, show each block to `look` before anybody gets it; NULL for no more. Blocks
// that are read already come without.
void source_watch(struct source *ahead, bundle_look *look, void *context);
// What look noted of the block that was read last, which is put into *block; absent where it did not look or
// could not tell. Both are valid until the next block is read.
struct text source_notes(const struct source *ahead, struct text *block);

// What an unpacking source may cost. A stretch that grows more than `ratio` times is dense; dense
// stretches together may hold dense_most bytes. `dense` lives on from member to member.
struct budget {
    const struct limits *limits;
    uint64_t dense_most; // bytes; limits.dense_bytes or less
    uint64_t dense;
    uint64_t packed, unpacked; // where the present stretch began
};
void budget_begin(struct budget *budget); // of another stream: counts from zero
// False when the bytes so far are too many; `why` then says so.
bool budget_allows(struct budget *budget, uint64_t packed, uint64_t unpacked, char *why, size_t room);
void budget_end(struct budget *budget, uint64_t packed, uint64_t unpacked); // the stream is over

// Unpack gzip (all members), zstd (all frames), xz (all streams; what takes more memory to unpack than half
// of limits.memory_mb ends these), and whatever `packing` says. `packed` and the budget are not owned and
// must outlive.
struct source *source_gunzip(struct source *packed, struct budget *budget);
struct source *source_unzstd(struct source *packed, struct budget *budget);
struct source *source_unxz(struct source *packed, struct budget *budget);
enum packing { PACKING_NONE, PACKING_GZIP, PACKING_XZ, PACKING_ZSTD, PACKING_BZIP2 };
struct source *source_unpack(struct source *packed, enum packing packing, struct budget *budget);

#endif
