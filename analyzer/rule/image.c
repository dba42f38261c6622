// SPDX-License-Identifier: Apache-2.0
//
// Writing. What is written here is read, in the same order, by image_read.c.
#include "rule/image.h"

#include <stdlib.h>
#include <string.h>

#include "rule/require.h"

static void put_number(struct buffer *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        buffer_putc(out, (char)(number | 0x80));
    buffer_putc(out, (char)number);
}

static void put_text(struct buffer *out, struct text text)
{
    put_number(out, text.ptr ? text.len + 1 : 0);
    buffer_add(out, text);
    if (text.ptr)
        buffer_putc(out, '\0');
}

static void put_texts(struct buffer *out, const struct text *texts, size_t count)
{
    put_number(out, count);
    for (size_t i = 0; i < count; i++)
        put_text(out, texts[i]);
}

// Its number and one; 0 for none.
static void put_regex(struct buffer *out, const struct rulebook *book, const struct pattern *regex)
{
    put_number(out, regex ? (uint64_t)intern_find(&book->sources, pattern_source(regex)) + 1 : 0);
}

static void put_filter(struct buffer *out, const struct rulebook *book, const struct filter *filter)
{
    put_number(out, filter->count);
    for (size_t i = 0; i < filter->count; i++) {
        put_text(out, filter->items[i].name);
        put_number(out, filter->items[i].glob);
        put_regex(out, book, filter->items[i].regex);
    }
}

static void put_items(struct buffer *out, const struct rulebook *book, const struct stack_item *items,
                      size_t count)
{
    put_number(out, count);
    for (size_t i = 0; i < count; i++) {
        put_number(out, items[i].adjacent);
        put_text(out, items[i].function);
        put_regex(out, book, items[i].regex);
    }
}

static void put_pattern(struct buffer *out, const struct rulebook *book, const struct rule_pattern *pattern)
{
    put_number(out, pattern->kind);
    put_text(out, pattern->name);
    put_number(out, pattern->optional);
    put_items(out, book, pattern->items, pattern->item_count);
    put_items(out, book, pattern->without, pattern->without_count);
    put_number(out, pattern->top);
    put_number(out, pattern->above);
    put_number(out, pattern->has_lock);
    put_number(out, pattern->lock);
    put_text(out, pattern->state);
    put_filter(out, book, &pattern->comm);
    put_filter(out, book, &pattern->wchan);
    put_regex(out, book, pattern->regex);
    put_filter(out, book, &pattern->unit);
    put_text(out, pattern->glob);
    put_text(out, pattern->sample_type);
    put_number(out, pattern->function_count);
    for (size_t i = 0; i < pattern->function_count; i++)
        put_regex(out, book, pattern->functions[i]);
    put_filter(out, book, &pattern->component);
    put_filter(out, book, &pattern->ns_kind);
    put_number(out, pattern->blank);
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
    put_number(out, builtin_number(rule->path));
    put_text(out, rule->id);
    put_text(out, rule->title);
    put_number(out, rule->kind);
    put_number(out, rule->severity);
    put_number(out, rule->confidence);
    put_text(out, rule->cause);
    put_texts(out, rule->tags, rule->tag_count);
    put_number(out, rule->pattern_count);
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
    put_number(out, book->regex_count);
    for (size_t i = 0; i < book->regex_count; i++) {
        const struct text *texts;
        size_t count = rulebook_required(book, book->sources.texts[i], 1, &texts);
        put_text(out, book->sources.texts[i]);
        put_texts(out, texts, count);
    }
    put_number(out, book->count);
    for (size_t i = 0; i < book->count; i++)
        put_rule(out, book, book->rules[i]);
}
