// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_legacy.h"

#include <math.h>

enum { STEPS = 1000000 };

void legacy_init(struct legacy *legacy, struct profile *profile)
{
    *legacy = (struct legacy){.profile = profile};
}

void legacy_release(struct legacy *legacy)
{
    buffer_release(&legacy->stack);
    buffer_release(&legacy->last_stack);
    pattern_release(&legacy->header);
    pattern_release(&legacy->sample);
    pattern_release(&legacy->maps);
    pattern_release(&legacy->brief_maps);
    pattern_release(&legacy->java_location);
    pattern_release(&legacy->java_path);
    pattern_release(&legacy->logging);
    array_release(&legacy->symbols);
    array_release(&legacy->variables);
    id_map_release(&legacy->symbol_ids);
}

// ---- shared by the forms ---------------------------------------------------------------------

bool legacy_is_blank(struct text line)
{
    line = text_trim(line);
    return line.len == 0 || line.ptr[0] == '#';
}

bool legacy_is_sentinel(struct text line)
{
    return text_contains(line, "--- Memory map: ---") || text_contains(line, "MAPPED_LIBRARIES:");
}

void legacy_malformed(struct legacy *legacy)
{
    if (legacy->malformed++ == 0)
        legacy->malformed_line = legacy->line;
}

struct pattern *legacy_pattern(struct pattern **pattern, const char *source)
{
    struct error err = {0};
    size_t offset;
    if (!*pattern)
        *pattern = pattern_compile(text_of(source), &offset, &err);
    return *pattern;
}

bool legacy_match(struct pattern *pattern, struct text line)
{
    return pattern && pattern_match(pattern, line, STEPS) == PATTERN_HIT;
}

struct text legacy_group(const struct pattern *pattern, size_t index)
{
    struct text group = pattern_group(pattern, index);
    return group.ptr ? group : TEXT("");
}

static bool is_lower_hex(char c)
{
    return byte_is_digit(c) || (c >= 'a' && c <= 'f');
}

bool legacy_address(struct text *rest, uint64_t *address)
{
    for (size_t i = 0; i + 2 < rest->len; i++) {
        if (rest->ptr[i] != '0' || rest->ptr[i + 1] != 'x' || !is_lower_hex(rest->ptr[i + 2]))
            continue;
        size_t end = i + 2;
        while (end < rest->len && is_lower_hex(rest->ptr[end]))
            end++;
        struct text digits = text_slice(*rest, i + 2, end - i - 2);
        *rest = text_from(*rest, end);
        while (digits.len > 1 && digits.ptr[0] == '0')
            digits = text_from(digits, 1);
        return text_to_hex(digits, address);
    }
    *rest = text_from(*rest, rest->len);
    return false;
}

void legacy_push(struct legacy *legacy, uint64_t address)
{
    uint32_t number = profile_location(legacy->profile, address);
    if (number != ID_NONE) {
        legacy->profile->locations.items[number].defined = true;
        legacy->profile->locations.items[number].address = address;
    }
    stack_put(&legacy->stack, number);
}

void legacy_push_all(struct legacy *legacy, struct text text, uint64_t less)
{
    uint64_t address;
    while (legacy_address(&text, &address))
        legacy_push(legacy, address - less);
}

void legacy_add(struct legacy *legacy, uint32_t label, const int64_t *values)
{
    struct profile *profile = legacy->profile;
    if (!profile->sampling)
        profile_begin_samples(profile, (uint32_t)profile->types.count);
    profile_add_sample(profile, buffer_text(&legacy->stack), label, values);
    buffer_clear(&legacy->stack);
}

static int64_t scaled(int64_t value, double scale)
{
    double product = (double)value * scale;
    if (!(product < 9223372036854775808.0))
        return INT64_MAX;
    return product > -9223372036854775808.0 ? (int64_t)product : INT64_MIN;
}

void legacy_unsample(int64_t *count, int64_t *bytes, int64_t rate)
{
    if (*count == 0 || *bytes == 0) {
        *count = *bytes = 0;
        return;
    }
    if (rate <= 1)
        return;
    double mean = (double)*bytes / (double)*count;
    double scale = 1 / (1 - exp(-mean / (double)rate));
    *count = scaled(*count, scale);
    *bytes = scaled(*bytes, scale);
}

// ---- lines -----------------------------------------------------------------------------------

static void samples_line(struct legacy *legacy, struct text line)
{
    switch (legacy->profile->form) {
    case PROFILE_HEAP:
        heap_line(legacy, line);
        break;
    case PROFILE_COUNT:
        count_line(legacy, line);
        break;
    case PROFILE_THREADS:
        threads_line(legacy, line);
        break;
    case PROFILE_CONTENTION:
        contention_line(legacy, line);
        break;
    case PROFILE_JAVA_HEAP:
        java_sample_line(legacy, line);
        break;
    default:
        break;
    }
}

void legacy_line(struct legacy *legacy, struct text line)
{
    legacy->line++;
    if (symbols_line(legacy, line))
        return;
    switch (legacy->part) {
    case PART_SECTIONS:
        if (legacy_is_sentinel(line))
            legacy->part = PART_MAPS;
        break;
    case PART_MAPS:
        maps_line(legacy, line);
        break;
    case PART_LOCATIONS:
        java_location_line(legacy, line);
        break;
    default:
        samples_line(legacy, line);
    }
}

void legacy_end(struct legacy *legacy)
{
    struct profile *profile = legacy->profile;
    if (profile->form == PROFILE_THREADS)
        threads_end(legacy);
    if (legacy->part == PART_HEADER)
        profile_warn(profile, 0, "it ends before its first sample");
    if (legacy->malformed)
        profile_warn(profile, legacy->malformed_line, "%llu lines make no sense here, the first is line %llu",
                     (unsigned long long)legacy->malformed, (unsigned long long)legacy->malformed_line);
    profile->has_comment_symbols = legacy->symbols.count > 0;
    if (profile->has_comment_symbols && profile->use_comment_symbols)
        symbols_apply(legacy);
    maps_end(legacy);
}
