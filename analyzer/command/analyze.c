// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "command/rules_option.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/spool.h"

struct analysis {
    const struct arguments *arguments;
    const struct format *format;
    struct rulebook book;
    struct output output;
    enum severity fail_on;
    bool fails, found, one_line, color;
};

static bool wants_color(const struct arguments *arguments, bool *color, struct error *err)
{
    const char *when = argument_value(arguments, "color");
    *color = false;
    if (when && strcmp(when, "always") == 0)
        *color = true;
    else if (!when || strcmp(when, "auto") == 0)
        *color = !argument_given(arguments, "output") && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    else if (strcmp(when, "never") != 0)
        return fail_kind(err, ERROR_USAGE, "--color is auto, always or never, not '%s'", when);
    return true;
}

static bool take_options(struct analysis *analysis, struct error *err)
{
    const struct arguments *arguments = analysis->arguments;
    const char *format = argument_value(arguments, "format"),
               *severity = argument_value(arguments, "fail-on");
    analysis->format = format_find(format ? format : "text");
    if (!analysis->format)
        return fail_kind(err, ERROR_USAGE, "there is no format '%s'", format);
    analysis->fails = severity != NULL;
    if (severity && !severity_of(text_of(severity), &analysis->fail_on))
        return fail_kind(err, ERROR_USAGE, "--fail-on is info, low, medium, high or critical, not '%s'",
                         severity);
    return wants_color(arguments, &analysis->color, err);
}

static bool look_at_node(struct analysis *analysis, const struct node *node, struct diagnosis *diagnosis,
                         struct error *err)
{
    if (!diagnosis_make(diagnosis, &analysis->book, node->store, node->matcher,
                        argument_limits(analysis->arguments), err))
        return false;
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        analysis->found |= analysis->fails && diagnosis->findings[i].severity >= analysis->fail_on;
    return true;
}

static bool report_node(struct analysis *analysis, struct text path, const struct nodes *nodes, size_t number,
                        struct buffer *out, struct error *err)
{
    CLEANUP(diagnosis_release) struct diagnosis diagnosis = {0};
    if (!look_at_node(analysis, &nodes->items[number], &diagnosis, err))
        return false;
    const struct report report = {
        .diagnosis = &diagnosis,
        .path = path,
        .node = text_of(nodes->items[number].prefix),
        .totals = nodes->totals,
        .color = analysis->color,
        .one_line = analysis->one_line,
        .number = number,
        .nodes = nodes->count,
    };
    buffer_clear(out);
    analysis->format->write(&report, out);
    return true;
}

// The reports of all nodes but the last go to the spool, that one stays in `out`.
static bool report_nodes(struct analysis *analysis, struct text path, const struct nodes *nodes,
                         struct spool *before, struct buffer *out, struct error *err)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (i && !spool_add(before, buffer_text(out)))
            return fail(err, "a temporary file for the reports of the nodes: writing failed");
        if (!report_node(analysis, path, nodes, i, out, err))
            return false;
    }
    return true;
}

struct delivery {
    struct output *output;
    struct error *err;
};

static bool deliver(void *context, struct text piece)
{
    const struct delivery *delivery = context;
    return output_write(delivery->output, piece, delivery->err);
}

static bool write_reports(struct analysis *analysis, struct spool *before, struct text last,
                          struct error *err)
{
    struct delivery delivery = {&analysis->output, err};
    if (!spool_give(before, deliver, &delivery))
        return err->message[0] ? false : fail(err, "a temporary file for the reports: reading failed");
    return output_write(&analysis->output, last, err);
}

struct job {
    struct analysis *analysis;
    const char *path, *db_path;
};

// In the jail. What is printed is printed at the end, so that a crash leaves nothing of it.
static bool analyze_bundle(const struct job *job, const struct jail *jail, struct error *err)
{
    struct analysis *analysis = job->analysis;
    struct pipeline pipeline = {
        .limits = argument_limits(analysis->arguments),
        .book = &analysis->book,
        .prefilter = !argument_given(analysis->arguments, "no-prefilter"),
        .quiet = argument_given(analysis->arguments, "quiet"),
        .redact = argument_given(analysis->arguments, "redact"),
        .jail = jail,
        .db_path = job->db_path,
        .db_name = argument_value(analysis->arguments, "db"),
    };
    CLEANUP(nodes_release) struct nodes nodes = {0};
    CLEANUP(buffer_release) struct buffer out = {0}, name = {0};
    CLEANUP(spool_release) struct spool before;
    spool_init(&before);
    bool ok = pipeline_read(&pipeline, job->path, &nodes, err);
    struct text path = ok ? nodes_text(&nodes, text_of(job->path), &name) : TEXT("");
    ok = ok && report_nodes(analysis, path, &nodes, &before, &out, err);
    ok = nodes_sound(&nodes, err) && ok;
    return ok && write_reports(analysis, &before, buffer_text(&out), err);
}

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    const struct job *job = context;
    if (!analyze_bundle(job, jail, err))
        return command_failed(err);
    return job->analysis->found ? EXIT_FOUND : EXIT_ANALYSED;
}

static bool run_job(struct analysis *analysis, const char *path, const char *db_path, struct error *err)
{
    struct job job = {analysis, path, db_path};
    int result;
    if (!jail_run(analysis->arguments, path, do_job, &job, &result, err))
        return false;
    analysis->found |= result == EXIT_FOUND;
    return !err->message[0];
}

// --db: the database is made under another name and is there when the analysis is whole.
static bool analyze_with_db(struct analysis *analysis, const char *path, struct error *err)
{
    const char *db = argument_value(analysis->arguments, "db");
    if (!db)
        return run_job(analysis, path, NULL, err);
    CLEANUP(output_discard) struct output file = {0};
    return output_open(&file, db, err) && run_job(analysis, path, file.temporary, err) &&
           output_close(&file, err);
}

static void complain(const struct error *err)
{
    (void)fprintf(stderr, "inquest: %s\n", err->message);
}

// Every bundle is looked at, whatever becomes of the one before; the status is the highest.
static int analyze_all(struct analysis *analysis, struct error *err)
{
    int status = EXIT_ANALYSED;
    size_t count = argument_words(analysis->arguments);
    analysis->one_line = count > 1;
    for (size_t i = 0; i < count; i++) {
        struct error problem = {0};
        if (analyze_with_db(analysis, argument_word(analysis->arguments, i), &problem))
            continue;
        int own = command_failed(&problem);
        status = own > status ? own : status;
        if (err->message[0])
            complain(err); // all but the last; main prints that
        *err = problem;
    }
    return status == EXIT_ANALYSED && analysis->found ? EXIT_FOUND : status;
}

static int run_analyze(const struct arguments *arguments, struct error *err)
{
    struct analysis analysis = {.arguments = arguments};
    int status = EXIT_USAGE;
    if (!argument_words(arguments))
        (void)fail_kind(err, ERROR_USAGE, "no bundle is named; see inquest --help");
    else if (argument_given(arguments, "db") && argument_words(arguments) > 1)
        (void)fail_kind(err, ERROR_USAGE, "--db takes one bundle");
    else if (take_options(&analysis, err) && rules_load(arguments, false, &analysis.book, NULL, err)) {
        if (output_open(&analysis.output, argument_value(arguments, "output"), err)) {
            status = analyze_all(&analysis, err);
            struct error closing = {0};
            if (status <= EXIT_FOUND && !output_close(&analysis.output, &closing)) {
                *err = closing;
                status = EXIT_TROUBLE;
            }
            output_discard(&analysis.output);
        } else {
            status = command_failed(err);
        }
    }
    rulebook_release(&analysis.book);
    return status;
}

static const struct option analyze_options[] = {REDACT_OPTION, {NULL, 0, NULL, NULL, false}};

const struct command command_analyze = {
    .name = "analyze",
    .synopsis = "BUNDLE… [options]",
    .help =
        "Read bundles, run the rules, print the ranked diagnosis.\n"
        "\n"
        "A BUNDLE is an archive (tar plain or with gzip, xz, zstd or bzip2; zip), a directory, a single "
        "evidence "
        "file, a database that unpack wrote, or - for standard input. `inquest BUNDLE` is short for "
        "`inquest analyze BUNDLE`.\n"
        "\n"
        "The reports of several bundles follow one another, as JSON one a line. A bundle of several nodes "
        "has a "
        "report for each; as JSON the first holds the others under `nodes`.",
    .options = analyze_options,
    .run = run_analyze,
};
