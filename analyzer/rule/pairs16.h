// SPDX-License-Identifier: Apache-2.0
//
// A few pairs of bytes compared with 64 places at once. Compilers make one instruction of each operation
// where there are vectors of 16 bytes (SSE2, NEON), and several where there are none.
#ifndef INQUEST_RULE_PAIRS16_H
#define INQUEST_RULE_PAIRS16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

enum { PAIRS_MAX = 8, PAIRS_STEP = 64 };

struct pairs16 {
    bytes16 first[PAIRS_MAX], second[PAIRS_MAX]; // each byte sixteen times
    size_t count;
};

static inline void pairs16_add(struct pairs16 *pairs, const char *pair)
{
    const bytes16 zero = {0};
    pairs->first[pairs->count] = zero + (uint8_t)pair[0];
    pairs->second[pairs->count++] = zero + (uint8_t)pair[1];
}

static inline bytes16 load16(const char *at)
{
    bytes16 bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static inline bool any16(bytes16 bytes)
{
    uint64_t halves[2];
    memcpy(halves, &bytes, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

// Whether a pair begins at one of the PAIRS_STEP places from `at` on; one byte more is read. Then hits[i] is
// not zero for those. Written out, since compilers keep arrays of vectors in memory.
static inline bool pairs16_meet(const struct pairs16 *pairs, const char *at, uint8_t hits[static PAIRS_STEP])
{
    const bytes16 a0 = load16(at), a1 = load16(at + 16), a2 = load16(at + 32), a3 = load16(at + 48);
    const bytes16 b0 = load16(at + 1), b1 = load16(at + 17), b2 = load16(at + 33), b3 = load16(at + 49);
    bytes16 h0 = {0}, h1 = {0}, h2 = {0}, h3 = {0};
    for (size_t i = 0; i < pairs->count; i++) {
        const bytes16 first = pairs->first[i], second = pairs->second[i];
        h0 |= (bytes16)((a0 == first) & (b0 == second));
        h1 |= (bytes16)((a1 == first) & (b1 == second));
        h2 |= (bytes16)((a2 == first) & (b2 == second));
        h3 |= (bytes16)((a3 == first) & (b3 == second));
    }
    if (__builtin_expect(!any16(h0 | h1 | h2 | h3), 1))
        return false;
    memcpy(hits, &h0, sizeof h0);
    memcpy(hits + 16, &h1, sizeof h1);
    memcpy(hits + 32, &h2, sizeof h2);
    memcpy(hits + 48, &h3, sizeof h3);
    return true;
}

#endif
