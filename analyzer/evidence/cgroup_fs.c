// SPDX-License-Identifier: Apache-2.0
//
// sys/fs/cgroup/<path>/<file> (v2) and sys/fs/cgroup/<controllers>/<path>/<file> (v1). Forms of the files:
//
//   10485760 · max             key '', NULL for max (v1 has LONG_MAX rounded to a page for it)
//   anon 4096                  key anon
//   max 100000                 of cpu.max: keys quota (NULL for max) and period
//   8:0 rbytes=1 wbytes=2      keys 8:0.rbytes, 8:0.wbytes
//   some avg10=0.00 total=7    keys some.total; averages are no whole numbers and are left out
//   FROZEN                     of freezer.state: 1, and THAWED 0
#include "evidence/reading.h"
#include "kernel/cgroup.h"

static const char *const controllers[] = {"memory", "cpu",     "cpuacct", "cpuset",  "blkio",    "freezer",
                                          "pids",   "devices", "hugetlb", "net_cls", "net_prio", "perf_event",
                                          "rdma",   "misc",    "systemd", "unified"};

static bool claims(const struct member *member)
{
    return member->type == MEMBER_FILE && member_path_fits(member, "sys/fs/cgroup/*");
}

// `memory`, `cpu,cpuacct`
static bool is_hierarchy(struct text folder)
{
    struct text part;
    (void)text_split(&folder, ',', &part);
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++)
        if (text_is(part, controllers[i]))
            return true;
    return false;
}

struct place {
    struct text cgroup, container, file;
};

static struct place place_of(struct input *input)
{
    struct text path = text_from(input->member->path, sizeof "sys/fs/cgroup" - 1);
    size_t last = 0;
    for (size_t i = 0; i < path.len; i++)
        last = path.ptr[i] == '/' ? i : last;
    struct place place = {.file = text_from(path, last + 1), .cgroup = text_slice(path, 0, last)};
    struct text rest = text_from(place.cgroup, 1), first;
    if (text_split(&rest, '/', &first) && is_hierarchy(first))
        place.cgroup = text_from(place.cgroup, first.len + 1);
    if (place.cgroup.len == 0)
        place.cgroup = TEXT("/");
    struct cgroup_id id;
    cgroup_identify(place.cgroup, input->arena, &id);
    place.container = id.container;
    return place;
}

static bool is_unlimited(struct text value)
{
    int64_t number = row_number(value);
    return text_is(value, "max") ||
           number >= INT64_C(0x7fffffffffff0000); // PAGE_COUNTER_MAX, pages to 64 KiB
}

static void add(struct input *input, const struct place *place, uint64_t line, struct text key,
                struct text value)
{
    struct row_cgroup_value row = row_cgroup_value_null;
    row.line = input_line(input, line);
    row.cgroup = place->cgroup;
    row.container = place->container;
    row.file = place->file;
    row.key = key;
    bool unlimited = is_unlimited(value);
    row.number = unlimited ? ROW_NULL : row_number(value);
    if (unlimited || row.number != ROW_NULL)
        emit_cgroup_value(input->sink, input->member, &row);
}

static void add_assignments(struct input *input, const struct place *place, uint64_t line, struct text group,
                            struct text rest)
{
    struct text part, key, value;
    while (text_word(&rest, &part))
        if (key_value(part, '=', &key, &value))
            add(input, place, line,
                text_of(arena_printf(input->arena, "%.*s.%.*s", TEXT_ARG(group), TEXT_ARG(key))), value);
}

static void take_line(struct input *input, const struct place *place, uint64_t line, struct text text)
{
    struct text rest = text, first, second;
    if (!text_word(&rest, &first))
        return;
    second = nth_word(rest, 0);
    if (text_is(place->file, "freezer.state"))
        add(input, place, line, TEXT(""), text_is(first, "THAWED") ? TEXT("0") : TEXT("1"));
    else if (!second.ptr)
        add(input, place, line, TEXT(""), first);
    else if (text_is(place->file, "cpu.max")) {
        add(input, place, line, TEXT("quota"), first);
        add(input, place, line, TEXT("period"), second);
    } else if (text_find_byte(second, '=') >= 0)
        add_assignments(input, place, line, first, rest);
    else
        add(input, place, line, first, second);
}

static void parse(struct input *input)
{
    if (input_failed(input))
        return;
    struct place place = place_of(input);
    struct lines lines = {.rest = input->content};
    struct text line;
    if (text_ends(place.file, ".procs") || text_ends(place.file, ".threads") || text_is(place.file, "tasks"))
        return; // lists of ids: proc/<pid>/cgroup says the same
    while (lines_next(&lines, &line))
        take_line(input, &place, lines.number, line);
}

const struct evidence evidence_cgroup_fs = {
    .name = "cgroup-values",
    .paths = "sys/fs/cgroup/<path>/<file>, v1 and v2",
    .help = "Memory, limits, throttling, dying descendants and freezer state of cgroups.",
    .claims = claims,
    .parse = parse,
};
