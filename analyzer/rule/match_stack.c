// SPDX-License-Identifier: Apache-2.0
//
// One pattern on one stack. Items fall into runs: an item and those bound to it by `>`. Each run is
// placed as high as it goes, which leaves the most room for the next, so nothing is ever taken back.
#include "rule/match_stack.h"

#include "rule/frame_text.h"

struct attempt {
    const struct rule_pattern *pattern;
    const struct stack *stack;
    uint64_t steps;
    size_t next; // the canonical frame where the next item is looked for
    bool ask_why;
    struct buffer text;
};

struct text frame_text(const struct frame *frame, struct buffer *out)
{
    buffer_clear(out);
    buffer_add(out, frame->function);
    if (frame->has_offset) {
        buffer_puts(out, "+0x");
        buffer_hex(out, frame->offset);
    }
    if (frame->has_offset && frame->has_size) {
        buffer_puts(out, "/0x");
        buffer_hex(out, frame->size);
    }
    if (frame->module.len) {
        buffer_puts(out, " [");
        buffer_add(out, frame->module);
        buffer_putc(out, ']');
    }
    return buffer_text(out);
}

static bool item_fits(struct attempt *attempt, const struct stack_item *item, size_t at)
{
    const struct frame *frame = &attempt->stack->canonical[at];
    if (!item->regex)
        return text_equal(item->function, frame->function);
    return pattern_hits(item->regex, frame_text(frame, &attempt->text), attempt->steps);
}

// Items in one run that begins with `item`.
static size_t run_length(const struct rule_pattern *pattern, size_t item)
{
    size_t length = 1;
    while (item + length < pattern->item_count && pattern->items[item + length].adjacent)
        length++;
    return length;
}

// Whether a run's items stand directly below one another from frame `at` on.
static bool run_fits(struct attempt *attempt, size_t item, size_t length, size_t at)
{
    if (length > attempt->stack->canonical_count - at)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!item_fits(attempt, &attempt->pattern->items[item + i], at + i))
            return false;
    return true;
}

// The first frame from `at` to `last` where the run fits, or canonical_count.
static size_t find_run(struct attempt *attempt, size_t item, size_t length, size_t at, size_t last)
{
    size_t count = attempt->stack->canonical_count;
    for (; at < count && at <= last; at++)
        if (run_fits(attempt, item, length, at))
            return at;
    return count;
}

// How many items of a run that fits nowhere stand below one another at most; where the next should stand is
// noted. For those who ask why.
static size_t best_part(struct attempt *attempt, size_t item, size_t length, size_t last)
{
    size_t best = 0, first = attempt->next;
    for (size_t at = first; at < attempt->stack->canonical_count && at <= last; at++) {
        size_t fits = 0;
        while (fits < length && run_fits(attempt, item, fits + 1, at))
            fits++;
        if (fits > best) {
            best = fits;
            attempt->next = at + fits;
        }
    }
    return best;
}

// Places all items. *start is the first item's frame; the number of items that found a place comes back.
static size_t place_items(struct attempt *attempt, size_t *start)
{
    const struct rule_pattern *pattern = attempt->pattern;
    size_t at = pattern->above ? 1 : 0;
    for (size_t item = 0; item < pattern->item_count;) {
        attempt->next = at;
        size_t length = run_length(pattern, item);
        size_t last = item == 0 && pattern->top ? 0 : SIZE_MAX;
        at = find_run(attempt, item, length, at, last);
        if (at == attempt->stack->canonical_count)
            return item + (attempt->ask_why ? best_part(attempt, item, length, last) : 0);
        *start = item == 0 ? at : *start;
        at += length;
        item += length;
    }
    return pattern->item_count;
}

// `not:` in runs like the items: `[a, '> b', c]` says neither b directly below a, nor c.
static bool none_present(struct attempt *attempt)
{
    const struct rule_pattern *without = attempt->pattern;
    struct rule_pattern turned = {.items = without->without, .item_count = without->without_count};
    attempt->pattern = &turned;
    bool present = false;
    for (size_t item = 0; item < turned.item_count && !present; item += run_length(&turned, item))
        present =
            find_run(attempt, item, run_length(&turned, item), 0, SIZE_MAX) < attempt->stack->canonical_count;
    attempt->pattern = without;
    return !present;
}

// Whether a frame was set apart at the top: then the kernel shows what the thread waits for.
static bool shows_wait(const struct stack *stack)
{
    size_t first = 0;
    while (first < stack->count && !stack->frames[first].reliable && !stack->all_unreliable)
        first++;
    if (first == stack->count || !stack->canonical_count)
        return first < stack->count;
    return stack->frames[first].symbol.ptr != stack->canonical[0].symbol.ptr;
}

static bool lock_fits(const struct rule_pattern *pattern, const struct stack *stack)
{
    if (!pattern->has_lock || stack->lock == pattern->lock)
        return true;
    return stack->lock == LOCK_NONE && !shows_wait(stack);
}

// Index among all frames of a canonical one: both point into the same text.
static uint32_t frame_index(const struct stack *stack, size_t canonical)
{
    for (size_t i = 0; i < stack->count; i++)
        if (stack->frames[i].symbol.ptr == stack->canonical[canonical].symbol.ptr)
            return (uint32_t)i;
    return (uint32_t)canonical;
}

static enum stack_miss miss_of(struct attempt *attempt, size_t *start, size_t *matched)
{
    const struct rule_pattern *pattern = attempt->pattern;
    *matched = 0;
    if (!lock_fits(pattern, attempt->stack))
        return STACK_LOCK;
    *matched = place_items(attempt, start);
    if (*matched == pattern->item_count)
        return none_present(attempt) ? STACK_HIT : STACK_NOT;
    // Does the first stand in the wrong place, or is it not there at all?
    bool elsewhere = *matched == 0 && find_run(attempt, 0, run_length(pattern, 0), 0, SIZE_MAX) <
                                          attempt->stack->canonical_count;
    if (elsewhere && pattern->top)
        return STACK_TOP;
    return elsewhere && pattern->above ? STACK_ABOVE : STACK_ITEM;
}

bool stack_pattern_matches(const struct rule_pattern *pattern, const struct stack *stack, uint64_t steps,
                           struct stack_match *match)
{
    struct attempt attempt = {.pattern = pattern, .stack = stack, .steps = steps};
    size_t start = 0, matched;
    bool hit = miss_of(&attempt, &start, &matched) == STACK_HIT;
    buffer_release(&attempt.text);
    if (hit && match)
        *match = (struct stack_match){
            .pattern = pattern,
            .depth = (uint32_t)start,
            .frame = frame_index(stack, start),
            .top = stack->canonical[0].function,
            .module = stack->canonical[start].module,
            .reliable = !stack->all_unreliable,
        };
    return hit;
}

enum stack_miss stack_pattern_miss(const struct rule_pattern *pattern, const struct stack *stack,
                                   uint64_t steps, size_t *items_matched, size_t *next)
{
    struct attempt attempt = {.pattern = pattern, .stack = stack, .steps = steps, .ask_why = true};
    size_t start = 0;
    enum stack_miss miss = miss_of(&attempt, &start, items_matched);
    *next = attempt.next;
    buffer_release(&attempt.text);
    return miss;
}
