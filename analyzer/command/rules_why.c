// SPDX-License-Identifier: Apache-2.0
//
// inquest rules why RULE BUNDLE: what became of one rule on one bundle, step by step.
#include "rule/why.h"

#include "command/arguments.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "command/rules_bench.h"
#include "command/rules_option.h"
#include "diagnosis/diagnosis.h"
#include "evidence/rows.h"
#include "util/memory.h"
#include "util/show.h"
#include "util/suggest.h"

enum { ROWS_SHOWN = 5 };

struct question {
    const struct arguments *arguments;
    struct rulebook book;
    const struct rule *rule;
    struct output output;
    struct buffer out;
};

// ---- what came of it -------------------------------------------------------------------------

static void tell_outcome(const struct rule_result *result, struct buffer *out)
{
    static const char *const words[] = {"did not fire", "fired", "is undecided", "is broken"};
    buffer_printf(out, "%.*s %s", TEXT_ARG(result->rule->id), words[result->outcome]);
    if (result->outcome == OUTCOME_FIRED)
        buffer_printf(out, ": %zu row%s", result->row_count, result->row_count == 1 ? "" : "s");
    if (result->cut)
        buffer_printf(out, " and %llu beyond the limit query_rows", (unsigned long long)result->cut);
    buffer_puts(out, result->needs ? ": " : "");
    show_line(out, text_of(result->needs ? result->needs : ""));
    buffer_putc(out, '\n');
}

// Who decided it: a column of the query, the rule's key, or what was seen.
static const char *decided_by(const struct rule_result *result, const char *column, bool has_key)
{
    int at = result_column(result, column);
    for (size_t row = 0; at >= 0 && row < result->row_count; row++)
        if (result_value(result, row, at)->kind != VALUE_NULL)
            return "the query says so";
    return has_key ? "the rule says so" : "it follows from the evidence";
}

static void tell_finding(const struct finding *finding, size_t rank, struct buffer *out)
{
    const struct rule *rule = finding->rule;
    buffer_printf(out, "finding %zu, of %zu row%s: ", rank, finding->row_count,
                  finding->row_count == 1 ? "" : "s");
    show_line(out, text_of(finding->summary));
    buffer_printf(out, "\n  severity %s (%s)\n", severity_name(finding->severity),
                  decided_by(finding->result, "severity", true));
    buffer_printf(out, "  confidence %s (%s)\n", confidence_name(finding->confidence),
                  decided_by(finding->result, "confidence", rule->confidence != CONFIDENCE_UNSET));
    buffer_printf(out, "  %s\n",
                  finding->ongoing == 1   ? "ongoing when it was collected"
                  : finding->ongoing == 0 ? "of the past: low severity and confidence"
                                          : "when: unknown");
    if (finding->said)
        buffer_printf(out, "  %s\n", finding->said);
    buffer_puts(out, finding->subject_count ? "  about" : "  about the whole bundle");
    for (size_t i = 0; i < finding->subject_count; i++) {
        buffer_printf(out, "%s %s ", i ? "," : "", finding->subjects[i].kind);
        show_line(out, finding->subjects[i].value);
    }
    buffer_putc(out, '\n');
}

static void tell_edge(const struct wait_edge *edge, struct buffer *out)
{
    buffer_printf(out, "wait: %lld ", (long long)edge->waiter);
    show_line(out, edge->waiter_comm.ptr ? edge->waiter_comm : TEXT("?"));
    buffer_puts(out, " waits for ");
    if (edge->holder == ROW_NULL) {
        show_line(out, edge->what);
    } else {
        buffer_printf(out, "%lld ", (long long)edge->holder);
        show_line(out, edge->holder_comm.ptr ? edge->holder_comm : TEXT("?"));
    }
    buffer_puts(out, " on ");
    show_line(out, edge->on);
    buffer_puts(out, edge->proved ? ", proved" : ", inferred");
    if (edge->one_of > 1)
        buffer_printf(out, ", one of %zu", edge->one_of);
    buffer_putc(out, '\n');
}

static void tell_diagnosis(const struct diagnosis *diagnosis, const struct rule *rule, struct buffer *out)
{
    tell_outcome(&diagnosis->results[rule->number], out);
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        if (diagnosis->findings[i].rule == rule)
            tell_finding(&diagnosis->findings[i], i + 1, out);
    for (size_t i = 0; i < diagnosis->wait_count; i++)
        if (text_equal(diagnosis->waits[i].rule, rule->id))
            tell_edge(&diagnosis->waits[i], out);
}

// ---- the command -----------------------------------------------------------------------------

static bool tell_node(struct question *question, const struct node *node, struct error *err)
{
    const struct limits *limits = argument_limits(question->arguments);
    CLEANUP(diagnosis_release) struct diagnosis diagnosis = {0};
    if (!diagnosis_make(&diagnosis, &question->book, node->store, node->matcher, limits, err))
        return false;
    CLEANUP(rule_run_close)
    struct rule_run *run = rule_run_open(&question->book, store_db(node->store), node->matcher, limits, err);
    if (!run)
        return false;
    if (node->prefix[0]) {
        buffer_puts(&question->out, "node ");
        show_line(&question->out, text_of(node->prefix));
        buffer_putc(&question->out, '\n');
    }
    tell_diagnosis(&diagnosis, question->rule, &question->out);
    struct why_options options = {.rows = ROWS_SHOWN, .needs = true};
    why_write(run, question->rule, &options, &question->out);
    return true;
}

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    struct question *question = context;
    struct pipeline pipeline = {.limits = argument_limits(question->arguments),
                                .book = &question->book,
                                .prefilter = true,
                                .jail = jail};
    CLEANUP(nodes_release) struct nodes nodes = {0};
    bool ok = pipeline_read(&pipeline, argument_word(question->arguments, 2), &nodes, err);
    for (size_t i = 0; i < nodes.count && ok; i++)
        ok = tell_node(question, &nodes.items[i], err);
    ok = nodes_sound(&nodes, err) && ok && output_write(&question->output, buffer_text(&question->out), err);
    return ok ? EXIT_ANALYSED : command_failed(err);
}

static bool find_rule(struct question *question, struct error *err)
{
    const char *word = argument_word(question->arguments, 1);
    question->rule = rulebook_find(&question->book, text_of(word));
    if (question->rule)
        return true;
    CLEANUP(mem_release) const char **ids = mem_alloc(question->book.count + 1, sizeof *ids);
    for (size_t i = 0; i < question->book.count; i++)
        ids[i] = arena_string(&question->book.arena, question->book.rules[i]->id);
    const char *near = suggest(text_of(word), ids);
    return fail_kind(err, ERROR_USAGE, "there is no rule '%s'%s%s%s", word, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

static int run_why(const struct arguments *arguments, struct error *err)
{
    struct question question = {.arguments = arguments};
    int result = EXIT_USAGE;
    bool ok = arguments_expect(arguments, 3, 3, err) &&
              rules_load_bench(arguments, WORDS_NONE, &question.book, NULL, err) &&
              find_rule(&question, err) &&
              output_open(&question.output, argument_value(arguments, "output"), err) &&
              jail_run(arguments, argument_word(arguments, 2), do_job, &question, &result, err) &&
              !err->message[0] && output_close(&question.output, err);
    output_discard(&question.output);
    buffer_release(&question.out);
    rulebook_release(&question.book);
    return ok ? result : command_failed(err);
}

const struct rules_verb rules_why = {.name = "why", .run = run_why};
