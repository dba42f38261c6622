// SPDX-License-Identifier: Apache-2.0
#include "rule/match_stack.h"
#include "rule/near.h"
#include "util/array.h"
#include "util/memory.h"
#include "util/show.h"
#include "util/suggest.h"

// The stack that came nearest: of those that hold the most items the one with the most threads in D.
struct nearest {
    int64_t stack;
    enum stack_miss miss;
    size_t matched, next, blocked;
    bool any;
};

static const char stacks_sql[] =
    "SELECT s.id, s.frames, (SELECT count(*) FROM sighting g WHERE g.stack = s.id AND g.state = 'D') "
    "FROM stack s ORDER BY s.id";

static void name_item(const struct rule_pattern *pattern, size_t index, struct buffer *out)
{
    const struct stack_item *item = &pattern->items[index];
    buffer_putc(out, '`');
    if (item->regex)
        buffer_printf(out, "/%.*s/", TEXT_ARG(item->source));
    else
        buffer_add(out, item->function);
    buffer_putc(out, '`');
}

// ---- threads whose stack fits ------------------------------------------------------------------

// Why a thread with a stack that fits is no row: its state or its name.
static void write_refused(const struct near_view *view, const struct rule_pattern *pattern, int64_t stack,
                          int indent, struct buffer *out)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        view->db,
        "SELECT comm, state, evidence, count(*) FROM sighting WHERE stack = ? GROUP BY 1, 2 ORDER BY 4 DESC, "
        "1, 2 LIMIT 3",
        &ignored);
    if (!query)
        return;
    bind_integer(query, 1, stack);
    while (statement_step(query, &ignored) == STEP_ROW) {
        struct text comm = column_text(query, 0), state = column_text(query, 1);
        long long count = column_integer(query, 3);
        bool state_fits = !state.ptr || !pattern->state.len || text_find(pattern->state, state) >= 0;
        buffer_printf(out, "%*s", indent, "");
        show_line(out, column_text(query, 2));
        buffer_printf(out, ": the stack fits, but %lld thread%s ", count, count == 1 ? " is" : "s are");
        if (state_fits)
            buffer_puts(out, "called ");
        show_line(out, state_fits ? (comm.ptr ? comm : TEXT("nothing")) : state);
        if (state_fits)
            buffer_puts(out, ", which `comm` refuses\n");
        else
            buffer_printf(out, ", not %.*s\n", TEXT_ARG(pattern->state));
    }
}

// ---- the nearest stack -------------------------------------------------------------------------

static bool nearer(const struct nearest *a, const struct nearest *b)
{
    if (!b->any || a->matched != b->matched)
        return !b->any || a->matched > b->matched;
    if ((a->miss != STACK_ITEM) != (b->miss != STACK_ITEM))
        return a->miss != STACK_ITEM;
    return a->blocked > b->blocked;
}

static bool find_nearest(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                         struct nearest *best, struct buffer *out)
{
    struct error ignored = {0};
    CLEANUP(statement_release) struct statement *query = statement_open(view->db, stacks_sql, &ignored);
    struct arena arena = {0};
    size_t refused = 0;
    while (query && statement_step(query, &ignored) == STEP_ROW) {
        struct stack stack = {0};
        struct nearest own = {
            .stack = column_integer(query, 0), .blocked = (size_t)column_integer(query, 2), .any = true};
        stack_canonical(column_text(query, 1), &arena, &stack);
        own.miss = stack_pattern_miss(pattern, &stack, view->limits->pattern_steps, &own.matched, &own.next);
        if (own.miss == STACK_HIT && refused++ < 3)
            write_refused(view, pattern, own.stack, indent, out);
        if (own.miss != STACK_HIT && nearer(&own, best))
            *best = own;
        arena_reset(&arena);
    }
    arena_release(&arena);
    return refused > 0;
}

static void write_miss(const struct rule_pattern *pattern, const struct nearest *near,
                       const struct stack *stack, struct buffer *out)
{
    bool more = near->next < stack->canonical_count;
    switch (near->miss) {
    case STACK_TOP:
        name_item(pattern, 0, out);
        buffer_puts(out, " stands in it, but not first: first is `");
        show_line(out, stack->canonical[0].function);
        buffer_putc(out, '`');
        break;
    case STACK_ABOVE:
        name_item(pattern, 0, out);
        buffer_puts(out, " stands first, and `above` wants something above it");
        break;
    case STACK_NOT:
        buffer_puts(out, "all items stand in it, but so does one of `not`");
        break;
    case STACK_LOCK:
        buffer_printf(out, "the lock that it shows is %s, not %s", lock_name(stack->lock),
                      lock_name(pattern->lock));
        break;
    default:
        buffer_printf(out, "%zu of %zu items; ", near->matched, pattern->item_count);
        name_item(pattern, near->matched, out);
        buffer_puts(out, pattern->items[near->matched].adjacent ? " is not directly" : " is nowhere");
        if (near->matched)
            buffer_puts(out, " below ");
        if (near->matched)
            name_item(pattern, near->matched - 1, out);
        buffer_puts(out, more ? ": there begins `" : ": there the stack ends");
        if (more)
            show_line(out, stack->canonical[near->next].function);
        if (more)
            buffer_putc(out, '`');
    }
    buffer_putc(out, '\n');
}

// `evidence (comm, state`, of a row of comm, state and evidence.
static void write_whose(const struct statement *row, struct buffer *out)
{
    show_line(out, column_text(row, 2));
    buffer_puts(out, " (");
    show_line(out, column_is_null(row, 0) ? TEXT("?") : column_text(row, 0));
    buffer_puts(out, column_is_null(row, 1) ? "" : ", ");
    show_line(out, column_is_null(row, 1) ? TEXT("") : column_text(row, 1));
}

static void write_nearest(const struct near_view *view, const struct rule_pattern *pattern,
                          const struct nearest *near, int indent, struct buffer *out)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(view->db,
                       "SELECT g.comm, g.state, g.evidence, s.frames FROM stack s LEFT JOIN sighting g ON "
                       "g.stack = s.id WHERE s.id = ? ORDER BY g.state = 'D' DESC, g.tid LIMIT 1",
                       &ignored);
    if (!query)
        return;
    bind_integer(query, 1, near->stack);
    if (statement_step(query, &ignored) != STEP_ROW)
        return;
    struct arena arena = {0};
    struct stack stack = {0};
    buffer_printf(out, "%*snearest: ", indent, "");
    write_whose(query, out);
    buffer_puts(out, "): ");
    stack_canonical(column_text(query, 3), &arena, &stack);
    write_miss(pattern, near, &stack, out);
    arena_release(&arena);
}

// What stands in the bundle instead: the threads that such a rule would look at first, and where they are.
static void write_others(const struct near_view *view, int indent, struct buffer *out)
{
    enum { FRAMES = 3 };
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        view->db,
        "SELECT g.comm, g.state, g.evidence, s.frames FROM sighting g JOIN stack s ON s.id = g.stack "
        "ORDER BY g.state = 'D' DESC, g.tid LIMIT 2",
        &ignored);
    while (query && statement_step(query, &ignored) == STEP_ROW) {
        struct arena arena = {0};
        struct stack stack = {0};
        buffer_printf(out, "%*s", indent, "");
        write_whose(query, out);
        buffer_puts(out, ") begins with ");
        stack_canonical(column_text(query, 3), &arena, &stack);
        for (size_t i = 0; i < stack.canonical_count && i < FRAMES; i++) {
            buffer_puts(out, i ? ", `" : "`");
            show_line(out, stack.canonical[i].function);
            buffer_putc(out, '`');
        }
        buffer_puts(out, stack.canonical_count ? "\n" : "nothing but sleep\n");
        arena_release(&arena);
    }
}

// No stack holds the first item: a name that is nearly the same may stand somewhere.
static void write_similar(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                          struct buffer *out)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(view->db, "SELECT DISTINCT function FROM frame WHERE matters ORDER BY 1", &ignored);
    struct arena arena = {0};
    ARRAY(const char *) names = {0};
    while (query && statement_step(query, &ignored) == STEP_ROW)
        *array_add(&names) = arena_string(&arena, column_text(query, 0));
    *array_add(&names) = NULL;
    const char *near = pattern->items[0].regex ? NULL : suggest(pattern->items[0].function, names.items);
    buffer_printf(out, "%*sno stack holds ", indent, "");
    name_item(pattern, 0, out);
    buffer_puts(out, near ? "; `" : "");
    show_line(out, text_of(near ? near : ""));
    buffer_puts(out, near ? "` is there\n" : "\n");
    write_others(view, indent, out);
    array_release(&names);
    arena_release(&arena);
}

void near_stack(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                struct buffer *out)
{
    struct nearest best = {0};
    if (find_nearest(view, pattern, indent, &best, out) || !best.any)
        return;
    if (best.matched == 0 && best.miss == STACK_ITEM)
        write_similar(view, pattern, indent, out);
    else
        write_nearest(view, pattern, &best, indent, out);
}
