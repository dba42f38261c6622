// SPDX-License-Identifier: Apache-2.0
//
// The distinct stacks of a profile and what was measured on each.
//
// A stack is a run of numbers, leaf first, each written as a varint (7 bits a byte), so it takes no more
// room here than in the file. Samples of one stack are added up as they are read: memory follows the
// distinct stacks, not the samples. It is at most
//
//     bytes of the distinct stacks + 32 × stacks + (26 + 8 × sample types) × entries
//
// An entry is a stack under one set of labels. They are kept apart because that is how the reference adds
// up negative values (a total is the sum of absolute values of merged samples, and samples merge only
// when their labels are equal), but only up to four entries a stack (and 65,536): beyond that labels
// are ignored, which changes no flat and no cum, and a total only where signs are mixed.
#ifndef INQUEST_EVIDENCE_PROFILE_STACKS_H
#define INQUEST_EVIDENCE_PROFILE_STACKS_H

#include "util/buffer.h"

struct stack_entry {
    uint32_t stack;
    uint32_t label;   // hash of the labels; 0 for none
    uint32_t samples; // that were added up, saturating
};

struct stack_set {
    uint32_t width;                   // values of each entry
    uint64_t most_stacks, most_bytes; // limits
    struct buffer bytes;              // of all stacks
    size_t *ends;                     // by stack: where its bytes end
    uint32_t *hashes;                 // by stack
    uint32_t stack_count, stack_room;
    uint32_t *stack_slots, stack_slot_count;
    struct stack_entry *entries;
    int64_t *values; // width for each entry
    uint32_t count, room;
    uint32_t *slots, slot_count;
    bool labels_merged;        // more label sets than are kept apart
    uint64_t overflow_samples; // beyond the limits …
    int64_t *overflow;         // … and the sum of their absolute values, by type
};

void stack_set_init(struct stack_set *set, uint32_t width, uint64_t most_stacks, uint64_t most_bytes);
// Adds `width` values (and `samples` to the count) to the entry of the stack and label. Beyond the limits
// they go to overflow.
void stack_set_add(struct stack_set *set, struct text stack, uint32_t label, const int64_t *values,
                   uint32_t samples);
void stack_set_release(struct stack_set *set);

static inline struct text stack_set_stack(const struct stack_set *set, uint32_t entry)
{
    uint32_t stack = set->entries[entry].stack;
    size_t start = stack ? set->ends[stack - 1] : 0;
    return (struct text){set->bytes.ptr + start, set->ends[stack] - start};
}

static inline int64_t *stack_set_values(const struct stack_set *set, uint32_t entry)
{
    return set->values + (size_t)entry * set->width;
}

// Writes one number behind a stack, and takes one from its start (false at the end).
enum { STACK_NUMBER_BYTES = 5 };
static inline void stack_put_reserved(struct buffer *stack, uint32_t number) // with room for it
{
    for (; number >= 128; number >>= 7)
        stack->ptr[stack->len++] = (char)(number | 128);
    stack->ptr[stack->len++] = (char)number;
}
static inline void stack_put(struct buffer *stack, uint32_t number)
{
    (void)buffer_reserve(stack, STACK_NUMBER_BYTES);
    stack_put_reserved(stack, number);
}
static inline bool stack_take(struct text *stack, uint32_t *number)
{
    uint32_t value = 0;
    for (unsigned shift = 0; stack->len; shift += 7) {
        unsigned char byte = (unsigned char)*stack->ptr++;
        stack->len--;
        value |= (uint32_t)(byte & 127) << shift;
        if (byte < 128) {
            *number = value;
            return true;
        }
    }
    return false;
}

// Sums that stop at the ends of the range instead of wrapping.
static inline int64_t add_saturating(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? INT64_MIN : INT64_MAX) : sum;
}
static inline int64_t absolute(int64_t value)
{
    return value == INT64_MIN ? INT64_MAX : value < 0 ? -value : value;
}

#endif
