// SPDX-License-Identifier: Apache-2.0
//
// The report as an engineer pastes it into a ticket: the diagnosis first, then why, then what to do. At
// most 80 columns, nothing cut.
#include <stdio.h>
#include <string.h>

#include "evidence/rows.h"
#include "report/report.h"
#include "report/tree.h"
#include "report/wrap.h"
#include "util/memory.h"
#include "util/show.h"
#include "util/times.h"

static void add_number(struct buffer *out, uint64_t number)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            buffer_putc(out, ',');
        buffer_putc(out, digits[i]);
    }
}

static void add_counted(struct buffer *out, uint64_t number, const char *noun)
{
    add_number(out, number);
    buffer_printf(out, " %s%s", noun, number == 1 ? "" : "s");
}

static void flush(struct buffer *out, struct buffer *line, size_t indent)
{
    char blanks[32] = "";
    memset(blanks, ' ', indent);
    blanks[indent] = '\0';
    wrap(out, blanks, indent, indent, buffer_text(line));
    buffer_clear(line);
}

static void heading(const struct report *report, struct buffer *out, const char *title)
{
    buffer_printf(out, report->color ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}

// ---- header ----------------------------------------------------------------------------------

static void write_names(struct buffer *line, const char **names, size_t at_most)
{
    size_t count = 0;
    for (; names[count]; count++)
        if (count < at_most)
            buffer_printf(line, "%s%s", count ? ", " : "", names[count]);
    if (count > at_most)
        buffer_printf(line, " and %zu more", count - at_most);
}

static void write_holdings(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    const struct counts *counts = &diagnosis->counts;
    CLEANUP(buffer_release) struct buffer line = {0};
    buffer_puts(&line, "Looked at: ");
    add_counted(&line, counts->tasks, "task");
    buffer_puts(&line, " of ");
    add_counted(&line, counts->threads, "thread");
    buffer_puts(&line, " (");
    add_number(&line, counts->blocked);
    buffer_puts(&line, " in D), ");
    add_counted(&line, counts->stacks, "distinct stack");
    buffer_puts(&line, ", ");
    add_counted(&line, counts->log_lines, "log line");
    if (diagnosis->units[0]) {
        buffer_puts(&line, " (");
        write_names(&line, diagnosis->units, 6);
        buffer_puts(&line, ")");
    }
    buffer_puts(&line, ", ");
    add_counted(&line, counts->profiles, "profile");
    buffer_puts(&line, "; ");
    add_counted(&line, counts->rules, "rule");
    buffer_puts(&line, ".");
    flush(out, &line, 0);
    if (diagnosis->lacks[0]) {
        buffer_puts(&line, "Not in the bundle: ");
        write_names(&line, diagnosis->lacks, 10);
        buffer_puts(&line, ".");
        flush(out, &line, 0);
    }
}

static void write_header(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    CLEANUP(buffer_release) struct buffer line = {0};
    buffer_add(&line, diagnosis->hostname.ptr ? diagnosis->hostname
                      : report->node.len      ? report->node
                                              : TEXT("A node without a name"));
    buffer_puts(&line, ", ");
    if (diagnosis->kernel.ptr) {
        buffer_puts(&line, "kernel ");
        buffer_add(&line, diagnosis->kernel);
    } else {
        buffer_puts(&line, "kernel unknown");
    }
    if (diagnosis->os.ptr) {
        buffer_puts(&line, ", ");
        buffer_add(&line, diagnosis->os);
    }
    if (diagnosis->collected_at_ns != ROW_NULL) {
        buffer_puts(&line, ", collected ");
        time_write(&line, diagnosis->collected_at_ns);
    }
    flush(out, &line, 0);
    buffer_puts(&line, "Bundle: ");
    buffer_add(&line, report->path);
    flush(out, &line, 0);
    write_holdings(report, out);
}

// ---- a finding -------------------------------------------------------------------------------

static const char *severity_color(enum severity severity)
{
    return severity >= SEVERITY_HIGH ? "\033[1;31m" : severity == SEVERITY_MEDIUM ? "\033[1;33m" : "\033[1m";
}

static void write_title(const struct report *report, const struct finding *finding, size_t rank,
                        struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer first = {0}, line = {0};
    buffer_printf(&first, "%zu. ", rank);
    size_t width = first.len;
    if (report->color)
        buffer_puts(&first, severity_color(finding->severity));
    buffer_add(&line, finding->rule->title);
    wrap(out, first.ptr, width, width, buffer_text(&line));
    if (report->color)
        buffer_puts(out, "\033[0m");
}

static void write_links(struct buffer *line, const char *word, const size_t *places, size_t count)
{
    if (!count)
        return;
    buffer_printf(line, " %s", word);
    for (size_t i = 0; i < count && i < 8; i++)
        buffer_printf(line, "%s %zu", i ? "," : "", places[i] + 1);
    if (count > 8)
        buffer_printf(line, " and %zu more", count - 8);
    buffer_putc(line, '.');
}

static void write_when(const struct finding *finding, struct buffer *line)
{
    bool interval = finding->first_seen_ns != finding->last_seen_ns;
    if (finding->first_seen_ns != ROW_NULL) {
        buffer_puts(line, interval ? " Seen from " : " Seen at ");
        time_write(line, finding->first_seen_ns);
        if (interval) {
            buffer_puts(line, " to ");
            time_write(line, finding->last_seen_ns);
        }
        buffer_puts(line, finding->ongoing == 1 ? ", still so when collected." : ".");
    }
    if (finding->said)
        buffer_printf(line, " %s", finding->said);
}

static void write_standing(const struct finding *finding, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    buffer_printf(&line, "Severity %s, confidence %s, score %d.", severity_name(finding->severity),
                  confidence_name(finding->confidence), finding->score);
    if (finding->blocks) {
        buffer_puts(&line, " Holds up ");
        add_counted(&line, finding->blocks, "thread");
        buffer_putc(&line, '.');
    }
    write_links(&line, finding->confidence == CONFIDENCE_LOW ? "May explain" : "Explains", finding->explains,
                finding->explain_count);
    write_links(&line, "Explained by", finding->explained_by, finding->explained_count);
    write_when(finding, &line);
    buffer_puts(&line, " Rule ");
    buffer_add(&line, finding->rule->id);
    buffer_puts(&line, ", cause ");
    buffer_add(&line, finding->rule->cause);
    buffer_puts(&line, ".");
    flush(out, &line, 3);
}

static void write_evidence(const struct finding *finding, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    buffer_puts(out, "\n   Evidence\n");
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const struct evidence_line *evidence = &finding->evidence[i];
        buffer_add(&line, evidence->source);
        if (evidence->line)
            buffer_printf(&line, ":%lld", (long long)evidence->line);
        struct text text = evidence->function.ptr ? evidence->function : evidence->text;
        if (text.ptr) {
            buffer_puts(&line, ": ");
            buffer_add(&line, text_trim(text));
        }
        wrap(out, "     ", 5, 9, buffer_text(&line));
        buffer_clear(&line);
    }
    if (finding->evidence_more)
        buffer_printf(out, "     and %zu place%s more\n", finding->evidence_more,
                      finding->evidence_more == 1 ? "" : "s");
}

static void write_advice(const char *title, struct text advice, struct buffer *out)
{
    if (!advice.len)
        return;
    buffer_printf(out, "\n   %s\n", title);
    wrap_lines(out, 5, text_trim_end(advice));
}

static void write_finding(const struct report *report, const struct finding *finding, size_t rank,
                          struct buffer *out)
{
    buffer_putc(out, '\n');
    write_title(report, finding, rank, out);
    wrap(out, "   ", 3, 3, text_of(finding->summary));
    write_standing(finding, out);
    write_evidence(finding, out);
    write_advice("Do now", finding->rule->remedy, out);
    write_advice("Prevent", finding->rule->prevention, out);
    if (!finding->rule->reference_count)
        return;
    buffer_puts(out, "\n   See\n");
    for (size_t i = 0; i < finding->rule->reference_count; i++)
        wrap(out, "     ", 5, 7, finding->rule->references[i]);
}

// The findings in one line each, so that the first screen says it all.
static void write_overview(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    CLEANUP(buffer_release) struct buffer line = {0}, first = {0};
    heading(report, out, "DIAGNOSIS");
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct finding *finding = &diagnosis->findings[i];
        bool symptom = finding->explained_count > 0;
        buffer_printf(&first, "%s%zu. ", symptom ? "  " : "", i + 1);
        buffer_add(&line, finding->rule->title);
        buffer_printf(&line, " (%s, %s confidence%s)", severity_name(finding->severity),
                      confidence_name(finding->confidence), finding->ongoing == 0 ? ", over" : "");
        wrap(out, first.ptr, first.len, first.len, buffer_text(&line));
        buffer_clear(&line);
        buffer_clear(&first);
    }
}

static void write_healthy(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    CLEANUP(buffer_release) struct buffer line = {0};
    heading(report, out, "DIAGNOSIS");
    if (diagnosis->unexplained_count)
        buffer_puts(&line, "No rule knows what is wrong here; what is blocked stands below.");
    else if (diagnosis->counts.blocked > diagnosis->counts.passing || !diagnosis->counts.threads)
        buffer_puts(&line, "Nothing wrong was found in what the bundle holds.");
    else
        buffer_puts(&line, "Nothing wrong was found: no task is blocked for good, and no rule fired.");
    flush(out, &line, 0);
}

// ---- what remains ----------------------------------------------------------------------------

static void write_unexplained(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    CLEANUP(buffer_release) struct buffer line = {0};
    if (diagnosis->unexplained_count)
        heading(report, out, "BLOCKED, AND NO RULE KNOWS WHY");
    for (size_t i = 0; i < diagnosis->unexplained_count; i++) {
        const struct unexplained *group = &diagnosis->unexplained[i];
        add_counted(&line, group->tasks, "task");
        buffer_puts(&line, " in ");
        buffer_add(&line, group->place.ptr ? group->place : TEXT("an unknown place (no stack)"));
        buffer_puts(&line, ", such as ");
        buffer_add(&line, group->example_comm.ptr ? group->example_comm : TEXT("task"));
        buffer_printf(&line, " (%lld); signature ", (long long)group->example_tid);
        buffer_add(&line, group->signature);
        if (group->goroutine)
            buffer_printf(&line, ". %s", group->goroutine);
        wrap(out, "- ", 2, 2, buffer_text(&line));
        buffer_clear(&line);
        struct lines lines = {.rest = group->frames};
        struct text frame;
        while (lines_next(&lines, &frame))
            wrap(out, "      ", 6, 10, frame);
    }
}

static bool said_before(const struct diagnosis *diagnosis, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(diagnosis->undecided[i].needs, diagnosis->undecided[index].needs) == 0)
            return true;
    return false;
}

// By what is missing, with the rules that want it.
static void write_undecided(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    CLEANUP(buffer_release) struct buffer line = {0};
    if (diagnosis->undecided_count)
        heading(report, out, "NOT DECIDED: NEEDS …");
    for (size_t i = 0; i < diagnosis->undecided_count; i++) {
        if (said_before(diagnosis, i))
            continue;
        buffer_printf(&line, "%s (", diagnosis->undecided[i].needs);
        size_t named = 0;
        for (size_t k = i; k < diagnosis->undecided_count; k++)
            if (strcmp(diagnosis->undecided[k].needs, diagnosis->undecided[i].needs) == 0 && named++ < 4) {
                buffer_puts(&line, named > 1 ? ", " : "");
                buffer_add(&line, diagnosis->undecided[k].rule->id);
            }
        if (named > 4)
            buffer_printf(&line, " and %zu more", named - 4);
        buffer_puts(&line, ")");
        wrap(out, "- ", 2, 2, buffer_text(&line));
        buffer_clear(&line);
    }
}

static void write_warnings(const struct report *report, struct buffer *out)
{
    enum { WARNINGS_SHOWN = 100 };
    const struct diagnosis *diagnosis = report->diagnosis;
    CLEANUP(buffer_release) struct buffer line = {0};
    if (diagnosis->warning_count)
        heading(report, out, "WARNINGS");
    for (size_t i = 0; i < diagnosis->warning_count && i < WARNINGS_SHOWN; i++) {
        const struct warning_line *warning = &diagnosis->warnings[i];
        buffer_add(&line, warning->source);
        if (warning->line)
            buffer_printf(&line, ":%lld", (long long)warning->line);
        buffer_puts(&line, warning->source.len ? ": " : "");
        buffer_add(&line, warning->problem);
        if (warning->count > 1)
            buffer_printf(&line, " (%llu times)", (unsigned long long)warning->count);
        wrap(out, "- ", 2, 2, buffer_text(&line));
        buffer_clear(&line);
    }
    if (diagnosis->warning_count > WARNINGS_SHOWN)
        buffer_printf(out, "- and %zu more\n", diagnosis->warning_count - WARNINGS_SHOWN);
}

static void write_text(const struct report *report, struct buffer *out)
{
    const struct diagnosis *diagnosis = report->diagnosis;
    write_header(report, out);
    if (diagnosis->finding_count)
        write_overview(report, out);
    else
        write_healthy(report, out);
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        write_finding(report, &diagnosis->findings[i], i + 1, out);
    if (diagnosis->wait_count) {
        heading(report, out, "WHO WAITS FOR WHOM");
        tree_write(diagnosis->waits, diagnosis->wait_count, out);
    }
    write_unexplained(report, out);
    write_undecided(report, out);
    write_warnings(report, out);
}

const struct format format_text = {
    .name = "text",
    .help = "for a terminal or a ticket, 80 columns",
    .write = write_text,
};
