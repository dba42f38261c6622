// SPDX-License-Identifier: Apache-2.0
#include "report/profile_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/hash.h"

enum { STEPS = 1000000 };

// ---- which samples ---------------------------------------------------------------------------

enum { FOCUSED = 1, IGNORED = 2 };

static bool matches(struct pattern *pattern, struct text text)
{
    return pattern_match(pattern, text, STEPS) == PATTERN_HIT;
}

static bool function_matches(const struct profile *profile, struct pattern *pattern, uint32_t number)
{
    if (number >= profile->functions.count)
        return false;
    const struct profile_function *function = &profile->functions.items[number];
    return matches(pattern, profile_text(profile, function->name)) ||
           matches(pattern, profile_text(profile, function->file));
}

// A location by any of its lines' functions and files, or by its binary.
static bool location_matches(const struct profile *profile, struct pattern *pattern,
                             const struct profile_location *location)
{
    for (uint32_t i = 0; i < location->line_count; i++)
        if (function_matches(profile, pattern, profile->lines.items[location->first_line + i].function))
            return true;
    if (location->mapping >= profile->mappings.count)
        return false;
    uint32_t mapping = profile->mappings.items[location->mapping].same_as;
    return matches(pattern, profile_text(profile, profile->mappings.items[mapping].file));
}

void graph_filter_init(struct graph_filter *filter, const struct profile *profile, struct pattern *focus,
                       struct pattern *ignore)
{
    *filter = (struct graph_filter){NULL};
    if (!focus && !ignore)
        return;
    filter->flags = mem_alloc(profile->locations.count, 1);
    for (size_t i = 0; i < profile->locations.count; i++) {
        const struct profile_location *location = &profile->locations.items[i];
        if (ignore && location_matches(profile, ignore, location))
            filter->flags[i] = IGNORED;
        else if (!focus || location_matches(profile, focus, location))
            filter->flags[i] = FOCUSED;
    }
}

void graph_filter_release(struct graph_filter *filter)
{
    free(filter->flags);
    filter->flags = NULL;
}

bool graph_filter_passes(const struct graph_filter *filter, const struct profile_frames *frames)
{
    if (!filter->flags)
        return frames->count > 0;
    unsigned char met = 0;
    for (size_t i = 0; i < frames->count; i++)
        if (frames->items[i].location != ID_NONE)
            met |= filter->flags[frames->items[i].location];
    return met == FOCUSED;
}

// ---- building --------------------------------------------------------------------------------

struct builder {
    struct graph *graph;
    const struct profile *profile;
    const struct graph_options *options;
    struct graph_filter filter;
    struct profile_frames frames;
    int64_t *flat, *cum; // by node
    uint32_t *seen;      // by node: last stack that it was counted for
    bool *kept;          // by node
    uint32_t *slots;     // edges, number + 1
    uint32_t slot_count;
};

// The next stack that counts, from *entry on; its value. False at the end.
static bool next_stack(struct builder *builder, uint32_t *entry, int64_t *value)
{
    const struct stack_set *stacks = &builder->profile->stacks;
    for (; *entry < stacks->count; (*entry)++) {
        *value = stack_set_values(stacks, *entry)[builder->options->type];
        if (*value == 0)
            continue;
        profile_frames_of(builder->profile, *entry, &builder->frames);
        if (graph_filter_passes(&builder->filter, &builder->frames)) {
            (*entry)++;
            return true;
        }
    }
    return false;
}

static void sum_nodes(struct builder *builder)
{
    uint32_t entry = 0;
    int64_t value;
    while (next_stack(builder, &entry, &value)) {
        const struct profile_frame *frames = builder->frames.items;
        for (size_t i = 0; i < builder->frames.count; i++) {
            uint32_t node = frames[i].node;
            if (builder->seen[node] != entry)
                builder->cum[node] = add_saturating(builder->cum[node], value);
            builder->seen[node] = entry;
        }
        builder->flat[frames[0].node] = add_saturating(builder->flat[frames[0].node], value);
    }
}

static int64_t share_of(int64_t total, double fraction)
{
    double part = (double)total * fraction;
    return part < 9223372036854775808.0 && part > -9223372036854775808.0 ? absolute((int64_t)part)
                                                                         : INT64_MAX;
}

static void collect_nodes(struct builder *builder, int64_t least)
{
    struct graph *graph = builder->graph;
    for (uint32_t i = 0; i < builder->profile->nodes.count; i++) {
        int64_t flat = builder->flat[i], cum = builder->cum[i];
        if (flat == 0 && cum == 0)
            continue;
        if (absolute(cum) < least)
            graph->dropped++;
        else
            *array_add(&graph->nodes) = (struct graph_node){.node = i, .flat = flat, .cum = cum};
    }
    graph->candidates = graph->nodes.count;
}

// ---- order -----------------------------------------------------------------------------------

// The last resort of the reference's order: how Go prints the whole of what identifies a function.
static int compare_identities(const struct profile_node *a, const struct profile_node *b)
{
    CLEANUP(buffer_release) struct buffer left = {0}, right = {0};
    buffer_printf(&left, "{%.*s  0  %lld 0 %.*s}", TEXT_ARG(a->named ? a->name : TEXT("")),
                  (long long)a->start_line, TEXT_ARG(a->binary));
    buffer_printf(&right, "{%.*s  0  %lld 0 %.*s}", TEXT_ARG(b->named ? b->name : TEXT("")),
                  (long long)b->start_line, TEXT_ARG(b->binary));
    return text_compare(buffer_text(&left), buffer_text(&right));
}

static int descending(int64_t a, int64_t b)
{
    return (absolute(a) < absolute(b)) - (absolute(a) > absolute(b));
}

static int compare_nodes(const struct profile *profile, const struct graph_node *a,
                         const struct graph_node *b, bool by_cum)
{
    int order = by_cum ? descending(a->cum, b->cum) : descending(a->flat, b->flat);
    if (order == 0)
        order = text_compare(profile->nodes.items[a->node].name, profile->nodes.items[b->node].name);
    if (order == 0)
        order = by_cum ? descending(a->flat, b->flat) : descending(a->cum, b->cum);
    if (order == 0 && a->node != b->node)
        order = compare_identities(&profile->nodes.items[a->node], &profile->nodes.items[b->node]);
    return order;
}

static int by_flat(const void *a, const void *b, void *profile)
{
    return compare_nodes(profile, a, b, false);
}

static int by_cum(const void *a, const void *b, void *profile)
{
    return compare_nodes(profile, a, b, true);
}

// ---- calls -----------------------------------------------------------------------------------

static uint32_t *edge_slot(const struct builder *builder, uint32_t caller, uint32_t callee)
{
    uint32_t at = (uint32_t)hash_number((uint64_t)caller << 32 | callee) & (builder->slot_count - 1);
    for (uint32_t number; (number = builder->slots[at]) != 0; at = (at + 1) & (builder->slot_count - 1)) {
        const struct graph_edge *edge = &builder->graph->edges.items[number - 1];
        if (edge->caller == caller && edge->callee == callee)
            break;
    }
    return &builder->slots[at];
}

static void grow_edges(struct builder *builder)
{
    builder->slot_count = builder->slot_count ? builder->slot_count * 2 : 256;
    free(builder->slots);
    builder->slots = mem_alloc(builder->slot_count, sizeof *builder->slots);
    for (uint32_t i = 0; i < builder->graph->edges.count; i++) {
        const struct graph_edge *edge = &builder->graph->edges.items[i];
        *edge_slot(builder, edge->caller, edge->callee) = i + 1;
    }
}

// Counts a call once a stack. It is inlined only if every stack's first such call was.
static void count_call(struct builder *builder, uint32_t caller, uint32_t callee, uint32_t stack,
                       int64_t value, bool inlined)
{
    struct graph *graph = builder->graph;
    if (graph->edges.count >= builder->slot_count / 2)
        grow_edges(builder);
    uint32_t *slot = edge_slot(builder, caller, callee);
    if (*slot == 0) {
        *array_add(&graph->edges) = (struct graph_edge){.caller = caller, .callee = callee, .inlined = true};
        *slot = (uint32_t)graph->edges.count;
    }
    struct graph_edge *edge = &graph->edges.items[*slot - 1];
    if (edge->seen == stack)
        return;
    edge->seen = stack;
    edge->weight = add_saturating(edge->weight, value);
    edge->inlined &= inlined;
}

// Calls between functions that are kept; over those that are not, to the next that is.
static void count_calls(struct builder *builder)
{
    uint32_t entry = 0;
    int64_t value;
    while (next_stack(builder, &entry, &value)) {
        uint32_t caller = ID_NONE;
        for (size_t i = builder->frames.count; i-- > 0;) {
            const struct profile_frame *frame = &builder->frames.items[i];
            if (!builder->kept[frame->node])
                continue;
            if (caller != ID_NONE && caller != frame->node)
                count_call(builder, caller, frame->node, entry, value, frame->inlined);
            caller = frame->node;
        }
    }
}

static void drop_small_calls(struct graph *graph, int64_t least)
{
    size_t kept = 0;
    for (size_t i = 0; i < graph->edges.count; i++)
        if (absolute(graph->edges.items[i].weight) >= least)
            graph->edges.items[kept++] = graph->edges.items[i];
    graph->edges.count = kept;
}

static void mark_inlined(struct builder *builder)
{
    enum { INLINED = 1, CALLED = 2 };
    CLEANUP(mem_release) unsigned char *how = mem_alloc(builder->profile->nodes.count, 1);
    struct graph *graph = builder->graph;
    for (size_t i = 0; i < graph->edges.count; i++)
        how[graph->edges.items[i].callee] |= graph->edges.items[i].inlined ? INLINED : CALLED;
    for (size_t i = 0; i < graph->nodes.count; i++) {
        graph->nodes.items[i].inlined = how[graph->nodes.items[i].node] & INLINED;
        graph->nodes.items[i].called = how[graph->nodes.items[i].node] & CALLED;
    }
}

static void build(struct builder *builder)
{
    struct graph *graph = builder->graph;
    const struct graph_options *options = builder->options;
    sum_nodes(builder);
    int64_t total = 0;
    for (size_t i = 0; i < builder->profile->nodes.count; i++)
        total = add_saturating(total, builder->flat[i]);
    collect_nodes(builder, share_of(total, options->node_fraction));
    if (graph->nodes.count)
        qsort_r(graph->nodes.items, graph->nodes.count, sizeof *graph->nodes.items,
                options->by_cum ? by_cum : by_flat, (void *)builder->profile);
    if (options->node_count && graph->nodes.count > options->node_count)
        graph->nodes.count = options->node_count;
    if (options->without_calls)
        return;
    for (size_t i = 0; i < graph->nodes.count; i++)
        builder->kept[graph->nodes.items[i].node] = true;
    count_calls(builder);
    drop_small_calls(graph, share_of(total, options->edge_fraction));
    mark_inlined(builder);
}

void graph_build(struct graph *graph, const struct profile *profile, const struct graph_options *options)
{
    size_t nodes = profile->nodes.count;
    *graph = (struct graph){.profile = profile, .total = profile_total(profile, options->type)};
    if (options->type >= profile->stacks.width)
        return;
    struct builder builder = {
        .graph = graph,
        .profile = profile,
        .options = options,
        .flat = mem_alloc(nodes, sizeof *builder.flat),
        .cum = mem_alloc(nodes, sizeof *builder.cum),
        .seen = mem_alloc(nodes, sizeof *builder.seen),
        .kept = mem_alloc(nodes, sizeof *builder.kept),
    };
    graph_filter_init(&builder.filter, profile, options->focus, options->ignore);
    build(&builder);
    graph_filter_release(&builder.filter);
    array_release(&builder.frames);
    free(builder.flat);
    free(builder.cum);
    free(builder.seen);
    free(builder.kept);
    free(builder.slots);
}

void graph_release(struct graph *graph)
{
    array_release(&graph->nodes);
    array_release(&graph->edges);
}
