// SPDX-License-Identifier: Apache-2.0
//
// xz not through libarchive, whose filter throws away up to 64 KiB of good bytes in front of a cut. Streams
// one after the other, with padding between them (xz file format 1.2.0).
#include <lzma.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "bundle/source.h"
#include "util/memory.h"

enum { OUT_BLOCK = 256 * 1024 };

struct unxz {
    struct source source;
    struct source *packed;
    struct budget *budget;
    lzma_stream stream;
    bool ended; // it is over
    uint8_t out[OUT_BLOCK];
};

static uint64_t packed_at(const struct unxz *unxz)
{
    return unxz->packed->bytes - unxz->stream.avail_in;
}

static void damaged(struct unxz *unxz, const char *how, const char *why)
{
    (void)snprintf(unxz->source.damage, sizeof unxz->source.damage, "%s xz stream at byte %llu%s%s%s", how,
                   (unsigned long long)packed_at(unxz), why[0] ? " (" : "", why, why[0] ? ")" : "");
}

static void end_with(struct unxz *unxz, lzma_ret result)
{
    unxz->ended = true;
    switch (result) {
    case LZMA_STREAM_END:
        break;
    case LZMA_MEM_ERROR:
        mem_exhausted();
    case LZMA_MEMLIMIT_ERROR:
        damaged(unxz, "unreadable", "its dictionary is too large: limit memory_mb");
        break;
    case LZMA_BUF_ERROR: // there is no more of it
        damaged(unxz, "truncated", "");
        break;
    case LZMA_FORMAT_ERROR:
        damaged(unxz, "damaged", "what follows is no xz stream");
        break;
    case LZMA_OPTIONS_ERROR:
        damaged(unxz, "unreadable", "a filter that is not known");
        break;
    default:
        damaged(unxz, "damaged", "");
    }
}

// What the decoder has unpacked when it meets a cut or damage is good, and was handed out.
static void step(struct unxz *unxz)
{
    struct text piece = {(const char *)unxz->stream.next_in, unxz->stream.avail_in};
    bool more = piece.len || source_read(unxz->packed, &piece);
    unxz->stream.next_in = (const uint8_t *)piece.ptr;
    unxz->stream.avail_in = more ? piece.len : 0;
    lzma_ret result = lzma_code(&unxz->stream, more ? LZMA_RUN : LZMA_FINISH);
    if (result != LZMA_OK)
        end_with(unxz, result);
}

static bool unxz_next(struct source *source, struct text *block)
{
    struct unxz *unxz = (struct unxz *)source;
    uint8_t *begin = source->into.room >= OUT_BLOCK ? (uint8_t *)source->into.ptr : unxz->out;
    unxz->stream.next_out = begin;
    unxz->stream.avail_out = OUT_BLOCK;
    while (!unxz->ended && unxz->stream.avail_out)
        step(unxz);
    *block = (struct text){(const char *)begin, OUT_BLOCK - unxz->stream.avail_out};
    if (!budget_allows(unxz->budget, packed_at(unxz), source->bytes + block->len, source->damage,
                       sizeof source->damage))
        unxz->ended = true;
    return block->len > 0;
}

static void unxz_close(struct source *source)
{
    struct unxz *unxz = (struct unxz *)source;
    budget_end(unxz->budget, packed_at(unxz), source->bytes);
    lzma_end(&unxz->stream);
    free(unxz);
}

struct source *source_unxz(struct source *packed, struct budget *budget)
{
    struct unxz *unxz = mem_resize(NULL, 1, sizeof *unxz); // `out` stays as it is: clearing it costs
    memset(unxz, 0, offsetof(struct unxz, out));
    unxz->source.next = unxz_next;
    unxz->source.close = unxz_close;
    unxz->packed = packed;
    unxz->budget = budget;
    unxz->stream = (lzma_stream)LZMA_STREAM_INIT;
    budget_begin(budget);
    // a dictionary may take half of what a bundle may have, as a zstd window
    uint64_t most_bytes = budget->limits->memory_mb / 2 << 20;
    if (lzma_stream_decoder(&unxz->stream, most_bytes, LZMA_CONCATENATED) != LZMA_OK)
        mem_exhausted();
    return &unxz->source;
}

const char *bundle_xz_version(void)
{
    return lzma_version_string();
}
