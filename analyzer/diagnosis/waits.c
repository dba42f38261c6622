// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/waits.h"

#include <string.h>

#include "evidence/rows.h"
#include "util/memory.h"

static struct text text_at(const struct rule_result *result, size_t row, const char *name)
{
    int column = result_column(result, name);
    return column < 0 ? (struct text){NULL, 0} : result_value(result, row, column)->text;
}

static int64_t integer_at(const struct rule_result *result, size_t row, const char *name)
{
    int column = result_column(result, name);
    const struct value *value = column < 0 ? NULL : result_value(result, row, column);
    return value && value->kind == VALUE_INTEGER ? value->integer : ROW_NULL;
}

void waits_add(struct edge_list *edges, const struct rule_result *result)
{
    for (size_t row = 0; row < result->row_count; row++) {
        struct wait_edge edge = {
            .waiter = integer_at(result, row, "waiter"),
            .holder = integer_at(result, row, "holder"),
            .what = text_at(result, row, "what"),
            .on = text_at(result, row, "on"),
            .proved = text_is(text_at(result, row, "certainty"), "proved"),
            .rule = result->rule->id,
            .evidence = text_at(result, row, "evidence"),
            .holder_evidence = text_at(result, row, "holder_evidence"),
        };
        bool held = edge.holder != ROW_NULL || edge.what.ptr;
        if (edge.waiter != ROW_NULL && held && edge.waiter != edge.holder)
            *array_add(edges) = edge;
    }
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

// One wait: the same waiter on the same thing.
static int by_wait(const struct wait_edge *a, const struct wait_edge *b)
{
    int order = compare_numbers(a->waiter, b->waiter);
    return order ? order : text_compare(a->on, b->on);
}

static int by_edge(const void *x, const void *y)
{
    const struct wait_edge *a = x, *b = y;
    int order = by_wait(a, b);
    if (!order)
        order = compare_numbers(a->holder, b->holder);
    if (!order)
        order = text_compare(a->what, b->what);
    if (!order)
        order = b->proved - a->proved;
    return order ? order : text_compare(a->rule, b->rule);
}

static bool same_edge(const struct wait_edge *a, const struct wait_edge *b)
{
    return by_wait(a, b) == 0 && a->holder == b->holder && text_equal(a->what, b->what);
}

static size_t drop_repeats(struct wait_edge *edges, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || !same_edge(&edges[kept - 1], &edges[i]))
            edges[kept++] = edges[i];
    return kept;
}

static size_t drop_guesses(struct wait_edge *edges, size_t count)
{
    bool proved = false;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        proved |= edges[i].proved;
    for (size_t i = 0; i < count; i++)
        if (!proved || edges[i].proved)
            edges[kept++] = edges[i];
    return kept;
}

// A thread waits for one thing at a time: what is proved of it refutes every guess.
static size_t drop_refuted(struct wait_edge *edges, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i; end < count && edges[end].waiter == edges[i].waiter;)
            end++;
        size_t rest = drop_guesses(&edges[i], end - i);
        memmove(&edges[kept], &edges[i], rest * sizeof *edges);
        kept += rest;
    }
    return kept;
}

void waits_settle(struct edge_list *edges, size_t *crowded)
{
    array_sort(edges, by_edge);
    size_t count = drop_repeats(edges->items, edges->count), kept = 0;
    count = drop_refuted(edges->items, count);
    *crowded = 0;
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && by_wait(&edges->items[i], &edges->items[end]) == 0)
            end++;
        size_t candidates = end - i;
        // members of a dying pid namespace are all waited for: proved edges are no candidates but parts
        bool all_hold = edges->items[i].proved;
        if (!all_hold && candidates > WAIT_CANDIDATES_MAX) {
            ++*crowded;
            candidates = 0;
        }
        for (size_t k = 0; k < candidates; k++) {
            edges->items[kept] = edges->items[i + k];
            edges->items[kept++].one_of = all_hold ? 1 : candidates;
        }
        i = end;
    }
    edges->count = kept;
}

// ---- reachability ----------------------------------------------------------------------------

struct by_holder {
    int64_t holder, waiter;
};

static int by_holder_order(const void *x, const void *y)
{
    const struct by_holder *a = x, *b = y;
    int order = compare_numbers(a->holder, b->holder);
    return order ? order : compare_numbers(a->waiter, b->waiter);
}

static int by_number(const void *a, const void *b)
{
    return compare_numbers(*(const int64_t *)a, *(const int64_t *)b);
}

static size_t first_of(const struct by_holder *edges, size_t count, int64_t holder)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edges[middle].holder < holder)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct number_list ARRAY_BODY(int64_t);

// Breadth first over the edges turned round; `seen` holds one flag for each turned edge's waiter.
void waits_behind(const struct wait_edge *edges, size_t count, const int64_t *tids, size_t tid_count,
                  void (*reach)(void *context, int64_t tid), void *context)
{
    CLEANUP(mem_release) struct by_holder *turned = mem_alloc(count, sizeof *turned);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (edges[i].holder != ROW_NULL)
            turned[used++] = (struct by_holder){edges[i].holder, edges[i].waiter};
    if (used)
        qsort(turned, used, sizeof *turned, by_holder_order);
    struct number_list queue = {0}, found = {0};
    for (size_t i = 0; i < tid_count; i++)
        *array_add(&queue) = tids[i];
    CLEANUP(mem_release) uint8_t *done = mem_alloc(used, 1);
    for (size_t at = 0; at < queue.count; at++)
        for (size_t i = first_of(turned, used, queue.items[at]);
             i < used && turned[i].holder == queue.items[at]; i++)
            if (!done[i]) {
                done[i] = 1;
                *array_add(&queue) = turned[i].waiter;
                *array_add(&found) = turned[i].waiter;
            }
    array_sort(&found, by_number);
    for (size_t i = 0; i < found.count; i++) {
        bool repeated = i && found.items[i] == found.items[i - 1];
        bool own = tid_count && bsearch(&found.items[i], tids, tid_count, sizeof *tids, by_number);
        if (!repeated && !own)
            reach(context, found.items[i]);
    }
    array_release(&queue);
    array_release(&found);
}
