// SPDX-License-Identifier: Apache-2.0
//
// What matches: each distinct stack, wait channel, link and profile once.
#include "rule/sights.h"

#include <stdlib.h>

#include "rule/match_profile.h"
#include "rule/match_stack.h"
#include "util/buffer.h"
#include "util/intern.h"
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

bool sights_thread_passes(const struct sights *sights, const struct rule_pattern *pattern, struct text state,
                          struct text comm)
{
    if (!state.ptr)
        state = text_slice(pattern->state, 0, 1);
    return match_thread(pattern, state, comm, sights->limits->pattern_steps);
}

// ---- stacks ----------------------------------------------------------------------------------

// How many threads are in a stack, by state and name: a pattern that none of them passes has no row.
struct census {
    struct group {
        struct text state, comm;
        uint64_t threads;
    } * items;
    size_t count, capacity;
};

static bool take_census(struct statement *query, int64_t stack, struct arena *arena, struct census *census,
                        struct error *err)
{
    enum step step;
    array_clear(census);
    bind_integer(query, 1, stack);
    while ((step = statement_step(query, err)) == STEP_ROW)
        *array_add(census) =
            (struct group){arena_copy(arena, column_text(query, 0)), arena_copy(arena, column_text(query, 1)),
                           (uint64_t)column_integer(query, 2)};
    statement_reset(query);
    return step == STEP_DONE;
}

static uint64_t passing(const struct sights *sights, const struct rule_pattern *pattern,
                        const struct census *census)
{
    uint64_t threads = 0;
    for (size_t i = 0; i < census->count; i++)
        if (sights_thread_passes(sights, pattern, census->items[i].state, census->items[i].comm))
            threads += census->items[i].threads;
    return threads;
}

static void note_stack(struct sights *sights, int64_t id, const struct stack *stack,
                       const struct stack_match *match, const struct census *census)
{
    uint64_t weight = passing(sights, match->pattern, census);
    if (weight == 0)
        return;
    struct sight *sight = array_add(&sights->lists[match->pattern->number]);
    *sight = (struct sight){
        .stack = id,
        .weight = weight,
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
    struct statement *query = statement_open(sights->db, "SELECT id, frames FROM stack ORDER BY 1", err);
    CLEANUP(statement_release)
    struct statement *threads =
        statement_open(sights->db,
                       "SELECT state, comm, count(*) FROM sighting WHERE stack = ? AND (report IS NULL OR "
                       "report IN (" SIGHTED_REPORTS ")) GROUP BY 1, 2",
                       err);
    if (!query || !threads)
        return false;
    struct stack_matcher *matcher = stack_matcher_open(sights->book, sights->limits);
    struct arena arena = {0};
    struct census census = {0};
    enum step step;
    bool ok = true;
    while (ok && (step = statement_step(query, err)) == STEP_ROW) {
        struct stack stack = {0};
        const struct stack_match *matches;
        int64_t id = column_integer(query, 0);
        stack_canonical(column_text(query, 1), &arena, &stack);
        size_t count = stack_matcher_run(matcher, &stack, &matches);
        ok = count == 0 || take_census(threads, id, &arena, &census, err);
        for (size_t i = 0; i < count && ok; i++)
            note_stack(sights, id, &stack, &matches[i], &census);
        arena_reset(&arena);
    }
    array_release(&census);
    arena_release(&arena);
    stack_matcher_close(matcher);
    return ok && step == STEP_DONE;
}

// ---- other things ----------------------------------------------------------------------------

// What passes of one channel is one sight.
static void note_wchan(struct sights *sights, const struct rule_pattern *pattern, struct text wchan,
                       const struct group *group)
{
    struct sight_list *list = &sights->lists[pattern->number];
    if (!match_wchan(pattern, wchan, sights->limits->pattern_steps) ||
        !sights_thread_passes(sights, pattern, group->state, group->comm))
        return;
    size_t i = 0;
    while (i < list->count && !text_equal(list->items[i].word, wchan))
        i++;
    if (i == list->count)
        *array_add(list) = (struct sight){.word = arena_copy(&sights->arena, wchan), .reliable = true};
    list->items[i].weight += group->threads;
}

// Groups of threads by what they wait in, their state and name. Counted here: SQLite would sort all threads.
struct channels {
    struct intern keys; // the three of them, each ended by a NUL
    struct census groups;
    struct text_list ARRAY_BODY(struct text) wchans;
    struct arena arena;
};

static void count_thread(struct channels *channels, const struct statement *row, struct buffer *key)
{
    bool added;
    buffer_clear(key);
    for (int column = 0; column < 3; column++) {
        buffer_add(key, column_text(row, column));
        buffer_putc(key, '\0');
    }
    uint32_t number = intern_add(&channels->keys, buffer_text(key), &added);
    if (added) {
        *array_add(&channels->wchans) = arena_copy(&channels->arena, column_text(row, 0));
        *array_add(&channels->groups) = (struct group){arena_copy(&channels->arena, column_text(row, 1)),
                                                       arena_copy(&channels->arena, column_text(row, 2)), 0};
    }
    channels->groups.items[number].threads++;
}

static bool match_wchans(struct sights *sights, struct error *err)
{
    if (!book_has(sights->book, MATCH_WCHAN))
        return true;
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        sights->db, "SELECT wchan, state, comm FROM thread WHERE wchan <> '0' AND wchan <> '' ORDER BY tid",
        err);
    CLEANUP(buffer_release) struct buffer key = {0};
    struct channels channels = {0};
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
        count_thread(&channels, query, &key);
    for (size_t k = 0; k < channels.groups.count; k++)
        for (size_t i = 0; i < sights->book->pattern_count; i++)
            if (sights->book->patterns[i]->kind == MATCH_WCHAN)
                note_wchan(sights, sights->book->patterns[i], channels.wchans.items[k],
                           &channels.groups.items[k]);
    intern_release(&channels.keys);
    array_release(&channels.groups);
    array_release(&channels.wchans);
    arena_release(&channels.arena);
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
        match_stacks(sights, err) && match_wchans(sights, err) &&
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
