// SPDX-License-Identifier: Apache-2.0
//
// Go's "--- contention:" (block) and "--- mutex:", gperftools' "--- contentionz 1 ---": attributes
// ("cycles/second=2600000000"), then "cycles count @ addresses". Java's agent has the same first line; an
// attribute `format` or `resolution` tells it apart.
#include "evidence/profile_legacy.h"

static void begin(struct legacy *legacy)
{
    struct profile *profile = legacy->profile;
    profile_add_type(profile, "contentions", "count");
    profile_add_type(profile, "delay", "nanoseconds");
    profile->period_type = profile->types.items[0];
    profile->period = legacy->period = 1;
    legacy->part = PART_ATTRIBUTES;
}

static void attribute(struct legacy *legacy, struct text key, struct text value)
{
    int64_t number = 0;
    bool is_number = text_to_i64(value, &number);
    if (text_is(key, "cycles/second") && is_number) {
        legacy->hz = number;
    } else if (text_is(key, "sampling period") && is_number) {
        legacy->period = legacy->profile->period = number;
    } else if (text_is(key, "ms since reset") && is_number) {
        if (__builtin_mul_overflow(number, 1000000, &legacy->profile->duration_ns))
            legacy->profile->duration_ns = 0;
    } else if (!text_is(key, "discarded samples")) {
        legacy_malformed(legacy);
    }
}

static int64_t clamped(double value)
{
    return value < 9223372036854775808.0 ? (int64_t)value : INT64_MAX;
}

static void read_sample(struct legacy *legacy, struct text line)
{
    struct pattern *sample = legacy_pattern(&legacy->sample, "(?<a>\\d+) *(?<b>\\d+) @(?<c>[ x0-9a-f]*)");
    int64_t delay, count;
    if (!legacy_match(sample, line) || !text_to_i64(legacy_group(sample, 0), &delay) ||
        !text_to_i64(legacy_group(sample, 1), &count)) {
        legacy_malformed(legacy);
        return;
    }
    if (legacy->period > 0) {
        if (legacy->hz > 0)
            delay = clamped((double)delay * (double)legacy->period / ((double)legacy->hz / 1e9));
        if (__builtin_mul_overflow(count, legacy->period, &count))
            count = INT64_MAX;
    }
    legacy_push_all(legacy, legacy_group(sample, 2), 1);
    legacy_add(legacy, 0, (int64_t[]){count, delay});
}

static void attribute_line(struct legacy *legacy, struct text line)
{
    ptrdiff_t at = text_find_byte(line, '=');
    if (at < 0) {
        legacy->part = PART_SAMPLES;
        contention_line(legacy, line);
        return;
    }
    struct text key = text_trim(text_slice(line, 0, (size_t)at));
    if (!legacy->java && (text_is(key, "format") || text_is(key, "resolution"))) {
        legacy->java = true;
        legacy->profile->types.count = 0;         // the resolution names them
        legacy->period = legacy->profile->period; // what attributes before it said still holds
    }
    if (legacy->java)
        java_attribute(legacy, line);
    else
        attribute(legacy, key, text_trim(text_from(line, (size_t)at + 1)));
}

void contention_line(struct legacy *legacy, struct text line)
{
    line = text_trim(line);
    if (legacy->part == PART_HEADER) {
        if (text_starts(line, "---"))
            begin(legacy);
    } else if (legacy_is_blank(line)) {
        return;
    } else if (legacy->java && legacy->part == PART_SAMPLES) {
        java_sample_line(legacy, line);
    } else if (text_starts(line, "---")) {
        legacy->part = legacy_is_sentinel(line) ? PART_MAPS : PART_SECTIONS;
    } else if (legacy->part == PART_ATTRIBUTES) {
        attribute_line(legacy, line);
    } else {
        read_sample(legacy, line);
    }
}
