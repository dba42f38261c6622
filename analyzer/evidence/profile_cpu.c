// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_cpu.h"

#include <string.h>

#include "evidence/profile_edit.h"

enum { HEADER_WORDS = 5, MOST_FRAMES = 65536 };

static uint64_t word_at(struct text bytes, size_t index, unsigned width, bool big_endian)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr + index * width;
    uint64_t word = 0;
    for (unsigned i = 0; i < width; i++)
        word = word << 8 | at[big_endian ? i : width - 1 - i];
    return word;
}

static bool is_header(struct text bytes, unsigned width, bool big_endian)
{
    return bytes.len >= (size_t)HEADER_WORDS * width && word_at(bytes, 0, width, big_endian) == 0 &&
           word_at(bytes, 1, width, big_endian) == 3 && word_at(bytes, 2, width, big_endian) <= 1 &&
           word_at(bytes, 3, width, big_endian) > 0 && word_at(bytes, 4, width, big_endian) == 0;
}

static bool find_width(struct text bytes, unsigned *width, bool *big_endian)
{
    for (unsigned i = 0; i < 4; i++) { // in the reference's order: 32 bits first
        *width = i < 2 ? 4 : 8;
        *big_endian = i & 1;
        if (is_header(bytes, *width, *big_endian))
            return true;
    }
    return false;
}

bool cpu_is_header(struct text head)
{
    unsigned width;
    bool big_endian;
    return find_width(head, &width, &big_endian);
}

void cpu_init(struct cpu *cpu, struct profile *profile, struct legacy *legacy)
{
    *cpu = (struct cpu){.profile = profile, .legacy = legacy};
}

void cpu_release(struct cpu *cpu)
{
    buffer_release(&cpu->pending);
}

static size_t begin(struct cpu *cpu, struct text bytes)
{
    struct profile *profile = cpu->profile;
    if (!find_width(bytes, &cpu->word_bytes, &cpu->big_endian))
        return 0;
    int64_t period_us = (int64_t)word_at(bytes, 3, cpu->word_bytes, cpu->big_endian);
    cpu->java = word_at(bytes, 2, cpu->word_bytes, cpu->big_endian) == 1;
    if (__builtin_mul_overflow(period_us, 1000, &profile->period))
        profile->period = INT64_MAX;
    profile_add_type(profile, "samples", "count");
    profile_add_type(profile, "cpu", "nanoseconds");
    profile->period_type = profile->types.items[1];
    cpu->begun = true;
    return (size_t)HEADER_WORDS * cpu->word_bytes;
}

static void end_of_samples(struct cpu *cpu)
{
    cpu->text = true;
    cpu->legacy->part = cpu->java ? PART_LOCATIONS : PART_MAPS;
}

// Addresses but the leaf's are return addresses, except in Java, where they are ids.
static void add_sample(struct cpu *cpu, struct text words, uint64_t count, uint64_t frames)
{
    for (uint64_t i = 0; i < frames; i++) {
        uint64_t address = word_at(words, (size_t)i + 2, cpu->word_bytes, cpu->big_endian);
        legacy_push(cpu->legacy, address - (!cpu->java && i > 0));
    }
    int64_t values[2] = {count > INT64_MAX ? INT64_MAX : (int64_t)count, 0};
    if (__builtin_mul_overflow(values[0], cpu->profile->period, &values[1]))
        values[1] = INT64_MAX;
    legacy_add(cpu->legacy, 0, values);
}

// Takes one sample or the trailer; 0 when more bytes are needed.
static size_t take_sample(struct cpu *cpu, struct text bytes)
{
    size_t words = bytes.len / cpu->word_bytes;
    if (words < 2)
        return 0;
    uint64_t count = word_at(bytes, 0, cpu->word_bytes, cpu->big_endian);
    uint64_t frames = word_at(bytes, 1, cpu->word_bytes, cpu->big_endian);
    if (frames > MOST_FRAMES) {
        profile_warn(cpu->profile, 0, "damaged: a stack of %llu frames; what follows is not read",
                     (unsigned long long)frames);
        cpu->broken = cpu->profile->broken = true;
        return 0;
    }
    if (words - 2 < frames)
        return 0;
    if (count == 0 && frames == 1 && word_at(bytes, 2, cpu->word_bytes, cpu->big_endian) == 0)
        end_of_samples(cpu);
    else
        add_sample(cpu, bytes, count, frames);
    return (size_t)(frames + 2) * cpu->word_bytes;
}

struct text cpu_feed(struct cpu *cpu, struct text piece)
{
    if (cpu->text)
        return piece;
    buffer_add(&cpu->pending, piece);
    struct text rest = buffer_text(&cpu->pending);
    size_t used = 1;
    while (used > 0 && !cpu->text && !cpu->broken) {
        used = cpu->begun ? take_sample(cpu, rest) : rest.len >= 40 ? begin(cpu, rest) : 0;
        rest = text_from(rest, used);
    }
    if (cpu->broken)
        rest.len = 0;
    if (cpu->text) // the last bytes of this piece
        return text_from(piece, piece.len - rest.len);
    memmove(cpu->pending.ptr, rest.ptr, rest.len);
    cpu->pending.len = rest.len;
    return TEXT("");
}

// ---- at the end ------------------------------------------------------------------------------

struct second {
    uint32_t location;
};

static bool drop_second(struct profile *profile, struct profile_numbers *stack, void *context)
{
    const struct second *second = context;
    (void)profile;
    if (stack->count > 1 && stack->items[1] == second->location) {
        memmove(stack->items + 1, stack->items + 2, (stack->count - 2) * sizeof *stack->items);
        stack->count--;
    }
    return true;
}

static bool drop_double_leaf(struct profile *profile, struct profile_numbers *stack, void *context)
{
    (void)context;
    if (stack->count < 2 || stack->items[0] >= profile->locations.count ||
        stack->items[1] >= profile->locations.count)
        return true;
    struct second second = {stack->items[1]};
    if (profile->locations.items[stack->items[0]].address ==
        profile->locations.items[stack->items[1]].address + 1)
        return drop_second(profile, stack, &second);
    return true;
}

// The location that stands second in nearly all samples (1 in 32 may differ): the frame that the signal
// handler pushed. ID_NONE when there is none.
static uint32_t common_second(const struct profile *profile)
{
    CLEANUP(mem_release) uint64_t *counts = mem_alloc(profile->locations.count, sizeof *counts);
    uint32_t most = ID_NONE;
    for (uint32_t i = 0; i < profile->stacks.count; i++) {
        struct text stack = stack_set_stack(&profile->stacks, i);
        uint32_t number;
        bool has_second = stack_take(&stack, &number) && stack.len > 0;
        if (!has_second || !stack_take(&stack, &number) || number >= profile->locations.count)
            continue;
        counts[number] += profile->stacks.entries[i].samples;
        if (most == ID_NONE || counts[number] > counts[most])
            most = number;
    }
    return most != ID_NONE && counts[most] >= profile->samples - profile->samples / 32 ? most : ID_NONE;
}

void cpu_end(struct cpu *cpu)
{
    struct profile *profile = cpu->profile;
    if (!cpu->begun || (!cpu->text && cpu->pending.len && !cpu->broken)) {
        profile_warn(profile, 0, "cut short: %zu bytes are left over", cpu->pending.len);
        profile->broken = true;
    }
    if (cpu->legacy->part == PART_HEADER)
        cpu->legacy->part = PART_MAPS;
    if (cpu->java || !profile->sampling)
        return;
    for (int i = 0; i < 2; i++) {
        struct second second = {common_second(profile)};
        if (second.location != ID_NONE)
            profile_edit_stacks(profile, drop_second, &second);
    }
    profile_edit_stacks(profile, drop_double_leaf, NULL);
}
