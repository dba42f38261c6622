// SPDX-License-Identifier: Apache-2.0
//
// inquest-report/1: the report as JSON. Keys are always there, null where unknown.
#include <string.h>

#include "evidence/rows.h"
#include "report/report.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/times.h"

static void add_time(struct json_writer *json, const char *key, int64_t time_ns)
{
    if (time_ns == ROW_NULL) {
        json_add_null(json, key);
        return;
    }
    CLEANUP(buffer_release) struct buffer out = {0};
    time_write(&out, time_ns);
    json_add_text(json, key, buffer_text(&out));
}

static void add_number(struct json_writer *json, const char *key, int64_t number)
{
    if (number == ROW_NULL)
        json_add_null(json, key);
    else
        json_add_integer(json, key, number);
}

static void write_bundle(struct json_writer *json, const struct report *report)
{
    json_open_object(json, "bundle");
    json_add_text(json, "path", report->path);
    json_add_text(json, "sha256",
                  report->totals.sha256[0] ? text_of(report->totals.sha256) : (struct text){NULL, 0});
    json_add_text(json, "node", report->node.len ? report->node : (struct text){NULL, 0});
    json_add_text(json, "hostname", report->diagnosis->hostname);
    json_add_text(json, "kernel", report->diagnosis->kernel);
    add_time(json, "collected_at", report->diagnosis->collected_at_ns);
    json_add_integer(json, "entries", (int64_t)report->totals.entries);
    json_add_integer(json, "bytes", (int64_t)report->totals.bytes);
    json_close_object(json);
}

static void write_counts(struct json_writer *json, const struct counts *counts)
{
    json_open_object(json, "counts");
    json_add_integer(json, "tasks", (int64_t)counts->tasks);
    json_add_integer(json, "threads", (int64_t)counts->threads);
    json_add_integer(json, "stacks", (int64_t)counts->stacks);
    json_add_integer(json, "blocked", (int64_t)counts->blocked);
    json_add_integer(json, "passing", (int64_t)counts->passing);
    json_add_integer(json, "log_lines", (int64_t)counts->log_lines);
    json_add_integer(json, "profiles", (int64_t)counts->profiles);
    json_add_integer(json, "rules", (int64_t)counts->rules);
    json_add_integer(json, "rules_hit", (int64_t)counts->rules_hit);
    json_close_object(json);
}

// Ids that are numbers stay numbers; all others are texts.
static void write_subjects(struct json_writer *json, const struct finding *finding)
{
    json_open_object(json, "subjects");
    for (size_t i = 0; i < finding->subject_count;) {
        const char *kind = finding->subjects[i].kind;
        json_open_array(json, kind);
        for (; i < finding->subject_count && finding->subjects[i].kind == kind; i++) {
            int64_t number;
            bool numeric = strcmp(kind, "pid") == 0 || strcmp(kind, "tid") == 0 ||
                           strcmp(kind, "pidns") == 0 || strcmp(kind, "netns") == 0;
            if (numeric && text_to_i64(finding->subjects[i].value, &number))
                json_add_integer(json, NULL, number);
            else
                json_add_text(json, NULL, finding->subjects[i].value);
        }
        json_close_array(json);
    }
    json_close_object(json);
}

static void write_evidence(struct json_writer *json, const struct finding *finding)
{
    json_open_array(json, "evidence");
    for (size_t i = 0; i < finding->evidence_count; i++) {
        const struct evidence_line *line = &finding->evidence[i];
        json_open_object(json, NULL);
        json_add_text(json, "source", line->source);
        json_add_integer(json, "line", line->line);
        json_add_text(json, "text", line->text);
        json_add_text(json, "function", line->function);
        json_add_null(json, "table");
        json_close_object(json);
    }
    json_close_array(json);
}

static void write_ranks(struct json_writer *json, const char *key, const size_t *places, size_t count)
{
    json_open_array(json, key);
    for (size_t i = 0; i < count; i++)
        json_add_integer(json, NULL, (int64_t)places[i] + 1);
    json_close_array(json);
}

static void write_finding(struct json_writer *json, const struct finding *finding, size_t rank)
{
    const struct rule *rule = finding->rule;
    json_open_object(json, NULL);
    json_add_integer(json, "rank", (int64_t)rank);
    json_add_text(json, "rule", rule->id);
    json_add_text(json, "cause", rule->cause);
    json_add_text(json, "title", rule->title);
    json_add_string(json, "summary", finding->summary);
    json_add_string(json, "severity", severity_name(finding->severity));
    json_add_string(json, "confidence", confidence_name(finding->confidence));
    json_add_integer(json, "score", finding->score);
    add_time(json, "first_seen", finding->first_seen_ns);
    add_time(json, "last_seen", finding->last_seen_ns);
    if (finding->ongoing < 0)
        json_add_null(json, "ongoing");
    else
        json_add_bool(json, "ongoing", finding->ongoing == 1);
    json_add_text(json, "note", text_of(finding->said));
    write_subjects(json, finding);
    write_evidence(json, finding);
    json_add_integer(json, "evidence_more", (int64_t)finding->evidence_more);
    write_ranks(json, "explains", finding->explains, finding->explain_count);
    write_ranks(json, "explained_by", finding->explained_by, finding->explained_count);
    json_add_integer(json, "blocks", (int64_t)finding->blocks);
    json_add_text(json, "remedy", rule->remedy);
    json_add_text(json, "prevention", rule->prevention);
    json_open_array(json, "references");
    for (size_t i = 0; i < rule->reference_count; i++)
        json_add_text(json, NULL, rule->references[i]);
    json_close_array(json);
    json_close_object(json);
}

static void write_wait(struct json_writer *json, const struct wait_edge *edge)
{
    json_open_object(json, NULL);
    json_open_object(json, "waiter");
    add_number(json, "tid", edge->waiter);
    json_add_text(json, "comm", edge->waiter_comm);
    json_close_object(json);
    json_open_object(json, "holder");
    add_number(json, "tid", edge->holder);
    json_add_text(json, "comm", edge->holder_comm);
    json_add_text(json, "what", edge->what);
    json_close_object(json);
    json_add_text(json, "on", edge->on);
    json_add_string(json, "certainty", edge->proved ? "proved" : "inferred");
    json_add_integer(json, "one_of", (int64_t)edge->one_of);
    json_add_text(json, "rule", edge->rule);
    json_close_object(json);
}

static void write_unexplained(struct json_writer *json, const struct unexplained *group)
{
    json_open_object(json, NULL);
    json_add_text(json, "signature", group->signature);
    json_add_integer(json, "tasks", (int64_t)group->tasks);
    json_add_text(json, "where", group->place);
    add_number(json, "example_tid", group->example_tid);
    json_add_text(json, "example_comm", group->example_comm);
    json_add_text(json, "goroutine", text_of(group->goroutine));
    json_open_array(json, "stack");
    struct lines lines = {.rest = group->frames};
    struct text frame;
    while (lines_next(&lines, &frame))
        json_add_text(json, NULL, frame);
    json_close_array(json);
    json_close_object(json);
}

static void write_warning(struct json_writer *json, const struct warning_line *warning)
{
    json_open_object(json, NULL);
    json_add_text(json, "source", warning->source);
    json_add_integer(json, "line", warning->line);
    json_add_text(json, "problem", warning->problem);
    json_add_integer(json, "count", (int64_t)warning->count);
    json_close_object(json);
}

static void write_rest(struct json_writer *json, const struct diagnosis *diagnosis)
{
    json_open_array(json, "waits");
    for (size_t i = 0; i < diagnosis->wait_count; i++)
        write_wait(json, &diagnosis->waits[i]);
    json_close_array(json);
    json_open_array(json, "unexplained");
    for (size_t i = 0; i < diagnosis->unexplained_count; i++)
        write_unexplained(json, &diagnosis->unexplained[i]);
    json_close_array(json);
    json_open_array(json, "undecided");
    for (size_t i = 0; i < diagnosis->undecided_count; i++) {
        json_open_object(json, NULL);
        json_add_text(json, "rule", diagnosis->undecided[i].rule->id);
        json_add_string(json, "needs", diagnosis->undecided[i].needs);
        json_close_object(json);
    }
    json_close_array(json);
    json_open_array(json, "warnings");
    for (size_t i = 0; i < diagnosis->warning_count; i++)
        write_warning(json, &diagnosis->warnings[i]);
    json_close_array(json);
}

static void write_report(struct json_writer *json, const struct report *report)
{
    json_add_string(json, "format", "inquest-report/1");
    json_add_string(json, "inquest", INQUEST_VERSION);
    write_bundle(json, report);
    write_counts(json, &report->diagnosis->counts);
    json_open_array(json, "findings");
    for (size_t i = 0; i < report->diagnosis->finding_count; i++)
        write_finding(json, &report->diagnosis->findings[i], i + 1);
    json_close_array(json);
    write_rest(json, report->diagnosis);
}

// One bundle is one object, whatever it holds: that of its first node, with those of the others in it.
static void write_json(const struct report *report, struct buffer *out)
{
    bool first = report->number == 0, last = report->number + 1 >= report->nodes;
    struct json_writer json = {.out = out, .indent = report->one_line ? 0 : 2};
    if (!first) { // behind those before it, in the array that the first left open
        json.depth = 2;
        json.need_comma = report->number > 1;
    }
    json_open_object(&json, NULL);
    write_report(&json, report);
    if (first && !last)
        json_open_array(&json, "nodes");
    if (!first)
        json_close_object(&json);
    if (!first && last)
        json_close_array(&json);
    if (last) {
        json_close_object(&json);
        buffer_putc(out, '\n');
    }
}

const struct format format_json = {
    .name = "json",
    .help = "inquest-report/1, as schema/report.schema.json says",
    .write = write_json,
};
