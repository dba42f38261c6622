// SPDX-License-Identifier: Apache-2.0
//
// The rules that a command line asks for: the built-in pack unless --no-builtin-rules, then every --rules.
#ifndef INQUEST_COMMAND_RULES_OPTION_H
#define INQUEST_COMMAND_RULES_OPTION_H

#include "command/command.h"
#include "rule/load.h"

// Loads them into a zeroed book. `with_tests`: built-in rules too keep their tests. diagnostics may be NULL.
bool rules_load(const struct arguments *arguments, bool with_tests, struct rulebook *book,
                struct diagnostics *diagnostics, struct error *err);

#endif
