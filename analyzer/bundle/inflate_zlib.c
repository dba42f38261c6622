// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bundle/inflate.h"
#include "util/memory.h"

enum { GZIP_FORMAT = 15 + 16 };

struct inflater {
    z_stream zlib;
    unsigned skip; // bytes of a member's trailer that zlib did not take
};

struct inflater *inflater_open(void)
{
    struct inflater *inflater = mem_alloc(1, sizeof *inflater);
    if (inflateInit2(&inflater->zlib, GZIP_FORMAT) != Z_OK)
        mem_exhausted();
    return inflater;
}

void inflater_close(struct inflater *inflater)
{
    (void)inflateEnd(&inflater->zlib);
    free(inflater);
}

void inflater_reset(struct inflater *inflater)
{
    (void)inflateReset(&inflater->zlib);
}

// A wrong checksum stands behind data that are all there; the length field behind it is still to be skipped.
static enum inflated data_error(struct inflater *inflater)
{
    const char *why = inflater->zlib.msg ? inflater->zlib.msg : "";
    if (strcmp(why, "incorrect header check") == 0 || strncmp(why, "unknown ", 8) == 0)
        return INFLATED_NO_HEADER;
    if (strcmp(why, "incorrect length check") == 0)
        return INFLATED_WRONG_SUM;
    if (strcmp(why, "incorrect data check") != 0)
        return INFLATED_DAMAGED;
    inflater->skip = 4;
    return INFLATED_MORE;
}

// At least one byte each time it is called with more.
static enum inflated skip_rest(struct inflater *inflater, struct text *in)
{
    size_t skipped = in->len < inflater->skip ? in->len : inflater->skip;
    *in = text_from(*in, skipped);
    inflater->skip -= (unsigned)skipped;
    return inflater->skip ? INFLATED_MORE : INFLATED_WRONG_SUM;
}

enum inflated inflater_run(struct inflater *inflater, struct text *in, unsigned char **out, size_t *room)
{
    z_stream *zlib = &inflater->zlib;
    if (inflater->skip)
        return skip_rest(inflater, in);
    uint32_t given = in->len < UINT32_MAX ? (uint32_t)in->len : UINT32_MAX;
    zlib->next_in = (unsigned char *)(uintptr_t)in->ptr; // only read
    zlib->avail_in = given;
    zlib->next_out = *out;
    zlib->avail_out = *room < UINT32_MAX ? (uint32_t)*room : UINT32_MAX;
    int result = inflate(zlib, Z_NO_FLUSH);
    *in = text_from(*in, given - zlib->avail_in);
    *room -= (size_t)(zlib->next_out - *out);
    *out = zlib->next_out;
    if (result == Z_STREAM_END)
        return INFLATED_MEMBER;
    enum inflated what = result == Z_DATA_ERROR ? data_error(inflater) : INFLATED_MORE;
    if (inflater->skip)
        return skip_rest(inflater, in);
    return result == Z_OK || result == Z_BUF_ERROR || result == Z_DATA_ERROR ? what : INFLATED_DAMAGED;
}
