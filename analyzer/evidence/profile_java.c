// SPDX-License-Identifier: Apache-2.0
//
// The old Java agent's "--- heapz 1 ---" and "--- contentionz 1 ---": attributes, samples "bytes count @
// ids" (values the other way round than elsewhere), then what the ids are: "0x0000000d java.util.X.y
// (X.java:13)".
#include "evidence/profile_legacy.h"

enum { JAVA_HEAP_RATE = 524288 };

// Types by the resolution, once; a profile without one has none in the reference either.
static void set_types(struct legacy *legacy, struct text resolution)
{
    bool heap = legacy->profile->form == PROFILE_JAVA_HEAP;
    const char *unit = arena_string(&legacy->profile->arena, resolution);
    if (legacy->profile->types.count)
        return;
    profile_add_type(legacy->profile, heap ? "inuse_objects" : "contentions", "count");
    profile_add_type(legacy->profile, heap ? "inuse_space" : "delay", unit);
}

void java_attribute(struct legacy *legacy, struct text line)
{
    ptrdiff_t at = text_find_byte(line, '=');
    struct text key = text_trim(text_slice(line, 0, at < 0 ? line.len : (size_t)at));
    struct text value = at < 0 ? TEXT("") : text_trim(text_from(line, (size_t)at + 1));
    int64_t number = 0;
    bool contention = legacy->profile->form == PROFILE_CONTENTION;
    if (text_is(key, "resolution"))
        set_types(legacy, value);
    else if (contention && text_is(key, "sampling period") && text_to_i64(value, &number))
        legacy->period = legacy->profile->period = number;
    else if (contention && text_is(key, "ms since reset") && text_to_i64(value, &number) &&
             number < INT64_MAX / 1000000)
        legacy->profile->duration_ns = number * 1000000;
    else if (!text_is(key, "format"))
        legacy_malformed(legacy);
}

static void read_sample(struct legacy *legacy, struct pattern *sample)
{
    int64_t values[2];
    if (!text_to_i64(legacy_group(sample, 1), &values[0]) ||
        !text_to_i64(legacy_group(sample, 0), &values[1]) || legacy->profile->types.count != 2) {
        legacy_malformed(legacy);
        return;
    }
    uint32_t label = 0;
    if (legacy->profile->form == PROFILE_JAVA_HEAP) {
        if (values[0] == 0) {
            legacy_malformed(legacy);
            return;
        }
        int64_t block_bytes = values[1] / values[0];
        label = (uint32_t)hash_bytes(&block_bytes, sizeof block_bytes, 0) | 1;
        legacy_unsample(&values[0], &values[1], JAVA_HEAP_RATE);
    } else if (legacy->period != 0) {
        for (size_t i = 0; i < 2; i++)
            if (__builtin_mul_overflow(values[i], legacy->period, &values[i]))
                values[i] = INT64_MAX;
    }
    legacy_push_all(legacy, legacy_group(sample, 2), 0);
    legacy_add(legacy, label, values);
}

void java_sample_line(struct legacy *legacy, struct text line)
{
    line = text_trim(line);
    if (legacy->part == PART_HEADER) {
        if (text_starts(line, "---"))
            legacy->part = PART_ATTRIBUTES;
        return;
    }
    if (line.len == 0)
        return;
    if (legacy->part == PART_ATTRIBUTES && text_find_byte(line, '=') >= 0) {
        java_attribute(legacy, line);
        return;
    }
    legacy->part = PART_SAMPLES;
    struct pattern *sample =
        legacy_pattern(&legacy->header, " *(?<a>\\d+) +(?<b>\\d+) +@ +(?<c>[ x0-9a-f]*)");
    if (legacy_match(sample, line)) {
        read_sample(legacy, sample);
    } else {
        legacy->part = PART_LOCATIONS;
        java_location_line(legacy, line);
    }
}

// Of "X.java:13" the file; of a library's path its name.
static struct text source_file(struct text place)
{
    size_t digits = 0;
    while (digits < place.len && byte_is_digit(place.ptr[place.len - 1 - digits]))
        digits++;
    if (digits > 0 && digits + 1 < place.len && place.ptr[place.len - 1 - digits] == ':')
        return text_slice(place, 0, place.len - 1 - digits);
    return path_base(place);
}

// "function (file:line)", "function (library path)", or all of it a name ("GC", "VM").
static void name_location(struct legacy *legacy, struct profile_location *location, struct text what)
{
    struct profile *profile = legacy->profile;
    struct pattern *path = legacy_pattern(&legacy->java_path, "^(?<a>.*)\\s+\\((?<b>.*)\\)$");
    struct text name = what, file = TEXT("");
    if (legacy_match(path, what)) {
        name = legacy_group(path, 0);
        file = source_file(legacy_group(path, 1));
    } else if (text_contains(what, "generated stub/JIT")) {
        name = TEXT("STUB");
    }
    uint32_t string = profile_string(profile, name);
    uint32_t number = profile_function(profile, string);
    if (number == ID_NONE || location->line_count)
        return;
    struct profile_function *function = &profile->functions.items[number];
    if (!function->defined)
        *function =
            (struct profile_function){.name = string, .file = profile_string(profile, file), .defined = true};
    location->first_line = (uint32_t)profile->lines.count;
    location->line_count = 1;
    location->address = 0;
    *array_add(&profile->lines) = (struct profile_line){.function = number};
}

void java_location_line(struct legacy *legacy, struct text line)
{
    struct pattern *place =
        legacy_pattern(&legacy->java_location, "^\\s*0x(?<a>[[:xdigit:]]+)\\s+(?<b>.*)\\s*$");
    uint64_t address;
    line = text_trim(line);
    if (!legacy_match(place, line) || !text_to_hex(legacy_group(place, 0), &address))
        return;
    uint32_t number = id_map_find(&legacy->profile->location_ids, address);
    if (number != ID_NONE)
        name_location(legacy, &legacy->profile->locations.items[number], legacy_group(place, 1));
}
