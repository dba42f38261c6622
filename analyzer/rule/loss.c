// SPDX-License-Identifier: Apache-2.0
#include "rule/loss.h"

#include <inttypes.h>

#include "rule/sights.h"
#include "util/buffer.h"

// ---- regexes over names and frames ---------------------------------------------------------------

typedef void each_regex(void *context, struct pattern *regex);

static void of_filter(const struct filter *filter, each_regex *take, void *context)
{
    for (size_t i = 0; i < filter->count; i++)
        if (filter->items[i].regex)
            take(context, filter->items[i].regex);
}

static void of_items(const struct stack_item *items, size_t count, each_regex *take, void *context)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].regex)
            take(context, items[i].regex);
}

static void of_pattern(const struct rule_pattern *pattern, each_regex *take, void *context)
{
    const struct filter *filters[] = {&pattern->comm, &pattern->wchan, &pattern->unit, &pattern->component,
                                      &pattern->ns_kind};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        of_filter(filters[i], take, context);
    of_items(pattern->items, pattern->item_count, take, context);
    of_items(pattern->without, pattern->without_count, take, context);
    for (size_t i = 0; i < pattern->function_count; i++)
        take(context, pattern->functions[i]);
}

static void forget(void *context, struct pattern *regex)
{
    (void)context;
    pattern_forget_giveups(regex);
}

static void add_up(void *context, struct pattern *regex)
{
    *(uint64_t *)context += pattern_giveups(regex);
}

void loss_begin(const struct rulebook *book)
{
    for (size_t i = 0; i < book->pattern_count; i++)
        of_pattern(book->patterns[i], forget, NULL);
}

// ---- words -------------------------------------------------------------------------------------

static void say(struct buffer *out, const struct rule_pattern *pattern)
{
    if (out->len)
        buffer_puts(out, "; ");
    buffer_printf(out, "pattern %.*s: ", TEXT_ARG(pattern->name));
}

static void say_searches(const struct rule_pattern *pattern, const struct hits *hits, struct buffer *out)
{
    uint64_t names = 0;
    of_pattern(pattern, add_up, &names);
    if (hits->out || hits->gave_up) {
        say(out, pattern);
        buffer_printf(out, "its regex ran out of steps on %" PRIu64 " texts%s", hits->gave_up,
                      hits->out ? " and is left out (limits pattern_steps, pattern_depth and pattern_giveups)"
                                : ", which count as misses (limits pattern_steps and pattern_depth)");
    }
    if (names) {
        say(out, pattern);
        buffer_printf(out,
                      "a regex ran out of steps on %" PRIu64 " names or frames, which count as misses "
                      "(limits pattern_steps, pattern_depth and pattern_giveups)",
                      names);
    }
}

static void say_rows(const struct sights *sights, const struct rule_pattern *pattern, const struct hits *hits,
                     struct buffer *out)
{
    if (hits->count > hits->kept && !hits->out) {
        say(out, pattern);
        buffer_printf(out, "of %" PRIu64 " rows the first and the last are kept, %zu in all (limit %s)",
                      hits->count, hits->kept,
                      hits->kept < sights->limits->pattern_rows ? "match_rows" : "pattern_rows");
    }
    if (hits->cut_groups) {
        say(out, pattern);
        buffer_printf(out, "in %" PRIu64 " rows a text was cut (limit group_bytes)", hits->cut_groups);
    }
    if (sights->lists[pattern->number].cut) {
        say(out, pattern);
        buffer_puts(out, "not all of its rows are kept (limit pattern_rows)");
    }
}

const char *loss_of(const struct sights *sights, const struct rule_pattern *pattern, bool whole,
                    struct arena *arena)
{
    CLEANUP(buffer_release) struct buffer out = {0};
    struct hits hits = {0};
    if (sights->hits && (pattern->kind == MATCH_LOG || pattern->kind == MATCH_FILE))
        hits = text_matcher_hits(sights->hits, pattern);
    say_searches(pattern, &hits, &out);
    if (whole)
        say_rows(sights, pattern, &hits, &out);
    return out.len ? arena_string(arena, buffer_text(&out)) : NULL;
}
