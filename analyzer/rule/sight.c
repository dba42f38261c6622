// SPDX-License-Identifier: Apache-2.0
//
// What matches: each distinct stack, wait channel, link and profile once.
#include "rule/sights.h"

#include <stdlib.h>

#include "rule/match_profile.h"
#include "rule/match_stack.h"
#include "util/memory.h"

// A profile gives one row, but its stacks are summed for it.
enum { PROFILE_WEIGHT = 1000 };

static bool book_has(const struct rulebook *book, enum match_kind kind)
{
    for (size_t i = 0; i < book->pattern_count; i++)
        if (book->patterns[i]->kind == kind)
            return true;
    return false;
}

static void note_stack(struct sights *sights, const struct statement *row, const struct stack *stack,
                       const struct stack_match *match)
{
    struct sight *sight = array_add(&sights->lists[match->pattern->number]);
    *sight = (struct sight){
        .stack = column_integer(row, 0),
        .weight = (uint64_t)column_integer(row, 2),
        .depth = match->depth,
        .frame = match->frame,
        .reliable = match->reliable,
        .top = arena_copy(&sights->arena, match->top),
        .module = arena_copy(&sights->arena, match->module),
        .lock = text_of(lock_name(stack->lock)),
    };
}

static bool match_stacks(struct sights *sights, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        sights->db,
        "SELECT s.id, s.frames, (SELECT count(*) FROM thread t WHERE t.stack = s.id) FROM stack s ORDER BY 1",
        err);
    if (!query)
        return false;
    struct stack_matcher *matcher = stack_matcher_open(sights->book, sights->limits);
    struct arena arena = {0};
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        struct stack stack = {0};
        const struct stack_match *matches;
        stack_canonical(column_text(query, 1), &arena, &stack);
        size_t count = stack_matcher_run(matcher, &stack, &matches);
        for (size_t i = 0; i < count; i++)
            note_stack(sights, query, &stack, &matches[i]);
        arena_reset(&arena);
    }
    arena_release(&arena);
    stack_matcher_close(matcher);
    return step == STEP_DONE;
}

typedef void note_row(struct sights *sights, const struct statement *row, const struct rule_pattern *pattern);

// Shows each row of a query to each pattern of a kind.
static bool match_rows(struct sights *sights, enum match_kind kind, const char *sql, note_row *note,
                       struct error *err)
{
    if (!book_has(sights->book, kind))
        return true;
    CLEANUP(statement_release) struct statement *query = statement_open(sights->db, sql, err);
    if (!query)
        return false;
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW)
        for (size_t i = 0; i < sights->book->pattern_count; i++)
            if (sights->book->patterns[i]->kind == kind)
                note(sights, query, sights->book->patterns[i]);
    return step == STEP_DONE;
}

static void note_wchan(struct sights *sights, const struct statement *row, const struct rule_pattern *pattern)
{
    if (match_wchan(pattern, column_text(row, 0), sights->limits->pattern_steps))
        *array_add(&sights->lists[pattern->number]) =
            (struct sight){.word = arena_copy(&sights->arena, column_text(row, 0)),
                           .weight = (uint64_t)column_integer(row, 1),
                           .reliable = true};
}

static void note_link(struct sights *sights, const struct statement *row, const struct rule_pattern *pattern)
{
    bool blank = column_integer(row, 1) != 0;
    if (match_ns_link(pattern, column_text(row, 0), blank, sights->limits->pattern_steps))
        *array_add(&sights->lists[pattern->number]) =
            (struct sight){.word = arena_copy(&sights->arena, column_text(row, 0)),
                           .weight = (uint64_t)column_integer(row, 2),
                           .blank = blank};
}

// Whether a function of that type in that profile has a name the pattern looks for.
static bool profile_has_function(struct sights *sights, const struct rule_pattern *pattern,
                                 struct text member, struct text type)
{
    if (!pattern->function_count)
        return true;
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        sights->db, "SELECT function FROM profile_function WHERE member = ? AND type = ?", &ignored);
    if (!query)
        return false;
    bind_text(query, 1, member);
    bind_text(query, 2, type);
    while (statement_step(query, &ignored) == STEP_ROW)
        if (match_profile_function(pattern, column_text(query, 0), sights->limits->pattern_steps))
            return true;
    return false;
}

static void note_profile(struct sights *sights, const struct statement *row,
                         const struct rule_pattern *pattern)
{
    struct text member = column_text(row, 0), component = column_text(row, 1), type = column_text(row, 2);
    if (match_profile(pattern, component, type, sights->limits->pattern_steps) &&
        profile_has_function(sights, pattern, member, type))
        *array_add(&sights->lists[pattern->number]) = (struct sight){
            .word = arena_copy(&sights->arena, member),
            .type = arena_copy(&sights->arena, type),
            .weight = PROFILE_WEIGHT,
        };
}

struct sights *sights_open(const struct rulebook *book, struct db *db, struct text_matcher *hits,
                           const struct limits *limits, struct error *err)
{
    struct sights *sights = mem_alloc(1, sizeof *sights);
    *sights = (struct sights){.book = book, .db = db, .hits = hits, .limits = limits};
    sights->lists = mem_alloc(book->pattern_count, sizeof *sights->lists);
    bool ok =
        match_stacks(sights, err) &&
        match_rows(sights, MATCH_WCHAN,
                   "SELECT wchan, count(*) FROM thread WHERE wchan IS NOT NULL GROUP BY 1 ORDER BY 1",
                   note_wchan, err) &&
        match_rows(sights, MATCH_NAMESPACE,
                   "SELECT kind, inode IS NULL, count(*) FROM ns_link GROUP BY 1, 2 ORDER BY 1, 2", note_link,
                   err) &&
        match_rows(sights, MATCH_PROFILE,
                   "SELECT p.member, p.component, t.type FROM profile p JOIN profile_type t USING (member) "
                   "ORDER BY 1, 3",
                   note_profile, err);
    if (!ok)
        sights_close(&sights);
    return sights;
}

void sights_close(struct sights **sights)
{
    if (!*sights)
        return;
    for (size_t i = 0; i < (*sights)->book->pattern_count; i++)
        array_release(&(*sights)->lists[i]);
    free((*sights)->lists);
    arena_release(&(*sights)->arena);
    free(*sights);
    *sights = NULL;
}

static bool from_text(const struct rule_pattern *pattern)
{
    return pattern->kind == MATCH_LOG || pattern->kind == MATCH_FILE;
}

bool sights_any(const struct sights *sights, const struct rule_pattern *pattern)
{
    if (!from_text(pattern))
        return sights->lists[pattern->number].count > 0;
    return sights->hits && text_matcher_hits(sights->hits, pattern).count > 0;
}

uint64_t sights_weight(const struct sights *sights, const struct rule_pattern *pattern)
{
    if (from_text(pattern))
        return sights->hits ? text_matcher_hits(sights->hits, pattern).count : 0;
    uint64_t weight = 0;
    for (size_t i = 0; i < sights->lists[pattern->number].count; i++)
        weight += sights->lists[pattern->number].items[i].weight;
    return weight;
}
