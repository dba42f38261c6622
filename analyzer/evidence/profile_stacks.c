// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "util/hash.h"
#include "util/memory.h"

enum { NONE = 0, LABELS_A_STACK = 4, LABELS_ALWAYS = 65536 };

void stack_set_init(struct stack_set *set, uint32_t width, uint64_t most_stacks, uint64_t most_bytes)
{
    *set = (struct stack_set){.width = width, .most_stacks = most_stacks, .most_bytes = most_bytes};
    set->overflow = mem_alloc(width, sizeof *set->overflow);
}

void stack_set_release(struct stack_set *set)
{
    buffer_release(&set->bytes);
    free(set->ends);
    free(set->hashes);
    free(set->stack_slots);
    free(set->entries);
    free(set->values);
    free(set->slots);
    free(set->overflow);
    *set = (struct stack_set){0};
}

// Bytes in use, for the limit: what is touched, not what doubling has reserved.
static uint64_t bytes_used(const struct stack_set *set)
{
    return set->bytes.len + 32 * (uint64_t)set->stack_count + (26 + 8 * (uint64_t)set->width) * set->count;
}

// ---- distinct stacks -------------------------------------------------------------------------

static bool same_stack(const struct stack_set *set, uint32_t number, struct text stack)
{
    size_t start = number ? set->ends[number - 1] : 0;
    return text_equal((struct text){set->bytes.ptr + start, set->ends[number] - start}, stack);
}

static uint32_t *stack_slot(const struct stack_set *set, uint32_t hash, struct text stack)
{
    uint32_t at = hash & (set->stack_slot_count - 1);
    for (uint32_t number; (number = set->stack_slots[at]) != NONE;
         at = (at + 1) & (set->stack_slot_count - 1))
        if (set->hashes[number - 1] == hash && same_stack(set, number - 1, stack))
            break;
    return &set->stack_slots[at];
}

static void grow_stacks(struct stack_set *set)
{
    set->stack_room = set->stack_room ? set->stack_room * 2 : 64;
    set->ends = mem_resize(set->ends, set->stack_room, sizeof *set->ends);
    set->hashes = mem_resize(set->hashes, set->stack_room, sizeof *set->hashes);
    set->stack_slot_count = set->stack_room * 2;
    free(set->stack_slots);
    set->stack_slots = mem_alloc(set->stack_slot_count, sizeof *set->stack_slots);
    for (uint32_t i = 0; i < set->stack_count; i++) {
        uint32_t at = set->hashes[i] & (set->stack_slot_count - 1);
        while (set->stack_slots[at] != NONE)
            at = (at + 1) & (set->stack_slot_count - 1);
        set->stack_slots[at] = i + 1;
    }
}

// Number of the stack, plus one; NONE when it is new and beyond the limits.
static uint32_t add_stack(struct stack_set *set, struct text stack)
{
    if (set->stack_count >= set->stack_room)
        grow_stacks(set);
    uint32_t hash = (uint32_t)hash_text(stack.ptr, stack.len);
    uint32_t *slot = stack_slot(set, hash, stack);
    if (*slot != NONE || set->stack_count >= set->most_stacks || bytes_used(set) >= set->most_bytes)
        return *slot;
    buffer_add(&set->bytes, stack);
    set->ends[set->stack_count] = set->bytes.len;
    set->hashes[set->stack_count] = hash;
    return *slot = ++set->stack_count;
}

// ---- entries ---------------------------------------------------------------------------------

static uint32_t *entry_slot(const struct stack_set *set, uint32_t stack, uint32_t label)
{
    uint32_t at = (uint32_t)hash_number((uint64_t)label << 32 | stack) & (set->slot_count - 1);
    for (uint32_t number; (number = set->slots[at]) != NONE; at = (at + 1) & (set->slot_count - 1)) {
        const struct stack_entry *entry = &set->entries[number - 1];
        if (entry->stack == stack && entry->label == label)
            break;
    }
    return &set->slots[at];
}

static void grow_entries(struct stack_set *set)
{
    set->room = set->room ? set->room * 2 : 64;
    set->entries = mem_resize(set->entries, set->room, sizeof *set->entries);
    set->values = mem_resize(set->values, set->room, sizeof *set->values * (set->width ? set->width : 1));
    set->slot_count = set->room * 2;
    free(set->slots);
    set->slots = mem_alloc(set->slot_count, sizeof *set->slots);
    for (uint32_t i = 0; i < set->count; i++)
        *entry_slot(set, set->entries[i].stack, set->entries[i].label) = i + 1;
}

static uint32_t add_entry(struct stack_set *set, uint32_t stack, uint32_t label)
{
    if (set->count >= set->room)
        grow_entries(set);
    uint32_t *slot = entry_slot(set, stack, label);
    if (*slot == NONE && label != 0 &&
        (set->count >= LABELS_ALWAYS + (uint64_t)LABELS_A_STACK * set->stack_count ||
         bytes_used(set) >= set->most_bytes)) {
        set->labels_merged = true;
        slot = entry_slot(set, stack, 0);
        label = 0;
    }
    if (*slot != NONE)
        return *slot - 1;
    set->entries[set->count] = (struct stack_entry){.stack = stack, .label = label};
    memset(stack_set_values(set, set->count), 0, sizeof *set->values * set->width);
    *slot = ++set->count;
    return set->count - 1;
}

void stack_set_add(struct stack_set *set, struct text stack, uint32_t label, const int64_t *values,
                   uint32_t samples)
{
    uint32_t number = add_stack(set, stack);
    if (number == NONE) {
        set->overflow_samples += samples;
        for (uint32_t i = 0; i < set->width; i++)
            set->overflow[i] = add_saturating(set->overflow[i], absolute(values[i]));
        return;
    }
    uint32_t entry = add_entry(set, number - 1, label);
    uint32_t *counted = &set->entries[entry].samples;
    *counted = UINT32_MAX - *counted < samples ? UINT32_MAX : *counted + samples;
    int64_t *sums = stack_set_values(set, entry);
    for (uint32_t i = 0; i < set->width; i++)
        sums[i] = add_saturating(sums[i], values[i]);
}
