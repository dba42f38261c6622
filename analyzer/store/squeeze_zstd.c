// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <zstd.h>

#include "store/squeeze.h"
#include "util/memory.h"

enum { LEVEL = -7 };

struct squeezer {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
};

struct squeezer *squeezer_open(void)
{
    struct squeezer *squeezer = mem_alloc(1, sizeof *squeezer);
    squeezer->compressor = ZSTD_createCCtx();
    squeezer->decompressor = ZSTD_createDCtx();
    if (!squeezer->compressor || !squeezer->decompressor)
        mem_exhausted();
    return squeezer;
}

void squeezer_close(struct squeezer *squeezer)
{
    (void)ZSTD_freeCCtx(squeezer->compressor);
    (void)ZSTD_freeDCtx(squeezer->decompressor);
    free(squeezer);
}

size_t squeeze_bound(size_t length)
{
    return ZSTD_compressBound(length);
}

size_t squeeze(struct squeezer *squeezer, struct text raw, char *to)
{
    size_t length =
        ZSTD_compressCCtx(squeezer->compressor, to, ZSTD_compressBound(raw.len), raw.ptr, raw.len, LEVEL);
    return ZSTD_isError(length) ? 0 : length;
}

bool unsqueeze(struct squeezer *squeezer, struct text packed, char *to, size_t length)
{
    return ZSTD_decompressDCtx(squeezer->decompressor, to, length, packed.ptr, packed.len) == length;
}

const char *squeeze_version(void)
{
    return "zstd " ZSTD_VERSION_STRING;
}
