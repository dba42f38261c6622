// SPDX-License-Identifier: Apache-2.0
//
// The stacks of a profile as a tree of calls, root first: equal starts of stacks share their frames.
#ifndef INQUEST_REPORT_FLAME_TREE_H
#define INQUEST_REPORT_FLAME_TREE_H

#include "report/profile_graph.h"

enum { FLAME_NONE = 0 }; // frame 0 is the root of all, so no frame's child or sibling

struct flame_frame {
    uint32_t node; // of the profile; of frame 0 none
    uint32_t parent, first_child, next_sibling, depth;
    int64_t width;         // sum of absolute values (of a difference: of the larger of before and after)
    int64_t value, before; // sums with their signs; before: of a difference
    bool inlined;
};

struct flame_tree {
    const struct profile *profile;
    ARRAY(struct flame_frame) frames;
    bool difference; // before and after
    bool deep;       // stacks were cut at the depth limit
    bool crowded;    // small stacks that are no frames of their own
};

// Released by flame_tree_release. Children of a frame are linked by width, the widest first.
void flame_tree_build(struct flame_tree *tree, const struct profile *profile,
                      const struct graph_options *options, uint32_t most_depth, uint32_t most_frames);
void flame_tree_release(struct flame_tree *tree);

#endif
