// SPDX-License-Identifier: Apache-2.0
//
// Loading rules: the built-in pack, then files and directories (recursive, in byte order of their
// paths; every *.yaml, *.yml and *.json). Everything that is wrong is collected with file:line:column.
#ifndef INQUEST_RULE_LOAD_H
#define INQUEST_RULE_LOAD_H

#include "bundle/limits.h"
#include "rule/rule.h"
#include "util/builtin.h"

struct rule_sources {
    bool builtin;             // the built-in pack
    bool tests;               // with their tests: for `rules test`, `lint`, `show`; analysis does without
    bool from_files;          // the built-in pack from its YAML, where its image (image.h) would do
    bool stand_in;            // a rule of the paths takes the place of a built-in one with its id
    const char *const *paths; // files and directories
    size_t path_count;
    const struct limits *limits; // NULL: the defaults
};

// Fills a zeroed book with every rule that loads. Rules with errors are left out and said in
// *diagnostics. False when there was an error, with the first one in *err (ERROR_USAGE), or when a
// path cannot be read. Release the book either way.
bool rulebook_load(struct rulebook *book, const struct rule_sources *sources, struct diagnostics *diagnostics,
                   struct error *err);

// Loads one rule from text, as if from the file `path`. `text` must outlive the book.
// For tests, `rules new` and the fuzz target. False when it has errors.
bool rulebook_add(struct rulebook *book, const char *path, struct text text, bool with_tests,
                  const struct limits *limits, struct diagnostics *diagnostics);

// Sorts the rules by id, numbers rules and patterns, reports identical ids (the later path is the one
// left out). rulebook_load does it; callers of rulebook_add do it once after the last.
void rulebook_finish(struct rulebook *book, struct diagnostics *diagnostics);

void rulebook_release(struct rulebook *book); // fits CLEANUP()

#endif
