// SPDX-License-Identifier: Apache-2.0
#include "report/tree.h"

#include "evidence/rows.h"
#include "report/wrap.h"
#include "util/memory.h"

enum { DEPTH_MAX = 12, WAITERS_SHOWN = 8, LINES_MAX = 200 };

struct tree {
    const struct wait_edge *edges;
    size_t count;
    struct buffer *out;
    uint8_t *shown; // by edge
    size_t lines;
    bool more[DEPTH_MAX + 2]; // by depth: a sibling still comes
};

static bool waits_itself(const struct tree *tree, int64_t tid)
{
    for (size_t i = 0; i < tree->count && tid != ROW_NULL; i++)
        if (tree->edges[i].waiter == tid)
            return true;
    return false;
}

static void name_task(struct buffer *line, struct text comm, int64_t tid)
{
    buffer_add(line, comm.ptr ? comm : TEXT("task"));
    if (tid < 0)
        buffer_printf(line, " (pasted at line %lld)", (long long)-tid);
    else
        buffer_printf(line, " (%lld)", (long long)tid);
}

// The lines that lead down from above: │ where a sibling still comes, └ and ├ for the line itself.
static void put(struct tree *tree, size_t depth, struct buffer *line)
{
    CLEANUP(buffer_release) struct buffer first = {0};
    for (size_t i = 1; i < depth; i++)
        buffer_puts(&first, tree->more[i] ? "│  " : "   ");
    if (depth)
        buffer_puts(&first, tree->more[depth] ? "├─ " : "└─ ");
    size_t width = depth * 3;
    wrap(tree->out, first.ptr ? first.ptr : "", width, width + 3, buffer_text(line));
    buffer_clear(line);
    tree->lines++;
}

static void put_waiter(struct tree *tree, const struct wait_edge *edge, size_t depth)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    name_task(&line, edge->waiter_comm, edge->waiter);
    buffer_puts(&line, " waits for ");
    buffer_add(&line, edge->on.ptr ? edge->on : TEXT("it"));
    buffer_puts(&line, edge->proved ? " [proved" : " [inferred");
    if (edge->one_of > 1)
        buffer_printf(&line, ", one of %zu candidates", edge->one_of);
    buffer_puts(&line, "]");
    put(tree, depth, &line);
}

static bool is_below(const struct tree *tree, size_t i, int64_t holder, struct text what)
{
    return !tree->shown[i] && tree->edges[i].holder == holder && text_equal(tree->edges[i].what, what);
}

static size_t next_below(const struct tree *tree, size_t from, int64_t holder, struct text what)
{
    while (from < tree->count && !is_below(tree, from, holder, what))
        from++;
    return from;
}

static void put_rest(struct tree *tree, size_t depth, size_t count)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    tree->more[depth] = false;
    buffer_printf(&line, "and %zu more", count);
    put(tree, depth, &line);
}

static void put_below(struct tree *tree, int64_t holder, struct text what, size_t depth)
{
    size_t shown = 0, rest = 0;
    for (size_t i = next_below(tree, 0, holder, what); i < tree->count;
         i = next_below(tree, i, holder, what)) {
        const struct wait_edge *edge = &tree->edges[i];
        tree->shown[i] = 1;
        if (shown >= WAITERS_SHOWN || tree->lines >= LINES_MAX) {
            rest++;
            continue;
        }
        shown++;
        tree->more[depth] = next_below(tree, i, holder, what) < tree->count;
        put_waiter(tree, edge, depth);
        if (depth < DEPTH_MAX)
            put_below(tree, edge->waiter, (struct text){NULL, 0}, depth + 1);
    }
    if (rest && tree->lines < LINES_MAX)
        put_rest(tree, depth, rest);
}

static void put_root(struct tree *tree, const struct wait_edge *edge)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    if (edge->holder == ROW_NULL)
        buffer_add(&line, edge->what);
    else
        name_task(&line, edge->holder_comm, edge->holder);
    put(tree, 0, &line);
    put_below(tree, edge->holder, edge->what, 1);
}

void tree_write(const struct wait_edge *edges, size_t count, struct buffer *out)
{
    CLEANUP(mem_release) uint8_t *shown = mem_alloc(count, 1);
    struct tree tree = {.edges = edges, .count = count, .out = out, .shown = shown};
    for (size_t i = 0; i < count; i++)
        if (!shown[i] && !waits_itself(&tree, edges[i].holder) && tree.lines < LINES_MAX)
            put_root(&tree, &edges[i]);
    for (size_t i = 0; i < count; i++) // what is left stands in a circle
        if (!shown[i] && tree.lines < LINES_MAX)
            put_root(&tree, &edges[i]);
}
