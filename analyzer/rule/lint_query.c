// SPDX-License-Identifier: Apache-2.0
//
// What a rule's query gives, and whether group and summary ask for that.
#include "rule/linter.h"
#include "rule/summary.h"
#include "util/suggest.h"

enum { COLUMNS_MAX = 256 };

// Behind a quoted text or a remark that starts at `at`, or `at` itself.
static size_t skip_quiet(struct text sql, size_t at)
{
    struct text rest = text_from(sql, at);
    ptrdiff_t end = -1;
    if (text_starts(rest, "--"))
        end = text_find_byte(rest, '\n');
    else if (text_starts(rest, "/*"))
        end = text_find(rest, TEXT("*/"));
    else if (rest.ptr[0] == '\'' && (end = text_find_byte(text_from(rest, 1), '\'')) >= 0)
        end++;
    else
        return at;
    return end < 0 ? sql.len : at + (size_t)end + 1;
}

static bool equal_case(struct text a, struct text b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (byte_lower(a.ptr[i]) != byte_lower(b.ptr[i]))
            return false;
    return true;
}

// Whether the query names the pattern somewhere outside of texts and remarks.
static bool is_named(struct text sql, struct text name)
{
    for (size_t at = 0; at < sql.len;) {
        size_t behind = skip_quiet(sql, at);
        if (behind > at) {
            at = behind;
            continue;
        }
        size_t end = at;
        while (end < sql.len && byte_is_word(sql.ptr[end]))
            end++;
        if (equal_case(text_slice(sql, at, end - at), name))
            return true;
        at = end > at ? end : at + 1;
    }
    return false;
}

static void lint_unused(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    for (size_t i = 0; i < rule->pattern_count && rule->query.ptr; i++)
        if (!is_named(rule->query, rule->patterns[i].name))
            lint_say_key(linter, rule->patterns[i].node, DIAGNOSTIC_MISTAKE, "unused-pattern",
                         "the query does not read `%.*s`", TEXT_ARG(rule->patterns[i].name));
}

// ---- columns ---------------------------------------------------------------------------------

static bool has(const char *const *columns, struct text name)
{
    for (; *columns; columns++)
        if (text_is(name, *columns))
            return true;
    return false;
}

static bool has_evidence(const char *const *columns)
{
    for (; *columns; columns++)
        if (text_is(text_of(*columns), "evidence") || text_ends(text_of(*columns), "_evidence"))
            return true;
    return false;
}

static void lint_finding_columns(struct linter *linter, const char *const *columns)
{
    const struct rule *rule = linter->rule;
    const struct yaml *query = yaml_get(rule->root, "query"), *group = yaml_get(rule->root, "group");
    if (rule->group.ptr && !has(columns, rule->group)) {
        const char *near = suggest(rule->group, columns);
        lint_say(linter, group, 0, DIAGNOSTIC_MISTAKE, "missing-column",
                 "the query gives no column `%.*s`%s%s%s", TEXT_ARG(rule->group),
                 near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
    if (!has_evidence(columns))
        lint_say(linter, query, 0, DIAGNOSTIC_MISTAKE, "missing-column",
                 "the query gives no `evidence`: a reader could not check the finding");
}

static void lint_wait_columns(struct linter *linter, const char *const *columns)
{
    static const char *const wanted[] = {"waiter", "on", "certainty", NULL};
    const struct yaml *query = yaml_get(linter->rule->root, "query");
    for (size_t i = 0; wanted[i]; i++)
        if (!has(columns, text_of(wanted[i])))
            lint_say(linter, query, 0, DIAGNOSTIC_MISTAKE, "missing-column",
                     "the query of a wait rule gives no `%s`", wanted[i]);
    if (!has(columns, TEXT("holder")) && !has(columns, TEXT("what")))
        lint_say(linter, query, 0, DIAGNOSTIC_MISTAKE, "missing-column",
                 "the query of a wait rule gives neither `holder` nor `what`");
}

static void lint_summary(struct linter *linter, const char *const *columns)
{
    struct error err = {0};
    size_t offset = 0;
    if (linter->rule->summary.ptr && !summary_check(linter->rule->summary, columns, &offset, &err))
        lint_say(linter, yaml_get(linter->rule->root, "summary"), offset, DIAGNOSTIC_MISTAKE,
                 columns ? "missing-column" : "bad-summary", "%s", err.message);
}

static void lint_columns(struct linter *linter, const char *const *columns)
{
    lint_summary(linter, columns);
    if (linter->rule->kind == RULE_WAIT)
        lint_wait_columns(linter, columns);
    else
        lint_finding_columns(linter, columns);
}

// Without a query the only pattern's columns are the rows.
static void lint_pattern_columns(struct linter *linter)
{
    const char *columns[COLUMNS_MAX] = {NULL};
    struct match_column column;
    for (size_t i = 0; i + 1 < COLUMNS_MAX && match_column(linter->rule->patterns, i, &column); i++)
        columns[i] = column.name;
    lint_columns(linter, columns);
}

// SQLite's "no such column: x.pidd" and "no such table: b": what the author may have meant.
static const char *meant(const struct rule *rule, const char *message, struct arena *arena)
{
    const char *names[COLUMNS_MAX] = {NULL};
    size_t count = 0;
    struct text rest = text_of(message), name;
    bool table = text_starts(rest, "no such table: "), column = text_starts(rest, "no such column: ");
    while (text_split(&rest, ' ', &name))
        continue;
    ptrdiff_t dot = text_find_byte(name, '.');
    name = text_from(name, dot < 0 ? 0 : (size_t)dot + 1);
    for (size_t i = 0; i < rule->pattern_count && count + 1 < COLUMNS_MAX; i++) {
        if (table)
            names[count++] = arena_string(arena, rule->patterns[i].name);
        struct match_column of;
        for (size_t c = 0; column && count + 1 < COLUMNS_MAX && match_column(&rule->patterns[i], c, &of); c++)
            names[count++] = of.name;
    }
    return suggest(name, names);
}

static void lint_bad_query(struct linter *linter, int offset, const char *message)
{
    struct arena arena = {0};
    const char *near = meant(linter->rule, message, &arena);
    lint_say(linter, yaml_get(linter->rule->root, "query"), offset > 0 ? (size_t)offset : 0,
             DIAGNOSTIC_MISTAKE, "bad-query", "%s%s%s%s", message, near ? "; did you mean `" : "",
             near ? near : "", near ? "`?" : "");
    arena_release(&arena);
}

void lint_queries(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    struct error err = {0};
    const char *const *columns = NULL;
    int offset = -1;
    lint_unused(linter);
    if (!rule->query.ptr)
        lint_pattern_columns(linter);
    else if (!linter->options->query)
        lint_summary(linter, NULL);
    else if (linter->options->query(linter->options->context, rule, &columns, &offset, &err))
        lint_columns(linter, columns);
    else
        lint_bad_query(linter, offset, err.message);
}
