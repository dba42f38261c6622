// SPDX-License-Identifier: Apache-2.0
#include "command/arguments.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "util/memory.h"

static int run_unpack(const struct arguments *arguments, struct error *err)
{
    const char *path = argument_value(arguments, "output");
    if (!arguments_expect(arguments, 1, 1, err))
        return EXIT_USAGE;
    if (!path) {
        (void)fail_kind(err, ERROR_USAGE, "-o FILE.db is missing");
        return EXIT_USAGE;
    }
    CLEANUP(output_discard) struct output file = {0};
    CLEANUP(nodes_release) struct nodes nodes = {0};
    struct pipeline pipeline = {.limits = argument_limits(arguments)};
    if (!output_open(&file, path, err))
        return command_failed(err);
    pipeline.db_path = file.temporary;
    if (!pipeline_read(&pipeline, argument_word(arguments, 0), &nodes, err))
        return command_failed(err);
    nodes_release(&nodes); // closes the database
    return output_close(&file, err) ? EXIT_ANALYSED : command_failed(err);
}

const struct command command_unpack = {
    .name = "unpack",
    .synopsis = "BUNDLE -o FILE.db",
    .help = "Write the bundle's evidence as a SQLite database.\n"
            "\n"
            "Plain tables and views only, as schema/ describes them: any SQLite tool opens it, and `inquest` "
            "takes it in place of the bundle.",
    .run = run_unpack,
};
