// SPDX-License-Identifier: Apache-2.0
#include "privacy/suspect.h"

#include <stdlib.h>

#include "evidence/profile_wire.h"
#include "privacy/scrubber.h"
#include "util/array.h"
#include "util/memory.h"

enum {
    RANDOM_BYTES = 28, // from this length a mixed word may be a secret
    TELLING_BYTES = 6, // a shorter name is found in other words by chance
    SLOTS = 1 << 14,   // of four first bytes of names
    STRINGS = 6,       // the field of profile.proto
};

struct suspecter {
    struct scrubber *scrubber;
    struct mask *mask;
    uint64_t lengths[SLOTS]; // by the first four bytes of names: bit n where one has n bytes
};

static size_t slot_of(const char *bytes)
{
    uint32_t sum = 0;
    for (int i = 0; i < 4; i++)
        sum = sum * 31 + (unsigned char)byte_lower(bytes[i]);
    return (sum ^ sum >> 14) % SLOTS;
}

static void take_name(void *context, enum name_kind kind, struct text name)
{
    struct suspecter *suspecter = context;
    (void)kind;
    if (name.len >= TELLING_BYTES)
        suspecter->lengths[slot_of(name.ptr)] |= UINT64_C(1) << name.len;
}

struct suspecter *suspecter_open(struct scrubber *scrubber)
{
    struct suspecter *suspecter = mem_alloc(1, sizeof *suspecter);
    suspecter->scrubber = scrubber;
    suspecter->mask = mask_open(MASK_LINES);
    names_each_free(scrubber->names, take_name, suspecter);
    return suspecter;
}

void suspecter_close(struct suspecter **suspecter)
{
    if (!*suspecter)
        return;
    mask_close(&(*suspecter)->mask);
    free(*suspecter);
    *suspecter = NULL;
}

// ---- names within other words ----------------------------------------------------------------

static bool is_name(const struct suspecter *suspecter, struct text text)
{
    char lower[NAMES_FREE_BYTES];
    for (size_t i = 0; i < text.len; i++)
        lower[i] = byte_lower(text.ptr[i]);
    return names_free(suspecter->scrubber->names, (struct text){lower, text.len}).ptr != NULL;
}

static struct text find_name(const struct suspecter *suspecter, struct text line)
{
    for (size_t at = 0; at + TELLING_BYTES <= line.len; at++) {
        uint64_t lengths = suspecter->lengths[slot_of(line.ptr + at)];
        for (size_t length = TELLING_BYTES; length <= NAMES_FREE_BYTES && lengths >> length; length++)
            if (lengths >> length & 1 && at + length <= line.len &&
                is_name(suspecter, text_slice(line, at, length)))
                return text_slice(line, at, length);
    }
    return (struct text){NULL, 0};
}

// ---- long random words -----------------------------------------------------------------------

struct mixture {
    unsigned lower, upper, digits, turns; // turns: from one class to another
};

static unsigned class_of(char c)
{
    return byte_is_digit(c) ? 1 : c >= 'A' && c <= 'Z' ? 2 : 3;
}

static bool is_random(struct text word)
{
    struct mixture mix = {0};
    for (size_t i = 0; i < word.len; i++) {
        unsigned class = class_of(word.ptr[i]);
        mix.digits += class == 1;
        mix.upper += class == 2;
        mix.lower += class == 3;
        mix.turns += i && class != class_of(word.ptr[i - 1]);
    }
    return mix.lower >= 3 && mix.upper >= 3 && mix.digits >= 3 && mix.turns * 4 >= word.len;
}

static struct text find_random(struct text line)
{
    for (size_t at = 0; at < line.len;) {
        size_t n = 0;
        while (at + n < line.len && (byte_is_word(line.ptr[at + n]) || byte_in(line.ptr[at + n], "+/-")))
            n++;
        bool symbol = text_contains(text_slice(line, at, n), "+0x");
        if (n >= RANDOM_BYTES && !symbol && is_random(text_slice(line, at, n)))
            return text_slice(line, at, n);
        at += n ? n : 1;
    }
    return (struct text){NULL, 0};
}

// ---- a line ----------------------------------------------------------------------------------

const char *suspect_line(struct suspecter *suspecter, struct text line, struct text *where)
{
    *where = (struct text){NULL, 0};
    if (mask_would(suspecter->mask, line))
        return "a credential";
    enum name_kind kind = scrub_unknown(suspecter->scrubber, line, where);
    if (kind != NAME_KINDS)
        return names_kind_name(kind);
    if ((*where = find_name(suspecter, line)).ptr)
        return "a name within a word";
    if ((*where = find_random(line)).ptr)
        return "a long random word";
    return NULL;
}

const char *suspect_profile(struct suspecter *suspecter, struct text profile, struct text *where)
{
    struct wire wire = wire_of(profile);
    struct wire_field field;
    *where = (struct text){NULL, 0};
    while (wire.at < wire.end && wire_next(&wire, &field) == WIRE_OK) {
        struct text string = {(const char *)field.body.at, (size_t)(field.body.end - field.body.at)};
        if (field.number != STRINGS || field.type != WIRE_BYTES)
            continue;
        if (mask_would(suspecter->mask, string))
            return "a credential";
        if ((*where = find_name(suspecter, string)).ptr)
            return "a name within a word";
    }
    return NULL;
}
