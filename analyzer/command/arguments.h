// SPDX-License-Identifier: Apache-2.0
//
// The words of a command line against the options of a command.
#ifndef INQUEST_COMMAND_ARGUMENTS_H
#define INQUEST_COMMAND_ARGUMENTS_H

#include "command/command.h"

// Parses argv[0..count) by the command's own options and the common ones; argv must outlive it. Fails with
// ERROR_USAGE (unknown option with a did-you-mean, missing or superfluous value, a bad --limit).
bool arguments_parse(struct arguments **arguments, const struct command *command, int count, char **argv,
                     struct error *err);
void arguments_release(struct arguments **arguments); // fits CLEANUP()

// Fails with ERROR_USAGE unless the number of words is in range.
bool arguments_expect(const struct arguments *arguments, size_t least, size_t most, struct error *err);

const struct command *command_find(const char *name); // NULL for none

// What --help prints, of the program (command NULL) or of one command.
struct buffer;
void help_write(struct buffer *out, const struct command *command);

#endif
