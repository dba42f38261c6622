// SPDX-License-Identifier: Apache-2.0
#include "command/arguments.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "util/memory.h"

struct job {
    const struct arguments *arguments;
    const char *db_path;
};

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    const struct job *job = context;
    struct pipeline pipeline = {.limits = argument_limits(job->arguments),
                                .quiet = argument_given(job->arguments, "quiet"),
                                .redact = argument_given(job->arguments, "redact"),
                                .jail = jail,
                                .db_path = job->db_path,
                                .db_name = argument_value(job->arguments, "output")};
    CLEANUP(nodes_release) struct nodes nodes = {0};
    return pipeline_read(&pipeline, argument_word(job->arguments, 0), &nodes, err) ? EXIT_ANALYSED
                                                                                   : command_failed(err);
}

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
    if (!output_open(&file, path, err))
        return command_failed(err);
    struct job job = {arguments, file.temporary};
    int result;
    bool ended = jail_run(arguments, argument_word(arguments, 0), do_job, &job, &result, err);
    return ended && !err->message[0] && output_close(&file, err) ? EXIT_ANALYSED : command_failed(err);
}

static const struct option unpack_options[] = {REDACT_OPTION, {NULL, 0, NULL, NULL, false}};

const struct command command_unpack = {
    .name = "unpack",
    .synopsis = "BUNDLE -o FILE.db",
    .help = "Write the bundle's evidence as a SQLite database.\n"
            "\n"
            "Plain tables and views only, as schema/ describes them: any SQLite tool opens it, and `inquest` "
            "takes it in place of the bundle.",
    .options = unpack_options,
    .run = run_unpack,
};
