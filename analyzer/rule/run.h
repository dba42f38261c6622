// SPDX-License-Identifier: Apache-2.0
//
// Running rules over a finished store: patterns become tables, queries become rows.
//
// All stack patterns are matched once over the distinct stacks, log and file patterns were matched while the
// bundle streamed in. A rule none of whose required patterns matched is settled there; for the
// others the patterns become temporary tables just before the query runs, guarded (db.h).
#ifndef INQUEST_RULE_RUN_H
#define INQUEST_RULE_RUN_H

#include "bundle/limits.h"
#include "rule/match_text.h"
#include "rule/rule.h"
#include "store/db.h"

struct value {
    enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT } kind;
    int64_t integer;
    double real;
    struct text text; // also of numbers: as SQLite writes them; absent for NULL
};

enum outcome {
    OUTCOME_NOT_FIRED,
    OUTCOME_FIRED,     // rows > 0
    OUTCOME_UNDECIDED, // `needs` says what is missing
    OUTCOME_BROKEN,    // `needs` says what went wrong: a warning, the other rules still run
};

struct rule_result {
    const struct rule *rule;
    enum outcome outcome;
    const char **columns; // names of the query's columns
    size_t column_count, row_count;
    struct value *values; // row_count × column_count
    uint64_t cut;         // rows left out by limits.query_rows
    const char *needs;
    uint64_t cpu_ns; // what the rule took; never part of a report
};

struct rule_run;

// What all rules share: which stacks, wait channels, links and profiles their patterns match. hits may be
// NULL (no log or file pattern matches anything then). Keeps pointers to its arguments.
struct rule_run *rule_run_open(const struct rulebook *book, struct db *db, struct text_matcher *hits,
                               const struct limits *limits, struct error *err);
void rule_run_close(struct rule_run **run); // fits CLEANUP()

// Runs one rule. Everything in *result lives in the arena, and is shared with the results of other rules that
// ask the same; the arena is not to be reset before the run is closed.
void rule_run_one(struct rule_run *run, const struct rule *rule, struct arena *arena,
                  struct rule_result *result);

// What a limit took from a pattern of the rule that was run last, as one line; NULL for nothing.
const char *rule_run_loss(const struct rule_run *run, const struct rule_pattern *pattern,
                          struct arena *arena);

// Shows a rule's patterns as tables to look(): all are filled, whatever is empty. Fails where SQLite does.
struct near_view;
struct needs;
typedef void rule_look(void *context, const struct near_view *view, struct needs *needs);
bool rule_run_look(struct rule_run *run, const struct rule *rule, rule_look *look, void *context,
                   struct error *err);

// Prepares a rule's query against the schema with empty tables for its patterns; the callback of lint.h. The
// context is a struct db.
bool rule_query_check(void *db, const struct rule *rule, const char *const **columns, int *offset,
                      struct error *err);

// The column's place in a result, or -1.
int result_column(const struct rule_result *result, const char *name);
const struct value *result_value(const struct rule_result *result, size_t row, int column);

#endif
