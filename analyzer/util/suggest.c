// SPDX-License-Identifier: Apache-2.0
#include "util/suggest.h"

#include <string.h>

enum { WORD_MAX = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return byte_lower(a) == byte_lower(b);
}

// Optimal string alignment distance (Damerau-Levenshtein without edits inside a swap).
static unsigned distance(struct text a, struct text b)
{
    unsigned rows[3][WORD_MAX + 1]; // the row before the last, the last, this one
    unsigned *older = rows[0], *old = rows[1], *now = rows[2];
    for (unsigned j = 0; j <= b.len; j++)
        old[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            now[j] = least(least(old[j], now[j - 1]) + 1, old[j - 1] + !same(a.ptr[i - 1], b.ptr[j - 1]));
            if (i > 1 && j > 1 && same(a.ptr[i - 1], b.ptr[j - 2]) && same(a.ptr[i - 2], b.ptr[j - 1]))
                now[j] = least(now[j], older[j - 2] + 1);
        }
        unsigned *spare = older;
        older = old, old = now, now = spare;
    }
    return old[b.len];
}

const char *suggest(struct text word, const char *const *candidates)
{
    const char *best = NULL;
    unsigned nearest = WORD_MAX;
    for (; *candidates; candidates++) {
        struct text candidate = text_of(*candidates);
        if (word.len > WORD_MAX || candidate.len > WORD_MAX)
            continue;
        unsigned longer = (unsigned)(word.len > candidate.len ? word.len : candidate.len);
        unsigned edits = distance(word, candidate);
        if (edits < nearest && edits <= (longer / 3 ? longer / 3 : 1) && edits < longer) {
            nearest = edits;
            best = *candidates;
        }
    }
    return best;
}
