// SPDX-License-Identifier: Apache-2.0
#include "rule/lint.h"

#include <stdio.h>
#include <string.h>

#include "rule/linter.h"
#include "rule/vocabulary.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/suggest.h"

static __attribute__((format(printf, 5, 0))) void say(struct linter *linter, struct place place,
                                                      enum diagnostic_level level, const char *check,
                                                      const char *message, va_list args)
{
    struct buffer text = {0}, id = {0};
    buffer_vprintf(&text, message, args);
    buffer_add(&id, linter->rule->id);
    diagnose(linter->diagnostics, place, level, id.ptr, check, "%s", text.ptr ? text.ptr : "");
    buffer_release(&text);
    buffer_release(&id);
}

void lint_say(struct linter *linter, const struct yaml *node, size_t offset, enum diagnostic_level level,
              const char *check, const char *message, ...)
{
    va_list args;
    va_start(args, message);
    say(linter, rule_place(linter->rule, node, offset), level, check, message, args);
    va_end(args);
}

void lint_say_key(struct linter *linter, const struct yaml *node, enum diagnostic_level level,
                  const char *check, const char *message, ...)
{
    struct place place = {linter->rule->path, node->key_line, node->key_column};
    va_list args;
    va_start(args, message);
    say(linter, place, level, check, message, args);
    va_end(args);
}

// ---- causes ----------------------------------------------------------------------------------

static const char *nearest_cause(struct text word, struct arena *arena)
{
    ARRAY(const char *) words = {0};
    struct cause_words causes = {0};
    while (cause_next(&causes))
        *array_add(&words) = arena_string(arena, causes.word);
    *array_add(&words) = NULL;
    const char *near = suggest(word, words.items);
    array_release(&words);
    return near;
}

static void lint_cause(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    if (!rule->cause.ptr || cause_known(rule->cause))
        return;
    const char *near = nearest_cause(rule->cause, &linter->diagnostics->arena);
    lint_say(linter, yaml_get(rule->root, "cause"), 0, DIAGNOSTIC_MISTAKE, "unknown-cause",
             "`%.*s` is no word of rules/causes.txt%s%s%s", TEXT_ARG(rule->cause),
             near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

static void lint_draft(struct linter *linter)
{
    if (text_is(linter->rule->cause, "draft"))
        lint_say(linter, yaml_get(linter->rule->root, "cause"), 0, DIAGNOSTIC_ADVICE, "draft",
                 "a draft: name the failure by a word of rules/causes.txt, and say what to do");
}

static bool is_a_cause(const struct rulebook *book, struct text word)
{
    for (size_t i = 0; i < book->count; i++)
        if (text_equal(book->rules[i]->cause, word))
            return true;
    return false;
}

static void lint_explains(struct linter *linter)
{
    const struct yaml *node = yaml_get(linter->rule->root, "explains");
    if (!node)
        return;
    for (const struct yaml *child = node->kind == YAML_LIST ? node->first : node; child;
         child = node->kind == YAML_LIST ? child->next : NULL) {
        if (is_a_cause(linter->book, child->text))
            continue;
        if (cause_known(child->text)) {
            lint_say(linter, child, 0, DIAGNOSTIC_ADVICE, "explains-nothing",
                     "no rule finds the cause `%.*s`: nothing will be explained", TEXT_ARG(child->text));
            continue;
        }
        const char *near = nearest_cause(child->text, &linter->diagnostics->arena);
        lint_say(linter, child, 0, DIAGNOSTIC_MISTAKE, "explains-nothing",
                 "`%.*s` is the cause of no rule%s%s%s", TEXT_ARG(child->text),
                 near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
}

// ---- what a good rule has ------------------------------------------------------------------------

static void lint_tests(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    size_t hits = 0, misses = 0;
    for (size_t i = 0; i < rule->test_count; i++) {
        hits += rule->tests[i].expect == EXPECT_MATCHES;
        misses += rule->tests[i].expect != EXPECT_MATCHES;
    }
    const struct yaml *node = yaml_get(rule->root, "tests");
    if (!node)
        lint_say(linter, NULL, 0, DIAGNOSTIC_MISTAKE, "no-tests",
                 "no tests: one that hits, one look-alike that must not");
    else if (!hits)
        lint_say_key(linter, node, DIAGNOSTIC_MISTAKE, "no-tests", "no test shows that the rule hits");
    else if (!misses)
        lint_say_key(linter, node, DIAGNOSTIC_MISTAKE, "no-miss",
                     "no test shows a look-alike that must not hit (expect: none)");
}

static void lint_remedy(struct linter *linter)
{
    const struct rule *rule = linter->rule;
    if (rule->kind != RULE_FINDING)
        return;
    if (!rule->remedy.ptr)
        lint_say(linter, NULL, 0, DIAGNOSTIC_MISTAKE, "no-remedy",
                 "no `remedy`: what is to be done tonight?");
    if (!rule->prevention.ptr)
        lint_say(linter, NULL, 0, DIAGNOSTIC_ADVICE, "no-prevention",
                 "no `prevention`: what is to be changed for good?");
    if (!rule->reference_count)
        lint_say(linter, NULL, 0, DIAGNOSTIC_ADVICE, "no-references", "no `references`: who says so?");
}

static void lint_file_name(struct linter *linter)
{
    struct text path = text_of(linter->rule->path), part = path, rest = path;
    while (text_split(&rest, '/', &part))
        continue;
    struct text stem = {0};
    (void)text_split(&part, '.', &stem);
    if (!text_equal(stem, linter->rule->id))
        lint_say(linter, yaml_get(linter->rule->root, "id"), 0, DIAGNOSTIC_ADVICE, "file-name",
                 "the file should be called %.*s.yaml", TEXT_ARG(linter->rule->id));
}

// Text that reaches a terminal: escapes in double quotes could hide control bytes there.
static void lint_bytes(struct linter *linter, const struct yaml *node)
{
    struct text text = yaml_text(node);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
            lint_say(linter, node, i, DIAGNOSTIC_MISTAKE, "control-byte",
                     "`%.*s` holds the control byte 0x%02x", TEXT_ARG(node->key), c);
            return;
        }
    }
}

static void lint_one(struct linter *linter)
{
    lint_file_name(linter);
    lint_cause(linter);
    lint_draft(linter);
    lint_explains(linter);
    lint_patterns(linter);
    lint_queries(linter);
    lint_tests(linter);
    lint_remedy(linter);
    static const char *const shown[] = {"title", "summary", "remedy", "prevention", NULL};
    for (size_t i = 0; shown[i]; i++)
        lint_bytes(linter, yaml_get(linter->rule->root, shown[i]));
}

void lint_rules(const struct rulebook *book, const struct rule *only, const struct lint_options *options,
                struct diagnostics *diagnostics)
{
    struct linter linter = {
        .book = book,
        .options = options,
        .limits = options->limits ? options->limits : &limits_default,
        .diagnostics = diagnostics,
    };
    for (size_t i = 0; i < book->count; i++) {
        linter.rule = book->rules[i];
        if (!only || only == linter.rule)
            lint_one(&linter);
    }
    diagnostics_sort(diagnostics);
}
