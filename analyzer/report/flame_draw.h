// SPDX-License-Identifier: Apache-2.0
//
// The frames of a flame graph as SVG: places, colours, labels, and what each tells of itself.
#ifndef INQUEST_REPORT_FLAME_DRAW_H
#define INQUEST_REPORT_FLAME_DRAW_H

#include "report/flame_tree.h"
#include "report/profile_report.h"

enum {
    FLAME_WIDTH = 1200,
    FLAME_MARGIN = 10,
    FLAME_TOP = 92,
    FLAME_ROW = 18,
    FLAME_DEPTH = 256, // levels at most
};

struct drawing {
    struct buffer *out;
    const struct profile_report *report;
    struct flame_tree tree;
    struct text unit; // of the values
    int64_t least;    // width from which a frame is drawn
};

// Visible text as XML character data: markup escaped, and the two characters that XML does not have.
void flame_put_xml(struct buffer *out, struct text text);
void flame_put_value(struct drawing *drawing, int64_t value);
// "before 5.29MB, after 11.82MB, change +6.52MB"
void flame_put_change(struct drawing *drawing, const struct flame_frame *frame);
// All frames that are wide enough, in the order of a walk from the root.
void flame_draw_frames(struct drawing *drawing);

#endif
