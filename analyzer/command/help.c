// SPDX-License-Identifier: Apache-2.0
#include "command/arguments.h"
#include "report/wrap.h"
#include "util/buffer.h"
#include "util/memory.h"

#include <string.h>

static void add_options(struct buffer *out, const struct option *options)
{
    for (; options && options->name; options++) {
        CLEANUP(buffer_release) struct buffer first = {0};
        buffer_puts(&first, "  ");
        if (options->letter)
            buffer_printf(&first, "-%c, ", options->letter);
        buffer_printf(&first, "--%s%s%s", options->name, options->argument ? " " : "",
                      options->argument ? options->argument : "");
        if (first.len < 28)
            buffer_printf(&first, "%*s", (int)(28 - first.len), "");
        else
            buffer_puts(&first, "  ");
        wrap(out, first.ptr, first.len, 28, text_of(options->help));
    }
}

static void add_command(struct buffer *out, const struct command *command)
{
    buffer_printf(out, "usage: inquest %s %s\n\n", command->name, command->synopsis);
    wrap_lines(out, 0, text_of(command->help));
    if (command->options && command->options->name) {
        buffer_puts(out, "\nOptions of its own:\n");
        add_options(out, command->options);
    }
}

// The first sentence of a help text.
static struct text first_line(const char *help)
{
    return text_slice(text_of(help), 0, strcspn(help, "\n"));
}

void help_write(struct buffer *out, const struct command *command)
{
    if (command) {
        add_command(out, command);
    } else {
        buffer_puts(out,
                    "usage: inquest BUNDLE…\n       inquest COMMAND …\n\n"
                    "Says what went wrong on a Linux or Kubernetes node, from a bundle of its evidence.\n\n");
        for (size_t i = 0; command_table[i]; i++) {
            CLEANUP(buffer_release) struct buffer first = {0};
            buffer_printf(&first, "  %-10s ", command_table[i]->name);
            wrap(out, first.ptr, first.len, first.len, first_line(command_table[i]->help));
        }
        buffer_puts(out, "\n  inquest COMMAND --help says more; inquest --version, inquest --limits\n");
    }
    buffer_puts(out, "\nCommon options:\n");
    add_options(out, common_options);
    buffer_puts(out, "\nExit status: 0 analysed; 1 a finding at or above --fail-on; 2 wrong usage or rules;\n"
                     "3 the bundle cannot be read as one; 4 anything else.\n");
}
