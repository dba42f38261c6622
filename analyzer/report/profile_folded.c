// SPDX-License-Identifier: Apache-2.0
#include "report/profile_report.h"
#include "util/show.h"

// Stacks that read alike, with what was measured before and after (before only in a difference).
struct folded {
    const struct profile_report *report;
    struct intern stacks;
    ARRAY(int64_t) values; // two for each
    struct buffer line;
};

static void put_name(struct buffer *line, struct text name)
{
    size_t start = line->len;
    show_line(line, name);
    for (size_t i = start; i < line->len; i++)
        if (line->ptr[i] == ';')
            line->ptr[i] = ':';
}

static void put_stack(struct folded *folded, const struct profile_frames *frames)
{
    buffer_clear(&folded->line);
    for (size_t i = frames->count; i-- > 0;) {
        put_name(&folded->line, folded->report->profile->nodes.items[frames->items[i].node].name);
        if (i > 0)
            buffer_putc(&folded->line, ';');
    }
}

static void add_stack(struct folded *folded, const struct stack_entry *entry, int64_t value)
{
    bool added;
    uint32_t number = intern_add(&folded->stacks, buffer_text(&folded->line), &added);
    for (int i = 0; added && i < 2; i++)
        *array_add(&folded->values) = 0;
    bool base = entry->label & LABEL_BASE;
    int64_t *sum = &folded->values.items[number * 2 + !base];
    *sum = add_saturating(*sum, base ? -value : value);
}

static int by_text(const void *left, const void *right, void *context)
{
    const struct folded *folded = context;
    const uint32_t *a = left, *b = right;
    return text_compare(folded->stacks.texts[*a], folded->stacks.texts[*b]);
}

static void write_sorted(struct folded *folded, struct buffer *out, bool difference)
{
    CLEANUP(mem_release) uint32_t *order = mem_alloc(folded->stacks.count, sizeof *order);
    for (uint32_t i = 0; i < folded->stacks.count; i++)
        order[i] = i;
    if (folded->stacks.count)
        qsort_r(order, folded->stacks.count, sizeof *order, by_text, folded);
    for (uint32_t i = 0; i < folded->stacks.count; i++) {
        const int64_t *values = &folded->values.items[order[i] * 2];
        buffer_add(out, folded->stacks.texts[order[i]]);
        if (difference)
            buffer_printf(out, " %lld", (long long)values[0]);
        buffer_printf(out, " %lld\n", (long long)values[1]);
    }
}

void profile_write_folded(struct buffer *out, const struct profile_report *report)
{
    const struct stack_set *stacks = &report->profile->stacks;
    struct folded folded = {.report = report};
    struct profile_frames frames = {0};
    struct graph_filter filter;
    bool difference = false;
    graph_filter_init(&filter, report->profile, report->options.focus, report->options.ignore);
    for (uint32_t i = 0; i < stacks->count; i++) {
        int64_t value = stack_set_values(stacks, i)[report->options.type];
        difference |= (stacks->entries[i].label & LABEL_BASE) != 0;
        if (value == 0)
            continue;
        profile_frames_of(report->profile, i, &frames);
        if (!graph_filter_passes(&filter, &frames))
            continue;
        put_stack(&folded, &frames);
        add_stack(&folded, &stacks->entries[i], value);
    }
    write_sorted(&folded, out, difference);
    graph_filter_release(&filter);
    array_release(&frames);
    array_release(&folded.values);
    buffer_release(&folded.line);
    intern_release(&folded.stacks);
}
