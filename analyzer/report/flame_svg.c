// SPDX-License-Identifier: Apache-2.0
#include "report/flame.h"

#include <string.h>

#include "report/flame_draw.h"
#include "util/builtin.h"
#include "util/times.h"

enum {
    BOTTOM = 34,
    MOST_TREE = 400000, // frames that are counted …
    MOST_DRAWN = 20000, // … and of those that are drawn
    SMALLEST = 10000,   // a frame is drawn from 1 / SMALLEST of the total
};

// ---- what is drawn ---------------------------------------------------------------------------

static int ascending(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

// The smallest width that leaves no more frames than can be drawn.
static int64_t least_width(const struct flame_tree *tree)
{
    int64_t least = tree->frames.items[0].width / SMALLEST + 1;
    CLEANUP(mem_release) int64_t *widths = mem_alloc(tree->frames.count, sizeof *widths);
    size_t count = 0;
    for (size_t i = 1; i < tree->frames.count; i++)
        if (tree->frames.items[i].width >= least)
            widths[count++] = tree->frames.items[i].width;
    if (count <= MOST_DRAWN)
        return least;
    qsort(widths, count, sizeof *widths, ascending);
    return widths[count - MOST_DRAWN - 1] + 1;
}

static uint32_t count_levels(const struct drawing *drawing)
{
    uint32_t levels = 1;
    for (size_t i = 1; i < drawing->tree.frames.count; i++) {
        const struct flame_frame *frame = &drawing->tree.frames.items[i];
        if (frame->width >= drawing->least && frame->depth + 1 > levels)
            levels = frame->depth + 1;
    }
    return levels;
}

// ---- the document ----------------------------------------------------------------------------

static void put_builtin(struct buffer *out, const char *path)
{
    for (const struct builtin *file = builtin_files; file->path; file++)
        if (strcmp(file->path, path) == 0)
            buffer_add(out, (struct text){file->content, file->length});
}

static void put_title(struct drawing *drawing, struct buffer *out)
{
    const struct profile *profile = drawing->report->profile;
    struct text binary = path_base(profile_main_binary(profile));
    struct text name = drawing->report->name ? path_base(text_of(drawing->report->name)) : binary;
    flame_put_xml(out, name);
    if (name.len)
        buffer_puts(out, ": ");
    flame_put_xml(out, profile_type_name(profile, drawing->report->options.type));
    if (drawing->tree.difference)
        buffer_puts(out, ", what changed");
}

static void put_summary(struct drawing *drawing)
{
    struct buffer *out = drawing->out;
    const struct profile *profile = drawing->report->profile;
    const struct flame_frame *all = &drawing->tree.frames.items[0];
    if (drawing->tree.difference) {
        flame_put_change(drawing, all);
        buffer_puts(out, ". Red grew, blue shrank");
    } else {
        flame_put_value(drawing, all->value);
        buffer_puts(out, " in all");
    }
    if (path_base(profile_main_binary(profile)).len) {
        buffer_puts(out, " \u00b7 ");
        flame_put_xml(out, path_base(profile_main_binary(profile)));
    }
    if (profile->time_ns) {
        buffer_puts(out, " \u00b7 ");
        time_write(out, profile->time_ns / NS_PER_S * NS_PER_S);
    }
    if (drawing->report->focus) {
        buffer_puts(out, "; only stacks with /");
        flame_put_xml(out, text_of(drawing->report->focus));
        buffer_puts(out, "/");
    }
    if (drawing->report->ignore) {
        buffer_puts(out, "; without stacks with /");
        flame_put_xml(out, text_of(drawing->report->ignore));
        buffer_puts(out, "/");
    }
}

static void put_note(struct drawing *drawing, unsigned y)
{
    const struct flame_tree *tree = &drawing->tree;
    int64_t total = tree->frames.items[0].width;
    buffer_printf(drawing->out, "<text class=\"note\" x=\"%d\" y=\"%u\">", FLAME_MARGIN, y);
    if (drawing->least > 1)
        buffer_printf(drawing->out, "Frames below %.2g %% of all are not drawn",
                      100 * (double)drawing->least / (double)total);
    else
        buffer_puts(drawing->out, "Every frame is drawn");
    if (tree->deep)
        buffer_printf(drawing->out, "; stacks are cut at %d frames", FLAME_DEPTH);
    if (tree->crowded)
        buffer_puts(drawing->out, "; the smallest stacks only widen the frames above them");
    if (drawing->report->profile->warnings.count)
        buffer_puts(drawing->out, "; the profile was damaged or cut, see inquest profile");
    buffer_puts(drawing->out, "</text>\n");
}

static void put_controls(struct buffer *out)
{
    buffer_printf(
        out,
        "<foreignObject class=\"controls gone\" x=\"%d\" y=\"12\" width=\"330\" height=\"34\">"
        "<div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"panel\">"
        "<button type=\"button\">Reset zoom</button>"
        "<input type=\"search\" placeholder=\"search: regexp\" spellcheck=\"false\" "
        "aria-label=\"Search functions by regular expression\" title=\"/ goes here, Escape leaves\"/>"
        "</div></foreignObject>\n",
        FLAME_WIDTH - FLAME_MARGIN - 330);
}

static void put_document(struct drawing *drawing)
{
    struct buffer *out = drawing->out;
    unsigned height = FLAME_TOP + count_levels(drawing) * FLAME_ROW + BOTTOM;
    buffer_printf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n"
        "<title>",
        FLAME_WIDTH, height, FLAME_WIDTH, height);
    put_title(drawing, out);
    buffer_puts(out, "</title>\n<style><![CDATA[\n");
    put_builtin(out, "analyzer/report/flame.css");
    buffer_printf(out, "]]></style>\n<text class=\"heading\" x=\"%d\" y=\"30\">", FLAME_MARGIN);
    put_title(drawing, out);
    buffer_printf(out, "</text>\n<text class=\"facts\" x=\"%d\" y=\"50\">", FLAME_MARGIN);
    put_summary(drawing);
    buffer_printf(
        out,
        "</text>\n<text class=\"detail\" x=\"%d\" y=\"76\">Point at a frame to read it, click it to zoom; "
        "arrow keys, Enter and Escape do the same</text>\n",
        FLAME_MARGIN);
    put_controls(out);
    buffer_puts(out, "<g class=\"frames\" stroke-width=\"0\">\n");
    flame_draw_frames(drawing);
    buffer_puts(out, "</g>\n");
    put_note(drawing, height - 12);
    buffer_puts(out, "<script><![CDATA[\n");
    put_builtin(out, "analyzer/report/flame.js");
    buffer_puts(out, "]]></script>\n</svg>\n");
}

void profile_write_svg(struct buffer *out, const struct profile_report *report)
{
    struct drawing drawing = {
        .out = out,
        .report = report,
        .unit = profile_type_unit(report->profile, report->options.type),
    };
    flame_tree_build(&drawing.tree, report->profile, &report->options, FLAME_DEPTH, MOST_TREE);
    drawing.least = least_width(&drawing.tree);
    put_document(&drawing);
    flame_tree_release(&drawing.tree);
}
