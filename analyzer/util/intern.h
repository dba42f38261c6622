// SPDX-License-Identifier: Apache-2.0
//
// A set of distinct texts, each with a small number in order of first appearance: strings, stacks
// and functions are stored once. The set owns copies of its texts, which never move.
#ifndef INQUEST_UTIL_INTERN_H
#define INQUEST_UTIL_INTERN_H

#include "util/arena.h"

struct intern {
    struct arena arena;
    struct text *texts; // by number
    uint32_t *slots;    // hash table of number + 1
    uint32_t count, capacity;
};

#define INTERN_NONE UINT32_MAX

// The number of the text; a new one when it is not there yet. *added may be NULL.
uint32_t intern_add(struct intern *set, struct text text, bool *added);
uint32_t intern_find(const struct intern *set, struct text text); // INTERN_NONE when absent
void intern_release(struct intern *set);

// FNV-1a over words, with a finaliser so that low bits are well mixed: the same in every run, so it may be
// printed and stored. Whoever chooses the bytes can choose the hash: tables of theirs use util/hash.h.
uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

#endif
