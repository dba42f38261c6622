// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/same_wait.h"

#include <stdlib.h>

#include "diagnosis/witness.h"
#include "evidence/rows.h"
#include "util/memory.h"

enum { NAMED_GROUPS = 2, NAMED_THREADS = 3 };

// The ones that fit no more threads than there are goroutines: everything else is a guess.
static const char pairs_query[] =
    "SELECT evidence, thread_evidence, tid, pid, id, component, count, wait_minutes, place, kernel_place, "
    "certainty, kernel_stack FROM goroutine_thread WHERE fitting <= count ORDER BY evidence, tid LIMIT 1000";

struct pair {
    struct text go, thread; // evidence
    int64_t tid, pid, id, count, minutes;
    struct text component, place, kernel_place, kernel_stack;
    bool proved;
};
struct pair_list ARRAY_BODY(struct pair);

// Most bundles have no dump, and the view looks at all threads first.
static enum step any_dump(struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(db, "SELECT 1 FROM goroutine LIMIT 1", err);
    return query ? statement_step(query, err) : STEP_FAILED;
}

static bool read_pairs(struct pair_list *pairs, const struct finding_context *context, struct error *err)
{
    struct db *db = store_db(context->store);
    enum step step = any_dump(db, err);
    CLEANUP(statement_release)
    struct statement *query = step == STEP_ROW ? statement_open(db, pairs_query, err) : NULL;
    if (step == STEP_ROW && !query)
        return false;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
        *array_add(pairs) = (struct pair){
            .go = arena_copy(context->arena, column_text(query, 0)),
            .thread = arena_copy(context->arena, column_text(query, 1)),
            .tid = column_integer(query, 2),
            .pid = column_integer_or(query, 3, ROW_NULL),
            .id = column_integer(query, 4),
            .component = arena_copy(context->arena, column_text(query, 5)),
            .count = column_integer(query, 6),
            .minutes = column_integer_or(query, 7, 0),
            .place = arena_copy(context->arena, column_text(query, 8)),
            .kernel_place = arena_copy(context->arena, column_text(query, 9)),
            .proved = text_is(column_text(query, 10), "proved"),
            .kernel_stack = arena_copy(context->arena, column_text(query, 11)),
        };
    return step == STEP_DONE;
}

// ---- one finding -----------------------------------------------------------------------------

static bool names_place(const struct finding *finding, struct text evidence)
{
    struct witness witness;
    if (!witness_split(evidence, &witness))
        return false;
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (finding->evidence[i].line == witness.line &&
            text_equal(finding->evidence[i].source, witness.source))
            return true;
    return false;
}

static void add_minutes(struct buffer *out, const struct pair *pair)
{
    if (pair->minutes > 0)
        buffer_printf(out, "%s%lld minute%s ", pair->count > 1 ? "up to " : "", (long long)pair->minutes,
                      pair->minutes == 1 ? "" : "s");
}

// "Goroutine 12 of kubelet, 9 minutes in fs.Info, is thread 4250: the same wait, seen from Go and from the
// kernel (nfs4_proc_statfs [nfsv4])."
static void say(struct buffer *out, const struct pair *pairs, size_t count)
{
    const struct pair *first = pairs;
    if (first->count > 1)
        buffer_printf(out, " %lld goroutines", (long long)first->count);
    else
        buffer_printf(out, " Goroutine %lld", (long long)first->id);
    buffer_printf(out, " of %.*s, ", TEXT_ARG(first->component));
    add_minutes(out, first);
    buffer_printf(out, "in %.*s, and its thread%s",
                  TEXT_ARG(first->place.len ? first->place : TEXT("a system call")), count > 1 ? "s" : "");
    for (size_t i = 0; i < count && i < NAMED_THREADS; i++)
        buffer_printf(out, "%s %lld", i ? "," : "", (long long)pairs[i].tid);
    if (count > NAMED_THREADS)
        buffer_printf(out, " and %zu more", count - NAMED_THREADS);
    buffer_printf(out, " are %sthe same wait, seen from Go and from the kernel",
                  first->proved ? "" : "probably ");
    if (first->kernel_place.len)
        buffer_printf(out, " (%.*s)", TEXT_ARG(first->kernel_place));
    buffer_putc(out, '.');
}

static void join_group(struct finding *finding, const struct pair *pairs, size_t count, bool from_go,
                       const struct finding_context *context)
{
    for (size_t i = 0; i < count && i < NAMED_THREADS; i++)
        finding_add_place(finding, from_go ? pairs[i].thread : pairs[i].go,
                          from_go ? (struct text){NULL, 0} : pairs[i].place, context);
    for (size_t i = 0; i < count; i++)
        finding_add_thread(finding, pairs[i].tid, pairs[i].pid, context);
}

// The goroutines of one place are consecutive pairs; says how many.
static size_t group_length(const struct pair_list *pairs, size_t start)
{
    size_t end = start + 1;
    while (end < pairs->count && text_equal(pairs->items[end].go, pairs->items[start].go))
        end++;
    return end - start;
}

static void join(struct finding *finding, const struct pair_list *pairs,
                 const struct finding_context *context)
{
    CLEANUP(buffer_release) struct buffer summary = {0};
    size_t said = 0, length;
    // what it names by itself decides, not what was joined before
    struct finding before = *finding;
    buffer_puts(&summary, finding->summary);
    for (size_t at = 0; at < pairs->count; at += length) {
        const struct pair *first = &pairs->items[at];
        length = group_length(pairs, at);
        bool from_go = names_place(&before, first->go), touched = from_go;
        for (size_t i = 0; i < length && !touched; i++)
            touched = finding_names_thread(&before, first[i].tid);
        finding->seen_from_go |= from_go;
        if (!touched || said++ >= NAMED_GROUPS)
            continue;
        say(&summary, first, length);
        join_group(finding, first, length, from_go, context);
    }
    if (said > NAMED_GROUPS)
        buffer_printf(&summary, " So are %zu more.", said - NAMED_GROUPS);
    if (said)
        finding->summary = arena_string(context->arena, buffer_text(&summary));
}

bool same_waits_join(struct finding_list *findings, const struct finding_context *context, struct error *err)
{
    struct pair_list pairs = {0};
    bool ok = read_pairs(&pairs, context, err);
    for (size_t i = 0; ok && pairs.count && i < findings->count; i++)
        join(&findings->items[i], &pairs, context);
    array_release(&pairs);
    return ok;
}

// The first goroutine of which a thread has the group's stack.
static void name_group(struct unexplained *group, const struct pair_list *pairs, struct arena *arena)
{
    CLEANUP(buffer_release) struct buffer sentence = {0};
    size_t length;
    for (size_t at = 0; at < pairs->count && !group->goroutine; at += length) {
        length = group_length(pairs, at);
        for (size_t i = at; i < at + length && !group->goroutine; i++) {
            if (!text_equal(pairs->items[i].kernel_stack, group->frames))
                continue;
            say(&sentence, &pairs->items[at], length);
            group->goroutine = arena_string(arena, text_trim(buffer_text(&sentence)));
        }
    }
}

bool same_waits_name(struct unexplained *groups, size_t count, const struct finding_context *context,
                     struct error *err)
{
    struct pair_list pairs = {0};
    bool ok = count == 0 || read_pairs(&pairs, context, err);
    for (size_t i = 0; ok && i < count; i++)
        if (groups[i].frames.len)
            name_group(&groups[i], &pairs, context->arena);
    array_release(&pairs);
    return ok;
}
