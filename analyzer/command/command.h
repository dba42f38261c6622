// SPDX-License-Identifier: Apache-2.0
//
// Subcommands. One file each, ending in one const descriptor that command.list names; --help, the
// docs and the command-line tests are loops over the table.
#ifndef INQUEST_COMMAND_COMMAND_H
#define INQUEST_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bundle/limits.h"
#include "util/error.h"

enum exit_status { EXIT_ANALYSED = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3, EXIT_TROUBLE = 4 };

struct option {
    const char *name;     // without dashes: "format"
    char letter;          // of the short form, or 0
    const char *argument; // what --help calls its value; NULL for a flag
    const char *help;
    bool repeatable;
};

// The words of one command line, parsed by the common options and the command's own.
// `--name value`, `--name=value`, `-o value`; `--` ends the options; `-` is a word.
struct arguments;
bool argument_given(const struct arguments *arguments, const char *name);
const char *argument_value(const struct arguments *arguments,
                           const char *name); // the last one given, or NULL
const char *argument_nth(const struct arguments *arguments, const char *name,
                         size_t nth); // of a repeatable one, or NULL
size_t argument_words(const struct arguments *arguments);
const char *argument_word(const struct arguments *arguments, size_t nth); // NULL behind the last
const struct limits *argument_limits(
    const struct arguments *arguments); // defaults with every --limit applied

struct command {
    const char *name;
    const char *synopsis;         // behind the name: "BUNDLE… [--format text|json]"
    const char *help;             // one sentence, then a blank line and more if needed
    const struct option *options; // its own, ends with a NULL name; may be NULL
    // Runs it. The status is for exit(); on a failure that ends it (err->message set) it returns the
    // status of err->kind by command_failed(). Prints results with output_… (output.h), nothing on stderr.
    int (*run)(const struct arguments *arguments, struct error *err);
};

extern const struct command *const command_table[]; // ends with NULL
extern const struct option common_options[];        // ends with a NULL name

// Exit status of an error: 2 usage, 3 bundle, 4 other.
int command_failed(const struct error *err);

#endif
