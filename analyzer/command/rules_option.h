// SPDX-License-Identifier: Apache-2.0
//
// The rules that a command line asks for: the built-in pack unless --no-builtin-rules, then every --rules.
#ifndef INQUEST_COMMAND_RULES_OPTION_H
#define INQUEST_COMMAND_RULES_OPTION_H

#include "command/command.h"
#include "rule/load.h"

// Loads them into a zeroed book. `with_tests`: with their tests. diagnostics may be NULL.
bool rules_load(const struct arguments *arguments, bool with_tests, struct rulebook *book,
                struct diagnostics *diagnostics, struct error *err);

// For the bench: all with their tests, and a file that is named stands in for the built-in rule of its id, so
// that an author's copy can be tried beside the rules that it works with. `words`: the arguments from the
// second on are files and folders too, all of them or those that exist.
enum rules_words { WORDS_NONE, WORDS_PATHS, WORDS_IF_PATHS };
bool rules_load_bench(const struct arguments *arguments, enum rules_words words, struct rulebook *book,
                      struct diagnostics *diagnostics, struct error *err);

#endif
