// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "command/arguments.h"
#include "command/explain_needs.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "command/rules_option.h"
#include "diagnosis/diagnosis.h"
#include "evidence/rows.h"
#include "kernel/stack.h"
#include "report/wrap.h"
#include "rule/vocabulary.h"
#include "util/array.h"
#include "util/memory.h"
#include "util/show.h"

struct explanation {
    const struct arguments *arguments;
    struct rulebook book;
    struct output output;
    struct buffer out;
};

// ---- one stack -------------------------------------------------------------------------------

static void name_task(struct buffer *line, struct text comm, int64_t tid)
{
    if (comm.ptr)
        buffer_add(line, comm);
    else
        buffer_puts(line, "a task");
    if (tid >= 0)
        buffer_printf(line, " (%lld)", (long long)tid);
}

// What was set apart at the top of the stack, in words.
static const char *lock_words(struct text lock)
{
    static const struct {
        const char *lock, *words;
    } table[] = {
        {"rwsem-read", " to share a semaphore"},
        {"rwsem-write", " to hold a semaphore alone"},
        {"mutex", " for a mutex"},
        {"completion", " for another's completion"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text_is(lock, table[i].lock))
            return table[i].words;
    return "";
}

static bool is_about(const struct finding *finding, int64_t tid)
{
    for (size_t i = 0; i < finding->tid_count; i++)
        if (finding->tids[i] == tid)
            return true;
    return false;
}

// What a rule says, and which: "TITLE: summary (rule …, cause …, high confidence)".
static void name_finding(struct buffer *line, const struct finding *finding)
{
    buffer_add(line, finding->rule->title);
    buffer_printf(line, ": %s (rule ", finding->summary);
    buffer_add(line, finding->rule->id);
    buffer_puts(line, ", cause ");
    buffer_add(line, finding->rule->cause);
    buffer_printf(line, ", %s confidence)", confidence_name(finding->confidence));
}

static size_t add_findings(const struct diagnosis *diagnosis, int64_t tid, struct buffer *out)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct finding *finding = &diagnosis->findings[i];
        if (!is_about(finding, tid))
            continue;
        CLEANUP(buffer_release) struct buffer line = {0};
        name_finding(&line, finding);
        wrap(out, "  - ", 4, 4, buffer_text(&line));
        count++;
    }
    return count;
}

static void add_waits(const struct diagnosis *diagnosis, int64_t tid, struct buffer *out)
{
    for (size_t i = 0; i < diagnosis->wait_count; i++) {
        const struct wait_edge *edge = &diagnosis->waits[i];
        if (edge->waiter != tid)
            continue;
        CLEANUP(buffer_release) struct buffer line = {0};
        buffer_puts(&line, "It is held up by ");
        if (edge->holder == ROW_NULL)
            buffer_add(&line, edge->what);
        else
            name_task(&line, edge->holder_comm, edge->holder);
        buffer_puts(&line, " on ");
        buffer_add(&line, edge->on);
        buffer_puts(&line, edge->proved ? " (proved)" : " (inferred)");
        wrap(out, "  - ", 4, 4, buffer_text(&line));
    }
}

// The name of the rest that the signature is known for, or NULL.
static const char *resting(const char *signature)
{
    static struct arena arena;
    struct idle_threads idle = {0};
    while (idle_next(&idle)) {
        struct stack stack = {0};
        char own[17];
        arena_reset(&arena);
        stack_canonical(idle.frames, &arena, &stack);
        stack_signature(&stack, own);
        if (strcmp(own, signature) == 0)
            return arena_string(&arena, idle.label);
    }
    return NULL;
}

static void add_unknown(struct text signature, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    char own[17] = "";
    memcpy(own, signature.ptr, signature.len < 16 ? signature.len : 16);
    const char *rest = resting(own);
    if (rest)
        buffer_printf(&line, "Tasks at rest look like this (%s): by itself it says nothing.", rest);
    else
        buffer_printf(&line, "No rule knows it; signature %s.", own);
    wrap(out, "  - ", 4, 4, buffer_text(&line));
}

static const char stacks_sql[] = "SELECT g.tid, g.comm, g.state, s.place, s.lock, s.signature, g.evidence, "
                                 "g.report, s.frames FROM sighting g JOIN stack s ON s.id = g.stack "
                                 "ORDER BY rtrim(g.evidence, '0123456789'), CAST(substr(g.evidence, "
                                 "length(rtrim(g.evidence, '0123456789')) + 1) AS INTEGER) LIMIT 2000";

// "waits for an answer of an NFS server (nfs_wait_bit_killable in …)", as far as plain words are known.
static void name_wait(struct buffer *line, const struct statement *row)
{
    struct arena arena = {0};
    struct stack stack;
    stack_canonical(column_text(row, 8), &arena, &stack);
    const char *plain = stack_plain(&stack);
    if (text_is(column_text(row, 2), "R"))
        buffer_puts(line, " was running in ");
    else if (plain)
        buffer_printf(line, " waits %s (", plain);
    else
        buffer_printf(line, " waits%s in ", lock_words(column_text(row, 4)));
    buffer_add(line, column_text(row, 3));
    if (plain && !text_is(column_text(row, 2), "R"))
        buffer_putc(line, ')');
    arena_release(&arena);
}

static void explain_stack(const struct diagnosis *diagnosis, const struct statement *row, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    int64_t tid = column_integer_or(row, 0, ROW_NULL);
    buffer_add(&line, column_text(row, 6));
    buffer_puts(&line, ": ");
    name_task(&line, column_text(row, 1), tid);
    if (!column_is_null(row, 2)) {
        buffer_puts(&line, " in state ");
        buffer_add(&line, column_text(row, 2));
    }
    name_wait(&line, row);
    buffer_puts(&line, column_is_null(row, 7) ? "." : ", as the kernel reported.");
    wrap(out, "", 0, 2, buffer_text(&line));
    size_t known = add_findings(diagnosis, tid, out);
    add_waits(diagnosis, tid, out);
    if (!known)
        add_unknown(column_text(row, 5), out);
}

static bool explain_stacks(const struct diagnosis *diagnosis, struct db *db, struct buffer *out,
                           struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(db, stacks_sql, err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
        explain_stack(diagnosis, query, out);
    return step == STEP_DONE;
}

// ---- all of it -------------------------------------------------------------------------------

// Findings that are about no task: what logs, profiles and numbers say.
static void explain_rest(const struct diagnosis *diagnosis, struct buffer *out)
{
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct finding *finding = &diagnosis->findings[i];
        if (finding->tid_count || !finding->evidence_count)
            continue;
        CLEANUP(buffer_release) struct buffer line = {0};
        buffer_add(&line, finding->evidence[0].source);
        buffer_printf(&line, ":%lld: ", (long long)finding->evidence[0].line);
        name_finding(&line, finding);
        wrap(out, "", 0, 2, buffer_text(&line));
    }
}

static bool explain_node(struct explanation *explanation, const struct node *node, struct error *err)
{
    CLEANUP(diagnosis_release) struct diagnosis diagnosis = {0};
    if (!diagnosis_make(&diagnosis, &explanation->book, node->store, node->matcher,
                        argument_limits(explanation->arguments), err) ||
        !explain_stacks(&diagnosis, store_db(node->store), &explanation->out, err))
        return false;
    explain_rest(&diagnosis, &explanation->out);
    return explain_needs(&diagnosis, store_db(node->store), &explanation->out, err);
}

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    struct explanation *explanation = context;
    const char *path = argument_word(explanation->arguments, 0);
    struct pipeline pipeline = {.limits = argument_limits(explanation->arguments),
                                .book = &explanation->book,
                                .prefilter = true,
                                .quiet = argument_given(explanation->arguments, "quiet"),
                                .redact = argument_given(explanation->arguments, "redact"),
                                .jail = jail};
    CLEANUP(nodes_release) struct nodes nodes = {0};
    bool ok = pipeline_read(&pipeline, path ? path : "-", &nodes, err);
    for (size_t i = 0; i < nodes.count && ok; i++)
        ok = explain_node(explanation, &nodes.items[i], err);
    ok = nodes_sound(&nodes, err) && ok &&
         output_write(&explanation->output, buffer_text(&explanation->out), err);
    return ok ? EXIT_ANALYSED : command_failed(err);
}

static int run_explain(const struct arguments *arguments, struct error *err)
{
    struct explanation explanation = {.arguments = arguments};
    const char *path = argument_word(arguments, 0);
    int result = EXIT_USAGE;
    bool ok = arguments_expect(arguments, 0, 1, err) &&
              rules_load(arguments, false, &explanation.book, NULL, err) &&
              output_open(&explanation.output, argument_value(arguments, "output"), err) &&
              jail_run(arguments, path ? path : "-", do_job, &explanation, &result, err) &&
              !err->message[0] && output_close(&explanation.output, err);
    output_discard(&explanation.output);
    buffer_release(&explanation.out);
    rulebook_release(&explanation.book);
    return ok ? result : command_failed(err);
}

static const struct option explain_options[] = {REDACT_OPTION, {NULL, 0, NULL, NULL, false}};

const struct command command_explain = {
    .name = "explain",
    .synopsis = "[FILE]",
    .help = "Say what pasted evidence means: what each stack waits for, which rules it meets, what else "
            "would decide it.\n"
            "\n"
            "FILE, or standard input, is whatever was pasted: a stack, a namespace listing, a piece of "
            "journal, a whole ticket.",
    .options = explain_options,
    .run = run_explain,
};
