// SPDX-License-Identifier: Apache-2.0
#include "rule/run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rule/barren.h"
#include "rule/loss.h"
#include "rule/near.h"
#include "rule/needs.h"
#include "rule/relations.h"
#include "rule/sight.h"
#include "rule/signature.h"
#include "util/array.h"
#include "util/intern.h"
#include "util/memory.h"

struct rule_run {
    struct db *db;
    const struct limits *limits;
    struct text_matcher *hits;
    struct sights *sights;
    struct needs *needs;
    struct relations *relations;
    bool thorough; // run what cannot give a row, and what gave its rows before, too
    struct intern signatures;
    struct result_list ARRAY_BODY(struct rule_result) results; // by signature
    const struct arena *arena;                                 // of the results
};

struct rule_run *rule_run_open(const struct rulebook *book, struct db *db, struct text_matcher *hits,
                               const struct limits *limits, struct error *err)
{
    struct rule_run *run = mem_alloc(1, sizeof *run);
    *run = (struct rule_run){
        .db = db, .limits = limits, .hits = hits, .thorough = hits && !text_matcher_prefilters(hits)};
    loss_begin(book);
    run->sights = sights_open(book, db, hits, limits, err);
    run->relations = run->sights ? relations_open(db, err) : NULL;
    run->needs = run->relations ? needs_open(db, run->relations, limits, err) : NULL;
    if (!run->needs)
        rule_run_close(&run);
    return run;
}

void rule_run_close(struct rule_run **run)
{
    if (!*run)
        return;
    sights_close(&(*run)->sights);
    needs_close(&(*run)->needs);
    relations_close(&(*run)->relations);
    intern_release(&(*run)->signatures);
    array_release(&(*run)->results);
    free(*run);
    *run = NULL;
}

// ---- a query ---------------------------------------------------------------------------------

static struct value copy_value(const struct statement *query, int column, struct arena *arena)
{
    struct value value = {.text = arena_copy(arena, column_text(query, column))};
    switch (column_kind(query, column)) {
    case COLUMN_IS_NULL:
        value.kind = VALUE_NULL;
        break;
    case COLUMN_IS_INTEGER:
        value.kind = VALUE_INTEGER;
        value.integer = column_integer(query, column);
        value.real = (double)value.integer;
        break;
    case COLUMN_IS_REAL:
        value.kind = VALUE_REAL;
        value.real = column_double(query, column);
        break;
    case COLUMN_IS_TEXT:
        value.kind = VALUE_TEXT;
        break;
    }
    return value;
}

struct value_list ARRAY_BODY(struct value);

static void keep_columns(const struct statement *query, struct arena *arena, struct rule_result *result)
{
    result->column_count = (size_t)statement_columns(query);
    result->columns = arena_alloc(arena, result->column_count, sizeof *result->columns);
    for (size_t i = 0; i < result->column_count; i++)
        result->columns[i] = arena_string(arena, text_of(statement_column_name(query, (int)i)));
}

static bool keep_rows(struct rule_run *run, struct statement *query, struct arena *arena,
                      struct rule_result *result, struct error *err)
{
    struct value_list values = {0};
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        if (result->row_count >= run->limits->query_rows) {
            result->cut++;
            continue;
        }
        result->row_count++;
        for (size_t i = 0; i < result->column_count; i++)
            *array_add(&values) = copy_value(query, (int)i, arena);
    }
    result->values = arena_alloc(arena, values.count, sizeof *result->values);
    if (values.count)
        memcpy(result->values, values.items, values.count * sizeof *values.items);
    array_release(&values);
    return step == STEP_DONE;
}

// A rule without a query has its only pattern's rows.
static const char *query_of(const struct rule *rule, struct arena *arena)
{
    if (rule->query.ptr)
        return arena_string(arena, rule->query);
    if (!rule->pattern_count)
        return "SELECT 1 WHERE 0";
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_puts(&sql, "SELECT * FROM temp.\"");
    buffer_add(&sql, rule->patterns[0].name); // names are words, the loader sees to it
    buffer_puts(&sql, "\"");
    return arena_string(arena, buffer_text(&sql));
}

static bool run_query(struct rule_run *run, const struct rule *rule, struct arena *arena,
                      struct rule_result *result, struct error *err)
{
    db_guard(run->db, run->limits->query_steps);
    CLEANUP(statement_release) struct statement *query = statement_open(run->db, query_of(rule, arena), err);
    bool ok = query != NULL;
    if (ok) {
        keep_columns(query, arena, result);
        ok = keep_rows(run, query, arena, result, err);
    }
    statement_release(&query);
    db_unguard(run->db);
    return ok;
}

static bool create_tables(struct db *db, const struct rule *rule, size_t *made, struct error *err)
{
    for (*made = 0; *made < rule->pattern_count; ++*made)
        if (!sights_create(db, &rule->patterns[*made], err))
            return false;
    return true;
}

static void drop_tables(struct db *db, const struct rule *rule, size_t made)
{
    struct error ignored = {0};
    for (size_t i = 0; i < made; i++)
        (void)sights_drop(db, &rule->patterns[i], &ignored);
}

struct fill {
    const struct rule_pattern *pattern;
    uint64_t weight;
};

// What is required first, of that the lightest first: an empty one ends the rule before the others cost
// anything.
static int by_weight(const void *a, const void *b)
{
    const struct fill *x = a, *y = b;
    if (x->pattern->optional != y->pattern->optional)
        return x->pattern->optional - y->pattern->optional;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return x->pattern->number < y->pattern->number ? -1 : 1;
}

// What a rule's query joins: its patterns, of which `added` tells how many rows each has once they are
// filled, and the store's relations.
struct joined {
    const struct rule_run *run;
    const struct rule *rule;
    const uint64_t *added; // by pattern of the rule; NULL before
};

static bool joined_is_empty(void *context, struct text name, bool qualified)
{
    const struct joined *joined = context;
    for (size_t i = 0; i < joined->rule->pattern_count && !qualified; i++)
        if (text_equal_nocase(joined->rule->patterns[i].name, name))
            return joined->added ? joined->added[i] == 0
                                 : !sights_any(joined->run->sights, &joined->rule->patterns[i]);
    return relations_empty(joined->run->relations, name);
}

static bool gives_nothing(const struct rule_run *run, const struct rule *rule, const uint64_t *added)
{
    struct joined joined = {run, rule, added};
    return rule->query.ptr && !run->thorough && query_gives_nothing(rule->query, joined_is_empty, &joined);
}

// *fertile: no required pattern is empty, nor anything else that the query cannot do without. As soon as a
// required pattern is, the rest is left unfilled.
static bool fill_tables(struct rule_run *run, const struct rule *rule, struct arena *arena, bool *fertile,
                        struct error *err)
{
    struct fill *order = arena_alloc(arena, rule->pattern_count, sizeof *order);
    uint64_t *added = arena_alloc(arena, rule->pattern_count, sizeof *added);
    for (size_t i = 0; i < rule->pattern_count; i++)
        order[i] = (struct fill){&rule->patterns[i], sights_weight(run->sights, &rule->patterns[i])};
    if (rule->pattern_count)
        qsort(order, rule->pattern_count, sizeof *order, by_weight);
    *fertile = true;
    bool fewer = false; // than it seemed: states and names were not asked before
    for (size_t i = 0; i < rule->pattern_count && *fertile; i++) {
        uint64_t *rows = &added[order[i].pattern - rule->patterns];
        if (!sights_fill(run->sights, order[i].pattern, rows, err))
            return false;
        *fertile = *rows > 0 || order[i].pattern->optional;
        fewer |= *rows == 0 && order[i].weight > 0;
    }
    *fertile = *fertile && !(fewer && gives_nothing(run, rule, added));
    return true;
}

// One transaction: without it each row would be one.
static bool make_tables(struct rule_run *run, const struct rule *rule, struct arena *arena, size_t *made,
                        bool *fertile, struct error *err)
{
    *made = 0;
    if (!db_run(run->db, "SAVEPOINT patterns", err))
        return false;
    bool ok = create_tables(run->db, rule, made, err) && fill_tables(run, rule, arena, fertile, err);
    return db_run(run->db, "RELEASE patterns", err) && ok;
}

static bool evaluate(struct rule_run *run, const struct rule *rule, struct arena *arena,
                     struct rule_result *result, struct error *err)
{
    size_t made;
    bool fertile = false;
    bool ok = make_tables(run, rule, arena, &made, &fertile, err) &&
              (!fertile || run_query(run, rule, arena, result, err));
    drop_tables(run->db, rule, made);
    return ok;
}

// Rules that ask the same share the rows.
static bool evaluate_once(struct rule_run *run, const struct rule *rule, struct arena *arena,
                          struct rule_result *result, struct error *err)
{
    CLEANUP(buffer_release) struct buffer signature = {0};
    bool added;
    if (run->thorough)
        return evaluate(run, rule, arena, result, err);
    if (run->arena != arena) {
        intern_release(&run->signatures);
        array_clear(&run->results);
        run->arena = arena;
    }
    rule_signature(rule, &signature);
    uint32_t number = intern_add(&run->signatures, buffer_text(&signature), &added);
    if (!added && run->results.items[number].rule) {
        *result = run->results.items[number];
        result->rule = rule;
        return true;
    }
    bool ok = evaluate(run, rule, arena, result, err);
    if (added)
        *array_add(&run->results) = ok ? *result : (struct rule_result){0}; // a broken one says so itself
    return ok;
}

// ---- a rule ----------------------------------------------------------------------------------

static bool patterns_matched(const struct rule_run *run, const struct rule *rule)
{
    for (size_t i = 0; i < rule->pattern_count; i++)
        if (!rule->patterns[i].optional && !sights_any(run->sights, &rule->patterns[i]))
            return false;
    return true;
}

const char *rule_run_loss(const struct rule_run *run, const struct rule_pattern *pattern, struct arena *arena)
{
    return loss_of(run->sights, pattern, patterns_matched(run, pattern->rule), arena);
}

static const char *needs_of(struct rule_run *run, const struct rule *rule, struct arena *arena)
{
    bool matched = true;
    for (size_t i = 0; i < rule->pattern_count; i++) {
        const struct rule_pattern *pattern = &rule->patterns[i];
        if (pattern->optional || sights_any(run->sights, pattern))
            continue;
        const char *needs = needs_of_pattern(run->needs, pattern, arena);
        if (needs)
            return needs;
        matched = false; // it was looked for where it would stand: no view can change that
    }
    return matched ? needs_of_query(run->needs, rule, arena) : NULL;
}

static void decide(struct rule_run *run, const struct rule *rule, struct arena *arena,
                   struct rule_result *result)
{
    *result = (struct rule_result){.rule = rule};
    struct error problem = {0};
    if (patterns_matched(run, rule) && !gives_nothing(run, rule, NULL) &&
        !evaluate_once(run, rule, arena, result, &problem)) {
        result->outcome = OUTCOME_BROKEN;
        result->row_count = 0;
        result->needs = db_was_interrupted(run->db)
                            ? arena_printf(arena, "over its budget of %llu steps (limit query_steps)",
                                           (unsigned long long)run->limits->query_steps)
                            : arena_string(arena, text_of(problem.message));
        return;
    }
    result->outcome = OUTCOME_FIRED;
    if (result->row_count)
        return;
    result->needs = needs_of(run, rule, arena);
    result->outcome = result->needs ? OUTCOME_UNDECIDED : OUTCOME_NOT_FIRED;
}

static uint64_t cpu_time_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void rule_run_one(struct rule_run *run, const struct rule *rule, struct arena *arena,
                  struct rule_result *result)
{
    uint64_t start = cpu_time_ns();
    decide(run, rule, arena, result);
    result->cpu_ns = cpu_time_ns() - start;
}

bool rule_run_look(struct rule_run *run, const struct rule *rule, rule_look *look, void *context,
                   struct error *err)
{
    size_t made;
    bool ok = create_tables(run->db, rule, &made, err);
    for (size_t i = 0; i < rule->pattern_count && ok; i++) {
        uint64_t added;
        ok = sights_fill(run->sights, &rule->patterns[i], &added, err);
    }
    struct near_view view = {run->db, run->limits, run->hits};
    if (ok)
        look(context, &view, run->needs);
    drop_tables(run->db, rule, made);
    return ok;
}

// ---- checks and access -----------------------------------------------------------------------

bool rule_query_check(void *db, const struct rule *rule, const char *const **columns, int *offset,
                      struct error *err)
{
    static const char *names[201]; // SQLITE_LIMIT_COLUMN and the NULL
    static struct arena arena;
    arena_reset(&arena);
    *offset = -1;
    size_t made;
    bool ok = create_tables(db, rule, &made, err);
    if (ok) {
        db_guard(db, 1000000);
        CLEANUP(statement_release) struct statement *query = statement_open(db, query_of(rule, &arena), err);
        ok = query != NULL;
        int count = ok ? statement_columns(query) : 0;
        for (int i = 0; i < count && i < 200; i++)
            names[i] = arena_string(&arena, text_of(statement_column_name(query, i)));
        names[count < 200 ? count : 200] = NULL;
        statement_release(&query);
        db_unguard(db);
    }
    *offset = ok ? -1 : db_error_offset(db);
    drop_tables(db, rule, made);
    *columns = names;
    return ok;
}

int result_column(const struct rule_result *result, const char *name)
{
    for (size_t i = 0; i < result->column_count; i++)
        if (strcmp(result->columns[i], name) == 0)
            return (int)i;
    return -1;
}

const struct value *result_value(const struct rule_result *result, size_t row, int column)
{
    return &result->values[row * result->column_count + (size_t)column];
}
