// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "evidence/profile_edit.h"
#include "evidence/profile_model.h"
#include "util/hash.h"

// A set of nodes under construction. The key of a named node is its name; of one without, its binary and
// the line it starts at (google/pprof internal/graph: NodeInfo after aggregation by function).
struct names {
    struct profile *profile;
    uint32_t *slots; // number + 1
    uint32_t capacity;
};

static uint64_t hash_node(const struct profile_node *node)
{
    if (node->named)
        return hash_text(node->name.ptr, node->name.len);
    return hash_number(hash_text(node->binary.ptr, node->binary.len) ^ (uint64_t)node->start_line);
}

static bool same_node(const struct profile_node *a, const struct profile_node *b)
{
    if (a->named != b->named)
        return false;
    return a->named ? text_equal(a->name, b->name)
                    : a->start_line == b->start_line && text_equal(a->binary, b->binary);
}

static uint32_t *slot_of(const struct names *names, const struct profile_node *node)
{
    uint32_t at = (uint32_t)hash_node(node) & (names->capacity - 1);
    while (names->slots[at] && !same_node(&names->profile->nodes.items[names->slots[at] - 1], node))
        at = (at + 1) & (names->capacity - 1);
    return &names->slots[at];
}

static void grow(struct names *names)
{
    names->capacity = names->capacity ? names->capacity * 2 : 256;
    free(names->slots);
    names->slots = mem_alloc(names->capacity, sizeof *names->slots);
    for (uint32_t i = 0; i < names->profile->nodes.count; i++)
        *slot_of(names, &names->profile->nodes.items[i]) = i + 1;
}

static struct text name_of_binary(struct profile *profile, struct text binary)
{
    if (binary.len == 0)
        return TEXT("<unknown>");
    return text_of(arena_printf(&profile->arena, "[%.*s]", TEXT_ARG(path_base(binary))));
}

static uint32_t node_number(struct names *names, struct profile_node node)
{
    if (names->profile->nodes.count >= names->capacity / 2)
        grow(names);
    uint32_t *slot = slot_of(names, &node);
    if (*slot)
        return *slot - 1;
    if (!node.named)
        node.name = name_of_binary(names->profile, node.binary);
    *array_add(&names->profile->nodes) = node;
    *slot = (uint32_t)names->profile->nodes.count;
    return *slot - 1;
}

static struct text binary_of(const struct profile *profile, const struct profile_location *location)
{
    if (location->mapping >= profile->mappings.count)
        return TEXT("");
    uint32_t mapping = profile->mappings.items[location->mapping].same_as;
    return profile_text(profile, profile->mappings.items[mapping].file);
}

static uint32_t node_of_line(struct names *names, const struct profile_location *location,
                             const struct profile_line *line)
{
    struct profile *profile = names->profile;
    struct profile_function function = line->function < profile->functions.count
                                           ? profile->functions.items[line->function]
                                           : (struct profile_function){.name = ID_NONE};
    struct text name = profile_text(profile, function.name);
    if (name.len)
        return node_number(names, (struct profile_node){.name = name, .named = true});
    return node_number(names, (struct profile_node){.binary = binary_of(profile, location),
                                                    .start_line = function.start_line});
}

static uint32_t place_of(struct names *names, struct profile_location *location)
{
    struct profile *profile = names->profile;
    if (location->line_count == 0)
        return node_number(names, (struct profile_node){.binary = binary_of(profile, location)});
    for (uint32_t i = 0; i < location->line_count; i++) {
        struct profile_line *line = &profile->lines.items[location->first_line + i];
        line->node = node_of_line(names, location, line);
    }
    return location->line_count == 1 ? profile->lines.items[location->first_line].node : PLACE_LINES;
}

void profile_name_nodes(struct profile *profile)
{
    struct names names = {.profile = profile};
    profile->places = mem_alloc(profile->locations.count, sizeof *profile->places);
    for (size_t i = 0; i < profile->locations.count; i++)
        profile->places[i] = place_of(&names, &profile->locations.items[i]);
    profile->unknown_node = node_number(&names, (struct profile_node){.named = false});
    free(names.slots);
}

// ---- stacks as nodes -------------------------------------------------------------------------

static struct profile_frame *add_frame(struct profile_frames *frames)
{
    array_grow((void **)&frames->items, frames->count, &frames->capacity, sizeof *frames->items);
    return &frames->items[frames->count++];
}

static void add_location(const struct profile *profile, uint32_t number, struct profile_frames *frames)
{
    uint32_t place = number < profile->locations.count ? profile->places[number] : profile->unknown_node;
    if (place != PLACE_LINES) {
        *add_frame(frames) = (struct profile_frame){.node = place, .location = number};
        return;
    }
    const struct profile_location *location = &profile->locations.items[number];
    const struct profile_line *line = &profile->lines.items[location->first_line];
    for (uint32_t i = 1; i <= location->line_count; i++, line++)
        *add_frame(frames) = (struct profile_frame){
            .node = line->node, .location = number, .inlined = i < location->line_count};
}

// From the root on, the first location to prune that stands below some other frame goes with all beneath
// it; a stack of nothing else stays whole (google/pprof profile/prune.go). Walked leaf first, that is the
// last such location that a frame that stays follows.
static struct text pruned_stack(const struct profile *profile, struct text stack)
{
    struct text kept = stack, rest = stack, cut = stack;
    bool waiting = false; // for a frame that stays, above a cut
    while (rest.len) {
        struct text here = rest;
        uint32_t number = ID_NONE;
        (void)stack_take(&rest, &number);
        const struct profile_location *location =
            number < profile->locations.count ? &profile->locations.items[number] : NULL;
        if (location && location->prune_beneath) {
            cut = location->prune ? rest : here;
            waiting = true;
        } else {
            kept = waiting ? cut : kept;
            waiting = false;
        }
    }
    return kept;
}

void profile_frames_of(const struct profile *profile, uint32_t entry, struct profile_frames *frames)
{
    struct text stack = stack_set_stack(&profile->stacks, entry);
    if (profile->pruned)
        stack = pruned_stack(profile, stack);
    array_clear(frames);
    uint32_t number;
    while (stack_take(&stack, &number))
        add_location(profile, number, frames);
}

static void add_values(int64_t *sums, size_t node, size_t nodes, const int64_t *values, size_t types)
{
    for (size_t type = 0; type < types; type++)
        sums[type * nodes + node] = add_saturating(sums[type * nodes + node], values[type]);
}

void profile_sum(const struct profile *profile, size_t first, size_t types, const uint32_t *as, int64_t *flat,
                 int64_t *cum)
{
    struct profile_frames frames = {0};
    size_t nodes = profile->nodes.count;
    CLEANUP(mem_release) uint32_t *seen = mem_alloc(nodes, sizeof *seen);
    for (uint32_t i = 0; first + types <= profile->stacks.width && i < profile->stacks.count; i++) {
        const int64_t *values = stack_set_values(&profile->stacks, i) + first;
        profile_frames_of(profile, i, &frames);
        for (size_t k = 0; k < frames.count; k++) {
            uint32_t node = as ? as[frames.items[k].node] : frames.items[k].node;
            if (seen[node] != i + 1)
                add_values(cum, node, nodes, values, types);
            seen[node] = i + 1;
            if (k == 0)
                add_values(flat, node, nodes, values, types);
        }
    }
    array_release(&frames);
}
