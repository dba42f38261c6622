// SPDX-License-Identifier: Apache-2.0
//
// The words of `inquest rules …`, one file each.
#ifndef INQUEST_COMMAND_RULES_BENCH_H
#define INQUEST_COMMAND_RULES_BENCH_H

#include "command/command.h"

struct rules_verb {
    const char *name;
    // As a command's run(); word 0 of the arguments is the verb itself.
    int (*run)(const struct arguments *arguments, struct error *err);
};

extern const struct rules_verb rules_list, rules_show, rules_lint, rules_test, rules_time;

extern const struct rules_verb rules_why, rules_new;

// Prints to --output or standard output; the status on success.
struct buffer;
int rules_print(const struct arguments *arguments, const struct buffer *out, int status, struct error *err);

#endif
