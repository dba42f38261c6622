// SPDX-License-Identifier: Apache-2.0
#include "bundle/tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/hash.h"
#include "util/memory.h"

enum { PATH_SHOWN = 200, SEEN_FIRST = 1024, SEEN_MOST = 1 << 22 };

static const char *const problems[ODDITIES] = {
#define ODDITY(name, problem) problem,
#include "bundle/oddity.list"
#undef ODDITY
};

void tally_add(struct tally *tally, enum oddity oddity, struct text path)
{
    struct buffer *first = &tally->odd[oddity].first;
    path = text_slice(path, 0, PATH_SHOWN);
    if (tally->odd[oddity].count++ && text_compare(buffer_text(first), path) <= 0)
        return;
    buffer_clear(first);
    buffer_add(first, path);
}

void tally_report(const struct tally *tally, bundle_warn *warn, void *context)
{
    for (int i = 0; i < ODDITIES; i++) {
        char problem[160];
        uint64_t count = tally->odd[i].count;
        if (!count)
            continue;
        int used = snprintf(problem, sizeof problem, "%s", problems[i]);
        if (count > 1)
            (void)snprintf(problem + used, sizeof problem - (size_t)used, " (and %llu more like it)",
                           (unsigned long long)(count - 1));
        warn(context, buffer_text(&tally->odd[i].first), 0, problem);
    }
}

void tally_release(struct tally *tally)
{
    for (int i = 0; i < ODDITIES; i++)
        buffer_release(&tally->odd[i].first);
}

static uint64_t *slot_of(const struct seen *seen, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (seen->capacity - 1);
    while (seen->slots[at] && seen->slots[at] != hash)
        at = (at + 1) & (seen->capacity - 1);
    return &seen->slots[at];
}

static void seen_grow(struct seen *seen)
{
    struct seen grown = {.capacity = seen->capacity ? seen->capacity * 2 : SEEN_FIRST, .count = seen->count};
    grown.slots = mem_alloc(grown.capacity, sizeof *grown.slots);
    for (uint32_t i = 0; i < seen->capacity; i++)
        if (seen->slots[i])
            *slot_of(&grown, seen->slots[i]) = seen->slots[i];
    free(seen->slots);
    *seen = grown;
}

bool seen_before(struct seen *seen, struct text path)
{
    uint64_t hash = hash_text(path.ptr, path.len) | 1; // 0 marks a free slot
    bool crowded = seen->count >= seen->capacity / 4 * 3;
    if (crowded && seen->capacity < SEEN_MOST)
        seen_grow(seen);
    else if (crowded)
        seen->full = true;
    uint64_t *slot = slot_of(seen, hash);
    if (*slot)
        return true;
    if (!seen->full) {
        *slot = hash;
        seen->count++;
    }
    return false;
}

void seen_release(struct seen *seen)
{
    free(seen->slots);
    *seen = (struct seen){0};
}
