// SPDX-License-Identifier: Apache-2.0
#include "rule/near.h"

#include "rule/glob.h"
#include "rule/match_stack.h"
#include "rule/require.h"
#include "util/memory.h"
#include "util/show.h"

enum {
    SHOWN = 3,
    TELLING_BYTES = 4, // of a match; less stands everywhere
};

static void begin(struct buffer *out, int indent)
{
    buffer_printf(out, "%*s", indent, "");
}

// ---- logs ------------------------------------------------------------------------------------

// Scans over all records count what they found and show the first few.
struct log_scan {
    const struct near_view *view;
    const struct rule_pattern *pattern;
    struct arena arena;
    struct text texts[REQUIRE_MAX];
    size_t text_count;
    uint64_t other_unit, held;
    struct buffer lines;
    int indent;
};

// The longest beginning of the regex that compiles and matches the message, and what it matched.
static struct text longest_beginning(struct log_scan *scan, struct text message, struct text *matched)
{
    struct text source = scan->pattern->regex_source;
    for (size_t length = source.len; length-- > 1;) {
        struct text part = text_slice(source, 0, length);
        struct error ignored = {0};
        size_t offset;
        CLEANUP(pattern_release) struct pattern *regex = pattern_compile(part, &offset, &ignored);
        if (!regex || pattern_matches_empty(regex) ||
            pattern_match(regex, message, scan->view->limits->pattern_steps) != PATTERN_HIT ||
            pattern_matched(regex).len < TELLING_BYTES)
            continue;
        *matched = arena_copy(&scan->arena, pattern_matched(regex));
        return part;
    }
    return (struct text){NULL, 0};
}

static void place_of(const struct statement *row, struct log_scan *scan)
{
    begin(&scan->lines, scan->indent);
    show_line(&scan->lines, column_text(row, 0));
    buffer_printf(&scan->lines, ":%lld: ", (long long)column_integer(row, 1));
}

static void show_held(struct log_scan *scan, const struct statement *row)
{
    struct text message = text_slice(column_text(row, 3), 0, 4096), matched = {NULL, 0};
    struct text part = longest_beginning(scan, message, &matched);
    struct buffer *out = &scan->lines;
    place_of(row, scan);
    if (!part.ptr) {
        buffer_puts(out, "holds a text that the regex requires, but no beginning of the regex matches: ");
        show_line(out, text_slice(message, 0, 160));
        buffer_putc(out, '\n');
        return;
    }
    ptrdiff_t at = text_find(message, matched);
    buffer_puts(out, "matches as far as `");
    show_line(out, part);
    buffer_puts(out, "`; then the regex wants `");
    show_line(out, text_slice(text_from(scan->pattern->regex_source, part.len), 0, 60));
    buffer_puts(out, "` and the line has `");
    show_line(out, text_slice(text_from(message, (size_t)at + matched.len), 0, 60));
    buffer_puts(out, "`\n");
}

static bool holds_text(const struct log_scan *scan, struct text message)
{
    for (size_t i = 0; i < scan->text_count; i++)
        if (text_find(message, scan->texts[i]) >= 0)
            return true;
    return false;
}

static void scan_record(struct log_scan *scan, const struct statement *row)
{
    struct text unit = column_text(row, 2), message = column_text(row, 3);
    uint64_t steps = scan->view->limits->pattern_steps;
    if (!holds_text(scan, message))
        return;
    if (pattern_match(scan->pattern->regex, message, steps) != PATTERN_HIT) {
        if (scan->held++ < SHOWN)
            show_held(scan, row);
    } else if (!filter_passes_unit(&scan->pattern->unit, unit, steps) && scan->other_unit++ < SHOWN) {
        place_of(row, scan);
        buffer_puts(&scan->lines, "matches, but its unit is ");
        show_line(&scan->lines, unit);
        buffer_puts(&scan->lines, ", which `unit` refuses\n");
    }
}

static void write_texts(const struct log_scan *scan, struct buffer *out)
{
    begin(out, scan->indent);
    buffer_puts(out, "no record holds `");
    for (size_t i = 0; i < scan->text_count && i < SHOWN; i++) {
        buffer_puts(out, i ? "` or `" : "");
        show_line(out, scan->texts[i]);
    }
    buffer_puts(out, scan->text_count > SHOWN ? "` or the others that the regex requires\n"
                                              : "`, which the regex requires\n");
}

static void near_log(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                     struct buffer *out)
{
    struct log_scan scan = {.view = view, .pattern = pattern, .indent = indent};
    struct error ignored = {0};
    scan.text_count = required_texts(pattern->regex_source, REQUIRE_IN_LOGS, &scan.arena, scan.texts);
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        view->db, "SELECT member, line, unit, message FROM log WHERE message IS NOT NULL ORDER BY 1, 2",
        &ignored);
    while (scan.text_count && query && statement_step(query, &ignored) == STEP_ROW)
        scan_record(&scan, query);
    buffer_add(out, buffer_text(&scan.lines));
    uint64_t all = scan.held + scan.other_unit;
    if (all > SHOWN) {
        begin(out, indent);
        buffer_printf(out, "%llu records matched all but one part\n", (unsigned long long)all);
    } else if (!all && scan.text_count)
        write_texts(&scan, out);
    buffer_release(&scan.lines);
    arena_release(&scan.arena);
}

// ---- the others ------------------------------------------------------------------------------

static void near_file(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                      struct buffer *out)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query = statement_open(view->db, "SELECT path FROM member ORDER BY 1", &ignored);
    size_t fitting = 0;
    while (query && statement_step(query, &ignored) == STEP_ROW)
        fitting += glob_matches(pattern->glob, column_text(query, 0));
    begin(out, indent);
    if (fitting)
        buffer_printf(out, "%zu member%s the glob; no line of %s matches `text`\n", fitting,
                      fitting == 1 ? " fits" : "s fit", fitting == 1 ? "it" : "them");
    else
        buffer_puts(out, "no member fits the glob\n");
}

// What there is instead: the first column of a query, up to eight rows.
static void write_present(const struct near_view *view, const char *sql, const char *what, int indent,
                          struct buffer *out)
{
    struct error ignored = {0};
    CLEANUP(statement_release) struct statement *query = statement_open(view->db, sql, &ignored);
    size_t count = 0;
    while (query && statement_step(query, &ignored) == STEP_ROW) {
        if (!count)
            begin(out, indent);
        buffer_puts(out, count++ ? ", " : what);
        show_line(out, column_text(query, 0));
    }
    buffer_puts(out, count ? "\n" : "");
}

void near_write(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                struct buffer *out)
{
    switch (pattern->kind) {
    case MATCH_STACK:
        near_stack(view, pattern, indent, out);
        break;
    case MATCH_LOG:
        near_log(view, pattern, indent, out);
        break;
    case MATCH_FILE:
        near_file(view, pattern, indent, out);
        break;
    case MATCH_WCHAN:
        write_present(view,
                      "SELECT wchan || ' (' || group_concat(DISTINCT state) || ')' FROM thread WHERE wchan "
                      "NOT IN ('0', '') GROUP BY wchan ORDER BY sum(state = 'D') DESC, count(*) DESC, wchan "
                      "LIMIT 8",
                      "wait channels here: ", indent, out);
        break;
    case MATCH_PROFILE:
        write_present(view,
                      "SELECT DISTINCT t.type || ' of ' || coalesce(p.component, '?') FROM profile p JOIN "
                      "profile_type t USING (member) ORDER BY 1 LIMIT 8",
                      "profiles here: ", indent, out);
        break;
    default:
        write_present(view,
                      "SELECT kind || CASE WHEN inode IS NULL THEN ' (blank)' ELSE '' END FROM ns_link GROUP "
                      "BY 1 ORDER BY 1 LIMIT 16",
                      "links here: ", indent, out);
    }
}
