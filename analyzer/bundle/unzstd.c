// SPDX-License-Identifier: Apache-2.0
//
// zstd not through libarchive, whose filter costs a copy more and throws away good bytes in front of a
// damage. RFC 8878: frames one after the other, frames to be skipped between them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "bundle/bundle.h"
#include "bundle/source.h"
#include "util/memory.h"

enum { OUT_BLOCK = 256 * 1024, BLOCK_HEADER = 3, WINDOW_LOG_MIN = 10, WINDOW_LOG_MAX = 27 };

struct unzstd {
    struct source source;
    struct source *packed;
    struct budget *budget;
    ZSTD_DCtx *decoder;
    struct text in;  // what is left of the packed block
    size_t wanted;   // bytes of input that the decoder asks for next
    bool in_frame;   // one has begun and not ended
    bool more;       // the decoder may hold unpacked bytes for which there was no room
    bool ended;      // the stream is over
    uint64_t frames; // that ended
    char out[OUT_BLOCK];
};

// Position in the packed bytes.
static uint64_t packed_at(const struct unzstd *unzstd)
{
    return unzstd->packed->bytes - unzstd->in.len;
}

static void damaged(struct unzstd *unzstd, const char *how, const char *why)
{
    (void)snprintf(unzstd->source.damage, sizeof unzstd->source.damage, "%s zstd stream at byte %llu%s%s%s",
                   how, (unsigned long long)packed_at(unzstd), why ? " (" : "", why ? why : "",
                   why ? ")" : "");
    unzstd->ended = true;
}

// False at the end of the packed bytes.
static bool refill(struct unzstd *unzstd)
{
    return unzstd->in.len || source_read(unzstd->packed, &unzstd->in);
}

// Where a frame could begin. Zeros behind one are padding.
static bool between_frames(struct unzstd *unzstd)
{
    while (refill(unzstd)) {
        if (!unzstd->frames || unzstd->in.ptr[0] != '\0')
            return true;
        unzstd->in = text_from(unzstd->in, 1);
    }
    unzstd->ended = true;
    return false;
}

static void frame_begin(struct unzstd *unzstd)
{
    unzstd->wanted = ZSTD_initDStream(unzstd->decoder);
    unzstd->in_frame = unzstd->more = false;
}

// `given` is what the decoder was given; what it makes of it, it has taken.
static void handle(struct unzstd *unzstd, size_t result, size_t given)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_checksum_wrong) { // of data that are all there
        (void)snprintf(unzstd->source.note, sizeof unzstd->source.note, "a zstd checksum is wrong");
        unzstd->in = text_from(unzstd->in, given);
        result = 0;
    } else if (code == ZSTD_error_frameParameter_windowTooLarge) {
        damaged(unzstd, "unreadable", "its window is too large: limit memory_mb");
    } else if (code == ZSTD_error_memory_allocation) {
        mem_exhausted();
    } else if (ZSTD_isError(result)) {
        damaged(unzstd, "damaged", ZSTD_getErrorName(result));
    }
    if (result == 0) {
        unzstd->frames++;
        frame_begin(unzstd);
    } else {
        unzstd->wanted = result;
    }
}

// Gives the decoder one block's body or one header at a time, and none while it still has bytes to hand out:
// when it meets damage it forgets what the same call has unpacked before. Its answer is the size of the next
// body and of the header behind.
static void step(struct unzstd *unzstd, ZSTD_outBuffer *out)
{
    size_t piece = unzstd->more                    ? 0
                   : unzstd->wanted > BLOCK_HEADER ? unzstd->wanted - BLOCK_HEADER
                                                   : unzstd->wanted;
    ZSTD_inBuffer in = {unzstd->in.ptr, unzstd->in.len < piece ? unzstd->in.len : piece, 0};
    size_t result = ZSTD_decompressStream(unzstd->decoder, out, &in);
    unzstd->in = text_from(unzstd->in, in.pos);
    unzstd->in_frame = true;
    unzstd->more = out->pos == out->size;
    handle(unzstd, result, in.size - in.pos);
}

static bool unzstd_next(struct source *source, struct text *block)
{
    struct unzstd *unzstd = (struct unzstd *)source;
    char *begin = source->into.room >= OUT_BLOCK ? source->into.ptr : unzstd->out;
    ZSTD_outBuffer out = {begin, OUT_BLOCK, 0};
    while (!unzstd->ended && out.pos < out.size) {
        if (!unzstd->in_frame && !between_frames(unzstd))
            break;
        if (!unzstd->more && !refill(unzstd))
            damaged(unzstd, "truncated", NULL);
        else
            step(unzstd, &out);
    }
    *block = (struct text){begin, out.pos};
    if (!budget_allows(unzstd->budget, packed_at(unzstd), source->bytes + block->len, source->damage,
                       sizeof source->damage))
        unzstd->ended = true;
    return block->len > 0;
}

static void unzstd_close(struct source *source)
{
    struct unzstd *unzstd = (struct unzstd *)source;
    budget_end(unzstd->budget, packed_at(unzstd), source->bytes);
    (void)ZSTD_freeDCtx(unzstd->decoder);
    free(unzstd);
}

// A frame says how much memory it takes to unpack: half of what a bundle may have, as for xz, and no more
// than zstd itself takes without being told.
static int window_log(const struct limits *limits)
{
    int log = WINDOW_LOG_MIN;
    while (log < WINDOW_LOG_MAX && (UINT64_C(2) << log) <= limits->memory_mb / 2 << 20)
        log++;
    return log;
}

struct source *source_unzstd(struct source *packed, struct budget *budget)
{
    struct unzstd *unzstd = mem_resize(NULL, 1, sizeof *unzstd); // `out` stays as it is: clearing it costs
    memset(unzstd, 0, offsetof(struct unzstd, out));
    unzstd->source.next = unzstd_next;
    unzstd->source.close = unzstd_close;
    unzstd->packed = packed;
    unzstd->budget = budget;
    budget_begin(budget);
    unzstd->decoder = ZSTD_createDCtx();
    if (!unzstd->decoder)
        mem_exhausted();
    (void)ZSTD_DCtx_setParameter(unzstd->decoder, ZSTD_d_windowLogMax, window_log(budget->limits));
    frame_begin(unzstd);
    return &unzstd->source;
}

const char *bundle_zstd_version(void)
{
    return ZSTD_versionString();
}
