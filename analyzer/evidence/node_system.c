// SPDX-License-Identifier: Apache-2.0
//
// What the node is and how busy, as facts and into `value`:
//
//   file                           gives
//   uptime                         fact uptime_s
//   stat                           facts boot_time_s, cpus; value stat: cpu.user, cpu.idle, cpu.iowait …
//                                  (1/100 s), ctxt, processes, procs_running, procs_blocked
//   loadavg                        value loadavg: load1, load5, load15 (words), running, threads
//   pressure/<what>                value pressure/<what>: some.avg10 … (words, percent), some.total (us)
//   diskstats                      value diskstats: <dev>.reads, .writes, .in_flight, .busy_ms
//   version, sys/kernel/osrelease  fact kernel (the release alone)
//   sys/kernel/hostname            fact hostname
//   sys/kernel/random/boot_id      fact boot_id
//   cmdline                        fact kernel_cmdline
//   cpuinfo                        fact cpus
//   etc/os-release                 fact os
//   cmd/uname.txt, sos's uname_-a  facts hostname, kernel
//
// The manifest says some of it, too.
#include "evidence/reading.h"

static struct text number_text(struct input *input, int64_t number)
{
    return text_of(arena_printf(input->arena, "%lld", (long long)number));
}

static void parse_uptime(struct input *input)
{
    struct text seconds = nth_word(text_trim(input->content), 0), whole;
    if (text_split(&seconds, '.', &whole) && text_all_digits(whole))
        add_fact(input, 1, "uptime_s", whole);
}

static void take_cpu(struct input *input, uint64_t line, struct text rest)
{
    static const char *const names[] = {"cpu.user",   "cpu.nice",      "cpu.system",  "cpu.idle",
                                        "cpu.iowait", "cpu.irq",       "cpu.softirq", "cpu.steal",
                                        "cpu.guest",  "cpu.guest_nice"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        add_number(input, line, TEXT("stat"), text_of(names[i]), row_number(nth_word(rest, i)));
}

static bool is_one_cpu(struct text key)
{
    return text_skip(&key, "cpu") && text_all_digits(key);
}

static void parse_stat(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, key;
    int64_t cpus = 0;
    while (next_line(&lines, &line)) {
        struct text rest = line;
        if (!text_word(&rest, &key))
            continue;
        if (text_is(key, "cpu"))
            take_cpu(input, lines.number, rest);
        else if (is_one_cpu(key))
            cpus++;
        else if (text_is(key, "btime"))
            add_fact(input, lines.number, "boot_time_s", text_trim(rest));
        else if (!text_is(key, "intr") && !text_is(key, "softirq"))
            add_number(input, lines.number, TEXT("stat"), key, row_number(rest));
    }
    if (cpus)
        add_fact(input, 1, "cpus", number_text(input, cpus));
}

// 0.20 0.18 0.12 1/80 11206
static void parse_loadavg(struct input *input)
{
    static const char *const keys[] = {"load1", "load5", "load15"};
    struct text line = text_trim(input->content);
    for (unsigned i = 0; i < 3; i++)
        if (nth_word(line, i).ptr)
            add_word(input, 1, TEXT("loadavg"), text_of(keys[i]), nth_word(line, i));
    struct text running, threads;
    if (key_value(nth_word(line, 3), '/', &running, &threads)) {
        add_number(input, 1, TEXT("loadavg"), TEXT("running"), row_number(running));
        add_number(input, 1, TEXT("loadavg"), TEXT("threads"), row_number(threads));
    }
}

// some avg10=0.00 avg60=0.00 avg300=0.00 total=0
static void parse_pressure(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, kind, part, key, value;
    while (next_line(&lines, &line)) {
        if (!text_word(&line, &kind))
            continue;
        while (text_word(&line, &part))
            if (key_value(part, '=', &key, &value))
                add_value(input, lines.number, value_scope(input->member),
                          text_of(arena_printf(input->arena, "%.*s.%.*s", TEXT_ARG(kind), TEXT_ARG(key))),
                          value);
    }
}

// major minor name, then the counters of Documentation/admin-guide/iostats.rst
static void parse_diskstats(struct input *input)
{
    static const struct {
        unsigned word;
        const char *name;
    } columns[] = {{3, "reads"}, {7, "writes"}, {11, "in_flight"}, {12, "busy_ms"}};
    struct lines lines = {.rest = input->content};
    struct text line;
    while (lines_next(&lines, &line))
        for (unsigned i = 0; i < 4 && nth_word(line, 13).ptr; i++)
            add_number(
                input, lines.number, TEXT("diskstats"),
                text_of(arena_printf(input->arena, "%.*s.%s", TEXT_ARG(nth_word(line, 2)), columns[i].name)),
                row_number(nth_word(line, columns[i].word)));
}

// Linux version 5.4.0-104-generic (buildd@lcy02) (gcc version 9.4.0) #118-Ubuntu SMP …
static void parse_version(struct input *input)
{
    struct text line = text_trim(input->content);
    if (!text_starts(line, "Linux version "))
        return;
    add_fact(input, 1, "kernel", nth_word(line, 2));
    add_fact(input, 1, "kernel_version", line);
}

// Linux node-a 5.4.0-104-generic #118-Ubuntu SMP …
static void parse_uname(struct input *input)
{
    struct text line = text_trim(input->content);
    if (!text_is(nth_word(line, 0), "Linux") || !nth_word(line, 2).ptr)
        return;
    add_fact(input, 1, "hostname", nth_word(line, 1));
    add_fact(input, 1, "kernel", nth_word(line, 2));
}

static void take_whole(struct input *input, const char *key)
{
    struct text value = text_trim(input->content);
    if (value.len)
        add_fact(input, 1, key, value);
}

static void parse_kernel(struct input *input)
{
    take_whole(input, "kernel");
}

static void parse_hostname(struct input *input)
{
    take_whole(input, "hostname");
}

static void parse_boot_id(struct input *input)
{
    take_whole(input, "boot_id");
}

static void parse_cmdline(struct input *input)
{
    take_whole(input, "kernel_cmdline");
}

static void parse_cpuinfo(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, key, value;
    int64_t cpus = 0;
    while (lines_next(&lines, &line))
        cpus += key_value(line, ':', &key, &value) && text_is(key, "processor") && text_all_digits(value);
    if (cpus)
        add_fact(input, 1, "cpus", number_text(input, cpus));
}

static void parse_os(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, key, value;
    while (next_line(&lines, &line)) {
        if (!key_value(line, '=', &key, &value) || !text_is(key, "PRETTY_NAME"))
            continue;
        if (text_skip(&value, "\"") && text_ends(value, "\""))
            value.len--;
        add_fact(input, lines.number, "os", value);
    }
}

static const struct file_parser files[] = {
    {"proc/uptime", parse_uptime},
    {"proc/stat", parse_stat},
    {"proc/loadavg", parse_loadavg},
    {"proc/pressure/*", parse_pressure},
    {"proc/diskstats", parse_diskstats},
    {"proc/version", parse_version},
    {"proc/sys/kernel/osrelease", parse_kernel},
    {"proc/sys/kernel/hostname", parse_hostname},
    {"proc/sys/kernel/random/boot_id", parse_boot_id},
    {"proc/cmdline", parse_cmdline},
    {"proc/cpuinfo", parse_cpuinfo},
    {"cmd/uname.txt", parse_uname},
    {"sos_commands/kernel/uname_-a", parse_uname},
    {"etc/os-release", parse_os},
    {"cmd/os-release.txt", parse_os},
    {"usr/lib/os-release", parse_os},
    {NULL, NULL},
};

static bool claims(const struct member *member)
{
    return files_claim(files, member);
}

static void parse(struct input *input)
{
    files_parse(files, input);
}

const struct evidence evidence_node_system = {
    .name = "node-system",
    .paths = "proc/uptime, stat, loadavg, pressure/*, diskstats, version, cmdline, cpuinfo, sys/kernel/…, "
             "etc/os-release",
    .help = "What the node is, since when it runs, and how busy it is.",
    .claims = claims,
    .parse = parse,
};
