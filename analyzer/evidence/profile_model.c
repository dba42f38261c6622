// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *profile_form_name(enum profile_form form)
{
    static const char *const names[PROFILE_FORMS] = {
        [PROFILE_NONE] = "unknown",
        [PROFILE_PROTOBUF] = "protobuf",
        [PROFILE_CPU_BINARY] = "cpu binary",
        [PROFILE_HEAP] = "heap text",
        [PROFILE_COUNT] = "count text",
        [PROFILE_THREADS] = "thread text",
        [PROFILE_CONTENTION] = "contention text",
        [PROFILE_JAVA_HEAP] = "java heap text",
        [PROFILE_GOROUTINES] = "goroutine dump",
        [PROFILE_FOLDED] = "folded stacks",
    };
    return names[form];
}

void profile_init(struct profile *profile, const struct limits *limits, uint64_t most_memory)
{
    *profile = (struct profile){.limits = limits, .most_memory = most_memory, .main_mapping = ID_NONE};
}

// Of its stacks, strings and ids each, and what is made of them takes as much again: half of memory_mb in
// all.
uint64_t profile_share(const struct limits *limits)
{
    uint64_t share = (limits->memory_mb << 20) / 10;
    return share < limits->profile_memory ? share : limits->profile_memory;
}

const char *profile_memory_limit(const struct profile *profile)
{
    return profile->most_memory == profile->limits->profile_memory ? "profile_memory" : "memory_mb";
}

void profile_release(struct profile *profile)
{
    arena_release(&profile->arena);
    array_release(&profile->strings);
    array_release(&profile->types);
    array_release(&profile->mappings);
    array_release(&profile->functions);
    array_release(&profile->locations);
    array_release(&profile->lines);
    array_release(&profile->comments);
    array_release(&profile->warnings);
    array_release(&profile->memstats);
    array_release(&profile->states);
    array_release(&profile->nodes);
    id_map_release(&profile->mapping_ids);
    id_map_release(&profile->function_ids);
    id_map_release(&profile->location_ids);
    intern_release(&profile->own_strings);
    stack_set_release(&profile->stacks);
    free(profile->places);
    profile->places = NULL;
}

void profile_warn(struct profile *profile, uint64_t line, const char *problem, ...)
{
    if (profile->warnings.count >= PROFILE_WARNINGS)
        return;
    char text[256];
    va_list args;
    va_start(args, problem);
    (void)vsnprintf(text, sizeof text, problem, args);
    va_end(args);
    *array_add(&profile->warnings) =
        (struct profile_warning){line, arena_copy(&profile->arena, text_of(text))};
}

// ---- filling it ------------------------------------------------------------------------------

bool profile_has_room(struct profile *profile, size_t length)
{
    enum { STRING_BYTES = 32 }; // that a string takes beside its text
    if (profile->strings.count >= profile->limits->profile_strings ||
        profile->string_bytes + length + STRING_BYTES > profile->most_memory)
        return false;
    profile->string_bytes += length + STRING_BYTES;
    return true;
}

uint32_t profile_string(struct profile *profile, struct text text)
{
    if (profile->strings.count == 0) { // string 0 is empty in every form
        (void)intern_add(&profile->own_strings, TEXT(""), NULL);
        *array_add(&profile->strings) = TEXT("");
    }
    uint32_t number = intern_find(&profile->own_strings, text);
    if (number != INTERN_NONE)
        return number;
    if (!profile_has_room(profile, text.len)) {
        profile->lost_strings++;
        return INTERN_NONE; // the number of no string
    }
    number = intern_add(&profile->own_strings, text, NULL);
    *array_add(&profile->strings) = profile->own_strings.texts[number];
    return number;
}

void profile_add_type(struct profile *profile, const char *type, const char *unit)
{
    uint32_t type_string = profile_string(profile, text_of(type));
    *array_add(&profile->types) = (struct profile_type){type_string, profile_string(profile, text_of(unit))};
}

uint64_t profile_most_ids(const struct profile *profile)
{
    enum { ID_BYTES = 128 }; // a location takes 60, a function with what is printed of it 200
    uint64_t room = profile->most_memory / ID_BYTES;
    return room < profile->limits->profile_ids ? room : profile->limits->profile_ids;
}

// The limit holds for locations and functions together.
static uint64_t most(const struct profile *profile, const struct id_map *map)
{
    uint64_t other = (uint64_t)profile->location_ids.count + profile->function_ids.count - map->count;
    uint64_t all = profile_most_ids(profile);
    return all > other ? all - other : 0;
}

uint32_t profile_location(struct profile *profile, uint64_t id)
{
    uint32_t number = id_map_add(&profile->location_ids, id, most(profile, &profile->location_ids));
    if (number == profile->locations.count)
        array_add(&profile->locations)->mapping = ID_NONE;
    profile->ids_full |= number == ID_NONE;
    return number;
}

uint32_t profile_function(struct profile *profile, uint64_t id)
{
    uint32_t number = id_map_add(&profile->function_ids, id, most(profile, &profile->function_ids));
    if (number == profile->functions.count)
        (void)array_add(&profile->functions);
    profile->ids_full |= number == ID_NONE;
    return number;
}

uint32_t profile_mapping(struct profile *profile, uint64_t id)
{
    enum { MOST_MAPPINGS = 65536 };
    uint32_t number = id_map_add(&profile->mapping_ids, id, MOST_MAPPINGS);
    if (number == profile->mappings.count)
        *array_add(&profile->mappings) = (struct profile_mapping){.file = ID_NONE, .build_id = ID_NONE};
    return number;
}

void profile_begin_samples(struct profile *profile, uint32_t width)
{
    stack_set_init(&profile->stacks, width, profile->limits->profile_stacks, profile->most_memory);
    profile->sampling = true;
}

void profile_add_sample(struct profile *profile, struct text stack, uint32_t label, const int64_t *values)
{
    bool any = false;
    for (uint32_t i = 0; i < profile->stacks.width; i++) {
        any |= values[i] != 0;
        profile->negative |= values[i] < 0;
    }
    profile->samples++;
    if (any)
        stack_set_add(&profile->stacks, stack, label & ~LABEL_BASE, values, 1);
}

// ---- a difference ----------------------------------------------------------------------------

static bool same_types(const struct profile *a, const struct profile *b)
{
    if (a->types.count != b->types.count)
        return false;
    for (size_t i = 0; i < a->types.count; i++)
        if (!text_equal(profile_type_name(a, i), profile_type_name(b, i)) ||
            !text_equal(profile_type_unit(a, i), profile_type_unit(b, i)))
            return false;
    return true;
}

// Where the numbers of the base begin among those of the profile it is added to.
struct shift {
    uint32_t string, mapping, function, location, line;
};

static uint32_t shifted(uint32_t number, uint32_t by)
{
    return number > ID_NONE - by ? ID_NONE : number + by;
}

static void append_tables(struct profile *profile, const struct profile *base, struct shift by)
{
    for (size_t i = 0; i < base->strings.count; i++)
        *array_add(&profile->strings) = base->strings.items[i];
    for (size_t i = 0; i < base->mappings.count; i++) {
        struct profile_mapping *mapping = array_add(&profile->mappings);
        *mapping = base->mappings.items[i];
        mapping->file = shifted(mapping->file, by.string);
        mapping->build_id = shifted(mapping->build_id, by.string);
    }
    for (size_t i = 0; i < base->functions.count; i++) {
        struct profile_function *function = array_add(&profile->functions);
        *function = base->functions.items[i];
        function->name = shifted(function->name, by.string);
        function->file = shifted(function->file, by.string);
    }
    for (size_t i = 0; i < base->lines.count; i++) {
        struct profile_line *line = array_add(&profile->lines);
        *line = base->lines.items[i];
        line->function = shifted(line->function, by.function);
    }
    for (size_t i = 0; i < base->locations.count; i++) {
        struct profile_location *location = array_add(&profile->locations);
        *location = base->locations.items[i];
        location->mapping = shifted(location->mapping, by.mapping);
        location->first_line += by.line;
    }
}

static int64_t negated(int64_t value)
{
    return value == INT64_MIN ? INT64_MAX : -value;
}

static void append_samples(struct profile *profile, const struct profile *base, struct shift by)
{
    CLEANUP(buffer_release) struct buffer stack = {0};
    CLEANUP(mem_release) int64_t *values = mem_alloc(base->stacks.width, sizeof *values);
    for (uint32_t i = 0; i < base->stacks.count; i++) {
        struct text rest = stack_set_stack(&base->stacks, i);
        uint32_t number;
        buffer_clear(&stack);
        while (stack_take(&rest, &number))
            stack_put(&stack, shifted(number, by.location));
        for (uint32_t k = 0; k < base->stacks.width; k++)
            values[k] = negated(stack_set_values(&base->stacks, i)[k]);
        stack_set_add(&profile->stacks, buffer_text(&stack), base->stacks.entries[i].label | LABEL_BASE,
                      values, base->stacks.entries[i].samples);
    }
}

// The header of two profiles in one, as google/pprof's combineHeaders.
static void combine_headers(struct profile *profile, const struct profile *base, struct shift by)
{
    if (profile->time_ns == 0 || base->time_ns < profile->time_ns)
        profile->time_ns = base->time_ns;
    profile->duration_ns = add_saturating(profile->duration_ns, base->duration_ns);
    for (size_t i = 0; i < base->comments.count; i++) {
        struct text comment = profile_text(base, base->comments.items[i]);
        bool seen = false;
        for (size_t k = 0; k < profile->comments.count && !seen; k++)
            seen = text_equal(profile_text(profile, profile->comments.items[k]), comment);
        if (!seen)
            *array_add(&profile->comments) = shifted(base->comments.items[i], by.string);
    }
    for (size_t i = 0; i < base->warnings.count; i++)
        profile_warn(profile, 0, "the other profile: %.*s", TEXT_ARG(base->warnings.items[i].problem));
    if (profile_text(profile, profile->default_type).len == 0)
        profile->default_type = shifted(base->default_type, by.string);
    profile->samples += base->samples;
    profile->broken |= base->broken;
    profile->negative = true;
}

bool profile_subtract(struct profile *profile, const struct profile *base, struct error *err)
{
    if (!same_types(profile, base))
        return fail_kind(err, ERROR_USAGE, "the two profiles have different sample types");
    struct shift by = {
        .string = (uint32_t)profile->strings.count,
        .mapping = (uint32_t)profile->mappings.count,
        .function = (uint32_t)profile->functions.count,
        .location = (uint32_t)profile->locations.count,
        .line = (uint32_t)profile->lines.count,
    };
    if (!profile->sampling)
        profile_begin_samples(profile, (uint32_t)profile->types.count);
    append_tables(profile, base, by);
    if (base->stacks.width == profile->stacks.width)
        append_samples(profile, base, by);
    combine_headers(profile, base, by);
    if (profile->main_mapping == ID_NONE)
        profile->main_mapping = shifted(base->main_mapping, by.mapping);
    return true;
}

// ---- looking at it ---------------------------------------------------------------------------

struct text profile_text(const struct profile *profile, uint32_t string)
{
    return string < profile->strings.count ? profile->strings.items[string] : TEXT("");
}

struct text profile_type_name(const struct profile *profile, size_t type)
{
    return profile_text(profile, profile->types.items[type].type);
}

struct text profile_type_unit(const struct profile *profile, size_t type)
{
    return profile_text(profile, profile->types.items[type].unit);
}

size_t profile_default_type(const struct profile *profile)
{
    struct text wanted = profile_text(profile, profile->default_type);
    for (size_t i = 0; wanted.len && i < profile->types.count; i++)
        if (text_equal(profile_type_name(profile, i), wanted))
            return i;
    return profile->types.count ? profile->types.count - 1 : 0;
}

bool profile_find_type(const struct profile *profile, struct text name, size_t *type)
{
    uint64_t number;
    if (text_to_u64(name, &number)) {
        *type = (size_t)number;
        return number < profile->types.count;
    }
    struct text bare = name; // "inuse_space" also means the "space" of the old heap profiles
    (void)text_skip(&bare, "inuse_");
    for (size_t i = 0; i < profile->types.count; i++)
        if (text_equal(profile_type_name(profile, i), name) ||
            text_equal(profile_type_name(profile, i), bare)) {
            *type = i;
            return true;
        }
    return false;
}

int64_t profile_total(const struct profile *profile, size_t type)
{
    const struct stack_set *stacks = &profile->stacks;
    if (type >= stacks->width)
        return 0;
    int64_t all = stacks->overflow[type], base = 0;
    for (uint32_t i = 0; i < stacks->count; i++) {
        int64_t value = absolute(stacks->values[(size_t)i * stacks->width + type]);
        all = add_saturating(all, value);
        if (stacks->entries[i].label & LABEL_BASE)
            base = add_saturating(base, value);
    }
    return base > 0 ? base : all;
}

bool profile_is_delta(const struct profile *profile)
{
    bool heap = false;
    for (size_t i = 0; i < profile->types.count; i++)
        heap |= text_starts(profile_type_name(profile, i), "inuse_");
    return profile->negative || (heap && profile->duration_ns > 0);
}

struct text path_base(struct text path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    return start == path.len ? path : text_from(path, start);
}

struct text profile_main_binary(const struct profile *profile)
{
    return profile->main_mapping < profile->mappings.count
               ? profile_text(profile, profile->mappings.items[profile->main_mapping].file)
               : TEXT("");
}
