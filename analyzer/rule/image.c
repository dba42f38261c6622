// SPDX-License-Identifier: Apache-2.0
//
// Writing. What is written here is read, in the same order, by image_read.c.
#include "rule/image.h"

#include <stdlib.h>
#include <string.h>

#include "rule/require.h"

static void put_text(struct buffer *out, struct text text)
{
    buffer_varint(out, text.ptr ? text.len + 1 : 0);
    buffer_add(out, text);
    if (text.ptr)
        buffer_putc(out, '\0');
}

static void put_texts(struct buffer *out, const struct text *texts, size_t count)
{
    buffer_varint(out, count);
    for (size_t i = 0; i < count; i++)
        put_text(out, texts[i]);
}

// Its number and one; 0 for none.
static void put_regex(struct buffer *out, const struct rulebook *book, const struct pattern *regex)
{
    buffer_varint(out, regex ? (uint64_t)intern_find(&book->sources, pattern_source(regex)) + 1 : 0);
}

static void put_filter(struct buffer *out, const struct rulebook *book, const struct filter *filter)
{
    buffer_varint(out, filter->count);
    for (size_t i = 0; i < filter->count; i++) {
        put_text(out, filter->items[i].name);
        buffer_varint(out, filter->items[i].glob);
        put_regex(out, book, filter->items[i].regex);
    }
}

static void put_items(struct buffer *out, const struct rulebook *book, const struct stack_item *items,
                      size_t count)
{
    buffer_varint(out, count);
    for (size_t i = 0; i < count; i++) {
        buffer_varint(out, items[i].adjacent);
        put_text(out, items[i].function);
        put_regex(out, book, items[i].regex);
    }
}

static void put_pattern(struct buffer *out, const struct rulebook *book, const struct rule_pattern *pattern)
{
    buffer_varint(out, pattern->kind);
    put_text(out, pattern->name);
    buffer_varint(out, pattern->optional);
    put_items(out, book, pattern->items, pattern->item_count);
    put_items(out, book, pattern->without, pattern->without_count);
    buffer_varint(out, pattern->top);
    buffer_varint(out, pattern->above);
    buffer_varint(out, pattern->has_lock);
    buffer_varint(out, pattern->lock);
    put_text(out, pattern->state);
    put_filter(out, book, &pattern->comm);
    put_filter(out, book, &pattern->wchan);
    put_regex(out, book, pattern->regex);
    put_filter(out, book, &pattern->unit);
    put_text(out, pattern->glob);
    put_text(out, pattern->sample_type);
    buffer_varint(out, pattern->function_count);
    for (size_t i = 0; i < pattern->function_count; i++)
        put_regex(out, book, pattern->functions[i]);
    put_filter(out, book, &pattern->component);
    put_filter(out, book, &pattern->ns_kind);
    buffer_varint(out, pattern->blank);
}

static uint64_t builtin_number(const char *path)
{
    for (uint64_t i = 0; builtin_files[i].path; i++)
        if (strcmp(builtin_files[i].path, path) == 0)
            return i;
    abort();
}

static void put_rule(struct buffer *out, const struct rulebook *book, const struct rule *rule)
{
    buffer_varint(out, builtin_number(rule->path));
    put_text(out, rule->id);
    put_text(out, rule->title);
    buffer_varint(out, rule->kind);
    buffer_varint(out, rule->severity);
    buffer_varint(out, rule->confidence);
    put_text(out, rule->cause);
    put_texts(out, rule->tags, rule->tag_count);
    buffer_varint(out, rule->pattern_count);
    for (size_t i = 0; i < rule->pattern_count; i++)
        put_pattern(out, book, &rule->patterns[i]);
    put_text(out, rule->query);
    put_text(out, rule->group);
    put_text(out, rule->summary);
    put_texts(out, rule->explains, rule->explain_count);
    put_text(out, rule->remedy);
    put_text(out, rule->prevention);
    put_texts(out, rule->references, rule->reference_count);
}

void image_write(const struct rulebook *book, struct buffer *out)
{
    buffer_varint(out, book->regex_count);
    for (size_t i = 0; i < book->regex_count; i++) {
        const struct text *texts;
        size_t count = rulebook_required(book, book->sources.texts[i], 1, &texts);
        put_text(out, book->sources.texts[i]);
        put_texts(out, texts, count);
    }
    buffer_varint(out, book->count);
    for (size_t i = 0; i < book->count; i++)
        put_rule(out, book, book->rules[i]);
}
