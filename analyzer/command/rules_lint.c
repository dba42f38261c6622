// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "command/rules_bench.h"
#include "command/rules_option.h"
#include "rule/lint.h"
#include "rule/run.h"
#include "util/memory.h"

static bool lint_paths(const struct arguments *arguments, struct rulebook *book,
                       struct diagnostics *diagnostics, struct error *err)
{
    const char *paths[256];
    size_t count = 0;
    for (size_t i = 1; argument_word(arguments, i) && count < sizeof paths / sizeof *paths; i++)
        paths[count++] = argument_word(arguments, i);
    if (!count)
        return rules_load(arguments, true, book, diagnostics, err);
    // named files stand alone; a rule that explains a cause of the built-in pack is checked against it
    struct rule_sources sources = {
        .builtin = false, .paths = paths, .path_count = count, .limits = argument_limits(arguments)};
    return rulebook_load(book, &sources, diagnostics, err);
}

static int run_lint(const struct arguments *arguments, struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(diagnostics_release) struct diagnostics diagnostics = {0};
    CLEANUP(buffer_release) struct buffer out = {0};
    CLEANUP(db_close) struct db *db = NULL;
    const char *format = argument_value(arguments, "format");
    struct error loading = {0};
    if (!lint_paths(arguments, &book, &diagnostics, &loading) && !diagnostics.list.count) {
        *err = loading;
        return command_failed(err);
    }
    if (!db_create(&db, NULL, 8, err))
        return command_failed(err);
    struct lint_options options = {
        .limits = argument_limits(arguments), .query = rule_query_check, .context = db};
    lint_rules(&book, NULL, &options, &diagnostics);
    bool clean = !diagnostics_count(&diagnostics, DIAGNOSTIC_ERROR) &&
                 !diagnostics_count(&diagnostics, DIAGNOSTIC_MISTAKE);
    if (format && strcmp(format, "json") == 0) {
        diagnostics_json(&diagnostics, &out);
    } else {
        diagnostics_text(&diagnostics, &out);
        buffer_printf(&out, "%zu rule%s, %zu mistake%s\n", book.count, book.count == 1 ? "" : "s",
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
