// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "command/rules_bench.h"
#include "command/rules_option.h"
#include "command/rules_trials.h"
#include "util/array.h"
#include "util/memory.h"
#include "util/suggest.h"

struct tally {
    const struct arguments *arguments;
    const struct rulebook *book;
    struct buffer *out;
    size_t rules, passed, failed, without;
};
struct trial_list ARRAY_BODY(struct rule_trial);

// Whether a word of the command line names the rule: its id, its file, or a folder above it.
static bool names(const char *word, const struct rule *rule)
{
    size_t length = strlen(word);
    while (length && word[length - 1] == '/')
        length--;
    bool below =
        strncmp(rule->path, word, length) == 0 && (rule->path[length] == '/' || rule->path[length] == '\0');
    return text_is(rule->id, word) || below;
}

static bool wanted(const struct arguments *arguments, const struct rule *rule)
{
    for (size_t i = 1; argument_word(arguments, i); i++)
        if (names(argument_word(arguments, i), rule))
            return true;
    return argument_words(arguments) == 1;
}

static void tell(struct tally *tally, const struct rule_trial *trial)
{
    const struct rule *rule = trial->rule;
    tally->passed += trial->holds;
    tally->failed += !trial->holds;
    if (!trial->holds)
        buffer_printf(tally->out, "not ok  %.*s: %.*s (%s:%u)\n%s", TEXT_ARG(rule->id),
                      TEXT_ARG(trial->test->name), rule->path, trial->test->node->line, trial->why);
    else if (argument_given(tally->arguments, "verbose"))
        buffer_printf(tally->out, "ok  %.*s: %.*s\n", TEXT_ARG(rule->id), TEXT_ARG(trial->test->name));
}

static bool run_tests(struct tally *tally, struct error *err)
{
    struct trial_list trials = {0};
    for (size_t i = 0; i < tally->book->count; i++) {
        const struct rule *rule = tally->book->rules[i];
        if (!wanted(tally->arguments, rule))
            continue;
        tally->rules++;
        tally->without += rule->test_count == 0;
        for (size_t k = 0; k < rule->test_count; k++)
            *array_add(&trials) = (struct rule_trial){.rule = rule, .test = &rule->tests[k]};
    }
    struct arena arena = {0};
    bool ok =
        trials_run(tally->book, argument_limits(tally->arguments), trials.items, trials.count, &arena, err);
    for (size_t i = 0; i < trials.count && ok; i++)
        tell(tally, &trials.items[i]);
    arena_release(&arena);
    array_release(&trials);
    return ok;
}

// Each word must name a rule: a word that names none would go unnoticed beside others.
static bool check_words(const struct arguments *arguments, struct rulebook *book, struct error *err)
{
    CLEANUP(mem_release) const char **ids = mem_alloc(book->count + 1, sizeof *ids);
    for (size_t i = 0; i < book->count; i++)
        ids[i] = arena_string(&book->arena, book->rules[i]->id);
    for (size_t i = 1; argument_word(arguments, i); i++) {
        const char *word = argument_word(arguments, i);
        size_t rule = 0;
        while (rule < book->count && !names(word, book->rules[rule]))
            rule++;
        const char *near = rule < book->count ? NULL : suggest(text_of(word), ids);
        if (rule == book->count)
            return fail_kind(err, ERROR_USAGE, "no rule is called '%s' or lies there%s%s%s", word,
                             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return true;
}

static int run_test(const struct arguments *arguments, struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(buffer_release) struct buffer out = {0};
    if (!rules_load_bench(arguments, WORDS_IF_PATHS, &book, NULL, err) || !check_words(arguments, &book, err))
        return command_failed(err);
    struct tally tally = {.arguments = arguments, .book = &book, .out = &out};
    if (!run_tests(&tally, err))
        return command_failed(err);
    buffer_printf(&out, "%zu rules, %zu tests passed, %zu failed", tally.rules, tally.passed, tally.failed);
    if (tally.without)
        buffer_printf(&out, ", %zu rules without tests", tally.without);
    buffer_putc(&out, '\n');
    return rules_print(arguments, &out, tally.failed ? EXIT_FOUND : EXIT_ANALYSED, err);
}

const struct rules_verb rules_test = {.name = "test", .run = run_test};
