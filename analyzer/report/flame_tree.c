// SPDX-License-Identifier: Apache-2.0
#include "report/flame_tree.h"

#include <stdlib.h>

#include "util/hash.h"

struct builder {
    struct flame_tree *tree;
    const struct graph_options *options;
    uint32_t most_depth, most_frames;
    struct graph_filter filter;
    struct profile_frames frames;
    uint32_t *slots; // children by parent and node, number
    uint32_t slot_count;
};

// ---- frames ----------------------------------------------------------------------------------

static uint32_t *slot_of(const struct builder *builder, uint32_t parent, uint32_t node)
{
    uint32_t at = (uint32_t)hash_number((uint64_t)parent << 32 | node) & (builder->slot_count - 1);
    for (uint32_t number; (number = builder->slots[at]) != FLAME_NONE;
         at = (at + 1) & (builder->slot_count - 1)) {
        const struct flame_frame *frame = &builder->tree->frames.items[number];
        if (frame->parent == parent && frame->node == node)
            break;
    }
    return &builder->slots[at];
}

static void grow(struct builder *builder)
{
    builder->slot_count = builder->slot_count ? builder->slot_count * 2 : 1024;
    free(builder->slots);
    builder->slots = mem_alloc(builder->slot_count, sizeof *builder->slots);
    for (uint32_t i = 1; i < builder->tree->frames.count; i++) {
        const struct flame_frame *frame = &builder->tree->frames.items[i];
        *slot_of(builder, frame->parent, frame->node) = i;
    }
}

// The frame of a call below `parent`; FLAME_NONE when it is new and there are too many.
static uint32_t child_of(struct builder *builder, uint32_t parent, const struct profile_frame *call)
{
    struct flame_tree *tree = builder->tree;
    if (tree->frames.count >= builder->slot_count / 2)
        grow(builder);
    uint32_t *slot = slot_of(builder, parent, call->node);
    if (*slot != FLAME_NONE)
        return *slot;
    if (tree->frames.count >= builder->most_frames) {
        tree->crowded = true;
        return FLAME_NONE;
    }
    *slot = (uint32_t)tree->frames.count;
    *array_add(&tree->frames) = (struct flame_frame){
        .node = call->node,
        .parent = parent,
        .depth = tree->frames.items[parent].depth + 1,
        .inlined = true,
    };
    return *slot;
}

static void add_value(struct flame_frame *frame, int64_t value, bool base)
{
    int64_t *sum = base ? &frame->before : &frame->value;
    *sum = add_saturating(*sum, base && value != INT64_MIN ? -value : value);
    if (!base)
        frame->width = add_saturating(frame->width, absolute(value));
}

static void add_stack(struct builder *builder, int64_t value, bool base)
{
    uint32_t at = 0;
    add_value(&builder->tree->frames.items[0], value, base);
    for (size_t i = builder->frames.count; i-- > 0;) {
        if (builder->tree->frames.items[at].depth >= builder->most_depth) {
            builder->tree->deep = true;
            return;
        }
        const struct profile_frame *call = &builder->frames.items[i];
        at = child_of(builder, at, call);
        if (at == FLAME_NONE)
            return;
        struct flame_frame *frame = &builder->tree->frames.items[at];
        frame->inlined &= call->inlined;
        add_value(frame, value, base);
    }
}

// ---- stacks, the largest first ---------------------------------------------------------------

struct ranked {
    uint32_t entry;
    int64_t size;
};

static int by_size(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->entry > b->entry) - (a->entry < b->entry);
}

static void add_stacks(struct builder *builder)
{
    const struct stack_set *stacks = &builder->tree->profile->stacks;
    CLEANUP(mem_release) struct ranked *ranked = mem_alloc(stacks->count, sizeof *ranked);
    for (uint32_t i = 0; i < stacks->count; i++)
        ranked[i] = (struct ranked){i, absolute(stack_set_values(stacks, i)[builder->options->type])};
    if (stacks->count)
        qsort(ranked, stacks->count, sizeof *ranked, by_size);
    for (uint32_t i = 0; i < stacks->count && ranked[i].size != 0; i++) {
        uint32_t entry = ranked[i].entry;
        profile_frames_of(builder->tree->profile, entry, &builder->frames);
        bool base = stacks->entries[entry].label & LABEL_BASE;
        builder->tree->difference |= base;
        if (graph_filter_passes(&builder->filter, &builder->frames))
            add_stack(builder, stack_set_values(stacks, entry)[builder->options->type], base);
    }
}

// ---- widths and order ------------------------------------------------------------------------

// Of a difference a frame is as wide as the larger of before and after, and no narrower than what it calls.
// Frames stand behind their parents, so backwards every child is met first.
static void widen(struct flame_tree *tree)
{
    CLEANUP(mem_release) int64_t *children = mem_alloc(tree->frames.count, sizeof *children);
    for (size_t i = tree->frames.count; i-- > 0;) {
        struct flame_frame *frame = &tree->frames.items[i];
        int64_t before = absolute(frame->before), after = absolute(frame->value);
        frame->width = before > after ? before : after;
        if (children[i] > frame->width)
            frame->width = children[i];
        if (i > 0)
            children[frame->parent] = add_saturating(children[frame->parent], frame->width);
    }
}

static int by_width(const void *left, const void *right, void *context)
{
    const struct flame_tree *tree = context;
    const struct flame_frame *a = &tree->frames.items[*(const uint32_t *)left];
    const struct flame_frame *b = &tree->frames.items[*(const uint32_t *)right];
    if (a->width != b->width)
        return a->width < b->width ? -1 : 1;
    return text_compare(tree->profile->nodes.items[b->node].name, tree->profile->nodes.items[a->node].name);
}

// Narrowest first in the list, so that linking each before its siblings leaves the widest first.
static void link_children(struct flame_tree *tree)
{
    size_t count = tree->frames.count - 1;
    CLEANUP(mem_release) uint32_t *order = mem_alloc(count, sizeof *order);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i + 1;
    if (count)
        qsort_r(order, count, sizeof *order, by_width, tree);
    for (size_t i = 0; i < count; i++) {
        struct flame_frame *frame = &tree->frames.items[order[i]],
                           *parent = &tree->frames.items[frame->parent];
        frame->next_sibling = parent->first_child;
        parent->first_child = order[i];
    }
}

void flame_tree_build(struct flame_tree *tree, const struct profile *profile,
                      const struct graph_options *options, uint32_t most_depth, uint32_t most_frames)
{
    *tree = (struct flame_tree){.profile = profile};
    (void)array_add(&tree->frames);
    struct builder builder = {
        .tree = tree, .options = options, .most_depth = most_depth, .most_frames = most_frames};
    graph_filter_init(&builder.filter, profile, options->focus, options->ignore);
    if (options->type < profile->stacks.width)
        add_stacks(&builder);
    if (tree->difference)
        widen(tree);
    link_children(tree);
    graph_filter_release(&builder.filter);
    array_release(&builder.frames);
    free(builder.slots);
}

void flame_tree_release(struct flame_tree *tree)
{
    array_release(&tree->frames);
}
