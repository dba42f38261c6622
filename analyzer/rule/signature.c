// SPDX-License-Identifier: Apache-2.0
#include "rule/signature.h"

static void add_text(struct buffer *out, struct text text)
{
    buffer_varint(out, text.ptr ? text.len + 1 : 0);
    buffer_add(out, text);
}

// A book has one regex for each source (loader.h).
static void add_regex(struct buffer *out, const struct pattern *regex)
{
    buffer_varint(out, (uint64_t)(uintptr_t)regex);
}

static void add_filter(struct buffer *out, const struct filter *filter)
{
    buffer_varint(out, filter->count);
    for (size_t i = 0; i < filter->count; i++) {
        add_text(out, filter->items[i].name);
        buffer_varint(out, filter->items[i].glob);
        add_regex(out, filter->items[i].regex);
    }
}

static void add_items(struct buffer *out, const struct stack_item *items, size_t count)
{
    buffer_varint(out, count);
    for (size_t i = 0; i < count; i++) {
        buffer_varint(out, items[i].adjacent);
        add_text(out, items[i].function);
        add_regex(out, items[i].regex);
    }
}

static void add_pattern(struct buffer *out, const struct rule_pattern *pattern)
{
    buffer_varint(out, pattern->kind);
    add_text(out, pattern->name);
    buffer_varint(out, pattern->optional);
    add_items(out, pattern->items, pattern->item_count);
    add_items(out, pattern->without, pattern->without_count);
    buffer_varint(out, pattern->top);
    buffer_varint(out, pattern->above);
    buffer_varint(out, pattern->has_lock);
    buffer_varint(out, pattern->lock);
    add_text(out, pattern->state);
    add_filter(out, &pattern->comm);
    add_filter(out, &pattern->wchan);
    add_regex(out, pattern->regex);
    add_filter(out, &pattern->unit);
    add_text(out, pattern->glob);
    add_text(out, pattern->sample_type);
    buffer_varint(out, pattern->function_count);
    for (size_t i = 0; i < pattern->function_count; i++)
        add_regex(out, pattern->functions[i]);
    add_filter(out, &pattern->component);
    add_filter(out, &pattern->ns_kind);
    buffer_varint(out, pattern->blank);
}

void rule_signature(const struct rule *rule, struct buffer *out)
{
    add_text(out, rule->query);
    buffer_varint(out, rule->pattern_count);
    for (size_t i = 0; i < rule->pattern_count; i++)
        add_pattern(out, &rule->patterns[i]);
}
