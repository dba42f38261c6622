// SPDX-License-Identifier: Apache-2.0
#include "command/command.h"

#include <string.h>

#include "command/arguments.h"

#define COMMAND(name) extern const struct command command_##name;
#include "command/command.list"
#undef COMMAND

const struct command *const command_table[] = {
#define COMMAND(name) &command_##name,
#include "command/command.list"
#undef COMMAND
    NULL,
};

const struct option common_options[] = {
    {"format", 0, "NAME", "of the report: text or json; of sql: table, csv or json", false},
    {"output", 'o', "FILE", "write there, whole or not at all, instead of standard output", false},
    {"rules", 0, "DIR", "add the rules of a directory or file after the built-in ones", true},
    {"no-builtin-rules", 0, NULL, "leave the built-in rules out", false},
    {"db", 0, "FILE", "keep the database too", false},
    {"color", 0, "WHEN", "auto, always or never (NO_COLOR is honoured)", false},
    {"fail-on", 0, "SEVERITY", "exit 1 when a finding is info, low, medium, high or critical, or above",
     false},
    {"limit", 0, "NAME=VALUE", "change a limit; inquest --limits prints all", true},
    {"no-prefilter", 0, NULL, "try every log pattern on every line and run every query: same report, slower",
     false},
    {"sandbox", 0, "MODE",
     "try (the default) or require: refuse to read where the kernel cannot lock the reader in", false},
    {"no-sandbox", 0, NULL, "read without locking the reader in", false},
    {"quiet", 'q', NULL, "no progress", false},
    {"verbose", 'v', NULL, "say what is done", false},
    {"help", 'h', NULL, "this text", false},
    {NULL, 0, NULL, NULL, false},
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_table[i]; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

int command_failed(const struct error *err)
{
    switch (err->kind) {
    case ERROR_USAGE:
        return EXIT_USAGE;
    case ERROR_BUNDLE:
        return EXIT_UNREADABLE;
    default:
        return EXIT_TROUBLE;
    }
}
