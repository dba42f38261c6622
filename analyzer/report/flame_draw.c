// SPDX-License-Identifier: Apache-2.0
#include "report/flame_draw.h"

#include <math.h>

#include "report/profile_units.h"
#include "util/show.h"

static const double char_width = 7.23; // of 12 px monospace, for the picture without script

// ---- text ------------------------------------------------------------------------------------

void flame_put_xml(struct buffer *out, struct text text)
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
        flame_put_xml(drawing->out, name);
        return;
    }
    flame_put_xml(drawing->out, first_characters(name, most - 1));
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

void flame_put_value(struct drawing *drawing, int64_t value)
{
    unit_label(drawing->out, value, drawing->unit, TEXT("auto"));
}

static void put_share(struct drawing *drawing, int64_t value)
{
    int64_t total = drawing->tree.frames.items[0].width;
    buffer_printf(drawing->out, "%.2f %%", total ? 100 * (double)value / (double)total : 0);
}

void flame_put_change(struct drawing *drawing, const struct flame_frame *frame)
{
    int64_t change = add_saturating(frame->value, frame->before == INT64_MIN ? INT64_MAX : -frame->before);
    buffer_puts(drawing->out, "before ");
    flame_put_value(drawing, frame->before);
    buffer_puts(drawing->out, ", after ");
    flame_put_value(drawing, frame->value);
    buffer_puts(drawing->out, change > 0 ? ", change +" : ", change ");
    flame_put_value(drawing, change);
}

static void put_facts(struct drawing *drawing, const struct flame_frame *frame)
{
    if (drawing->tree.difference) {
        flame_put_change(drawing, frame);
        return;
    }
    flame_put_value(drawing, frame->value);
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
    unsigned y = FLAME_TOP + frame->depth * FLAME_ROW;
    buffer_printf(out, "<g class=\"f\" data-depth=\"%u\"><title>", frame->depth);
    flame_put_xml(out, name);
    buffer_putc(out, '\n');
    put_facts(drawing, frame);
    buffer_printf(out, "</title><rect x=\"%.3f\" y=\"%u\" width=\"%.3f\" height=\"%d\" rx=\"1.5\"%s fill=\"",
                  x, y, width, FLAME_ROW - 1, width < 3 ? "" : " stroke-width=\"0.6\"");
    put_colour(drawing, frame, number == 0 ? TEXT("runtime.all") : name);
    buffer_printf(out, "\"/><text x=\"%.2f\" y=\"%u\">", x + 4, y + 13);
    put_label(drawing, name, width);
    buffer_puts(out, "</text></g>\n");
}

// Walks the tree from the root, siblings beside one another. Frames below the least width are left out
// with all they call.
void flame_draw_frames(struct drawing *drawing)
{
    const struct flame_frame *frames = drawing->tree.frames.items;
    double scale = frames[0].width ? (FLAME_WIDTH - 2.0 * FLAME_MARGIN) / (double)frames[0].width : 0;
    double left[FLAME_DEPTH + 2] = {FLAME_MARGIN, FLAME_MARGIN}; // by depth: where the next frame begins
    uint32_t at = 0;
    draw_frame(drawing, 0, FLAME_MARGIN, FLAME_WIDTH - 2 * FLAME_MARGIN);
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
