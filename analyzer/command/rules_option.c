// SPDX-License-Identifier: Apache-2.0
#include "command/rules_option.h"

#include <sys/stat.h>

#include "util/array.h"

struct path_list ARRAY_BODY(const char *);

static void take_options(const struct arguments *arguments, struct path_list *paths)
{
    const char *path;
    for (size_t i = 0; (path = argument_nth(arguments, "rules", i)); i++)
        *array_add(paths) = path;
}

static void take_words(const struct arguments *arguments, enum rules_words words, struct path_list *paths)
{
    const char *path;
    struct stat status;
    for (size_t i = 1; words != WORDS_NONE && (path = argument_word(arguments, i)); i++)
        if (words == WORDS_PATHS || stat(path, &status) == 0)
            *array_add(paths) = path;
}

static bool load(const struct arguments *arguments, struct path_list *paths, struct rule_sources sources,
                 struct rulebook *book, struct diagnostics *diagnostics, struct error *err)
{
    sources.builtin = !argument_given(arguments, "no-builtin-rules");
    sources.paths = paths->items;
    sources.path_count = paths->count;
    sources.limits = argument_limits(arguments);
    CLEANUP(diagnostics_release) struct diagnostics own = {0};
    bool ok = rulebook_load(book, &sources, diagnostics ? diagnostics : &own, err);
    array_release(paths);
    return ok;
}

bool rules_load(const struct arguments *arguments, bool with_tests, struct rulebook *book,
                struct diagnostics *diagnostics, struct error *err)
{
    struct path_list paths = {0};
    take_options(arguments, &paths);
    return load(arguments, &paths, (struct rule_sources){.tests = with_tests}, book, diagnostics, err);
}

bool rules_load_bench(const struct arguments *arguments, enum rules_words words, struct rulebook *book,
                      struct diagnostics *diagnostics, struct error *err)
{
    struct path_list paths = {0};
    take_options(arguments, &paths);
    take_words(arguments, words, &paths);
    return load(arguments, &paths, (struct rule_sources){.tests = true, .stand_in = true}, book, diagnostics,
                err);
}
