// SPDX-License-Identifier: Apache-2.0
//
// Rows of profile patterns: what the matching functions add up to.
#include "rule/sights.h"

#include "rule/match_profile.h"
#include "util/memory.h"

struct profile_sums {
    int64_t flat, cum;
    struct text functions; // the most telling ones, one a line
};

static bool sum_profile(struct sights *sights, const struct rule_pattern *pattern, const struct sight *sight,
                        struct profile_sums *sums, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        sights->db, "SELECT functions, number FROM profile_stack WHERE member = ? AND type = ?", err);
    if (!query)
        return false;
    bind_text(query, 1, sight->word);
    bind_text(query, 2, sight->type);
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        bool leaf = false;
        if (!match_profile_stack(pattern, column_text(query, 0), sights->limits->pattern_steps, &leaf))
            continue;
        int64_t number = column_integer(query, 1);
        if (__builtin_add_overflow(sums->cum, number, &sums->cum))
            sums->cum = number < 0 ? INT64_MIN + 1 : INT64_MAX;
        if (leaf && __builtin_add_overflow(sums->flat, number, &sums->flat))
            sums->flat = number < 0 ? INT64_MIN + 1 : INT64_MAX;
    }
    return step == STEP_DONE;
}

// The matching functions with the largest cumulative values, at most five.
static struct text name_functions(struct sights *sights, const struct rule_pattern *pattern,
                                  const struct sight *sight, struct arena *arena)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        sights->db,
        "SELECT function FROM profile_function WHERE member = ? AND type = ? ORDER BY cum DESC, function",
        &ignored);
    CLEANUP(buffer_release) struct buffer names = {0};
    if (!query)
        return TEXT("");
    bind_text(query, 1, sight->word);
    bind_text(query, 2, sight->type);
    for (int named = 0; named < 5 && statement_step(query, &ignored) == STEP_ROW;)
        if (pattern->function_count &&
            match_profile_function(pattern, column_text(query, 0), sights->limits->pattern_steps)) {
            buffer_puts(&names, named++ ? "\n" : "");
            buffer_add(&names, column_text(query, 0));
        }
    return arena_copy(arena, buffer_text(&names));
}

static bool insert_profile(struct sights *sights, const struct sight *sight, const struct profile_sums *sums,
                           struct statement *insert, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(sights->db,
                                             "SELECT p.component, t.total, p.duration_ns, p.delta, "
                                             "p.evidence FROM profile p JOIN profile_type t USING (member) "
                                             "WHERE p.member = ? AND t.type = ? LIMIT 1",
                                             err);
    if (!query)
        return false;
    bind_text(query, 1, sight->word);
    bind_text(query, 2, sight->type);
    if (statement_step(query, err) != STEP_ROW)
        return true;
    // component flat cum total share duration_s delta functions evidence
    double total = column_double(query, 1), duration_ns = column_double(query, 2);
    bind_text(insert, 1, column_text(query, 0));
    bind_integer(insert, 2, sums->flat);
    bind_integer(insert, 3, sums->cum);
    bind_integer(insert, 4, column_integer(query, 1));
    bind_real(insert, 5, total != 0 ? (double)sums->cum / total : 0);
    if (!column_is_null(query, 2))
        bind_real(insert, 6, duration_ns / 1e9);
    bind_integer(insert, 7, column_integer(query, 3));
    bind_text(insert, 8, sums->functions);
    bind_text(insert, 9, column_text(query, 4));
    return statement_run(insert, err);
}

bool sights_fill_profiles(struct sights *sights, const struct rule_pattern *pattern, struct statement *insert,
                          uint64_t *added, struct error *err)
{
    const struct sight_list *list = &sights->lists[pattern->number];
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; i < list->count && ok; i++) {
        struct profile_sums sums = {0};
        ok = sum_profile(sights, pattern, &list->items[i], &sums, err);
        if (!ok || sums.cum == 0)
            continue;
        sums.functions = name_functions(sights, pattern, &list->items[i], &arena);
        ok = insert_profile(sights, &list->items[i], &sums, insert, err);
        ++*added;
        arena_reset(&arena);
    }
    arena_release(&arena);
    return ok;
}
