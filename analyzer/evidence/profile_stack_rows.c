// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_emitter.h"

#include <math.h>
#include <stdlib.h>

// ---- stacks of names -------------------------------------------------------------------------

// Stands for functions that are left out of a stack.
static uint32_t marker_of(const struct emitter *emitter)
{
    return (uint32_t)emitter->profile->nodes.count;
}

static void put_stack(const struct emitter *emitter, const struct profile_frames *frames, const bool *shown,
                      struct buffer *stack)
{
    bool left_out = false;
    buffer_clear(stack);
    for (size_t i = 0; i < frames->count; i++) {
        uint32_t node = emitter->as[frames->items[i].node];
        bool hidden = shown && !shown[node];
        if (!hidden || !left_out)
            stack_put(stack, hidden ? marker_of(emitter) : node);
        left_out = hidden;
    }
}

static struct text name_of(const struct emitter *emitter, uint32_t node)
{
    return node == marker_of(emitter) ? TEXT("\u2026") : emitter->names.texts[emitter->name[node]];
}

void emitter_names(const struct emitter *emitter, struct text stack, struct buffer *names)
{
    uint32_t node;
    buffer_clear(names);
    for (bool first = true; stack_take(&stack, &node); first = false) {
        if (!first)
            buffer_putc(names, '\n');
        buffer_add(names, name_of(emitter, node));
    }
}

// ---- how much there is -----------------------------------------------------------------------

static uint64_t row_bytes(const struct stack_set *stacks, uint32_t entry, uint64_t names)
{
    uint64_t rows = 0;
    for (uint32_t type = 0; type < stacks->width; type++)
        rows += stack_set_values(stacks, entry)[type] != 0;
    return rows * (names + 64);
}

static uint64_t names_bytes(const struct emitter *emitter, struct text stack)
{
    uint64_t bytes = 0;
    uint32_t node;
    while (stack_take(&stack, &node))
        bytes += name_of(emitter, node).len + 1;
    return bytes;
}

bool emitter_collect(const struct emitter *emitter, const bool *shown, uint64_t most_bytes,
                     struct stack_set *stacks)
{
    const struct profile *profile = emitter->profile;
    struct profile_frames frames = {0};
    CLEANUP(buffer_release) struct buffer stack = {0};
    uint64_t bytes = 0;
    stack_set_init(stacks, profile->stacks.width, profile->stacks.most_stacks, profile->stacks.most_bytes);
    for (uint32_t i = 0; i < profile->stacks.count && bytes <= most_bytes; i++) {
        uint32_t before = stacks->count;
        profile_frames_of(profile, i, &frames);
        put_stack(emitter, &frames, shown, &stack);
        stack_set_add(stacks, buffer_text(&stack), 0, stack_set_values(&profile->stacks, i),
                      profile->stacks.entries[i].samples);
        if (stacks->count > before) // of the types that it has so far
            bytes += row_bytes(stacks, before, names_bytes(emitter, buffer_text(&stack)));
    }
    array_release(&frames);
    return bytes <= most_bytes;
}

// The largest share that each node has of any sample type, by cum.
static double *node_shares(const struct emitter *emitter)
{
    const struct profile *profile = emitter->profile;
    double *shares = mem_alloc(profile->nodes.count, sizeof *shares);
    for (size_t type = 0; type < profile->types.count; type++) {
        double total = (double)profile_total(profile, type);
        struct sums sums = emitter_sums(emitter, type);
        for (size_t i = 0; total > 0 && i < profile->nodes.count; i++)
            shares[i] = fmax(shares[i], (double)absolute(sums.cum[i]) / total);
        free(sums.own);
    }
    return shares;
}

static void show_from(const struct emitter *emitter, const double *shares, double least, bool *shown)
{
    for (size_t i = 0; i < emitter->profile->nodes.count; i++)
        shown[i] = shares[i] >= least;
}

// The stacks with as many functions as fit; *least: the share from which a function is shown.
static void collect_fitting(const struct emitter *emitter, struct stack_set *stacks, double *least)
{
    static const double ladder[] = {0.0002, 0.001, 0.005, 0.02};
    enum { STEPS = sizeof ladder / sizeof *ladder };
    uint64_t most = emitter->input->limits->profile_text;
    *least = 0;
    if (emitter_collect(emitter, NULL, most, stacks))
        return;
    CLEANUP(mem_release) double *shares = node_shares(emitter);
    CLEANUP(mem_release) bool *shown = mem_alloc(emitter->profile->nodes.count, sizeof *shown);
    bool fits = false;
    for (size_t i = 0; i < STEPS && !fits; i++) {
        stack_set_release(stacks);
        *least = ladder[i];
        show_from(emitter, shares, ladder[i], shown);
        fits = emitter_collect(emitter, shown, i + 1 == STEPS ? UINT64_MAX : most, stacks);
    }
}

// ---- the largest first -----------------------------------------------------------------------

struct ranked {
    double share; // the largest of any type
    uint32_t stack;
};

static int by_share(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->share > b->share || a->share < b->share)
        return a->share > b->share ? -1 : 1;
    return (a->stack > b->stack) - (a->stack < b->stack);
}

static double largest_share(const struct profile *profile, const int64_t *values, const double *totals)
{
    double largest = 0;
    for (size_t type = 0; type < profile->types.count; type++) {
        double share = totals[type] > 0 ? (double)absolute(values[type]) / totals[type] : 0;
        largest = share > largest ? share : largest;
    }
    return largest;
}

static struct ranked *rank_stacks(const struct emitter *emitter, const struct stack_set *stacks)
{
    struct ranked *ranked = mem_alloc(stacks->count, sizeof *ranked);
    CLEANUP(mem_release) double *totals = mem_alloc(stacks->width, sizeof *totals);
    for (uint32_t type = 0; type < stacks->width; type++)
        totals[type] = (double)profile_total(emitter->profile, type);
    for (uint32_t i = 0; i < stacks->count; i++)
        ranked[i] = (struct ranked){
            .share = largest_share(emitter->profile, stack_set_values(stacks, i), totals),
            .stack = i,
        };
    if (stacks->count)
        qsort(ranked, stacks->count, sizeof *ranked, by_share);
    return ranked;
}

// ---- rows ------------------------------------------------------------------------------------

static void emit_rows(const struct emitter *emitter, const int64_t *values, uint32_t stack, struct text names)
{
    for (size_t type = 0; type < emitter->profile->types.count; type++) {
        struct row_profile_stack row = row_profile_stack_null;
        if (values[type] == 0)
            continue;
        row.type = emitter->types[type];
        row.stack = stack;
        row.functions = names;
        row.number = values[type];
        emit_profile_stack(emitter->input->sink, emitter->input->member, &row);
    }
}

static void warn_left_out(const struct emitter *emitter, const struct stack_set *stacks,
                          const struct ranked *ranked, uint32_t kept)
{
    CLEANUP(buffer_release) struct buffer shares = {0};
    for (uint32_t type = 0; type < stacks->width; type++) {
        double total = (double)profile_total(emitter->profile, type), sum = 0;
        for (uint32_t i = 0; i < kept; i++)
            sum += (double)absolute(stack_set_values(stacks, ranked[i].stack)[type]);
        buffer_printf(&shares, "%s%.1f %% of %.*s", type ? ", " : "", total > 0 ? 100 * sum / total : 100.0,
                      TEXT_ARG(emitter->types[type]));
    }
    sink_warn(emitter->input->sink, emitter->input->member, 0,
              "limit profile_text: the largest %u of %u stacks are kept: %.*s", kept, stacks->count,
              TEXT_ARG(buffer_text(&shares)));
}

void emitter_stacks(const struct emitter *emitter)
{
    struct stack_set stacks;
    double least;
    collect_fitting(emitter, &stacks, &least);
    CLEANUP(mem_release) struct ranked *ranked = rank_stacks(emitter, &stacks);
    CLEANUP(buffer_release) struct buffer names = {0};
    uint64_t bytes = 0;
    uint32_t kept = 0;
    for (; kept < stacks.count; kept++) {
        uint32_t stack = ranked[kept].stack;
        emitter_names(emitter, stack_set_stack(&stacks, stack), &names);
        bytes += row_bytes(&stacks, stack, names.len);
        if (bytes > emitter->input->limits->profile_text)
            break;
        emit_rows(emitter, stack_set_values(&stacks, stack), stack, buffer_text(&names));
    }
    if (least > 0)
        sink_warn(
            emitter->input->sink, emitter->input->member, 0,
            "limit profile_text: in stacks, functions below %.2g %% of every sample type are shown as \u2026",
            100 * least);
    if (kept < stacks.count)
        warn_left_out(emitter, &stacks, ranked, kept);
    stack_set_release(&stacks);
}
