// SPDX-License-Identifier: Apache-2.0
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

#include "bundle/inflate.h"
#include "util/memory.h"

struct inflater {
    struct inflate_state state;
};

static void begin(struct inflater *inflater)
{
    inflater->state.crc_flag = ISAL_GZIP;
}

struct inflater *inflater_open(void)
{
    struct inflater *inflater = mem_resize(NULL, 1, sizeof *inflater); // 90 KB that need no clearing
    isal_inflate_init(&inflater->state);
    begin(inflater);
    return inflater;
}

void inflater_close(struct inflater *inflater)
{
    free(inflater);
}

void inflater_reset(struct inflater *inflater)
{
    isal_inflate_reset(&inflater->state);
    begin(inflater);
}

enum inflated inflater_run(struct inflater *inflater, struct text *in, unsigned char **out, size_t *room)
{
    struct inflate_state *state = &inflater->state;
    uint32_t given = in->len < UINT32_MAX ? (uint32_t)in->len : UINT32_MAX;
    state->next_in = (unsigned char *)(uintptr_t)in->ptr; // only read
    state->avail_in = given;
    state->next_out = *out;
    state->avail_out = *room < UINT32_MAX ? (uint32_t)*room : UINT32_MAX;
    int result = isal_inflate(state);
    *in = text_from(*in, given - state->avail_in);
    *room -= (size_t)(state->next_out - *out);
    *out = state->next_out;
    if (result == ISAL_INCORRECT_CHECKSUM && state->block_state == ISAL_BLOCK_FINISH)
        return INFLATED_WRONG_SUM;
    if (result == ISAL_INVALID_WRAPPER || result == ISAL_UNSUPPORTED_METHOD)
        return INFLATED_NO_HEADER;
    if (result < 0)
        return INFLATED_DAMAGED;
    return state->block_state == ISAL_BLOCK_FINISH ? INFLATED_MEMBER : INFLATED_MORE;
}
