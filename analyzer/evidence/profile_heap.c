// SPDX-License-Identifier: Apache-2.0
//
// "heap profile: 3: 4096 [17: 65536] @ heap/1048576", then "1: 4096 [2: 8192] @ 0x40be31 0x40ac01":
// objects and bytes in use, and in brackets those ever allocated.
#include "evidence/profile_legacy.h"

// The rate that Go's header gives is twice the mean number of bytes between two samples (runtime/pprof
// pprof.go writeHeapInternal); gperftools' heap_v2 gives the mean itself.
static const char header_regex[] =
    "heap profile: *(?<a>\\d+): *(?<b>\\d+) *\\[ *(?<c>\\d+): *(?<d>\\d+) *\\] *@ *"
    "(?<e>heap[_a-z0-9]*|growthz?|fragmentationz?)/?(?<f>\\d*)";
static const char sample_regex[] =
    "(?<a>-?\\d+): *(?<b>-?\\d+) *\\[ *(?<c>\\d+): *(?<d>\\d+) *\\] @(?<e>[ x0-9a-f]*)";

enum { GO_DEFAULT_RATE = 524288 };

bool heap_is_header(struct text line)
{
    return text_contains(line, "heap profile:");
}

static bool take_number(struct text *rest)
{
    (void)text_skip(rest, "-");
    size_t digits = 0;
    while (digits < rest->len && byte_is_digit(rest->ptr[digits]))
        digits++;
    *rest = text_from(*rest, digits);
    return digits > 0;
}

static void skip_blanks(struct text *rest)
{
    while (text_skip(rest, " "))
        ;
}

bool heap_is_sample(struct text line)
{
    static const char *const between[] = {":", "[", ":", "]"};
    line = text_trim(line);
    for (size_t i = 0; i < 4; i++) {
        if (!take_number(&line))
            return false;
        skip_blanks(&line);
        if (!text_skip(&line, between[i]))
            return false;
        skip_blanks(&line);
    }
    return text_starts(line, "@ 0x");
}

static void add_types(struct legacy *legacy)
{
    if (legacy->alloc) {
        profile_add_type(legacy->profile, "alloc_objects", "count");
        profile_add_type(legacy->profile, "alloc_space", "bytes");
        profile_add_type(legacy->profile, "inuse_objects", "count");
        profile_add_type(legacy->profile, "inuse_space", "bytes");
    } else {
        profile_add_type(legacy->profile, "objects", "count");
        profile_add_type(legacy->profile, "space", "bytes");
    }
}

static bool differs(struct text allocated, struct text in_use)
{
    return !text_equal(allocated, in_use) && !text_is(allocated, "0");
}

static void read_header(struct legacy *legacy, struct text line)
{
    struct pattern *header = legacy_pattern(&legacy->header, header_regex);
    if (!legacy_match(header, line)) {
        legacy_malformed(legacy);
        return;
    }
    struct text kind = legacy_group(header, 4);
    (void)text_to_i64(legacy_group(header, 5), &legacy->period);
    bool old = !text_starts(kind, "heap"); // growth, fragmentation: every event is there
    legacy->alloc = !old && (differs(legacy_group(header, 2), legacy_group(header, 0)) ||
                             differs(legacy_group(header, 3), legacy_group(header, 1)));
    legacy->sampled = text_is(kind, "heapz_v2") || text_is(kind, "heap_v2") || text_is(kind, "heap");
    if (text_is(kind, "heap"))
        legacy->period /= 2;
    else if (!legacy->sampled)
        legacy->period = 1;
}

static bool read_values(struct legacy *legacy, struct text count_text, struct text bytes_text,
                        int64_t *values, int64_t *block_bytes)
{
    if (!text_to_i64(count_text, &values[0]) || !text_to_i64(bytes_text, &values[1]) ||
        (values[0] == 0 && values[1] != 0))
        return false;
    if (values[0] == 0)
        return true;
    *block_bytes = values[0] == -1 ? 0 : values[1] / values[0];
    if (legacy->sampled)
        legacy_unsample(&values[0], &values[1], legacy->period);
    return true;
}

static void read_sample(struct legacy *legacy, struct text line)
{
    struct pattern *sample = legacy_pattern(&legacy->sample, sample_regex);
    int64_t values[4] = {0}, block_bytes = 0;
    if (!legacy_match(sample, line)) {
        legacy_malformed(legacy);
        return;
    }
    int64_t *in_use = legacy->alloc ? values + 2 : values;
    if ((legacy->alloc &&
         !read_values(legacy, legacy_group(sample, 2), legacy_group(sample, 3), values, &block_bytes)) ||
        !read_values(legacy, legacy_group(sample, 0), legacy_group(sample, 1), in_use, &block_bytes)) {
        legacy_malformed(legacy);
        return;
    }
    legacy_push_all(legacy, legacy_group(sample, 4), 1);
    legacy_add(legacy, (uint32_t)hash_bytes(&block_bytes, sizeof block_bytes, 0) | 1, values);
}

static void begin(struct legacy *legacy, struct text line)
{
    struct profile *profile = legacy->profile;
    legacy->part = PART_SAMPLES;
    bool headless = heap_is_sample(line) && !heap_is_header(line);
    if (headless) {
        legacy->period = GO_DEFAULT_RATE;
        legacy->sampled = legacy->alloc = true;
        profile_warn(profile, legacy->line,
                     "no header: Go's default sampling rate of 524288 bytes is assumed");
    } else {
        read_header(legacy, line);
    }
    uint32_t space = profile_string(profile, TEXT("space"));
    profile->period_type = (struct profile_type){space, profile_string(profile, TEXT("bytes"))};
    profile->period = legacy->period;
    add_types(legacy);
    if (headless)
        read_sample(legacy, line);
}

void heap_line(struct legacy *legacy, struct text line)
{
    line = text_trim(line);
    if (legacy->part == PART_HEADER) {
        if (heap_is_header(line) || heap_is_sample(line))
            begin(legacy, line);
        else if (!legacy_is_blank(line))
            legacy_malformed(legacy);
    } else if (legacy_is_sentinel(line)) {
        legacy->part = PART_MAPS;
    } else if (!legacy_is_blank(line)) {
        read_sample(legacy, line);
    }
}
