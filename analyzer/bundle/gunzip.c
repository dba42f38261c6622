// SPDX-License-Identifier: Apache-2.0
//
// gzip through zlib and not through libarchive, whose filter throws away up to 64 KiB of good bytes
// when a stream is cut or damaged: of a small profile that is all of it. RFC 1952.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bundle/source.h"
#include "util/memory.h"

enum { OUT_BLOCK = 256 * 1024, GZIP_FORMAT = 15 + 16 };

struct gunzip {
    struct source source;
    struct source *packed;
    struct budget *budget;
    z_stream zlib;
    struct text in;   // the block that zlib reads, to know how much of it is left
    bool open, ended; // zlib is initialised; the stream is over
    bool between;     // a gzip member has ended, the next may follow
    uint64_t members; // that ended
    unsigned char out[OUT_BLOCK];
};

// Position of zlib in the packed bytes.
static uint64_t packed_at(const struct gunzip *gunzip)
{
    return gunzip->packed->bytes - gunzip->zlib.avail_in;
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
    if (gunzip->zlib.avail_in)
        return true;
    if (!source_read(gunzip->packed, &gunzip->in))
        return false;
    gunzip->zlib.next_in = (unsigned char *)(uintptr_t)gunzip->in.ptr; // zlib only reads it
    gunzip->zlib.avail_in = (unsigned)gunzip->in.len;
    return true;
}

// Behind a member: another member, or padding and junk that nobody promised anything about.
static bool begin_next_member(struct gunzip *gunzip)
{
    if (!refill(gunzip) || gunzip->zlib.next_in[0] != 0x1f) {
        gunzip->ended = true;
        return false;
    }
    (void)inflateReset(&gunzip->zlib);
    return true;
}

// A wrong checksum stands behind data that are all there: noted, and the length field behind it skipped.
static bool is_checksum_error(struct gunzip *gunzip)
{
    const char *why = gunzip->zlib.msg ? gunzip->zlib.msg : "";
    bool wrong_crc = strcmp(why, "incorrect data check") == 0;
    if (!wrong_crc && strcmp(why, "incorrect length check") != 0)
        return false;
    (void)snprintf(gunzip->source.note, sizeof gunzip->source.note, "a gzip checksum is wrong");
    for (int skip = wrong_crc ? 4 : 0; skip && refill(gunzip); skip--) {
        gunzip->zlib.next_in++;
        gunzip->zlib.avail_in--;
    }
    return true;
}

static bool is_header_error(const char *why)
{
    return why && (strcmp(why, "incorrect header check") == 0 || strncmp(why, "unknown ", 8) == 0);
}

static void handle(struct gunzip *gunzip, int result)
{
    if (result == Z_STREAM_END || (result == Z_DATA_ERROR && is_checksum_error(gunzip))) {
        gunzip->between = true;
        gunzip->members++;
    } else if (result == Z_DATA_ERROR && gunzip->members && is_header_error(gunzip->zlib.msg))
        gunzip->ended = true; // junk behind the last member that begins like one
    else if (result != Z_OK && result != Z_BUF_ERROR)
        damaged(gunzip, result == Z_MEM_ERROR ? "too large a" : "damaged");
}

static bool gunzip_next(struct source *source, struct text *block)
{
    struct gunzip *gunzip = (struct gunzip *)source;
    gunzip->zlib.next_out = gunzip->out;
    gunzip->zlib.avail_out = OUT_BLOCK;
    while (!gunzip->ended && gunzip->zlib.avail_out) {
        if (gunzip->between && !begin_next_member(gunzip))
            break;
        gunzip->between = false;
        if (!refill(gunzip)) {
            damaged(gunzip, "truncated");
            break;
        }
        handle(gunzip, inflate(&gunzip->zlib, Z_NO_FLUSH));
    }
    *block = (struct text){(const char *)gunzip->out, OUT_BLOCK - gunzip->zlib.avail_out};
    if (!budget_allows(gunzip->budget, packed_at(gunzip), source->bytes + block->len, source->damage,
                       sizeof source->damage))
        gunzip->ended = true;
    return block->len > 0;
}

static void gunzip_close(struct source *source)
{
    struct gunzip *gunzip = (struct gunzip *)source;
    budget_end(gunzip->budget, packed_at(gunzip), source->bytes);
    if (gunzip->open)
        (void)inflateEnd(&gunzip->zlib);
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
    gunzip->open = inflateInit2(&gunzip->zlib, GZIP_FORMAT) == Z_OK;
    if (!gunzip->open)
        mem_exhausted();
    return &gunzip->source;
}
