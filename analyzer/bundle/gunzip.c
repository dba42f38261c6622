// SPDX-License-Identifier: Apache-2.0
//
// gzip not through libarchive, whose filter throws away up to 64 KiB of good bytes when a stream is cut or
// damaged: of a small profile that is all of it. RFC 1952.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/inflate.h"
#include "bundle/source.h"
#include "util/memory.h"

enum { OUT_BLOCK = 256 * 1024 };

struct gunzip {
    struct source source;
    struct source *packed;
    struct budget *budget;
    struct inflater *inflater;
    struct text in;   // what is left of the packed block
    bool ended;       // the stream is over
    bool between;     // a gzip member has ended, the next may follow
    uint64_t members; // that ended
    unsigned char out[OUT_BLOCK];
};

// Position in the packed bytes.
static uint64_t packed_at(const struct gunzip *gunzip)
{
    return gunzip->packed->bytes - gunzip->in.len;
}

static void damaged(struct gunzip *gunzip, const char *how)
{
    (void)snprintf(gunzip->source.damage, sizeof gunzip->source.damage, "%s gzip stream at byte %llu", how,
                   (unsigned long long)packed_at(gunzip));
    gunzip->ended = true;
}

// False at the end of the packed bytes.
static bool refill(struct gunzip *gunzip)
{
    return gunzip->in.len || source_read(gunzip->packed, &gunzip->in);
}

// Whether a member may begin here. The second byte may lie in the next block.
static bool is_member(struct text in)
{
    return in.ptr[0] == '\x1f' && (in.len == 1 || in.ptr[1] == '\x8b');
}

// Behind a member: another member, or padding and junk that nobody promised anything about.
static bool begin_next_member(struct gunzip *gunzip)
{
    if (!refill(gunzip) || !is_member(gunzip->in)) {
        gunzip->ended = true;
        return false;
    }
    inflater_reset(gunzip->inflater);
    return true;
}

static void handle(struct gunzip *gunzip, enum inflated inflated)
{
    bool wrong = inflated == INFLATED_WRONG_SUM; // of data that are all there
    if (wrong)
        (void)snprintf(gunzip->source.note, sizeof gunzip->source.note, "a gzip checksum is wrong");
    if (wrong || inflated == INFLATED_MEMBER) {
        gunzip->between = true;
        gunzip->members++;
    } else if (inflated == INFLATED_NO_HEADER && gunzip->members) {
        gunzip->ended = true; // junk behind the last member that begins like one
    } else if (inflated != INFLATED_MORE) {
        damaged(gunzip, "damaged");
    }
}

static bool gunzip_next(struct source *source, struct text *block)
{
    struct gunzip *gunzip = (struct gunzip *)source;
    unsigned char *begin = source->into.room >= OUT_BLOCK ? (unsigned char *)source->into.ptr : gunzip->out;
    unsigned char *out = begin;
    size_t room = OUT_BLOCK;
    while (!gunzip->ended && room) {
        if (gunzip->between && !begin_next_member(gunzip))
            break;
        gunzip->between = false;
        if (!refill(gunzip)) {
            damaged(gunzip, "truncated");
            break;
        }
        handle(gunzip, inflater_run(gunzip->inflater, &gunzip->in, &out, &room));
    }
    *block = (struct text){(const char *)begin, OUT_BLOCK - room};
    if (!budget_allows(gunzip->budget, packed_at(gunzip), source->bytes + block->len, source->damage,
                       sizeof source->damage))
        gunzip->ended = true;
    return block->len > 0;
}

static void gunzip_close(struct source *source)
{
    struct gunzip *gunzip = (struct gunzip *)source;
    budget_end(gunzip->budget, packed_at(gunzip), source->bytes);
    inflater_close(gunzip->inflater);
    free(gunzip);
}

struct source *source_gunzip(struct source *packed, struct budget *budget)
{
    struct gunzip *gunzip = mem_resize(NULL, 1, sizeof *gunzip); // `out` stays as it is: clearing it costs
    memset(gunzip, 0, offsetof(struct gunzip, out));
    gunzip->source.next = gunzip_next;
    gunzip->source.close = gunzip_close;
    gunzip->packed = packed;
    gunzip->budget = budget;
    budget_begin(budget);
    gunzip->inflater = inflater_open();
    return &gunzip->source;
}
