// SPDX-License-Identifier: Apache-2.0
//
// mountinfo (Documentation/filesystems/proc.rst, 3.5) and mounts. Blank, tab, newline and backslash in a path
// come as three octal digits behind a backslash (fs/proc_namespace.c: mangle). Of a process: that process's
// mount namespace; proc/mounts and proc/self: the node's.
#include "evidence/reading.h"

static bool is_mountinfo(const struct member *member)
{
    return text_is(member->leaf, "mountinfo") || text_is(member->path, "proc/self/mountinfo");
}

static bool claims(const struct member *member)
{
    if (member->type != MEMBER_FILE)
        return false;
    return (member->pid != NO_ID &&
            (text_is(member->leaf, "mountinfo") || text_is(member->leaf, "mounts"))) ||
           member_path_fits(member, "proc/mounts") || member_path_fits(member, "proc/self/mounts") ||
           member_path_fits(member, "proc/self/mountinfo") || member_path_fits(member, "proc/mounts.txt");
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

static struct text demangled(struct text path, struct arena *arena)
{
    if (text_find_byte(path, '\\') < 0)
        return path;
    char *out = arena_alloc(arena, path.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < path.len; i++) {
        const char *at = path.ptr + i;
        bool code =
            path.len - i >= 4 && at[0] == '\\' && is_octal(at[1]) && is_octal(at[2]) && is_octal(at[3]);
        out[n++] = code ? (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0')) : at[0];
        i += code ? 3 : 0;
    }
    return (struct text){out, n};
}

static bool take_path(struct text *rest, struct text *path, struct arena *arena)
{
    if (!text_word(rest, path))
        return false;
    *path = demangled(*path, arena);
    return true;
}

// 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
static bool read_mountinfo(struct text rest, struct arena *arena, struct row_mount *row)
{
    struct text id, parent, word;
    if (!text_word(&rest, &id) || !text_word(&rest, &parent) || !text_word(&rest, &row->device) ||
        !take_path(&rest, &row->root, arena) || !take_path(&rest, &row->mountpoint, arena) ||
        !text_word(&rest, &row->options))
        return false;
    row->mount_id = row_number(id);
    row->parent_id = row_number(parent);
    while (text_word(&rest, &word) && !text_is(word, "-"))
        ; // optional fields: shared:1 master:1 …
    if (!text_word(&rest, &row->fstype) || !take_path(&rest, &row->mount_source, arena))
        return false;
    row->super_options = text_trim(rest);
    return row->mount_id != ROW_NULL;
}

// /dev/root / ext3 rw,relatime 0 0
static bool read_mounts(struct text rest, struct arena *arena, struct row_mount *row)
{
    return take_path(&rest, &row->mount_source, arena) && take_path(&rest, &row->mountpoint, arena) &&
           text_word(&rest, &row->fstype) && text_word(&rest, &row->options) &&
           text_starts(row->mountpoint, "/");
}

static void parse(struct input *input)
{
    bool info = is_mountinfo(input->member);
    struct lines lines = {.rest = input->content};
    struct text line;
    uint64_t bad = 0, first_bad = 0;
    if (input_failed(input))
        return;
    while (lines_next(&lines, &line)) {
        struct row_mount row = row_mount_null;
        row.line = input_line(input, lines.number);
        row.pid = input->member->pid;
        if (text_trim(line).len == 0)
            continue;
        if (info ? read_mountinfo(line, input->arena, &row) : read_mounts(line, input->arena, &row))
            emit_mount(input->sink, input->member, &row);
        else
            first_bad = bad++ ? first_bad : lines.number;
    }
    if (bad)
        sink_warn(input->sink, input->member, first_bad, "%llu lines are no mounts", (unsigned long long)bad);
}

const struct evidence evidence_mounts = {
    .name = "mounts",
    .paths = "proc/<pid>/mountinfo, proc/<pid>/mounts, proc/mounts",
    .help = "What is mounted where: joins devices, servers and FUSE connections to paths.",
    .claims = claims,
    .parse = parse,
};
