// SPDX-License-Identifier: Apache-2.0
#include "rule/needs.h"

#include <stdio.h>
#include <stdlib.h>

#include "rule/glob.h"
#include "util/intern.h"
#include "util/memory.h"

static const struct {
    const char *view, *what, *how;
} view_needs[] = {
#define NEED(view, what, how) {#view, what, how},
#include "rule/needs.list"
#undef NEED
};
enum { VIEWS = sizeof view_needs / sizeof *view_needs };

struct needs {
    struct db *db;
    const struct limits *limits;
    struct relations *relations;
    int64_t stacks, threads, blocked_without_stack, blocked_without_wchan, links;
    bool asked[VIEWS], empty[VIEWS];
    struct intern units; // that logs are of
    bool units_known;
    struct intern globs; // that no path fits, as far as it was asked
    int64_t denied;      // reads of the collector that failed for want of permission
};

static bool read_number(struct db *db, const char *sql, int64_t *number, struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(db, sql, err);
    if (!query || statement_step(query, err) == STEP_FAILED)
        return false;
    *number = column_integer(query, 0);
    return true;
}

struct needs *needs_open(struct db *db, struct relations *relations, const struct limits *limits,
                         struct error *err)
{
    struct needs *needs = mem_alloc(1, sizeof *needs);
    *needs = (struct needs){.db = db, .limits = limits, .relations = relations};
    const struct {
        const char *sql;
        int64_t *number;
    } counts[] = {
        {"SELECT count(*) FROM stack", &needs->stacks},
        {"SELECT count(*) FROM thread", &needs->threads},
        {"SELECT count(*) FROM thread WHERE state = 'D' AND stack IS NULL", &needs->blocked_without_stack},
        {"SELECT count(*) FROM thread WHERE state = 'D' AND coalesce(wchan, '0') IN ('0', '')",
         &needs->blocked_without_wchan},
        {"SELECT count(*) FROM ns_link", &needs->links},
        {"SELECT count(*) FROM skipped WHERE why = 'permission'", &needs->denied},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (!read_number(db, counts[i].sql, counts[i].number, err)) {
            needs_close(&needs);
            return NULL;
        }
    return needs;
}

void needs_close(struct needs **needs)
{
    if (!*needs)
        return;
    intern_release(&(*needs)->units);
    intern_release(&(*needs)->globs);
    free(*needs);
    *needs = NULL;
}

static const char *of_stack(const struct needs *needs, struct arena *arena)
{
    const char *why = needs->denied ? "permission denied; collect as root" : "collect as root";
    if (needs->blocked_without_stack)
        return arena_printf(arena, "proc/<pid>/stack of %lld task%s in D: %s",
                            (long long)needs->blocked_without_stack,
                            needs->blocked_without_stack == 1 ? "" : "s", why);
    return needs->stacks ? NULL : arena_printf(arena, "proc/<pid>/stack: %s", why);
}

static const char *of_wchan(const struct needs *needs, struct arena *arena)
{
    if (needs->blocked_without_wchan)
        return arena_printf(
            arena, "proc/<pid>/wchan of %lld task%s in D: 0 says nothing; collect stacks as root",
            (long long)needs->blocked_without_wchan, needs->blocked_without_wchan == 1 ? "" : "s");
    return needs->threads ? NULL : "proc/<pid>/wchan: collect with inquest-collect on the node";
}

// The first plain name of a filter, for a message.
static struct text name_of(const struct filter *filter)
{
    return filter->count && filter->items[0].name.ptr ? filter->items[0].name : (struct text){NULL, 0};
}

static void read_units(struct needs *needs)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(needs->db, "SELECT unit FROM log_unit", &ignored);
    while (query && statement_step(query, &ignored) == STEP_ROW)
        (void)intern_add(&needs->units, column_text(query, 0), NULL);
    needs->units_known = true;
}

static const char *of_log(struct needs *needs, const struct rule_pattern *pattern, struct arena *arena)
{
    if (!needs->units_known)
        read_units(needs);
    for (uint32_t i = 0; i < needs->units.count; i++)
        if (filter_passes_unit(&pattern->unit, needs->units.texts[i], needs->limits->pattern_steps))
            return NULL;
    struct text unit = name_of(&pattern->unit);
    if (!unit.ptr)
        return "a log: journalctl -o short-iso-precise";
    if (text_is(unit, "kernel"))
        return "journal/kernel.log: journalctl -k -o short-iso-precise";
    return arena_printf(arena, "journal/%.*s.log: journalctl -u %.*s -o short-iso-precise", TEXT_ARG(unit),
                        TEXT_ARG(unit));
}

static const char *of_profile(struct needs *needs, const struct rule_pattern *pattern, struct arena *arena)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        needs->db, "SELECT p.component, t.type FROM profile p JOIN profile_type t USING (member)", &ignored);
    while (query && statement_step(query, &ignored) == STEP_ROW)
        if (text_equal(column_text(query, 1), pattern->sample_type) &&
            filter_passes(&pattern->component, column_text(query, 0), needs->limits->pattern_steps))
            return NULL;
    struct text component = name_of(&pattern->component);
    return arena_printf(arena, "a profile with %.*s of %.*s: fetch it from its /debug/pprof",
                        TEXT_ARG(pattern->sample_type),
                        TEXT_ARG(component.ptr ? component : TEXT("the component")));
}

static bool fits_nothing(struct needs *needs, struct text glob)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(needs->db, "SELECT path FROM member", &ignored);
    while (query && statement_step(query, &ignored) == STEP_ROW)
        if (glob_matches(glob, column_text(query, 0)))
            return false;
    return true;
}

static const char *of_file(struct needs *needs, const struct rule_pattern *pattern, struct arena *arena)
{
    if (intern_find(&needs->globs, pattern->glob) == INTERN_NONE) {
        if (!fits_nothing(needs, pattern->glob))
            return NULL;
        (void)intern_add(&needs->globs, pattern->glob, NULL);
    }
    return arena_printf(arena, "%.*s", TEXT_ARG(pattern->glob));
}

const char *needs_of_pattern(struct needs *needs, const struct rule_pattern *pattern, struct arena *arena)
{
    switch (pattern->kind) {
    case MATCH_STACK:
        return of_stack(needs, arena);
    case MATCH_WCHAN:
        return of_wchan(needs, arena);
    case MATCH_LOG:
        return of_log(needs, pattern, arena);
    case MATCH_PROFILE:
        return of_profile(needs, pattern, arena);
    case MATCH_FILE:
        return of_file(needs, pattern, arena);
    default:
        return needs->links ? NULL : "proc/<pid>/ns: collect as root";
    }
}

// Whether a view has no row. Asked once each.
static bool is_empty(struct needs *needs, size_t view)
{
    if (needs->asked[view])
        return needs->empty[view];
    needs->asked[view] = true;
    needs->empty[view] = relations_empty(needs->relations, text_of(view_needs[view].view));
    if (needs->empty[view])
        return true;
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT NOT EXISTS (SELECT 1 FROM main.\"%s\")", view_needs[view].view);
    struct error ignored = {0};
    int64_t empty = 0;
    needs->empty[view] = read_number(needs->db, sql, &empty, &ignored) && empty;
    return needs->empty[view];
}

// The next word of SQL: letters, digits, underscore. Comments and texts are words too; they do no harm, since
// a table is only what stands behind FROM or JOIN.
static bool next_word(struct text *rest, struct text *word)
{
    const char *at = rest->ptr, *end = at + rest->len;
    while (at < end && !byte_is_word(*at))
        at++;
    *word = (struct text){at, 0};
    while (at < end && byte_is_word(*at))
        at++;
    word->len = (size_t)(at - word->ptr);
    *rest = (struct text){at, (size_t)(end - at)};
    return word->len > 0;
}

static bool is_word(struct text word, const char *lower)
{
    size_t i = 0;
    while (i < word.len && lower[i] && byte_lower(word.ptr[i]) == lower[i])
        i++;
    return i == word.len && !lower[i];
}

const char *needs_of_query(struct needs *needs, const struct rule *rule, struct arena *arena)
{
    struct text rest = rule->query, word;
    bool table = false;
    while (rest.ptr && next_word(&rest, &word)) {
        for (size_t i = 0; table && i < VIEWS; i++)
            if (is_word(word, view_needs[i].view) && is_empty(needs, i))
                return arena_printf(arena, "%s: %s", view_needs[i].what, view_needs[i].how);
        table = word.len == sizeof "from" - 1 && (is_word(word, "from") || is_word(word, "join"));
    }
    return NULL;
}
