// SPDX-License-Identifier: Apache-2.0
//
// "goroutine profile: total 70" or "threadcreate profile: total 5", then "60 @ 0x437f16 0x40641b"; and
// gperftools' "--- threadz 1 ---", then "--- Thread 7f794ab90940 (name: main/14748) stack: ---".
#include "evidence/profile_legacy.h"

// ---- counts ----------------------------------------------------------------------------------

static void begin_count(struct legacy *legacy, struct text line)
{
    struct text word = text_trim(line), rest;
    ptrdiff_t at = text_find(word, TEXT(" profile: total "));
    if (at <= 0) {
        legacy_malformed(legacy);
        return;
    }
    rest = text_slice(word, 0, (size_t)at);
    struct profile *profile = legacy->profile;
    uint32_t type = profile_string(profile, rest);
    struct profile_type counted = {type, profile_string(profile, TEXT("count"))};
    *array_add(&profile->types) = counted;
    profile->period_type = counted;
    profile->period = 1;
    legacy->part = PART_SAMPLES;
}

// Only whole lines of this shape: "5 @ 0x437f16"; Go 1.19's threadcreate has "5 @" without frames.
static void read_count(struct legacy *legacy, struct text line)
{
    int64_t count = 0;
    uint64_t digits;
    line = text_trim_end(line);
    if (!text_take_u64(&line, &digits) || digits > INT64_MAX || !text_skip(&line, " @")) {
        legacy_malformed(legacy);
        return;
    }
    count = (int64_t)digits;
    legacy_push_all(legacy, line, 1);
    legacy_add(legacy, 0, &count);
}

void count_line(struct legacy *legacy, struct text line)
{
    if (legacy_is_blank(line))
        return;
    if (legacy->part == PART_HEADER)
        begin_count(legacy, line);
    else if (text_starts(line, "---"))
        legacy->part = legacy_is_sentinel(line) ? PART_MAPS : PART_SECTIONS;
    else
        read_count(legacy, line);
}

// ---- threads ---------------------------------------------------------------------------------

static bool is_thread(struct text line)
{
    return text_starts(line, "--- Thread ") && text_contains(line, " (name: ") &&
           text_contains(line, ") stack: ---");
}

static bool ends_threads(struct text line)
{
    return text_starts(line, "---- no stack trace for") || legacy_is_sentinel(line);
}

// One thread ends. Without a stack of its own it has that of the one before.
static void close_thread(struct legacy *legacy)
{
    bool same = legacy->same_as_before || legacy->stack.len == 0;
    if (legacy->open_sample && (!same || legacy->last_stack.len)) {
        if (!same) {
            buffer_clear(&legacy->last_stack);
            buffer_add(&legacy->last_stack, buffer_text(&legacy->stack));
        }
        buffer_clear(&legacy->stack);
        buffer_add(&legacy->stack, buffer_text(&legacy->last_stack));
        legacy_add(legacy, 0, &(int64_t){1});
    }
    buffer_clear(&legacy->stack);
    legacy->open_sample = legacy->same_as_before = false;
    legacy->thread_frames = 0;
}

// All frames but the leaf are return addresses. Where unwinding and the signal's context both gave the
// leaf, it is there twice, the second adjusted (cleanupDuplicateLocations).
static void push_thread_frames(struct legacy *legacy, struct text line)
{
    uint64_t address;
    while (legacy_address(&line, &address)) {
        uint64_t place = address - (legacy->thread_frames > 0);
        if (legacy->thread_frames == 0)
            legacy->thread_leaf = address;
        if (legacy->thread_frames != 1 || legacy->thread_leaf != place + 1)
            legacy_push(legacy, place);
        legacy->thread_frames++;
    }
}

static void begin_threads(struct legacy *legacy)
{
    struct profile *profile = legacy->profile;
    profile_add_type(profile, "thread", "count");
    profile->period_type = profile->types.items[0];
    profile->period = 1;
    legacy->part = PART_SAMPLES;
}

void threads_line(struct legacy *legacy, struct text line)
{
    line = text_trim(line);
    bool heading = text_starts(line, "---") || legacy_is_sentinel(line);
    if (legacy->part == PART_HEADER) {
        if (!heading)
            return; // comments and blanks before the first
        begin_threads(legacy);
    }
    if (heading)
        close_thread(legacy);
    if (is_thread(line))
        legacy->open_sample = true;
    else if (ends_threads(line))
        legacy->part = legacy_is_sentinel(line) ? PART_MAPS : PART_SECTIONS;
    else if (text_contains(line, "same as previous thread"))
        legacy->same_as_before = true;
    else if (!heading && legacy->open_sample)
        push_thread_frames(legacy, line);
}

void threads_end(struct legacy *legacy)
{
    if (legacy->part == PART_SAMPLES)
        close_thread(legacy);
}
