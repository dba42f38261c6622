// SPDX-License-Identifier: Apache-2.0
#include "rule/image.h"

#include <stdlib.h>

#include "rule/require.h"
#include "util/memory.h"

struct reader {
    const char *at, *end;
    struct rulebook *book;
};

static uint64_t take_number(struct reader *reader)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (reader->at == reader->end)
            abort();
        unsigned char byte = (unsigned char)*reader->at++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return number;
    }
    abort();
}

// A number of things each of which takes a byte or more.
static size_t take_count(struct reader *reader)
{
    uint64_t count = take_number(reader);
    if (count > (uint64_t)(reader->end - reader->at))
        abort();
    return (size_t)count;
}

static struct text take_text(struct reader *reader)
{
    size_t length = take_count(reader);
    if (!length)
        return (struct text){NULL, 0};
    struct text text = {reader->at, length - 1};
    reader->at += length;
    return text;
}

static size_t take_texts(struct reader *reader, struct text **texts)
{
    size_t count = take_count(reader);
    *texts = count ? arena_alloc(&reader->book->arena, count, sizeof **texts) : NULL;
    for (size_t i = 0; i < count; i++)
        (*texts)[i] = take_text(reader);
    return count;
}

static struct pattern *take_regex(struct reader *reader)
{
    uint64_t number = take_number(reader);
    if (number > reader->book->regex_count)
        abort();
    return number ? reader->book->regexes[number - 1] : NULL;
}

static void take_filter(struct reader *reader, struct filter *filter)
{
    filter->count = take_count(reader);
    if (filter->count)
        filter->items = arena_alloc(&reader->book->arena, filter->count, sizeof *filter->items);
    for (size_t i = 0; i < filter->count; i++) {
        filter->items[i].name = take_text(reader);
        filter->items[i].glob = take_number(reader);
        filter->items[i].regex = take_regex(reader);
    }
}

static size_t take_items(struct reader *reader, struct stack_item **items)
{
    size_t count = take_count(reader);
    *items = count ? arena_alloc(&reader->book->arena, count, sizeof **items) : NULL;
    for (size_t i = 0; i < count; i++) {
        struct stack_item *item = &(*items)[i];
        item->adjacent = take_number(reader);
        item->function = take_text(reader);
        item->regex = take_regex(reader);
        if (item->regex)
            item->source = pattern_source(item->regex);
    }
    return count;
}

static void take_pattern(struct reader *reader, struct rule_pattern *pattern)
{
    pattern->kind = (enum match_kind)take_number(reader);
    pattern->name = take_text(reader);
    pattern->optional = take_number(reader);
    pattern->item_count = take_items(reader, &pattern->items);
    pattern->without_count = take_items(reader, &pattern->without);
    pattern->top = take_number(reader);
    pattern->above = take_number(reader);
    pattern->has_lock = take_number(reader);
    pattern->lock = (enum lock)take_number(reader);
    pattern->state = take_text(reader);
    take_filter(reader, &pattern->comm);
    take_filter(reader, &pattern->wchan);
    pattern->regex = take_regex(reader);
    if (pattern->regex)
        pattern->regex_source = pattern_source(pattern->regex);
    take_filter(reader, &pattern->unit);
    pattern->glob = take_text(reader);
    pattern->sample_type = take_text(reader);
    pattern->function_count = take_count(reader);
    pattern->functions =
        arena_alloc(&reader->book->arena, pattern->function_count + 1, sizeof *pattern->functions);
    for (size_t i = 0; i < pattern->function_count; i++)
        pattern->functions[i] = take_regex(reader);
    take_filter(reader, &pattern->component);
    take_filter(reader, &pattern->ns_kind);
    pattern->blank = (enum blank)take_number(reader);
}

static void take_rule(struct reader *reader, struct rule *rule)
{
    const struct builtin *file = &builtin_files[take_number(reader)];
    rule->path = file->path;
    rule->source = (struct text){file->content, file->length};
    rule->builtin = true;
    rule->id = take_text(reader);
    rule->title = take_text(reader);
    rule->kind = (enum rule_kind)take_number(reader);
    rule->severity = (enum severity)take_number(reader);
    rule->confidence = (enum confidence)take_number(reader);
    rule->cause = take_text(reader);
    rule->tag_count = take_texts(reader, &rule->tags);
    rule->pattern_count = take_count(reader);
    rule->patterns = arena_alloc(&reader->book->arena, rule->pattern_count, sizeof *rule->patterns);
    for (size_t i = 0; i < rule->pattern_count; i++) {
        rule->patterns[i].rule = rule;
        take_pattern(reader, &rule->patterns[i]);
    }
    rule->query = take_text(reader);
    rule->group = take_text(reader);
    rule->summary = take_text(reader);
    rule->explain_count = take_texts(reader, &rule->explains);
    rule->remedy = take_text(reader);
    rule->prevention = take_text(reader);
    rule->reference_count = take_texts(reader, &rule->references);
}

static void take_regexes(struct reader *reader)
{
    struct rulebook *book = reader->book;
    book->regex_count = book->regex_capacity = take_count(reader);
    book->regexes = mem_alloc(book->regex_count + 1, sizeof *book->regexes);
    for (size_t i = 0; i < book->regex_count; i++) {
        struct text source = take_text(reader), *texts;
        (void)intern_add(&book->sources, source, NULL);
        book->regexes[i] = pattern_defer(source);
        size_t count = take_texts(reader, &texts);
        rulebook_requires(book, (uint32_t)i, texts, count);
    }
}

void image_read(struct text image, struct rulebook *book)
{
    struct reader reader = {.at = image.ptr, .end = image.ptr + image.len, .book = book};
    take_regexes(&reader);
    size_t count = take_count(&reader);
    struct rule *rules = arena_alloc(&book->arena, count + 1, sizeof *rules);
    book->capacity = count + 64;
    book->rules = mem_alloc(book->capacity, sizeof *book->rules);
    for (; book->count < count; book->count++) {
        rules[book->count].number = (uint32_t)book->count;
        take_rule(&reader, &rules[book->count]);
        book->rules[book->count] = &rules[book->count];
    }
}
