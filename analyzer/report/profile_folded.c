// SPDX-License-Identifier: Apache-2.0
#include "report/profile_report.h"
#include "util/show.h"

enum { FLUSH_BYTES = 1 << 20 };

// Stacks as ranks of their names, root first, with two values: before (of a difference) and after. Ranks
// keep a stack as short as numbers and still sort it by its names.
struct folded {
    const struct profile_report *report;
    uint32_t *rank;  // by node
    uint32_t *named; // by rank: a node
    struct stack_set stacks;
    bool difference;
};

// ---- names -----------------------------------------------------------------------------------

static int by_name(const void *left, const void *right, void *context)
{
    const struct profile *profile = context;
    return text_compare(profile->nodes.items[*(const uint32_t *)left].name,
                        profile->nodes.items[*(const uint32_t *)right].name);
}

// Nodes that print alike have one rank.
static void rank_names(struct folded *folded)
{
    const struct profile *profile = folded->report->profile;
    size_t count = profile->nodes.count;
    folded->rank = mem_alloc(count, sizeof *folded->rank);
    folded->named = mem_alloc(count, sizeof *folded->named);
    for (uint32_t i = 0; i < count; i++)
        folded->named[i] = i;
    if (count)
        qsort_r(folded->named, count, sizeof *folded->named, by_name, (void *)profile);
    uint32_t rank = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t node = folded->named[i];
        if (i > 0 &&
            !text_equal(profile->nodes.items[node].name, profile->nodes.items[folded->named[rank]].name))
            rank++;
        folded->named[rank] = node;
        folded->rank[node] = rank;
    }
}

// ---- stacks ----------------------------------------------------------------------------------

static void add_stacks(struct folded *folded)
{
    const struct stack_set *stacks = &folded->report->profile->stacks;
    const struct graph_options *options = &folded->report->options;
    struct profile_frames frames = {0};
    struct graph_filter filter;
    CLEANUP(buffer_release) struct buffer stack = {0};
    graph_filter_init(&filter, folded->report->profile, options->focus, options->ignore);
    for (uint32_t i = 0; i < stacks->count; i++) {
        int64_t value = stack_set_values(stacks, i)[options->type];
        bool base = stacks->entries[i].label & LABEL_BASE;
        folded->difference |= base;
        if (value == 0)
            continue;
        profile_frames_of(folded->report->profile, i, &frames);
        if (!graph_filter_passes(&filter, &frames))
            continue;
        buffer_clear(&stack);
        for (size_t k = frames.count; k-- > 0;)
            stack_put(&stack, folded->rank[frames.items[k].node]);
        int64_t values[2] = {base ? (value == INT64_MIN ? INT64_MAX : -value) : 0, base ? 0 : value};
        stack_set_add(&folded->stacks, buffer_text(&stack), 0, values, 1);
    }
    graph_filter_release(&filter);
    array_release(&frames);
}

static int by_ranks(const void *left, const void *right, void *context)
{
    const struct stack_set *stacks = context;
    struct text a = stack_set_stack(stacks, *(const uint32_t *)left);
    struct text b = stack_set_stack(stacks, *(const uint32_t *)right);
    uint32_t first = 0, second = 0;
    for (;;) {
        bool more = stack_take(&a, &first), other_more = stack_take(&b, &second);
        if (!more || !other_more)
            return more - other_more;
        if (first != second)
            return first < second ? -1 : 1;
    }
}

// ---- lines -----------------------------------------------------------------------------------

static void put_name(struct buffer *line, struct text name)
{
    size_t start = line->len;
    show_line(line, name);
    for (size_t i = start; i < line->len; i++)
        if (line->ptr[i] == ';')
            line->ptr[i] = ':';
}

static void put_line(const struct folded *folded, struct buffer *out, uint32_t entry)
{
    struct text stack = stack_set_stack(&folded->stacks, entry);
    const int64_t *values = stack_set_values(&folded->stacks, entry);
    uint32_t rank;
    for (bool first = true; stack_take(&stack, &rank); first = false) {
        if (!first)
            buffer_putc(out, ';');
        put_name(out, folded->report->profile->nodes.items[folded->named[rank]].name);
    }
    if (folded->difference)
        buffer_printf(out, " %lld", (long long)values[0]);
    buffer_printf(out, " %lld\n", (long long)values[1]);
}

static bool put_lines(struct folded *folded, struct buffer *out, profile_flush *flush, void *context)
{
    CLEANUP(mem_release) uint32_t *order = mem_alloc(folded->stacks.count, sizeof *order);
    for (uint32_t i = 0; i < folded->stacks.count; i++)
        order[i] = i;
    if (folded->stacks.count)
        qsort_r(order, folded->stacks.count, sizeof *order, by_ranks, &folded->stacks);
    for (uint32_t i = 0; i < folded->stacks.count; i++) {
        put_line(folded, out, order[i]);
        if (out->len >= FLUSH_BYTES && !flush(context, out))
            return false;
    }
    return true;
}

bool profile_write_folded(struct buffer *out, const struct profile_report *report, profile_flush *flush,
                          void *context)
{
    const struct stack_set *stacks = &report->profile->stacks;
    struct folded folded = {.report = report};
    stack_set_init(&folded.stacks, 2, stacks->most_stacks, stacks->most_bytes);
    rank_names(&folded);
    if (report->options.type < stacks->width)
        add_stacks(&folded);
    bool whole = put_lines(&folded, out, flush, context);
    stack_set_release(&folded.stacks);
    free(folded.rank);
    free(folded.named);
    return whole;
}
