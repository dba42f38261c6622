// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "evidence/profile_edit.h"
#include "evidence/profile_model.h"
#include "evidence/profile_prune.h"

// ---- what names what -------------------------------------------------------------------------

static bool location_is_good(const struct profile *profile, uint32_t number)
{
    const struct profile_location *location = &profile->locations.items[number];
    if (!location->defined)
        return false;
    for (uint32_t i = 0; i < location->line_count; i++) {
        uint32_t function = profile->lines.items[location->first_line + i].function;
        if (function < profile->functions.count && !profile->functions.items[function].defined)
            return false; // a number that is none is beyond the limit
    }
    return true;
}

// context: a bool for each location. Numbers that are none are beyond the limit, which is no fault of theirs.
static bool keep_good(struct profile *profile, struct profile_numbers *stack, void *context)
{
    const bool *good = context;
    for (size_t i = 0; i < stack->count; i++)
        if (stack->items[i] < profile->locations.count && !good[stack->items[i]])
            return false;
    return true;
}

// A whole profile whose sample names a location that is not there lies: the sample is dropped (the reference
// refuses the profile). In one that broke off the tables are just lost, so the frames stay, without names.
static void drop_bad_samples(struct profile *profile)
{
    CLEANUP(mem_release) bool *good = mem_alloc(profile->locations.count, sizeof *good);
    bool all = true;
    for (uint32_t i = 0; i < profile->locations.count; i++)
        all &= good[i] = location_is_good(profile, i);
    if (all || profile->broken)
        return;
    uint64_t before = 0, after = 0;
    for (uint32_t i = 0; i < profile->stacks.count; i++)
        before += profile->stacks.entries[i].samples;
    profile_edit_stacks(profile, keep_good, good);
    for (uint32_t i = 0; i < profile->stacks.count; i++)
        after += profile->stacks.entries[i].samples;
    profile->bad_locations += before - after;
    profile->samples -= before - after < profile->samples ? before - after : profile->samples;
}

void profile_settle_types(struct profile *profile)
{
    if (!profile->sampling)
        profile_begin_samples(profile, (uint32_t)profile->types.count);
    if (profile->stacks.width == profile->types.count)
        return;
    profile_warn(profile, 0, "its samples have %u values but it names %zu sample types",
                 profile->stacks.width, profile->types.count);
    while (profile->types.count < profile->stacks.width) // unnamed, so that what was measured can be seen
        *array_add(&profile->types) = (struct profile_type){ID_NONE, ID_NONE};
    profile->types.count = profile->stacks.width;
}

// The other forms use numbers of no string for what they do not have.
static void check_strings(struct profile *profile)
{
    uint64_t outside = 0;
    if (profile->form != PROFILE_PROTOBUF)
        return;
    for (size_t i = 0; i < profile->functions.count; i++)
        outside += profile->functions.items[i].defined &&
                   (profile->functions.items[i].name >= profile->strings.count ||
                    profile->functions.items[i].file >= profile->strings.count);
    for (size_t i = 0; i < profile->types.count; i++)
        outside += profile->types.items[i].type >= profile->strings.count ||
                   profile->types.items[i].unit >= profile->strings.count;
    if (outside)
        profile_warn(profile, 0, "%llu functions or sample types are named by strings that are not there",
                     (unsigned long long)outside);
}

static void warn_dropped(struct profile *profile)
{
    if (profile->ids_full)
        profile_warn(profile, 0, "limits profile_ids and %s: further locations and functions have no names",
                     profile_memory_limit(profile));
    if (profile->lost_strings)
        profile_warn(profile, 0, "limits profile_strings and %s: %llu strings left out",
                     profile_memory_limit(profile), (unsigned long long)profile->lost_strings);
    if (profile->bad_values)
        profile_warn(profile, 0, "%llu samples dropped: their values do not fit the sample types",
                     (unsigned long long)profile->bad_values);
    if (profile->bad_locations)
        profile_warn(profile, 0, "%llu samples dropped: they name locations or functions that are not there",
                     (unsigned long long)profile->bad_locations);
    if (profile->stacks.overflow_samples)
        profile_warn(profile, 0,
                     "%llu samples count in the totals only: over the limits profile_stacks and %s",
                     (unsigned long long)profile->stacks.overflow_samples, profile_memory_limit(profile));
    if (profile->stacks.labels_merged && profile->negative)
        profile_warn(profile, 0,
                     "too many label sets to keep apart: the totals may differ from the reference's");
}

// ---- mappings --------------------------------------------------------------------------------

// The reference merges mappings of one size, offset and build id (else file) as it meets them: first the
// first, then in the order of the samples (google/pprof profile/merge.go).
static struct text mapping_key(const struct profile *profile, const struct profile_mapping *mapping,
                               struct buffer *key)
{
    const uint64_t page = 4096;
    uint64_t size = mapping->limit - mapping->start + page - 1;
    struct text name = profile_text(profile, mapping->build_id);
    buffer_clear(key);
    buffer_printf(key, "%llx %llx ", (unsigned long long)(size - size % page),
                  (unsigned long long)mapping->offset);
    buffer_add(key, name.len ? name : profile_text(profile, mapping->file));
    return buffer_text(key);
}

struct merger {
    struct intern keys;
    ARRAY(uint32_t) first; // by key: the mapping met first
    struct buffer key;
    bool *met; // by mapping
};

static void meet_mapping(struct profile *profile, struct merger *merger, uint32_t number)
{
    if (number >= profile->mappings.count || !profile->mappings.items[number].defined || merger->met[number])
        return;
    merger->met[number] = true;
    struct profile_mapping *mapping = &profile->mappings.items[number];
    bool added;
    uint32_t key = intern_add(&merger->keys, mapping_key(profile, mapping, &merger->key), &added);
    if (added)
        *array_add(&merger->first) = number;
    mapping->same_as = merger->first.items[key];
}

static void merge_mappings(struct profile *profile)
{
    for (uint32_t i = 0; i < profile->mappings.count; i++)
        profile->mappings.items[i].same_as = i;
    if (profile->mappings.count < 2)
        return;
    struct merger merger = {.met = mem_alloc(profile->mappings.count, sizeof *merger.met)};
    meet_mapping(profile, &merger, profile->main_mapping);
    for (uint32_t i = 0; i < profile->stacks.count; i++) {
        struct text stack = stack_set_stack(&profile->stacks, i);
        uint32_t number;
        while (stack_take(&stack, &number))
            if (number < profile->locations.count)
                meet_mapping(profile, &merger, profile->locations.items[number].mapping);
    }
    free(merger.met);
    array_release(&merger.first);
    intern_release(&merger.keys);
    buffer_release(&merger.key);
}

// A mapping that is a URL names where the profile came from, no binary (internal/driver/fetch.go).
static bool is_url(struct text file)
{
    size_t i = 0;
    while (i < file.len && (byte_is_alpha(file.ptr[i]) ||
                            (i > 0 && (byte_is_digit(file.ptr[i]) || strchr("+-.", file.ptr[i])))))
        i++;
    return i > 0 && i < file.len && file.ptr[i] == ':';
}

static void drop_urls(struct profile *profile)
{
    for (size_t i = 0; i < profile->mappings.count; i++) {
        struct profile_mapping *mapping = &profile->mappings.items[i];
        if (profile_text(profile, mapping->build_id).len == 0 && is_url(profile_text(profile, mapping->file)))
            mapping->file = ID_NONE;
    }
}

// ---- merging samples -------------------------------------------------------------------------

static void put_u64(struct buffer *key, uint64_t value)
{
    buffer_add(key, (struct text){(const char *)&value, sizeof value});
}

static void put_function(struct profile *profile, struct intern *functions, struct buffer *key,
                         uint32_t number)
{
    struct profile_function function =
        number < profile->functions.count ? profile->functions.items[number] : (struct profile_function){0};
    CLEANUP(buffer_release) struct buffer own = {0};
    put_u64(&own, (uint64_t)function.start_line);
    buffer_add(&own, profile_text(profile, function.name));
    buffer_putc(&own, '\0');
    buffer_add(&own, profile_text(profile, function.file));
    put_u64(key, intern_add(functions, buffer_text(&own), NULL));
}

// Numbers of locations that the reference takes for one: the same place of one mapping, the same lines.
static uint32_t *same_locations(struct profile *profile)
{
    uint32_t *same = mem_alloc(profile->locations.count, sizeof *same);
    struct intern keys = {0}, functions = {0};
    CLEANUP(buffer_release) struct buffer key = {0};
    for (size_t i = 0; i < profile->locations.count; i++) {
        const struct profile_location *location = &profile->locations.items[i];
        bool mapped =
            location->mapping < profile->mappings.count && profile->mappings.items[location->mapping].defined;
        uint32_t mapping = mapped ? profile->mappings.items[location->mapping].same_as : ID_NONE;
        buffer_clear(&key);
        put_u64(&key, location->address - (mapped ? profile->mappings.items[location->mapping].start : 0));
        put_u64(&key, (uint64_t)mapping << 1 | location->folded);
        for (uint32_t k = 0; k < location->line_count; k++) {
            const struct profile_line *line = &profile->lines.items[location->first_line + k];
            put_function(profile, &functions, &key, line->function);
            put_u64(&key, (uint64_t)line->line);
        }
        same[i] = intern_add(&keys, buffer_text(&key), NULL);
    }
    // from the number of a key to that of its first location
    CLEANUP(mem_release) uint32_t *first = mem_alloc(keys.count, sizeof *first);
    memset(first, 0xff, keys.count * sizeof *first);
    for (uint32_t i = 0; i < profile->locations.count; i++) {
        if (first[same[i]] == ID_NONE)
            first[same[i]] = i;
        same[i] = first[same[i]];
    }
    intern_release(&keys);
    intern_release(&functions);
    return same;
}

static bool use_same(struct profile *profile, struct profile_numbers *stack, void *context)
{
    const uint32_t *same = context;
    for (size_t i = 0; i < stack->count; i++)
        if (stack->items[i] < profile->locations.count)
            stack->items[i] = same[stack->items[i]];
    return true;
}

void profile_finish(struct profile *profile)
{
    check_strings(profile);
    profile_settle_types(profile);
    drop_bad_samples(profile);
    merge_mappings(profile);
    if (profile->negative) { // only then does it change a total how samples are merged
        CLEANUP(mem_release) uint32_t *same = same_locations(profile);
        profile_edit_stacks(profile, use_same, same);
    }
    profile_prune(profile);
    drop_urls(profile);
    warn_dropped(profile);
    profile_name_nodes(profile);
}
