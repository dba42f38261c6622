// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "command/rules_bench.h"
#include "command/rules_option.h"
#include "rule/lint.h"
#include "rule/run.h"
#include "util/memory.h"

// With paths those alone, or all; what they refer to may be in any.
static void lint_wanted(const struct arguments *arguments, const struct rulebook *book,
                        const struct lint_options *options, struct diagnostics *diagnostics, size_t *count)
{
    bool all = argument_words(arguments) == 1;
    for (size_t i = 0; i < book->count; i++) {
        if (!all && book->rules[i]->builtin)
            continue;
        lint_rules(book, book->rules[i], options, diagnostics);
        ++*count;
    }
}

static int run_lint(const struct arguments *arguments, struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(diagnostics_release) struct diagnostics diagnostics = {0};
    CLEANUP(buffer_release) struct buffer out = {0};
    CLEANUP(db_close) struct db *db = NULL;
    const char *format = argument_value(arguments, "format");
    struct error loading = {0};
    if (!rules_load_bench(arguments, WORDS_PATHS, &book, &diagnostics, &loading) && !diagnostics.list.count) {
        *err = loading;
        return command_failed(err);
    }
    if (!db_create(&db, NULL, 8192, err))
        return command_failed(err);
    struct lint_options options = {
        .limits = argument_limits(arguments), .query = rule_query_check, .context = db};
    size_t count = 0;
    lint_wanted(arguments, &book, &options, &diagnostics, &count);
    bool clean = !diagnostics_count(&diagnostics, DIAGNOSTIC_ERROR) &&
                 !diagnostics_count(&diagnostics, DIAGNOSTIC_MISTAKE);
    if (format && strcmp(format, "json") == 0) {
        diagnostics_json(&diagnostics, &out);
    } else {
        diagnostics_text(&diagnostics, &out);
        buffer_printf(&out, "%zu rule%s, %zu mistake%s\n", count, count == 1 ? "" : "s",
                      diagnostics_count(&diagnostics, DIAGNOSTIC_ERROR) +
                          diagnostics_count(&diagnostics, DIAGNOSTIC_MISTAKE),
                      diagnostics_count(&diagnostics, DIAGNOSTIC_ERROR) +
                                  diagnostics_count(&diagnostics, DIAGNOSTIC_MISTAKE) ==
                              1
                          ? ""
                          : "s");
    }
    return rules_print(arguments, &out, clean ? EXIT_ANALYSED : EXIT_FOUND, err);
}

const struct rules_verb rules_lint = {.name = "lint", .run = run_lint};
