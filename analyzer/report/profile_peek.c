// SPDX-License-Identifier: Apache-2.0
#include "report/profile_heading.h"
#include "report/profile_report.h"
#include "report/profile_units.h"
#include "util/show.h"

static const char separator[] = "----------------------------------------------------------+-------------\n";
static const char legend[] = "      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n";

struct peek {
    struct buffer *out;
    const struct graph *graph;
    struct text own, unit;
    ARRAY(uint32_t) calls; // scratch: edges of one function, in order
};

// ---- the calls of one function ---------------------------------------------------------------

// Numbers of edges sorted by one end, so that those of a function lie together.
struct edge_index {
    const struct graph *graph;
    uint32_t *edges;
    bool by_callee;
};

static const struct graph_edge *edge_of(const struct graph *graph, uint32_t number)
{
    return &graph->edges.items[number];
}

static uint32_t end_of(const struct graph_edge *edge, bool callee)
{
    return callee ? edge->callee : edge->caller;
}

static int by_end(const void *left, const void *right, void *context)
{
    const struct edge_index *index = context;
    uint32_t a = end_of(edge_of(index->graph, *(const uint32_t *)left), index->by_callee);
    uint32_t b = end_of(edge_of(index->graph, *(const uint32_t *)right), index->by_callee);
    return (a > b) - (a < b);
}

static void index_edges(struct edge_index *index, const struct graph *graph, bool callee)
{
    size_t count = graph->edges.count;
    *index = (struct edge_index){graph, mem_alloc(count, sizeof *index->edges), callee};
    for (uint32_t i = 0; i < count; i++)
        index->edges[i] = i;
    if (count)
        qsort_r(index->edges, count, sizeof *index->edges, by_end, index);
}

static uint32_t end_at(const struct edge_index *index, size_t position)
{
    return end_of(edge_of(index->graph, index->edges[position]), index->by_callee);
}

static size_t first_edge(const struct edge_index *index, uint32_t node)
{
    size_t low = 0, high = index->graph->edges.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (end_at(index, middle) < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct text name_of(const struct graph *graph, uint32_t node)
{
    return graph->profile->nodes.items[node].name;
}

// Heaviest first, then by the names at both ends.
static int by_weight(const void *left, const void *right, void *context)
{
    const struct graph *graph = context;
    const struct graph_edge *a = edge_of(graph, *(const uint32_t *)left);
    const struct graph_edge *b = edge_of(graph, *(const uint32_t *)right);
    int64_t heavy = absolute(a->weight), heavier = absolute(b->weight);
    if (heavy != heavier)
        return heavy > heavier ? -1 : 1;
    int order = text_compare(name_of(graph, a->caller), name_of(graph, b->caller));
    return order ? order : text_compare(name_of(graph, a->callee), name_of(graph, b->callee));
}

static void write_calls(struct peek *peek, const struct edge_index *index, const struct graph_node *node)
{
    array_clear(&peek->calls);
    for (size_t i = first_edge(index, node->node);
         i < peek->graph->edges.count && end_at(index, i) == node->node; i++)
        *array_add(&peek->calls) = index->edges[i];
    if (peek->calls.count)
        qsort_r(peek->calls.items, peek->calls.count, sizeof *peek->calls.items, by_weight,
                (void *)peek->graph);
    for (size_t i = 0; i < peek->calls.count; i++) {
        const struct graph_edge *edge = edge_of(peek->graph, peek->calls.items[i]);
        heading_value(peek->out, 50, edge->weight, peek->own, peek->unit);
        buffer_putc(peek->out, ' ');
        unit_percentage(peek->out, edge->weight, node->cum);
        buffer_puts(peek->out, " |   ");
        show_line(peek->out, name_of(peek->graph, end_of(edge, !index->by_callee)));
        buffer_puts(peek->out, edge->inlined ? " (inline)\n" : "\n");
    }
}

// ---- the listing -----------------------------------------------------------------------------

static void write_node(struct peek *peek, const struct graph_node *node, int64_t *sum)
{
    struct buffer *out = peek->out;
    int64_t total = peek->graph->total;
    *sum = add_saturating(*sum, node->flat);
    heading_value(out, 10, node->flat, peek->own, peek->unit);
    buffer_putc(out, ' ');
    unit_percentage(out, node->flat, total);
    buffer_putc(out, ' ');
    unit_percentage(out, *sum, total);
    buffer_putc(out, ' ');
    heading_value(out, 10, node->cum, peek->own, peek->unit);
    buffer_putc(out, ' ');
    unit_percentage(out, node->cum, total);
    buffer_puts(out, "                | ");
    show_line(out, name_of(peek->graph, node->node));
    buffer_putc(out, '\n');
}

static bool write_listing(struct peek *peek, struct pattern *which)
{
    enum { STEPS = 1000000 };
    struct edge_index callers, callees;
    index_edges(&callers, peek->graph, true);
    index_edges(&callees, peek->graph, false);
    int64_t sum = 0;
    bool any = false;
    for (size_t i = 0; i < peek->graph->nodes.count; i++) {
        const struct graph_node *node = &peek->graph->nodes.items[i];
        if (pattern_match(which, name_of(peek->graph, node->node), STEPS) != PATTERN_HIT)
            continue;
        any = true;
        buffer_puts(peek->out, separator);
        write_calls(peek, &callers, node);
        write_node(peek, node, &sum);
        write_calls(peek, &callees, node);
    }
    free(callers.edges);
    free(callees.edges);
    return any;
}

bool profile_write_peek(struct buffer *out, const struct profile_report *report, struct pattern *which)
{
    struct graph graph;
    struct profile_report whole = *report; // nothing is left out: what is asked for may be small
    whole.options.node_count = 0;
    whole.options.node_fraction = whole.options.edge_fraction = 0;
    graph_build(&graph, report->profile, &whole.options);
    struct peek peek = {
        .out = out,
        .graph = &graph,
        .own = profile_type_unit(report->profile, report->options.type),
        .unit = heading_unit(&graph, report->options.type),
    };
    heading_write(out, &whole, &graph, peek.unit);
    buffer_puts(out, separator);
    buffer_puts(out, legend);
    bool any = write_listing(&peek, which);
    if (graph.nodes.count)
        buffer_puts(out, separator);
    array_release(&peek.calls);
    graph_release(&graph);
    return any;
}
