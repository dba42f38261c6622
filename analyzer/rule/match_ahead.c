// SPDX-License-Identifier: Apache-2.0
//
// The texts that patterns require, looked for in whole blocks by another thread before lines are made of
// them.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rule/literals.h"
#include "rule/matcher.h"
#include "util/memory.h"

// Where more stand in a block, nothing is known of it: each message is searched then.
enum { PLACES_MAX = 4096 };

struct text_scan {
    struct literals *literals; // of logs, then of files
};

struct text_scan *text_scan_open(const struct text_matcher *matcher)
{
    struct text_scan *scan = mem_alloc(1, sizeof *scan);
    size_t logs = matcher->texts.count, files = matcher->file_texts.count;
    struct text *texts = mem_alloc(logs + files + 1, sizeof *texts);
    if (logs)
        memcpy(texts, matcher->texts.items, logs * sizeof *texts);
    if (files)
        memcpy(texts + logs, matcher->file_texts.items, files * sizeof *texts);
    scan->literals = literals_open(texts, logs + files);
    free(texts);
    return scan;
}

void text_scan_close(struct text_scan *scan)
{
    if (!scan)
        return;
    literals_close(scan->literals);
    free(scan);
}

bool text_scan_block(void *context, struct text block, struct buffer *notes)
{
    struct text_scan *scan = context;
    buffer_clear(notes);
    void *places = buffer_reserve(notes, PLACES_MAX * sizeof(struct literal_place));
    size_t count =
        block.len <= UINT32_MAX ? literals_places(scan->literals, block, places, PLACES_MAX) : PLACES_MAX + 1;
    if (count > PLACES_MAX)
        return false;
    notes->len = count * sizeof(struct literal_place);
    return true;
}

void text_matcher_known(struct text_matcher *matcher, struct text block, struct text notes)
{
    matcher->known = (struct known){0};
    if (!notes.ptr)
        return;
    matcher->known.block = block;
    matcher->known.places = (const struct literal_place *)(const void *)notes.ptr;
    matcher->known.count = notes.len / sizeof(struct literal_place);
}

// Where the subject lies in the block; false when it does not, all of it.
static bool lies_in(const struct known *known, struct text subject, uint32_t *start, uint32_t *end)
{
    uintptr_t block = (uintptr_t)known->block.ptr, at = (uintptr_t)subject.ptr;
    if (!known->places || at < block || at - block > known->block.len ||
        subject.len > known->block.len - (at - block))
        return false;
    *start = (uint32_t)(at - block);
    *end = (uint32_t)(*start + subject.len);
    return true;
}

// The first place that is not before `start`. Lines mostly come one after the other.
static size_t first_place(struct known *known, uint32_t start)
{
    size_t low = 0, high = known->next;
    if (!high || known->places[high - 1].at < start) {
        while (known->next < known->count && known->places[known->next].at < start)
            known->next++;
        return known->next;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (known->places[middle].at < start)
            low = middle + 1;
        else
            high = middle;
    }
    return known->next = low;
}

bool known_log_texts(struct text_matcher *matcher, struct text message, const uint32_t **numbers,
                     size_t *count)
{
    struct known *known = &matcher->known;
    uint32_t start, end;
    if (!lies_in(known, message, &start, &end))
        return false;
    array_clear(&matcher->known_numbers);
    for (size_t i = first_place(known, start); i < known->count && known->places[i].at < end; i++) {
        uint32_t number = known->places[i].number;
        if (number < matcher->texts.count && matcher->texts.items[number].len <= end - known->places[i].at)
            *array_add(&matcher->known_numbers) = number;
    }
    *numbers = matcher->known_numbers.items;
    *count = matcher->known_numbers.count;
    return true;
}

bool known_file_texts(struct text_matcher *matcher, struct text lines)
{
    struct known *known = &matcher->known;
    uint32_t start, end;
    if (!lies_in(known, lines, &start, &end))
        return false;
    for (size_t i = first_place(known, start); i < known->count && known->places[i].at < end; i++) {
        uint32_t number = known->places[i].number;
        if (number < matcher->texts.count)
            continue;
        number -= (uint32_t)matcher->texts.count;
        if (matcher->file_texts.items[number].len <= end - known->places[i].at)
            matcher->file_seen[number] = matcher->piece;
    }
    return true;
}
