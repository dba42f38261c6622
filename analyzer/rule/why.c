// SPDX-License-Identifier: Apache-2.0
#include "rule/why.h"

#include "rule/near.h"
#include "rule/needs.h"
#include "rule/sql_steps.h"
#include "util/memory.h"
#include "util/show.h"
#include "util/times.h"

struct telling {
    const struct rule *rule;
    const struct why_options *options;
    const struct near_view *view;
    struct needs *needs;
    struct buffer *out;
    struct arena arena;
};

static void begin(struct telling *telling, int more)
{
    buffer_printf(telling->out, "%*s", telling->options->indent + more, "");
}

// ---- patterns --------------------------------------------------------------------------------

// The columns that say which thing a row is; the evidence stands before them.
static bool tells(const char *name)
{
    static const char *const names[] = {"tid",  "comm",      "state", "seen",  "moved_on", "time",
                                        "unit", "flat",      "cum",   "total", "kind",     "inode",
                                        "pid",  "container", "share", NULL};
    for (const char *const *at = names; *at; at++)
        if (text_is(text_of(name), *at))
            return true;
    return false;
}

static void show_row(struct telling *telling, const struct rule_pattern *pattern,
                     const struct statement *query)
{
    struct buffer *out = telling->out;
    begin(telling, 6);
    show_line(out, column_text(query, statement_columns(query) - 1));
    for (int i = 0; i + 1 < statement_columns(query); i++) {
        struct match_column column;
        bool named = match_column(pattern, (size_t)i, &column) && !column.meaning;
        if (column_is_null(query, i) || (!named && !tells(statement_column_name(query, i))))
            continue;
        buffer_printf(out, "  %s=", statement_column_name(query, i));
        if (text_is(text_of(statement_column_name(query, i)), "time"))
            time_write(out, column_integer(query, i));
        else
            show_line(out, text_slice(column_text(query, i), 0, 80));
    }
    buffer_putc(out, '\n');
}

// The rows of a pattern's table, `evidence` once more as the last column.
static void show_rows(struct telling *telling, const struct rule_pattern *pattern)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(telling->view->db,
                       arena_printf(&telling->arena, "SELECT *, evidence FROM temp.\"%.*s\" LIMIT %zu",
                                    TEXT_ARG(pattern->name), telling->options->rows),
                       &ignored);
    while (query && statement_step(query, &ignored) == STEP_ROW)
        show_row(telling, pattern, query);
}

// -1 where it does not prepare or ran over its budget.
static int64_t count_rows(struct telling *telling, const char *sql)
{
    struct error ignored = {0};
    db_guard(telling->view->db, telling->view->limits->query_steps);
    CLEANUP(statement_release) struct statement *query = statement_open(telling->view->db, sql, &ignored);
    int64_t count = query && statement_step(query, &ignored) == STEP_ROW ? column_integer(query, 0) : -1;
    statement_release(&query);
    db_unguard(telling->view->db);
    return count;
}

static void tell_regex(struct telling *telling, const struct rule_pattern *pattern)
{
    if (!telling->view->hits || (pattern->kind != MATCH_LOG && pattern->kind != MATCH_FILE))
        return;
    struct hits hits = text_matcher_hits(telling->view->hits, pattern);
    if (hits.count > hits.kept && !hits.out)
        buffer_printf(telling->out, " of %llu that match", (unsigned long long)hits.count);
    if (hits.gave_up)
        buffer_printf(telling->out, "; the regex gave up on %llu texts%s", (unsigned long long)hits.gave_up,
                      hits.out ? " and was left out" : "");
}

static void tell_pattern(struct telling *telling, const struct rule_pattern *pattern)
{
    struct buffer *out = telling->out;
    int64_t count = count_rows(telling, arena_printf(&telling->arena, "SELECT count(*) FROM temp.\"%.*s\"",
                                                     TEXT_ARG(pattern->name)));
    begin(telling, 2);
    buffer_printf(out, "%.*s (%s%s): %lld row%s", TEXT_ARG(pattern->name), match_kind_name(pattern->kind),
                  pattern->optional ? ", optional" : "", (long long)count, count == 1 ? "" : "s");
    tell_regex(telling, pattern);
    buffer_putc(out, '\n');
    show_rows(telling, pattern);
    if ((size_t)count > telling->options->rows && count > 0) {
        begin(telling, 6);
        buffer_puts(out, "…\n");
    }
    if (count == 0)
        near_write(telling->view, pattern, telling->options->indent + 6, out);
}

// ---- the query -------------------------------------------------------------------------------

static void tell_step(struct telling *telling, const struct sql_step *step, int64_t before, int64_t count)
{
    begin(telling, 2);
    if (count < 0)
        buffer_printf(telling->out, "%7s", "?");
    else
        buffer_printf(telling->out, "%7lld", (long long)count);
    buffer_puts(telling->out, step->select ? "  " : "  WITH ");
    show_line(telling->out, text_of(step->label));
    if (step->select && count == 0 && before != 0)
        buffer_puts(telling->out, "   <- from here on nothing is left");
    buffer_putc(telling->out, '\n');
}

static void tell_query(struct telling *telling)
{
    struct sql_step *steps;
    size_t count = sql_steps(telling->rule->query, &telling->arena, &steps);
    int64_t before = -1;
    begin(telling, 0);
    buffer_puts(telling->out, "query, rows after each step\n");
    for (size_t i = 0; i < count; i++) {
        int64_t rows = count_rows(telling, steps[i].sql);
        if (i && steps[i].select != steps[i - 1].select) {
            before = -1;
            if (steps[i].select > 1)
                buffer_printf(telling->out, "%*sor\n", telling->options->indent + 11, "");
        }
        tell_step(telling, &steps[i], before, rows);
        before = rows < 0 ? before : rows;
    }
}

// ---- what is lacking -------------------------------------------------------------------------

static void tell_need(struct telling *telling, const char *need)
{
    if (!need)
        return;
    begin(telling, 2);
    show_line(telling->out, text_of(need));
    buffer_putc(telling->out, '\n');
}

static void tell_needs(struct telling *telling)
{
    struct buffer *out = telling->out, needs = {0};
    telling->out = &needs;
    for (size_t i = 0; i < telling->rule->pattern_count; i++)
        tell_need(telling, needs_of_pattern(telling->needs, &telling->rule->patterns[i], &telling->arena));
    tell_need(telling, needs_of_query(telling->needs, telling->rule, &telling->arena));
    telling->out = out;
    if (needs.len) {
        begin(telling, 0);
        buffer_puts(out, "evidence that is lacking\n");
    }
    buffer_add(out, buffer_text(&needs));
    buffer_release(&needs);
}

static void tell(void *context, const struct near_view *view, struct needs *needs)
{
    struct telling *telling = context;
    telling->view = view;
    telling->needs = needs;
    if (telling->rule->pattern_count) {
        begin(telling, 0);
        buffer_puts(telling->out, "patterns\n");
    }
    for (size_t i = 0; i < telling->rule->pattern_count; i++)
        tell_pattern(telling, &telling->rule->patterns[i]);
    if (telling->rule->query.ptr)
        tell_query(telling);
    if (telling->options->needs)
        tell_needs(telling);
}

void why_write(struct rule_run *run, const struct rule *rule, const struct why_options *options,
               struct buffer *out)
{
    struct telling telling = {.rule = rule, .options = options, .out = out};
    struct error err = {0};
    if (!rule_run_look(run, rule, tell, &telling, &err)) {
        begin(&telling, 0);
        show_line(out, text_of(err.message));
        buffer_putc(out, '\n');
    }
    arena_release(&telling.arena);
}
