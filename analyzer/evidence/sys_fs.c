// SPDX-License-Identifier: Apache-2.0
//
// Small files that each hold a value or a few, below sys and proc/sys, and net/nf_conntrack_count, into
// `value`:
//
//   file                                  scope                        key
//   proc/sys/net/…/nf_conntrack_max       sys/net/…/nf_conntrack_max   '', or of several: 1, 2, 3
//   sys/block/<dev>/inflight              sys/block/<dev>              inflight.read, inflight.write
//   sys/block/<dev>/stat                  sys/block/<dev>              in_flight, busy_ms
//   sys/block/<dev>/loop/backing_file     sys/block/<dev>              loop/backing_file, a word
//   sys/block/<dev>/dm/name, dev, …       sys/block/<dev>              dm/name, dev, …
//   sys/fs/fuse/connections/<n>/waiting   sys/fs/fuse/connections/<n>  waiting
//   other files of sys                    their folder                 their name
//
// Of a sysctl with several values, key '' has the whole text as a word. sys/fs/cgroup has its own table.
#include "evidence/reading.h"

enum { VALUE_BYTES = 4096 }; // a sysfs file holds at most a page

static bool claims(const struct member *member)
{
    if (member->type != MEMBER_FILE || text_starts(member->path, "sys/fs/cgroup/"))
        return false;
    return member_path_fits(member, "sys/*") || member_path_fits(member, "proc/sys/*") ||
           member_path_fits(member, "proc/net/nf_conntrack_*");
}

static void add_list(struct input *input, struct text scope, struct text values)
{
    struct text word, rest = values;
    for (unsigned i = 1; i <= 16 && text_word(&rest, &word); i++)
        add_value(input, 1, scope, text_of(arena_printf(input->arena, "%u", i)), word);
}

static bool all_numbers(struct text values)
{
    struct text word;
    while (text_word(&values, &word))
        if (row_number(word) == ROW_NULL)
            return false;
    return true;
}

static void parse_sysctl(struct input *input, struct text value)
{
    struct text scope = value_scope(input->member);
    add_value(input, 1, scope, TEXT(""), value);
    if (nth_word(value, 1).ptr && all_numbers(value))
        add_list(input, scope, value);
}

static void parse_block(struct input *input, struct text scope, struct text key, struct text value)
{
    enum { IN_FLIGHT = 8, BUSY_MS = 9 }; // Documentation/block/stat.rst
    if (text_is(key, "inflight")) {
        add_number(input, 1, scope, TEXT("inflight.read"), row_number(nth_word(value, 0)));
        add_number(input, 1, scope, TEXT("inflight.write"), row_number(nth_word(value, 1)));
    } else if (text_is(key, "stat")) {
        add_number(input, 1, scope, TEXT("in_flight"), row_number(nth_word(value, IN_FLIGHT)));
        add_number(input, 1, scope, TEXT("busy_ms"), row_number(nth_word(value, BUSY_MS)));
    } else {
        add_value(input, 1, scope, key, value);
    }
}

// The offset of the slash behind the `depth`-th folder of the path, or of the last.
static size_t folder_end(struct text path, unsigned depth)
{
    size_t end = path.len;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == '/') {
            end = i;
            if (--depth == 0)
                break;
        }
    return end;
}

static void parse(struct input *input)
{
    struct text path = input->member->path, value = text_trim(input->content);
    if (value.len == 0 || input_failed(input))
        return;
    if (value.len > VALUE_BYTES || text_find_byte(value, '\0') >= 0) {
        sink_warn(input->sink, input->member, 1, "is no small text");
        return;
    }
    if (text_starts(path, "proc/")) {
        parse_sysctl(input, value);
        return;
    }
    bool block = text_starts(path, "sys/block/");
    size_t end = folder_end(path, block ? 3 : 64);
    struct text scope = text_slice(path, 0, end), key = text_from(path, end + 1);
    if (block)
        parse_block(input, scope, key, value);
    else
        add_value(input, 1, scope, key, value);
}

const struct evidence evidence_sys_fs = {
    .name = "settings",
    .paths = "proc/sys/…, sys/block/<dev>/…, sys/fs/fuse/connections/<n>/waiting, sys/…, "
             "proc/net/nf_conntrack_count",
    .help = "Kernel settings, what block devices stand on and wait for, FUSE connections with requests "
            "outstanding.",
    .claims = claims,
    .parse = parse,
};
