// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/diagnosis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "diagnosis/finding.h"
#include "diagnosis/rank.h"
#include "diagnosis/same_wait.h"
#include "diagnosis/save.h"
#include "diagnosis/unexplained.h"
#include "diagnosis/waits.h"
#include "diagnosis/witness.h"
#include "evidence/rows.h"
#include "store/clocks.h"
#include "util/memory.h"

struct maker {
    struct diagnosis *diagnosis;
    const struct rulebook *book;
    struct store *store;
    struct rule_run *run;
    struct finding_context context;
    struct rule_result *results; // by rule number
    struct finding_list findings;
    struct edge_list edges;
    struct warning_list ARRAY_BODY(struct warning_line) warnings;
};

static void warn(struct maker *maker, struct text source, const char *problem)
{
    *array_add(&maker->warnings) =
        (struct warning_line){.source = source, .problem = text_of(problem), .count = 1};
}

// ---- rules -----------------------------------------------------------------------------------

static void run_kind(struct maker *maker, enum rule_kind kind)
{
    struct arena *arena = &maker->diagnosis->arena;
    for (size_t i = 0; i < maker->book->count; i++) {
        const struct rule *rule = maker->book->rules[i];
        if (rule->kind != kind)
            continue;
        struct rule_result *result = &maker->results[i];
        rule_run_one(maker->run, rule, arena, result);
        if (result->outcome == OUTCOME_BROKEN)
            warn(maker, TEXT(""),
                 arena_printf(arena, "rule %.*s was left out: %s", TEXT_ARG(rule->id), result->needs));
        for (size_t k = 0; k < rule->pattern_count; k++) {
            const char *loss = rule_run_loss(maker->run, &rule->patterns[k], arena);
            if (loss)
                warn(maker, TEXT(""), arena_printf(arena, "rule %.*s, %s", TEXT_ARG(rule->id), loss));
        }
        if (result->cut)
            warn(maker, TEXT(""),
                 arena_printf(arena, "rule %.*s: %llu rows beyond the limit query_rows were left out",
                              TEXT_ARG(rule->id), (unsigned long long)result->cut));
    }
}

static struct text comm_of(struct db *db, int64_t tid, struct arena *arena)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(db,
                                             "SELECT comm FROM thread WHERE tid = :tid UNION ALL SELECT comm "
                                             "FROM report_stack WHERE tid = :tid LIMIT 1",
                                             &ignored);
    if (!query || tid == ROW_NULL)
        return (struct text){NULL, 0};
    bind_integer_named(query, ":tid", tid);
    return statement_step(query, &ignored) == STEP_ROW ? arena_copy(arena, column_text(query, 0))
                                                       : (struct text){NULL, 0};
}

// A thread that had moved on in the second sample does not wait: it passes.
static bool drop_passing(struct maker *maker, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(store_db(maker->store), "SELECT 1 FROM thread WHERE tid = ? AND moved_on = 1", err);
    size_t kept = 0;
    for (size_t i = 0; query && i < maker->edges.count; i++) {
        bind_integer(query, 1, maker->edges.items[i].waiter);
        if (statement_step(query, err) == STEP_DONE)
            maker->edges.items[kept++] = maker->edges.items[i];
        statement_reset(query);
    }
    maker->edges.count = kept;
    return query != NULL;
}

static bool make_waits(struct maker *maker, struct error *err)
{
    run_kind(maker, RULE_WAIT);
    struct diagnosis *diagnosis = maker->diagnosis;
    for (size_t i = 0; i < maker->book->count; i++)
        if (maker->book->rules[i]->kind == RULE_WAIT && maker->results[i].outcome == OUTCOME_FIRED)
            waits_add(&maker->edges, &maker->results[i]);
    size_t crowded;
    if (!drop_passing(maker, err))
        return false;
    waits_settle(&maker->edges, &crowded);
    if (crowded)
        warn(maker, TEXT(""),
             arena_printf(&diagnosis->arena,
                          "%zu wait%s with more than %d possible holders: no edge is drawn", crowded,
                          crowded == 1 ? "" : "s", WAIT_CANDIDATES_MAX));
    diagnosis->wait_count = maker->edges.count;
    diagnosis->waits = arena_alloc(&diagnosis->arena, maker->edges.count, sizeof *diagnosis->waits);
    for (size_t i = 0; i < maker->edges.count; i++) {
        struct wait_edge *edge = &diagnosis->waits[i];
        *edge = maker->edges.items[i];
        edge->waiter_comm = comm_of(store_db(maker->store), edge->waiter, &diagnosis->arena);
        edge->holder_comm = comm_of(store_db(maker->store), edge->holder, &diagnosis->arena);
    }
    return save_waits(diagnosis->waits, diagnosis->wait_count, store_db(maker->store), err);
}

static void note_containers(struct maker *maker, const struct rule_result *result)
{
    int column = result_column(result, "container");
    for (size_t row = 0; column >= 0 && row < result->row_count; row++)
        if (result_value(result, row, column)->text.ptr)
            containers_note(maker->context.containers, result_value(result, row, column)->text);
}

static bool explained_by_ongoing(const struct finding_list *findings, const struct finding *finding)
{
    for (size_t i = 0; i < finding->explained_count; i++)
        if (findings->items[finding->explained_by[i]].ongoing == 1)
            return true;
    return false;
}

static bool gives_findings(const struct maker *maker, size_t rule)
{
    return maker->book->rules[rule]->kind == RULE_FINDING && maker->results[rule].outcome == OUTCOME_FIRED;
}

// How many findings each rule may have, so that a flood of one hides nothing of the others.
static uint64_t share_of_rule(struct maker *maker)
{
    uint64_t share = maker->context.limits->findings, sum = UINT64_MAX;
    CLEANUP(mem_release) uint64_t *counts = mem_alloc(maker->book->count + 1, sizeof *counts);
    for (size_t i = 0; i < maker->book->count; i++)
        if (gives_findings(maker, i))
            counts[i] = findings_add(&maker->findings, &maker->results[i], 0, &maker->context);
    while (share > 1 && sum > maker->context.limits->findings) {
        sum = 0;
        for (size_t i = 0; i < maker->book->count; i++)
            sum += counts[i] < share ? counts[i] : share;
        share /= sum > maker->context.limits->findings ? 2 : 1;
    }
    return share;
}

static void add_findings(struct maker *maker)
{
    uint64_t share = share_of_rule(maker);
    for (size_t i = 0; i < maker->book->count; i++) {
        if (!gives_findings(maker, i))
            continue;
        uint64_t left_out = findings_add(&maker->findings, &maker->results[i], share, &maker->context);
        if (left_out)
            warn(maker, TEXT(""),
                 arena_printf(&maker->diagnosis->arena,
                              "rule %.*s: %" PRIu64 " findings beyond the limit findings were left out",
                              TEXT_ARG(maker->book->rules[i]->id), left_out));
    }
}

static bool make_findings(struct maker *maker, struct error *err)
{
    struct diagnosis *diagnosis = maker->diagnosis;
    run_kind(maker, RULE_FINDING);
    for (size_t i = 0; i < maker->book->count; i++)
        note_containers(maker, &maker->results[i]);
    add_findings(maker);
    if (!same_waits_join(&maker->findings, &maker->context, err))
        return false;
    findings_link(&maker->findings, diagnosis->waits, diagnosis->wait_count, &maker->context);
    for (size_t i = 0; i < maker->findings.count; i++) {
        struct finding *finding = &maker->findings.items[i];
        finding_settle_time(finding, &maker->context, explained_by_ongoing(&maker->findings, finding));
    }
    findings_rank(&maker->findings, &diagnosis->arena);
    diagnosis->finding_count = maker->findings.count;
    diagnosis->findings = arena_alloc(&diagnosis->arena, maker->findings.count, sizeof *diagnosis->findings);
    if (maker->findings.count)
        memcpy(diagnosis->findings, maker->findings.items,
               maker->findings.count * sizeof *diagnosis->findings);
    return true;
}

static void make_undecided(struct maker *maker)
{
    struct diagnosis *diagnosis = maker->diagnosis;
    diagnosis->undecided = arena_alloc(&diagnosis->arena, maker->book->count, sizeof *diagnosis->undecided);
    for (size_t i = 0; i < maker->book->count; i++) {
        const struct rule *rule = maker->book->rules[i];
        if (rule->kind == RULE_FINDING && maker->results[i].outcome == OUTCOME_UNDECIDED)
            diagnosis->undecided[diagnosis->undecided_count++] =
                (struct undecided){rule, maker->results[i].needs};
        diagnosis->counts.rules += rule->kind == RULE_FINDING;
        diagnosis->counts.rules_hit +=
            rule->kind == RULE_FINDING && maker->results[i].outcome == OUTCOME_FIRED;
    }
}

// ---- what the bundle holds -------------------------------------------------------------------

static bool read_count(struct db *db, const char *sql, uint64_t *count, struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(db, sql, err);
    if (!query || statement_step(query, err) != STEP_ROW)
        return false;
    *count = (uint64_t)column_integer(query, 0);
    return true;
}

static bool make_counts(struct maker *maker, struct error *err)
{
    struct counts *counts = &maker->diagnosis->counts;
    struct db *db = store_db(maker->store);
    counts->log_lines = store_log_count(maker->store);
    return read_count(db, "SELECT count(DISTINCT pid) FROM thread", &counts->tasks, err) &&
           read_count(db, "SELECT count(*) FROM thread", &counts->threads, err) &&
           read_count(db, "SELECT count(*) FROM stack", &counts->stacks, err) &&
           read_count(db, "SELECT count(*) FROM thread WHERE state = 'D'", &counts->blocked, err) &&
           read_count(db, "SELECT count(*) FROM thread WHERE state = 'D' AND moved_on = 1", &counts->passing,
                      err) &&
           read_count(db, "SELECT count(*) FROM profile", &counts->profiles, err);
}

struct string_list ARRAY_BODY(const char *);

static const char **keep_strings(struct string_list *list, struct arena *arena)
{
    const char **kept = arena_alloc(arena, list->count + 1, sizeof *kept);
    if (list->count)
        memcpy(kept, list->items, list->count * sizeof *kept);
    array_release(list);
    return kept;
}

static bool make_units(struct maker *maker, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(store_db(maker->store),
                       "SELECT unit FROM log_unit WHERE unit <> '' ORDER BY records DESC, unit", err);
    struct string_list units = {0};
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
        *array_add(&units) = arena_string(&maker->diagnosis->arena, column_text(query, 0));
    maker->diagnosis->units = keep_strings(&units, &maker->diagnosis->arena);
    return step == STEP_DONE;
}

// What a collector brings and this bundle has not: the report's reader must know what nobody looked at.
static bool make_lacks(struct maker *maker, struct error *err)
{
    static const struct {
        const char *name, *present;
    } kinds[] = {
        {"a manifest (the bundle was cut short, or made by hand)",
         "SELECT EXISTS (SELECT 1 FROM fact WHERE key = 'collected_at')"},
        {"tasks", "SELECT EXISTS (SELECT 1 FROM thread)"},
        {"kernel stacks", "SELECT EXISTS (SELECT 1 FROM stack)"},
        {"namespaces", "SELECT EXISTS (SELECT 1 FROM ns_link)"},
        {"a kernel log", "SELECT EXISTS (SELECT 1 FROM log_unit WHERE unit = 'kernel')"},
        {"a second sample",
         "SELECT NOT EXISTS (SELECT 1 FROM thread WHERE state = 'D' AND moved_on IS NULL)"},
    };
    struct string_list lacks = {0};
    uint64_t present = 1;
    bool ok = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && ok; i++) {
        ok = read_count(store_db(maker->store), kinds[i].present, &present, err);
        if (ok && !present)
            *array_add(&lacks) = kinds[i].name;
    }
    maker->diagnosis->lacks = keep_strings(&lacks, &maker->diagnosis->arena);
    return ok;
}

static bool make_node(struct maker *maker, struct error *err)
{
    struct diagnosis *diagnosis = maker->diagnosis;
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(store_db(maker->store), "SELECT hostname, kernel, os FROM node", err);
    if (!query || statement_step(query, err) != STEP_ROW)
        return false;
    diagnosis->hostname = arena_copy(&diagnosis->arena, column_text(query, 0));
    diagnosis->kernel = arena_copy(&diagnosis->arena, column_text(query, 1));
    diagnosis->os = arena_copy(&diagnosis->arena, column_text(query, 2));
    const struct settlement *node = clocks_node(store_clocks(maker->store));
    diagnosis->collected_at_ns = node->collected_at_ns;
    diagnosis->boot_time_ns = node->boot_time_ns;
    return true;
}

static bool make_warnings(struct maker *maker, struct error *err)
{
    struct arena *arena = &maker->diagnosis->arena;
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        store_db(maker->store),
        "SELECT member, line, problem, count FROM warning ORDER BY member, line, problem", err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
        *array_add(&maker->warnings) = (struct warning_line){
            .source = arena_copy(arena, column_text(query, 0)),
            .line = column_integer(query, 1),
            .problem = arena_copy(arena, column_text(query, 2)),
            .count = (uint64_t)column_integer(query, 3),
        };
    size_t count = maker->diagnosis->warning_count = maker->warnings.count;
    maker->diagnosis->warnings = arena_alloc(arena, count, sizeof *maker->warnings.items);
    if (count)
        memcpy(maker->diagnosis->warnings, maker->warnings.items, count * sizeof *maker->warnings.items);
    return step == STEP_DONE;
}

// ---- all of it -------------------------------------------------------------------------------

static bool make(struct maker *maker, struct error *err)
{
    return make_node(maker, err) && make_counts(maker, err) && make_units(maker, err) &&
           make_lacks(maker, err);
}

static bool conclude(struct maker *maker, struct error *err)
{
    struct diagnosis *diagnosis = maker->diagnosis;
    if (!make_waits(maker, err) || !make_findings(maker, err))
        return false;
    make_undecided(maker);
    return unexplained_collect(diagnosis, store_db(maker->store), err) &&
           same_waits_name(diagnosis->unexplained, diagnosis->unexplained_count, &maker->context, err) &&
           make_warnings(maker, err) && save_findings(diagnosis, store_db(maker->store), err);
}

bool diagnosis_make(struct diagnosis *diagnosis, const struct rulebook *book, struct store *store,
                    struct text_matcher *hits, const struct limits *limits, struct error *err)
{
    struct maker maker = {.diagnosis = diagnosis, .book = book, .store = store};
    bool ok = make(&maker, err);
    maker.results = arena_alloc(&diagnosis->arena, book->count, sizeof *maker.results);
    diagnosis->results = maker.results;
    maker.context = (struct finding_context){
        .store = store,
        .limits = limits,
        .arena = &diagnosis->arena,
        .collected_at_ns = diagnosis->collected_at_ns,
        .boot_time_ns = diagnosis->boot_time_ns,
    };
    maker.context.containers = ok ? containers_open(store_db(store), err) : NULL;
    maker.context.witnesses = maker.context.containers ? witnesses_open(store, err) : NULL;
    maker.run = maker.context.witnesses ? rule_run_open(book, store_db(store), hits, limits, err) : NULL;
    ok = maker.run && conclude(&maker, err);
    rule_run_close(&maker.run);
    witnesses_close(&maker.context.witnesses);
    containers_close(&maker.context.containers);
    array_release(&maker.findings);
    array_release(&maker.edges);
    array_release(&maker.warnings);
    return ok;
}

void diagnosis_release(struct diagnosis *diagnosis)
{
    arena_release(&diagnosis->arena);
    *diagnosis = (struct diagnosis){0};
}
