// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "command/arguments.h"
#include "command/jail.h"
#include "command/output.h"
#include "rule/yaml.h"
#include "store/db.h"
#include "store/lines.h"
#include "util/buffer.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/pattern.h"
#include "util/show.h"

// The only place that writes to standard error but for progress: one line, visible text only.
static int complain(const struct error *err)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    buffer_puts(&line, "inquest: ");
    show_line(&line, text_of(err->message));
    buffer_putc(&line, '\n');
    (void)!write(STDERR_FILENO, line.ptr, line.len);
    return command_failed(err);
}

static int print(const struct buffer *out)
{
    struct output output;
    struct error err = {0};
    if (!output_open(&output, NULL, &err) || !output_write(&output, buffer_text(out), &err) ||
        !output_close(&output, &err))
        return complain(&err);
    return 0;
}

static int print_limits(void)
{
    CLEANUP(buffer_release) struct buffer out = {0};
    for (const struct limit_info *limit = limit_table; limit->name; limit++)
        buffer_printf(&out, "%-18s %12llu  %s\n", limit->name, (unsigned long long)limit->value,
                      limit->reason);
    return print(&out);
}

static int print_help(const struct command *command)
{
    CLEANUP(buffer_release) struct buffer out = {0};
    help_write(&out, command);
    return print(&out);
}

static int print_version(void)
{
    CLEANUP(buffer_release) struct buffer out = {0};
    buffer_printf(&out, "inquest %s\n", INQUEST_VERSION);
    buffer_printf(
        &out,
        "  libarchive %s\n  SQLite %s\n  PCRE2 %s\n  cJSON %s\n  libyaml %s\n  zstd %s\n  liblzma %s\n  %s\n",
        bundle_library_version(), db_library_version(), pattern_library_version(), json_library_version(),
        yaml_library_version(), bundle_zstd_version(), bundle_xz_version(), lines_library_version());
    return print(&out);
}

static int run(const struct command *command, int count, char **argv)
{
    struct error err = {0};
    CLEANUP(arguments_release) struct arguments *arguments = NULL;
    if (!arguments_parse(&arguments, command, count, argv, &err))
        return complain(&err);
    if (argument_given(arguments, "help"))
        return print_help(command);
    const struct limits *limits = argument_limits(arguments);
    pattern_bound(
        &(struct pattern_bounds){limits->pattern_steps, limits->pattern_depth, limits->pattern_giveups});
    int status = command->run(arguments, &err);
    return err.message[0] ? complain(&err) : status;
}

static void discard_all(void)
{
    output_discard_all();
    jail_discard();
}

static void stop(int number)
{
    discard_all();
    _exit(128 + number);
}

// What is ignored stays so: nohup, a shell's job in the background.
static void clean_up_when_told_to_end(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signal(signals[i], stop) == SIG_IGN)
            (void)signal(signals[i], SIG_IGN);
}

static void be_late(int number)
{
    static const char line[] = "inquest: reading it took longer than limit wall_s\n";
    (void)number;
    discard_all();
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    _exit(4);
}

// A file that is opened while descriptor 0, 1 or 2 is closed gets its number, and then what was meant for
// standard output or standard error stands in it. What is put there fails when it is used, as before.
static bool fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!fill_descriptors())
        return 4; // no line: there may be nowhere to write it
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); // writing beyond `ulimit -f` fails then
    clean_up_when_told_to_end();
    (void)signal(SIGALRM, be_late);
    mem_before_exhausted(discard_all);
    if (argc < 2) {
        struct error err = {0};
        (void)fail_kind(&err, ERROR_USAGE, "no bundle is named; see inquest --help");
        return complain(&err);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_help(argc > 2 ? command_find(argv[2]) : NULL);
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    if (strcmp(argv[1], "--limits") == 0)
        return print_limits();
    const struct command *command = command_find(argv[1]);
    return command ? run(command, argc - 2, argv + 2) : run(command_find("analyze"), argc - 1, argv + 1);
}
