// SPDX-License-Identifier: Apache-2.0
#include "util/intern.h"

#include <stdlib.h>
#include <string.h>

#include "util/hash.h"
#include "util/memory.h"

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    const unsigned char *at = bytes;
    uint64_t hash = 1469598103934665603u ^ seed;
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 29;
    }
    for (; length; at++, length--)
        hash = (hash ^ *at) * 1099511628211u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
}

// The slot that holds the text, or the free one where it belongs.
static uint32_t *slot_of(const struct intern *set, struct text text)
{
    uint32_t mask = set->capacity - 1;
    uint32_t at = (uint32_t)hash_text(text.ptr, text.len) & mask;
    while (set->slots[at] && !text_equal(set->texts[set->slots[at] - 1], text))
        at = (at + 1) & mask;
    return &set->slots[at];
}

static void grow(struct intern *set)
{
    set->capacity = set->capacity ? set->capacity * 2 : 64;
    free(set->slots);
    set->slots = mem_alloc(set->capacity, sizeof *set->slots);
    set->texts = mem_resize(set->texts, set->capacity, sizeof *set->texts);
    for (uint32_t i = 0; i < set->count; i++)
        *slot_of(set, set->texts[i]) = i + 1;
}

uint32_t intern_add(struct intern *set, struct text text, bool *added)
{
    if (set->count >= set->capacity / 2)
        grow(set);
    uint32_t *slot = slot_of(set, text);
    if (added)
        *added = !*slot;
    if (*slot)
        return *slot - 1;
    set->texts[set->count] = text.ptr ? arena_copy(&set->arena, text) : TEXT("");
    *slot = ++set->count;
    return set->count - 1;
}

uint32_t intern_find(const struct intern *set, struct text text)
{
    if (!set->capacity)
        return INTERN_NONE;
    uint32_t slot = *slot_of(set, text);
    return slot ? slot - 1 : INTERN_NONE;
}

void intern_release(struct intern *set)
{
    arena_release(&set->arena);
    free(set->texts);
    free(set->slots);
    *set = (struct intern){0};
}
