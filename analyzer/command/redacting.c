// SPDX-License-Identifier: Apache-2.0
#include "command/redacting.h"

#include <stdlib.h>

#include "command/twice.h"
#include "util/memory.h"

struct redacting {
    struct redactor *redactor;
    enum redactor_fate fate;
    struct buffer path, out;
};

bool redacting_open(struct redacting **redacting, const char *path, const struct limits *limits, bool quiet,
                    struct error *err)
{
    *redacting = mem_alloc(1, sizeof **redacting);
    (*redacting)->redactor = redactor_open(limits);
    return twice_prepare(path, limits, err) &&
           redactor_learn_bundle((*redacting)->redactor, path, limits, quiet, err);
}

void redacting_close(struct redacting **redacting)
{
    struct redacting *old = *redacting;
    if (!old)
        return;
    redactor_close(&old->redactor);
    buffer_release(&old->path);
    buffer_release(&old->out);
    free(old);
    *redacting = NULL;
}

void redacting_member(struct redacting *redacting, const struct member *member, struct member *as)
{
    struct text path, target;
    size_t suffix = member->source.len - member->path.len; // of its packing: `.gz` is no part of the path
    *as = *member;
    redacting->fate = redactor_begin(redacting->redactor, member, &path, &target);
    buffer_clear(&redacting->path);
    path_clean(path, &redacting->path);
    if (member->bare || !member_place(as, buffer_text(&redacting->path)))
        as->path = as->source = buffer_text(&redacting->path);
    if (!member->node.ptr)
        as->node = member->node;
    as->path.len -= suffix < as->path.len ? suffix : 0;
    member_place_task(as);
    as->link_target = target;
    as->head = redactor_head(redacting->redactor, member);
}

void redacting_feed(struct redacting *redacting, struct bundle *bundle, const struct member *as,
                    struct feeder *feeder, struct progress *progress)
{
    struct buffer *out = &redacting->out;
    struct text piece;
    const char *why;
    feeder_begin(feeder, as);
    while (redacting->fate == REDACTOR_TAKES && bundle_read(bundle, &piece)) {
        buffer_clear(out);
        redactor_piece(redacting->redactor, piece, out);
        feeder_piece(feeder, buffer_text(out));
        progress_add(progress, 0, piece.len);
    }
    buffer_clear(out);
    (void)redactor_end(redacting->redactor, out, &why);
    feeder_piece(feeder, buffer_text(out));
    feeder_end(feeder);
    if (out->capacity > 1 << 22)
        buffer_release(out);
}

void redacting_text(struct redacting *redacting, struct text text, struct buffer *out)
{
    redactor_text(redacting->redactor, text, out);
}
