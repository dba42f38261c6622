// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/rank.h"

#include <stdlib.h>
#include <string.h>

#include "diagnosis/waits.h"
#include "util/memory.h"

// ---- links -----------------------------------------------------------------------------------

// A square of flags: explains[a * count + b].
struct links {
    uint8_t *explains;
    size_t count;
};

static bool rule_explains(const struct rule *rule, struct text cause)
{
    for (size_t i = 0; cause.ptr && i < rule->explain_count; i++)
        if (text_equal(rule->explains[i], cause))
            return true;
    return false;
}

static void link_by_rules(struct links *links, const struct finding_list *findings,
                          const struct finding_context *context)
{
    for (size_t a = 0; a < findings->count; a++)
        for (size_t b = 0; b < findings->count; b++) {
            const struct finding *cause = &findings->items[a], *symptom = &findings->items[b];
            if (a != b && rule_explains(cause->rule, symptom->rule->cause) &&
                findings_share_subject(cause, symptom, context))
                links->explains[a * links->count + b] = 1;
        }
}

struct number_list ARRAY_BODY(int64_t);

static void collect(void *context, int64_t tid)
{
    *array_add((struct number_list *)context) = tid;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool any_of(const struct finding *finding, const struct number_list *tids)
{
    for (size_t i = 0; i < finding->tid_count; i++)
        if (tids->count &&
            bsearch(&finding->tids[i], tids->items, tids->count, sizeof *tids->items, by_number))
            return true;
    return false;
}

static void link_by_waits(struct links *links, struct finding_list *findings, const struct wait_edge *edges,
                          size_t edge_count)
{
    for (size_t a = 0; a < findings->count; a++) {
        struct finding *finding = &findings->items[a];
        struct number_list behind = {0};
        waits_behind(edges, edge_count, finding->tids, finding->tid_count, collect, &behind);
        finding->blocks = behind.count;
        for (size_t b = 0; b < findings->count; b++)
            if (a != b && any_of(&findings->items[b], &behind))
                links->explains[a * links->count + b] |= 2;
        array_release(&behind);
    }
}

static bool share_thread(const struct finding *a, const struct finding *b)
{
    for (size_t i = 0; i < a->tid_count; i++)
        if (finding_names_thread(b, a->tids[i]))
            return true;
    return false;
}

// One wait seen from the kernel and from Go: what the kernel's side says is the cause.
static void link_by_sides(struct links *links, const struct finding_list *findings)
{
    for (size_t a = 0; a < findings->count; a++)
        for (size_t b = 0; b < findings->count; b++)
            if (findings->items[b].seen_from_go && !findings->items[a].seen_from_go &&
                share_thread(&findings->items[a], &findings->items[b]))
                links->explains[a * links->count + b] |= 2;
}

// Two that explain each other explain nothing, but for a rule's word against a wait the other way.
static bool counts(const struct links *links, size_t a, size_t b)
{
    uint8_t there = links->explains[a * links->count + b], back = links->explains[b * links->count + a];
    return there && (!back || ((there & 1) && !(back & 1)));
}

static void write_links(const struct links *links, struct finding_list *findings, struct arena *arena)
{
    for (size_t a = 0; a < links->count; a++) {
        struct finding *finding = &findings->items[a];
        finding->explains = arena_alloc(arena, links->count, sizeof *finding->explains);
        finding->explained_by = arena_alloc(arena, links->count, sizeof *finding->explained_by);
        for (size_t b = 0; b < links->count; b++) {
            if (counts(links, a, b))
                finding->explains[finding->explain_count++] = b;
            if (counts(links, b, a))
                finding->explained_by[finding->explained_count++] = b;
        }
    }
}

void findings_link(struct finding_list *findings, const struct wait_edge *edges, size_t edge_count,
                   const struct finding_context *context)
{
    struct links links = {.count = findings->count};
    links.explains = mem_alloc(links.count * links.count, 1);
    link_by_rules(&links, findings, context);
    link_by_waits(&links, findings, edges, edge_count);
    link_by_sides(&links, findings);
    write_links(&links, findings, context->arena);
    free(links.explains);
}

// ---- score -----------------------------------------------------------------------------------

static int held_points(uint64_t blocks)
{
    int points = blocks ? 4 : 0;
    for (; blocks > 1 && points < 15; blocks /= 2)
        points += 2;
    return points < 15 ? points : 15;
}

static void score(struct finding *finding)
{
    static const int severity[SEVERITIES] = {10, 25, 40, 55, 70};
    static const int percent[] = {
        [CONFIDENCE_UNSET] = 50, [CONFIDENCE_LOW] = 50, [CONFIDENCE_MEDIUM] = 85, [CONFIDENCE_HIGH] = 100};
    size_t brought = finding->explain_count < 3 ? finding->explain_count : 3;
    int points = severity[finding->severity] + held_points(finding->blocks) + 5 * (int)brought;
    points = points * percent[finding->confidence] / 100;
    finding->score = finding->ongoing == 0 ? points / 2 : points;
}

// ---- order -----------------------------------------------------------------------------------

// Ties are broken by what the findings say, never by the order they came in.
static bool before(const struct finding *a, const struct finding *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    int order = text_compare(a->rule->id, b->rule->id);
    if (order == 0)
        order = strcmp(a->summary, b->summary);
    if (order == 0 && a->tid_count && b->tid_count)
        order = a->tids[0] < b->tids[0] ? -1 : 1;
    return order < 0;
}

// Whether `above` must stand above `below`.
static bool must_precede(const struct finding *items, size_t above, size_t below)
{
    for (size_t i = 0; i < items[above].explain_count; i++)
        if (items[above].explains[i] == below)
            return items[above].confidence >= CONFIDENCE_MEDIUM;
    for (size_t i = 0; i < items[below].explain_count; i++)
        if (items[below].explains[i] == above)
            return items[below].confidence < CONFIDENCE_MEDIUM;
    return false;
}

static bool is_free(const struct finding_list *findings, const uint8_t *placed, size_t candidate)
{
    for (size_t i = 0; i < findings->count; i++)
        if (!placed[i] && i != candidate && must_precede(findings->items, i, candidate))
            return false;
    return true;
}

// The best finding not placed yet that nothing unplaced must precede; in a cycle simply the best.
static size_t choose(const struct finding_list *findings, const uint8_t *placed)
{
    size_t best = SIZE_MAX, best_free = SIZE_MAX;
    for (size_t i = 0; i < findings->count; i++) {
        if (placed[i])
            continue;
        if (best == SIZE_MAX || before(&findings->items[i], &findings->items[best]))
            best = i;
        bool better = best_free == SIZE_MAX || before(&findings->items[i], &findings->items[best_free]);
        if (better && is_free(findings, placed, i))
            best_free = i;
    }
    return best_free != SIZE_MAX ? best_free : best;
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static void renumber(size_t *places, size_t count, const size_t *rank_of)
{
    for (size_t i = 0; i < count; i++)
        places[i] = rank_of[places[i]];
    if (count)
        qsort(places, count, sizeof *places, by_size);
}

void findings_rank(struct finding_list *findings, struct arena *arena)
{
    size_t count = findings->count;
    for (size_t i = 0; i < count; i++)
        score(&findings->items[i]);
    CLEANUP(mem_release) uint8_t *placed = mem_alloc(count, 1);
    size_t *rank_of = arena_alloc(arena, count, sizeof *rank_of);
    struct finding *ordered = arena_alloc(arena, count, sizeof *ordered);
    for (size_t rank = 0; rank < count; rank++) {
        size_t chosen = choose(findings, placed);
        placed[chosen] = 1;
        rank_of[chosen] = rank;
        ordered[rank] = findings->items[chosen];
    }
    for (size_t i = 0; i < count; i++) {
        renumber(ordered[i].explains, ordered[i].explain_count, rank_of);
        renumber(ordered[i].explained_by, ordered[i].explained_count, rank_of);
        findings->items[i] = ordered[i];
    }
}
