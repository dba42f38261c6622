// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "report/profile_heading.h"
#include "report/profile_report.h"
#include "report/profile_units.h"
#include "util/show.h"
#include "util/times.h"

// ---- the unit --------------------------------------------------------------------------------

static int64_t smallest(const struct graph *graph)
{
    int64_t least = 0;
    for (size_t i = 0; i < graph->nodes.count; i++) {
        int64_t value = absolute(graph->nodes.items[i].flat);
        if (value == 0)
            value = absolute(graph->nodes.items[i].cum);
        if (value > 0 && (least == 0 || value < least))
            least = value;
    }
    return least ? least : graph->total;
}

// The unit in which the smallest value still shows, but, when the largest is of another, one that lets it
// show as 0.01 (google/pprof internal/report, selectOutputUnit).
struct text heading_unit(const struct graph *graph, size_t type)
{
    struct text own = profile_type_unit(graph->profile, type), least_unit, most_unit, unit;
    if (graph->nodes.count == 0)
        return TEXT("minimum");
    int64_t least = smallest(graph), hundredfold;
    (void)unit_scale(least, own, TEXT("minimum"), &least_unit);
    (void)unit_scale(graph->total, own, TEXT("minimum"), &most_unit);
    unit = least_unit;
    if (__builtin_mul_overflow(least, 100, &hundredfold))
        hundredfold = INT64_MAX;
    if (!text_equal(least_unit, most_unit) && hundredfold < graph->total)
        (void)unit_scale(hundredfold, own, TEXT("minimum"), &unit);
    return unit.len ? unit : own;
}

// ---- lines above the table -------------------------------------------------------------------

static void line(struct buffer *out, const char *label, struct text value)
{
    buffer_puts(out, label);
    show_line(out, value);
    buffer_putc(out, '\n');
}

static void write_time(struct buffer *out, int64_t time_ns)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil civil;
    civil_of_time(time_ns, &civil);
    buffer_printf(out, "Time: %s %d, %lld at %d:%02d%s (UTC)\n", months[civil.month - 1], civil.day,
                  (long long)civil.year, civil.hour % 12 ? civil.hour % 12 : 12, civil.minute,
                  civil.hour < 12 ? "am" : "pm");
}

static void write_duration(struct buffer *out, const struct profile *profile, int64_t total, struct text unit,
                           struct text shown_unit)
{
    struct text ns;
    double total_ns = unit_scale(total, unit, TEXT("nanoseconds"), &ns);
    buffer_puts(out, "Duration: ");
    unit_label(out, profile->duration_ns, TEXT("nanoseconds"), TEXT("auto"));
    buffer_puts(out, ", Total samples = ");
    unit_label(out, total, unit, shown_unit);
    buffer_putc(out, ' ');
    if (text_is(ns, "ns") && total_ns != 0) {
        buffer_putc(out, '(');
        unit_percentage(out, total_ns < 9e18 ? (int64_t)total_ns : INT64_MAX, profile->duration_ns);
        buffer_putc(out, ')');
    }
    buffer_putc(out, '\n');
}

static void write_binary(struct buffer *out, const struct profile *profile)
{
    if (profile->main_mapping >= profile->mappings.count)
        return;
    const struct profile_mapping *mapping = &profile->mappings.items[profile->main_mapping];
    struct text file = profile_text(profile, mapping->file),
                build_id = profile_text(profile, mapping->build_id);
    if (file.len)
        line(out, "File: ", path_base(file));
    if (build_id.len)
        line(out, "Build ID: ", build_id);
}

static void write_warnings(struct buffer *out, const struct profile *profile)
{
    for (size_t i = 0; i < profile->warnings.count; i++)
        line(out, "Warning: ", profile->warnings.items[i].problem);
    if (profile->has_comment_symbols && !profile->use_comment_symbols)
        buffer_puts(out, "Note: its functions are named in comments only, which go tool pprof does not read;"
                         " --symbols uses them\n");
}

static void write_states(struct buffer *out, const struct profile *profile)
{
    for (size_t i = 0; i < profile->states.count; i++) {
        const struct profile_state_count *state = &profile->states.items[i];
        buffer_printf(out, "%10lld  ", (long long)state->count);
        show_line(out, state->state.len ? state->state : TEXT("(no state)"));
        if (state->wait_minutes >= 0)
            buffer_printf(out, ", up to %lld minutes", (long long)state->wait_minutes);
        buffer_putc(out, '\n');
    }
}

static void write_filter(struct buffer *out, const char *name, const char *regex)
{
    enum { SHOWN_BYTES = 80 };
    if (!regex)
        return;
    buffer_printf(out, "   %s=", name);
    struct text shown = text_slice(text_of(regex), 0, SHOWN_BYTES);
    show_line(out, shown);
    buffer_puts(out, shown.len < text_of(regex).len ? "\u2026\n" : "\n");
}

static void write_dropped(struct buffer *out, const struct graph *graph, const struct graph_options *options,
                          struct text own, struct text unit)
{
    if (graph->total == 0)
        return;
    if (graph->dropped) {
        buffer_printf(out, "Dropped %zu node%s (cum <= ", graph->dropped, graph->dropped > 1 ? "s" : "");
        unit_label(out, absolute((int64_t)((double)graph->total * options->node_fraction)), own, unit);
        buffer_puts(out, ")\n");
    }
    if (graph->nodes.count && graph->nodes.count < graph->candidates)
        buffer_printf(out, "Showing top %zu nodes out of %zu\n", graph->nodes.count, graph->candidates);
}

void heading_write(struct buffer *out, const struct profile_report *report, const struct graph *graph,
                   struct text unit)
{
    const struct profile *profile = report->profile;
    struct text own = profile_type_unit(profile, report->options.type);
    struct text type = profile_type_name(profile, report->options.type);
    write_warnings(out, profile);
    write_binary(out, profile);
    for (size_t i = 0; i < profile->comments.count; i++) {
        struct text comment = profile_text(profile, profile->comments.items[i]);
        if (!text_starts(comment, "#"))
            line(out, "", comment);
    }
    if (type.len)
        line(out, "Type: ", type);
    if (profile->time_ns)
        write_time(out, profile->time_ns);
    if (profile->duration_ns)
        write_duration(out, profile, graph->total, own, unit);
    write_states(out, profile);
    if (report->focus || report->ignore)
        buffer_puts(out, "Active filters:\n");
    write_filter(out, "focus", report->focus);
    write_filter(out, "ignore", report->ignore);
    int64_t sum = 0;
    for (size_t i = 0; i < graph->nodes.count; i++)
        sum = add_saturating(sum, graph->nodes.items[i].flat);
    buffer_puts(out, "Showing nodes accounting for ");
    unit_label(out, sum, own, unit);
    buffer_puts(out, ", ");
    size_t start = out->len;
    unit_percentage(out, sum, graph->total);
    heading_unpad(out, start);
    buffer_puts(out, " of ");
    unit_label(out, graph->total, own, unit);
    buffer_puts(out, " total\n");
    write_dropped(out, graph, &report->options, own, unit);
}

// ---- the table -------------------------------------------------------------------------------

void heading_unpad(struct buffer *out, size_t start)
{
    size_t blanks = 0;
    while (start + blanks < out->len && out->ptr[start + blanks] == ' ')
        blanks++;
    memmove(out->ptr + start, out->ptr + start + blanks, out->len - start - blanks);
    out->len -= blanks;
    out->ptr[out->len] = '\0';
}

void heading_value(struct buffer *out, int width, int64_t value, struct text from, struct text to)
{
    CLEANUP(buffer_release) struct buffer label = {0};
    unit_label(&label, value, from, to);
    buffer_printf(out, "%*s", width, label.ptr);
}

void profile_write_top(struct buffer *out, const struct profile_report *report)
{
    struct graph graph;
    graph_build(&graph, report->profile, &report->options);
    struct text unit = heading_unit(&graph, report->options.type);
    struct text own = profile_type_unit(report->profile, report->options.type);
    heading_write(out, report, &graph, unit);
    buffer_printf(out, "%10s %5s%% %5s%% %10s %5s%%\n", "flat", "flat", "sum", "cum", "cum");
    int64_t sum = 0;
    for (size_t i = 0; i < graph.nodes.count; i++) {
        const struct graph_node *node = &graph.nodes.items[i];
        sum = add_saturating(sum, node->flat);
        heading_value(out, 10, node->flat, own, unit);
        buffer_putc(out, ' ');
        unit_percentage(out, node->flat, graph.total);
        buffer_putc(out, ' ');
        unit_percentage(out, sum, graph.total);
        buffer_putc(out, ' ');
        heading_value(out, 10, node->cum, own, unit);
        buffer_putc(out, ' ');
        unit_percentage(out, node->cum, graph.total);
        buffer_puts(out, "  ");
        show_line(out, report->profile->nodes.items[node->node].name);
        buffer_puts(out, !node->inlined ? "\n" : node->called ? " (partial-inline)\n" : " (inline)\n");
    }
    graph_release(&graph);
}
