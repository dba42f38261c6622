// SPDX-License-Identifier: Apache-2.0
//
// inquest rules new: a first rule from a bundle. What is written has passed lint and its own tests.
#include <string.h>

#include "command/arguments.h"
#include "command/draft.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "command/rules_bench.h"
#include "diagnosis/trial.h"
#include "rule/lint.h"
#include "rule/load.h"
#include "rule/run.h"
#include "util/memory.h"

struct making {
    const struct arguments *arguments;
    char id[64]; // from --output; "" for none
    struct output output;
    struct buffer out, chosen;
};

// ---- proof -----------------------------------------------------------------------------------

// The first mistake of the diagnostics as an error; advice is for the author to take.
static bool no_mistakes(const struct diagnostics *diagnostics, struct error *err)
{
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        const struct diagnostic *said = &diagnostics->list.items[i];
        if (said->level != DIAGNOSTIC_ADVICE)
            return fail_kind(err, ERROR_USAGE, "no rule can be made of it: %s [%s]", said->message,
                             said->check);
    }
    return true;
}

static bool lint(const struct making *making, const struct rulebook *book, struct error *err)
{
    CLEANUP(db_close) struct db *db = NULL;
    CLEANUP(diagnostics_release) struct diagnostics diagnostics = {0};
    if (!db_create(&db, NULL, 8192, err))
        return false;
    struct lint_options options = {
        .limits = argument_limits(making->arguments), .query = rule_query_check, .context = db};
    lint_rules(book, NULL, &options, &diagnostics);
    return no_mistakes(&diagnostics, err);
}

static bool passes(const struct making *making, const struct rulebook *book, struct error *err)
{
    const struct rule *rule = book->rules[0];
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; i < rule->test_count && ok; i++) {
        const char *why;
        ok = trial_run(book, rule, &rule->tests[i], argument_limits(making->arguments), &arena, &why) ||
             fail_kind(err, ERROR_USAGE, "no rule can be made of it: its test '%.*s' fails",
                       TEXT_ARG(rule->tests[i].name));
    }
    arena_release(&arena);
    return ok;
}

static bool prove(const struct making *making, struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(diagnostics_release) struct diagnostics diagnostics = {0};
    CLEANUP(buffer_release) struct buffer path = {0};
    buffer_add(&path, buffer_text(&making->chosen));
    buffer_puts(&path, ".yaml");
    bool loaded = rulebook_add(&book, path.ptr, buffer_text(&making->out), true,
                               argument_limits(making->arguments), &diagnostics);
    rulebook_finish(&book, &diagnostics);
    if (!no_mistakes(&diagnostics, err) || !loaded)
        return false;
    return lint(making, &book, err) && passes(making, &book, err);
}

// ---- the draft -------------------------------------------------------------------------------

static bool make(struct making *making, struct db *db, struct error *err)
{
    struct draft draft = {
        .db = db, .id = making->id[0] ? making->id : NULL, .out = &making->out, .chosen = &making->chosen};
    const char *tid = argument_value(making->arguments, "tid"),
               *signature = argument_value(making->arguments, "signature"),
               *log = argument_value(making->arguments, "log");
    int64_t number = 0;
    if (log)
        return draft_of_log(&draft, text_of(log), err);
    if (signature)
        return draft_of_signature(&draft, text_of(signature), err);
    if (!text_to_i64(text_of(tid), &number))
        return fail_kind(err, ERROR_USAGE, "--tid takes a thread's number, not '%s'", tid);
    return draft_of_task(&draft, number, err);
}

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    struct making *making = context;
    struct pipeline pipeline = {.limits = argument_limits(making->arguments), .jail = jail};
    CLEANUP(nodes_release) struct nodes nodes = {0};
    bool ok = pipeline_read(&pipeline, argument_value(making->arguments, "from"), &nodes, err);
    bool made = false;
    for (size_t i = 0; i < nodes.count && ok && !made; i++) { // of several nodes the first that has it
        buffer_clear(&making->out);
        buffer_clear(&making->chosen);
        *err = (struct error){0};
        made = make(making, store_db(nodes.items[i].store), err);
    }
    ok = nodes_sound(&nodes, err) && made && prove(making, err) &&
         output_write(&making->output, buffer_text(&making->out), err);
    return ok ? EXIT_ANALYSED : command_failed(err);
}

// --output rules/x/some-id.yaml names the rule.
static void take_id(struct making *making)
{
    const char *path = argument_value(making->arguments, "output");
    const char *slash = path ? strrchr(path, '/') : NULL;
    struct text name = text_of(slash ? slash + 1 : path), stem = {NULL, 0};
    if (!path || !text_split(&name, '.', &stem) || !stem.len || stem.len >= sizeof making->id)
        return;
    for (size_t i = 0; i < stem.len; i++)
        if (!(byte_is_digit(stem.ptr[i]) || stem.ptr[i] == '-' ||
              (byte_is_alpha(stem.ptr[i]) && byte_lower(stem.ptr[i]) == stem.ptr[i])))
            return;
    memcpy(making->id, stem.ptr, stem.len);
}

static bool check_options(const struct arguments *arguments, struct error *err)
{
    int subjects = argument_given(arguments, "tid") + argument_given(arguments, "signature") +
                   argument_given(arguments, "log");
    if (!argument_given(arguments, "from"))
        return fail_kind(err, ERROR_USAGE, "rules new needs --from BUNDLE");
    if (subjects != 1)
        return fail_kind(err, ERROR_USAGE, "rules new %s of --tid, --signature and --log",
                         subjects ? "takes only one" : "needs one");
    return arguments_expect(arguments, 1, 1, err);
}

static int run_new(const struct arguments *arguments, struct error *err)
{
    struct making making = {.arguments = arguments};
    int result = EXIT_USAGE;
    take_id(&making);
    bool ok = check_options(arguments, err) &&
              output_open(&making.output, argument_value(arguments, "output"), err) &&
              jail_run(arguments, argument_value(arguments, "from"), do_job, &making, &result, err) &&
              !err->message[0] && output_close(&making.output, err);
    output_discard(&making.output);
    buffer_release(&making.out);
    buffer_release(&making.chosen);
    return ok ? result : command_failed(err);
}

const struct rules_verb rules_new = {.name = "new", .run = run_new};
