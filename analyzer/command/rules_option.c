// SPDX-License-Identifier: Apache-2.0
#include "command/rules_option.h"

#include "util/array.h"

bool rules_load(const struct arguments *arguments, bool with_tests, struct rulebook *book,
                struct diagnostics *diagnostics, struct error *err)
{
    ARRAY(const char *) paths = {0};
    const char *path;
    for (size_t i = 0; (path = argument_nth(arguments, "rules", i)); i++)
        *array_add(&paths) = path;
    struct rule_sources sources = {
        .builtin = !argument_given(arguments, "no-builtin-rules"),
        .builtin_tests = with_tests,
        .paths = paths.items,
        .path_count = paths.count,
        .limits = argument_limits(arguments),
    };
    CLEANUP(diagnostics_release) struct diagnostics own = {0};
    bool ok = rulebook_load(book, &sources, diagnostics ? diagnostics : &own, err);
    array_release(&paths);
    return ok;
}
