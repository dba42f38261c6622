// SPDX-License-Identifier: Apache-2.0
//
// Where the node's memory is, into `value`:
//
//   scope             key                                   number
//   meminfo           MemTotal, MemAvailable, Slab, …       bytes; HugePages_Total and its like: pages
//   vmstat            nr_dirty, pgscan_direct, oom_kill, …  as the kernel counts (pages, events)
//   slabinfo          dentry, inode_cache, …                bytes of all its objects (objects times size)
//   slabinfo/objects  dentry, …                             objects, in use or not
//   slabinfo/active   dentry, …                             objects in use
//   cgroups           memory.num_cgroups, …                 cgroups of a controller, dying ones too
//   sysvipc/shm       segments, bytes, resident_bytes       System V shared memory
#include "evidence/reading.h"

static void parse_meminfo(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, key, value;
    bool ends = text_ends(input->content, "\n");
    while (next_line(&lines, &line)) {
        bool last = !lines.rest.ptr || lines.rest.len == 0;
        if (!key_value(line, ':', &key, &value) || !key.len)
            continue;
        // without its unit the last number may be cut; HugePages_ counts have none
        if (last && !ends && !text_ends(value, "kB") && !text_starts(key, "HugePages_"))
            sink_warn(input->sink, input->member, lines.number, "the last line is cut short");
        else
            add_number(input, lines.number, TEXT("meminfo"), key, row_bytes(value));
    }
}

static void parse_pairs(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, scope = value_scope(input->member);
    while (next_line(&lines, &line)) {
        struct text key = nth_word(line, 0), value = nth_word(line, 1);
        if (value.ptr && !nth_word(line, 2).ptr)
            add_number(input, lines.number, scope, key, row_number(value));
    }
}

// name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables … : slabdata …
static void parse_slabinfo(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line;
    while (lines_next(&lines, &line)) { // a name may begin with a digit: 9p-fcall-cache
        struct text name = nth_word(line, 0);
        int64_t active = row_number(nth_word(line, 1)), objects = row_number(nth_word(line, 2)),
                size = row_number(nth_word(line, 3)), bytes;
        if (active < 0 || objects < 0 || size < 0)
            continue; // the two title lines
        if (__builtin_mul_overflow(objects, size, &bytes))
            bytes = INT64_MAX;
        add_number(input, lines.number, TEXT("slabinfo"), name, bytes);
        add_number(input, lines.number, TEXT("slabinfo/objects"), name, objects);
        add_number(input, lines.number, TEXT("slabinfo/active"), name, active);
    }
}

// #subsys_name hierarchy num_cgroups enabled
static void parse_cgroups(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line;
    while (next_line(&lines, &line))
        if (line.ptr[0] != '#')
            add_number(input, lines.number, TEXT("cgroups"),
                       text_of(arena_printf(input->arena, "%.*s.num_cgroups", TEXT_ARG(nth_word(line, 0)))),
                       row_number(nth_word(line, 2)));
}

static int64_t sum(int64_t a, int64_t b)
{
    int64_t total;
    return __builtin_add_overflow(a, b, &total) ? INT64_MAX : total;
}

// key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap (ipc/shm.c)
static void parse_shm(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line;
    int64_t segments = 0, bytes = 0, resident = 0;
    while (lines_next(&lines, &line)) {
        int64_t size = row_number(nth_word(line, 3)), rss = row_number(nth_word(line, 14));
        if (size < 0)
            continue;
        segments++;
        bytes = sum(bytes, size);
        resident = sum(resident, rss > 0 ? rss : 0);
    }
    add_number(input, 1, TEXT("sysvipc/shm"), TEXT("segments"), segments);
    add_number(input, 1, TEXT("sysvipc/shm"), TEXT("bytes"), bytes);
    add_number(input, 1, TEXT("sysvipc/shm"), TEXT("resident_bytes"), resident);
}

static const struct file_parser files[] = {
    {"proc/meminfo", parse_meminfo}, {"proc/vmstat", parse_pairs},    {"proc/slabinfo", parse_slabinfo},
    {"proc/cgroups", parse_cgroups}, {"proc/sysvipc/shm", parse_shm}, {NULL, NULL},
};

static bool claims(const struct member *member)
{
    return files_claim(files, member);
}

static void parse(struct input *input)
{
    files_parse(files, input);
}

const struct evidence evidence_node_memory = {
    .name = "node-memory",
    .paths = "proc/meminfo, vmstat, slabinfo, cgroups, sysvipc/shm",
    .help = "Where the memory of the node is.",
    .claims = claims,
    .parse = parse,
};
