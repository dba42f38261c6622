// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <string.h>

#include "report/flame.h"
#include "report/flame_tree.h"
#include "report/profile_units.h"
#include "util/builtin.h"
#include "util/show.h"

enum {
    WIDTH = 1200,
    MARGIN = 10,
    TOP = 92,
    ROW = 18,
    BOTTOM = 34,
    MOST_DEPTH = 256,
    MOST_TREE = 400000, // frames that are counted …
    MOST_DRAWN = 20000, // … and of those that are drawn
    SMALLEST = 10000,   // a frame is drawn from 1 / SMALLEST of the total
};
static const double char_width = 7.23; // of 12 px monospace, for the picture without script

struct drawing {
    struct buffer *out;
    const struct profile_report *report;
    struct flame_tree tree;
    struct text unit;       // of the values
    int64_t least;          // width from which a frame is drawn
    uint32_t drawn, levels; // frames, and rows they take
    struct buffer name, label;
};

// ---- text ------------------------------------------------------------------------------------

// Visible text as XML character data: markup escaped, and the two characters that XML does not have.
static void put_xml(struct buffer *out, struct text text)
{
    CLEANUP(buffer_release) struct buffer visible = {0};
    show_line(&visible, text);
    struct text rest = buffer_text(&visible);
    while (rest.len) {
        uint32_t code;
        size_t bytes = utf8_decode(rest, &code);
        bytes = bytes ? bytes : 1;
        const char *escaped = code == '&'                        ? "&amp;"
                              : code == '<'                      ? "&lt;"
                              : code == '>'                      ? "&gt;"
                              : code == '"'                      ? "&quot;"
                              : code == '\''                     ? "&#39;"
                              : code >= 0xfffe && code <= 0xffff ? "\xef\xbf\xbd"
                                                                 : NULL;
        if (escaped)
            buffer_puts(out, escaped);
        else
            buffer_add(out, text_slice(rest, 0, bytes));
        rest = text_from(rest, bytes);
    }
}

static size_t characters(struct text text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return count;
}

static struct text first_characters(struct text text, size_t count)
{
    size_t i = 0;
    for (; i < text.len; i++)
        if (((unsigned char)text.ptr[i] & 0xc0) != 0x80 && count-- == 0)
            break;
    return text_slice(text, 0, i);
}

// A function's name without the path of its package: "cacher.(*Cacher).Watch".
static struct text brief_name(struct text name)
{
    size_t start = 0;
    for (size_t i = 0; i < name.len && name.ptr[i] != '(' && name.ptr[i] != '['; i++)
        if (name.ptr[i] == '/')
            start = i + 1;
    return text_from(name, start);
}

static void put_label(struct drawing *drawing, struct text name, double width)
{
    double room = (width - 8) / char_width;
    if (room < 3)
        return;
    size_t most = (size_t)room;
    if (characters(name) > most)
        name = brief_name(name);
    if (characters(name) <= most) {
        put_xml(drawing->out, name);
        return;
    }
    put_xml(drawing->out, first_characters(name, most - 1));
    buffer_puts(drawing->out, "\u2026");
}

// ---- colours ---------------------------------------------------------------------------------

static void put_hsl(struct buffer *out, double hue, double saturation, double light)
{
    double channel[3];
    for (int i = 0; i < 3; i++) {
        double k = fmod((double[]){0, 8, 4}[i] + hue / 30, 12);
        double a = saturation * fmin(light, 1 - light);
        channel[i] = light - a * fmax(-1, fmin(fmin(k - 3, 9 - k), 1));
    }
    buffer_printf(out, "#%02x%02x%02x", (unsigned)lround(channel[0] * 255),
                  (unsigned)lround(channel[1] * 255), (unsigned)lround(channel[2] * 255));
}

// The package (or, without one, the whole name) of a function: what stands before the first dot behind
// the last slash.
static struct text package_of(struct text name)
{
    struct text brief = brief_name(name);
    size_t path = name.len - brief.len;
    ptrdiff_t dot = text_find_byte(brief, '.');
    return text_slice(name, 0, dot < 0 ? name.len : path + (size_t)dot);
}

// Warm hues, one for each package, so that neighbours of one package read as one; the runtime is grey.
static void put_colour(struct drawing *drawing, const struct flame_frame *frame, struct text name)
{
    if (drawing->tree.difference || drawing->report->profile->negative) {
        double change =
            frame->width ? ((double)frame->value - (double)frame->before) / (double)frame->width : 0;
        double strength = fmin(fabs(change), 1);
        put_hsl(drawing->out, change > 0 ? 8 : 212, strength > 0 ? 0.75 : 0, 0.9 - 0.28 * sqrt(strength));
        return;
    }
    struct text package = package_of(name);
    uint64_t hash = hash_bytes(package.ptr, package.len, 7);
    bool runtime = text_is(package, "runtime") || text_starts(name, "runtime/internal/");
    double hue = 4 + (double)(hash % 62);
    put_hsl(drawing->out, hue, runtime ? 0.14 : 0.78, 0.64 + (double)(hash / 64 % 8) * 0.017);
}

// ---- frames ----------------------------------------------------------------------------------

static void put_value(struct drawing *drawing, int64_t value)
{
    unit_label(drawing->out, value, drawing->unit, TEXT("auto"));
}

static void put_share(struct drawing *drawing, int64_t value)
{
    int64_t total = drawing->tree.frames.items[0].width;
    buffer_printf(drawing->out, "%.2f %%", total ? 100 * (double)value / (double)total : 0);
}

static void put_change(struct drawing *drawing, const struct flame_frame *frame)
{
    int64_t change = add_saturating(frame->value, frame->before == INT64_MIN ? INT64_MAX : -frame->before);
    buffer_puts(drawing->out, "before ");
    put_value(drawing, frame->before);
    buffer_puts(drawing->out, ", after ");
    put_value(drawing, frame->value);
    buffer_puts(drawing->out, change > 0 ? ", change +" : ", change ");
    put_value(drawing, change);
}

static void put_facts(struct drawing *drawing, const struct flame_frame *frame)
{
    if (drawing->tree.difference) {
        put_change(drawing, frame);
        return;
    }
    put_value(drawing, frame->value);
    buffer_puts(drawing->out, ", ");
    put_share(drawing, frame->width);
    if (frame->inlined && frame->depth > 1)
        buffer_puts(drawing->out, ", inlined");
}

static void draw_frame(struct drawing *drawing, uint32_t number, double x, double width)
{
    struct buffer *out = drawing->out;
    const struct flame_frame *frame = &drawing->tree.frames.items[number];
    struct text name = number == 0 ? TEXT("all") : drawing->report->profile->nodes.items[frame->node].name;
    unsigned y = TOP + frame->depth * ROW;
    buffer_printf(out, "<g class=\"f\" data-depth=\"%u\"><title>", frame->depth);
    put_xml(out, name);
    buffer_putc(out, '\n');
    put_facts(drawing, frame);
    buffer_printf(out, "</title><rect x=\"%.3f\" y=\"%u\" width=\"%.3f\" height=\"%d\" rx=\"1.5\" fill=\"", x,
                  y, width, ROW - 1);
    put_colour(drawing, frame, number == 0 ? TEXT("runtime.all") : name);
    buffer_printf(out, "\"/><text x=\"%.2f\" y=\"%u\">", x + 4, y + 13);
    put_label(drawing, name, width);
    buffer_puts(out, "</text></g>\n");
    drawing->drawn++;
    if (frame->depth + 1 > drawing->levels)
        drawing->levels = frame->depth + 1;
}

// Walks the tree from the root, siblings beside one another. Frames below the least width are left out
// with all they call.
static void draw_frames(struct drawing *drawing)
{
    const struct flame_frame *frames = drawing->tree.frames.items;
    double scale = frames[0].width ? (WIDTH - 2.0 * MARGIN) / (double)frames[0].width : 0;
    double left[MOST_DEPTH + 2] = {MARGIN, MARGIN}; // by depth: where the next frame begins
    uint32_t at = 0;
    draw_frame(drawing, 0, MARGIN, WIDTH - 2 * MARGIN);
    uint32_t next = frames[0].first_child;
    while (next != FLAME_NONE || at != 0) {
        if (next == FLAME_NONE ||
            frames[next].width < drawing->least) { // siblings behind it are narrower still
            next = frames[at].next_sibling;
            at = frames[at].parent;
            continue;
        }
        double width = (double)frames[next].width * scale;
        uint32_t depth = frames[next].depth;
        draw_frame(drawing, next, left[depth], width);
        left[depth + 1] = left[depth];
        left[depth] += width;
        at = next;
        next = frames[at].first_child;
    }
}

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
    put_xml(out, name);
    if (name.len)
        buffer_puts(out, ": ");
    put_xml(out, profile_type_name(profile, drawing->report->options.type));
    if (drawing->tree.difference)
        buffer_puts(out, ", what changed");
}

static void put_summary(struct drawing *drawing)
{
    struct buffer *out = drawing->out;
    const struct flame_frame *all = &drawing->tree.frames.items[0];
    if (drawing->tree.difference) {
        put_change(drawing, all);
        buffer_puts(out, ". Red grew, blue shrank");
    } else {
        put_value(drawing, all->value);
        buffer_puts(out, " in all");
    }
    if (drawing->report->focus) {
        buffer_puts(out, "; only stacks with /");
        put_xml(out, text_of(drawing->report->focus));
        buffer_puts(out, "/");
    }
    if (drawing->report->ignore) {
        buffer_puts(out, "; without stacks with /");
        put_xml(out, text_of(drawing->report->ignore));
        buffer_puts(out, "/");
    }
}

static void put_note(struct drawing *drawing, unsigned y)
{
    const struct flame_tree *tree = &drawing->tree;
    int64_t total = tree->frames.items[0].width;
    buffer_printf(drawing->out,
                  "<text class=\"note\" x=\"%d\" y=\"%u\">Frames below %.2g %% of all are not drawn", MARGIN,
                  y, total ? 100 * (double)drawing->least / (double)total : 0.01);
    if (tree->deep)
        buffer_printf(drawing->out, "; stacks are cut at %d frames", MOST_DEPTH);
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
        WIDTH - MARGIN - 330);
}

static void put_document(struct drawing *drawing)
{
    struct buffer *out = drawing->out;
    unsigned height = TOP + count_levels(drawing) * ROW + BOTTOM;
    buffer_printf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n"
        "<title>",
        WIDTH, height, WIDTH, height);
    put_title(drawing, out);
    buffer_puts(out, "</title>\n<style><![CDATA[\n");
    put_builtin(out, "analyzer/report/flame.css");
    buffer_printf(out, "]]></style>\n<text class=\"heading\" x=\"%d\" y=\"30\">", MARGIN);
    put_title(drawing, out);
    buffer_printf(out, "</text>\n<text class=\"facts\" x=\"%d\" y=\"50\">", MARGIN);
    put_summary(drawing);
    buffer_printf(
        out,
        "</text>\n<text class=\"detail\" x=\"%d\" y=\"76\">Point at a frame to read it, click it to zoom; "
        "arrow keys, Enter and Escape do the same</text>\n",
        MARGIN);
    put_controls(out);
    buffer_puts(out, "<g class=\"frames\">\n");
    draw_frames(drawing);
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
    flame_tree_build(&drawing.tree, report->profile, &report->options, MOST_DEPTH, MOST_TREE);
    drawing.least = least_width(&drawing.tree);
    put_document(&drawing);
    flame_tree_release(&drawing.tree);
    buffer_release(&drawing.name);
    buffer_release(&drawing.label);
}
