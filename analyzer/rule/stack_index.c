// SPDX-License-Identifier: Apache-2.0
//
// All stack patterns on one stack. Each pattern has a key, one item that must be there: the longest of
// its names, or else one of its regexes. Names are looked up; a regex meets each distinct frame once,
// and only where one of the texts it requires stands in it.
#include "rule/match_stack.h"

#include <stdlib.h>

#include "rule/frame_text.h"
#include "rule/literals.h"
#include "rule/require.h"
#include "util/array.h"
#include "util/intern.h"

enum {
    CACHE_MAX = 65536, // distinct frames remembered; real nodes have some thousand
    FEW_FRAMES = 24,   // distinct ones are looked through text by text before an index of texts pays
};
#define NONE UINT32_MAX

struct number_list ARRAY_BODY(uint32_t);
struct text_list ARRAY_BODY(struct text);

// A regex that is the key of patterns.
struct regex_key {
    struct pattern *regex;
    uint32_t first; // of them
};

// What a remembered frame's text is matched by: a piece of `hits`.
struct frame_hits {
    uint32_t first, count;
};

struct stack_matcher {
    const struct rulebook *book;
    uint64_t steps;

    struct intern names;
    struct number_list first; // of each name: a pattern it is the key of
    uint32_t *next;           // of each pattern: another with the same key

    struct intern sources;
    struct key_list ARRAY_BODY(struct regex_key) keys; // by source
    struct literals *literals;                         // NULL until there were more than a few frames
    struct text_list texts;                            // that keys require
    struct number_list key_of;                         // of each text: its key
    struct number_list slow;                           // keys that require no text

    struct intern frames;
    struct frame_list ARRAY_BODY(struct frame_hits) frame_hits; // of each frame
    struct number_list hits;                                    // patterns
    struct buffer text;

    uint64_t *seen; // of each pattern: the run it was last tried in
    uint64_t run;
    struct number_list candidates;
    struct match_list ARRAY_BODY(struct stack_match) matches;
};

// ---- the keys --------------------------------------------------------------------------------

static const struct stack_item *longest_name(const struct rule_pattern *pattern)
{
    const struct stack_item *best = NULL;
    for (size_t i = 0; i < pattern->item_count; i++)
        if (!pattern->items[i].regex && (!best || pattern->items[i].function.len > best->function.len))
            best = &pattern->items[i];
    return best;
}

static void add_name_key(struct stack_matcher *matcher, struct text name, uint32_t pattern)
{
    bool added;
    uint32_t number = intern_add(&matcher->names, name, &added);
    if (added)
        *array_add(&matcher->first) = NONE;
    matcher->next[pattern] = matcher->first.items[number];
    matcher->first.items[number] = pattern;
}

// The first regex that requires texts, or else the first.
static const struct stack_item *choose_regex(const struct stack_matcher *matcher,
                                             const struct rule_pattern *pattern, const struct text **texts,
                                             size_t *count)
{
    for (size_t i = 0; i < pattern->item_count; i++) {
        *count = rulebook_required(matcher->book, pattern->items[i].source, REQUIRE_IN_FRAMES, texts);
        if (*count)
            return &pattern->items[i];
    }
    return &pattern->items[0];
}

static void add_key(struct stack_matcher *matcher, uint32_t number, struct pattern *regex,
                    const struct text *texts, size_t count)
{
    *array_add(&matcher->keys) = (struct regex_key){regex, NONE};
    for (size_t i = 0; i < count; i++) {
        *array_add(&matcher->texts) = texts[i];
        *array_add(&matcher->key_of) = number;
    }
    if (!count)
        *array_add(&matcher->slow) = number;
}

static void add_regex_key(struct stack_matcher *matcher, const struct rule_pattern *pattern)
{
    const struct text *texts = NULL;
    size_t count = 0;
    const struct stack_item *item = choose_regex(matcher, pattern, &texts, &count);
    bool added;
    uint32_t number = intern_add(&matcher->sources, item->source, &added);
    if (added)
        add_key(matcher, number, item->regex, texts, count);
    struct regex_key *key = &matcher->keys.items[number];
    matcher->next[pattern->number] = key->first;
    key->first = pattern->number;
}

struct stack_matcher *stack_matcher_open(const struct rulebook *book, const struct limits *limits)
{
    struct stack_matcher *matcher = mem_alloc(1, sizeof *matcher);
    matcher->book = book;
    matcher->steps = limits->pattern_steps;
    matcher->next = mem_alloc(book->pattern_count + 1, sizeof *matcher->next);
    matcher->seen = mem_alloc(book->pattern_count + 1, sizeof *matcher->seen);
    for (size_t i = 0; i < book->pattern_count; i++) {
        const struct rule_pattern *pattern = book->patterns[i];
        const struct stack_item *name = pattern->kind == MATCH_STACK ? longest_name(pattern) : NULL;
        if (name)
            add_name_key(matcher, name->function, pattern->number);
        else if (pattern->kind == MATCH_STACK)
            add_regex_key(matcher, pattern);
    }
    return matcher;
}

// ---- one stack -------------------------------------------------------------------------------

static void add_candidate(struct stack_matcher *matcher, uint32_t pattern)
{
    if (matcher->seen[pattern] == matcher->run)
        return;
    matcher->seen[pattern] = matcher->run;
    *array_add(&matcher->candidates) = pattern;
}

static void try_key(struct stack_matcher *matcher, uint32_t number, struct text text)
{
    const struct regex_key *key = &matcher->keys.items[number];
    if (!pattern_hits(key->regex, text, matcher->steps))
        return;
    for (uint32_t at = key->first; at != NONE; at = matcher->next[at])
        *array_add(&matcher->hits) = at;
}

static void forget_frames(struct stack_matcher *matcher)
{
    intern_release(&matcher->frames);
    array_clear(&matcher->frame_hits);
    array_clear(&matcher->hits);
}

static void try_texts(struct stack_matcher *matcher, struct text text)
{
    const uint32_t *found;
    if (matcher->frames.count > FEW_FRAMES && !matcher->literals && matcher->texts.count)
        matcher->literals = literals_open(matcher->texts.items, matcher->texts.count);
    size_t count = matcher->literals ? literals_find(matcher->literals, text, &found) : 0;
    for (size_t i = 0; i < count; i++)
        try_key(matcher, matcher->key_of.items[found[i]], text);
    for (size_t i = 0; i < matcher->texts.count && !matcher->literals; i++)
        if (text_find(text, matcher->texts.items[i]) >= 0)
            try_key(matcher, matcher->key_of.items[i], text);
}

// The patterns whose regex key matches the frame.
static struct frame_hits hits_of(struct stack_matcher *matcher, struct text text)
{
    if (matcher->frames.count >= CACHE_MAX)
        forget_frames(matcher);
    bool added;
    uint32_t frame = intern_add(&matcher->frames, text, &added);
    if (!added)
        return matcher->frame_hits.items[frame];
    struct frame_hits hits = {.first = (uint32_t)matcher->hits.count};
    try_texts(matcher, text);
    for (size_t i = 0; i < matcher->slow.count; i++)
        try_key(matcher, matcher->slow.items[i], text);
    hits.count = (uint32_t)matcher->hits.count - hits.first;
    *array_add(&matcher->frame_hits) = hits;
    return hits;
}

static void add_candidates_of(struct stack_matcher *matcher, const struct frame *frame)
{
    uint32_t name = intern_find(&matcher->names, frame->function);
    if (name != INTERN_NONE)
        for (uint32_t at = matcher->first.items[name]; at != NONE; at = matcher->next[at])
            add_candidate(matcher, at);
    if (!matcher->keys.count)
        return;
    struct frame_hits hits = hits_of(matcher, frame_text(frame, &matcher->text));
    for (uint32_t i = 0; i < hits.count; i++)
        add_candidate(matcher, matcher->hits.items[hits.first + i]);
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

size_t stack_matcher_run(struct stack_matcher *matcher, const struct stack *stack,
                         const struct stack_match **matches)
{
    matcher->run++;
    array_clear(&matcher->candidates);
    array_clear(&matcher->matches);
    for (size_t i = 0; i < stack->canonical_count; i++)
        add_candidates_of(matcher, &stack->canonical[i]);
    array_sort(&matcher->candidates, compare_numbers);
    for (size_t i = 0; i < matcher->candidates.count; i++) {
        const struct rule_pattern *pattern = matcher->book->patterns[matcher->candidates.items[i]];
        struct stack_match match;
        if (stack_pattern_matches(pattern, stack, matcher->steps, &match))
            *array_add(&matcher->matches) = match;
    }
    *matches = matcher->matches.items;
    return matcher->matches.count;
}

void stack_matcher_close(struct stack_matcher *matcher)
{
    if (!matcher)
        return;
    intern_release(&matcher->names);
    intern_release(&matcher->frames);
    if (matcher->literals)
        literals_close(matcher->literals);
    intern_release(&matcher->sources);
    buffer_release(&matcher->text);
    array_release(&matcher->first);
    array_release(&matcher->keys);
    array_release(&matcher->texts);
    array_release(&matcher->key_of);
    array_release(&matcher->slow);
    array_release(&matcher->frame_hits);
    array_release(&matcher->hits);
    array_release(&matcher->candidates);
    array_release(&matcher->matches);
    free(matcher->next);
    free(matcher->seen);
    free(matcher);
}
