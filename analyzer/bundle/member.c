// SPDX-License-Identifier: Apache-2.0
#include "bundle/member.h"

#include <string.h>

// Whether a part between slashes is empty or `.`, a slash at the end included. One pass: every member comes
// by.
static bool needs_cleaning(struct text raw)
{
    size_t start = 0;
    for (size_t i = 0; i <= raw.len; i++) {
        if (i < raw.len && raw.ptr[i] != '/')
            continue;
        size_t length = i - start;
        bool first_of_absolute = i == 0 && raw.len > 1;
        if ((length == 0 && !first_of_absolute) || (length == 1 && raw.ptr[start] == '.'))
            return true;
        start = i + 1;
    }
    return false;
}

void path_clean(struct text raw, struct buffer *out)
{
    if (!needs_cleaning(raw)) {
        buffer_add(out, raw);
        return;
    }
    size_t start = out->len;
    if (text_starts(raw, "/"))
        buffer_putc(out, '/');
    struct text part;
    while (text_split(&raw, '/', &part)) {
        if (part.len == 0 || text_is(part, "."))
            continue;
        if (out->len > start && out->ptr[out->len - 1] != '/')
            buffer_putc(out, '/');
        buffer_add(out, part);
    }
    (void)buffer_reserve(out, 0); // a NUL behind it even when nothing was added
    out->ptr[out->len] = '\0';
}

// Names that start a node's tree where something stands below them, and those that are files.
#define NAME(literal) \
    { \
        (literal), sizeof(literal) - 1 \
    } // TEXT() is no constant
static const struct text top_folders[] = {NAME("proc"),
                                          NAME("journal"),
                                          NAME("sys"),
                                          NAME("pprof"),
                                          NAME("k8s"),
                                          NAME("cmd"),
                                          NAME("sos_commands"),
                                          NAME("cluster-scoped-resources"),
                                          NAME("host_service_logs")};
static const struct text top_files[] = {NAME("manifest.json"), NAME("skipped.tsv")};
static const struct text tree_folders[] = {NAME("var"), NAME("etc"), NAME("run"), NAME("namespaces")};
#undef NAME

#define LISTED(names, name) is_one_of(names, sizeof(names) / sizeof *(names), name)

static bool is_one_of(const struct text *names, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(name, names[i]))
            return true;
    return false;
}

// `name` stands at `start` of the path, `rest` behind it (absent for the last).
static bool is_top(struct text path, size_t start, struct text name, struct text rest)
{
    if (!rest.ptr)
        return LISTED(top_files, name);
    if (LISTED(top_folders, name) || (text_is(name, "var") && text_starts(rest, "log/")))
        return true;
    struct text before = text_slice(path, 0, start);
    return LISTED(tree_folders, name) &&
           (text_contains(before, "sosreport") || text_contains(before, "must-gather"));
}

bool member_place(struct member *member, struct text clean)
{
    if (clean.len == 0 || clean.ptr[0] == '/')
        return false;
    bool found = false;
    size_t top = 0;
    struct text rest = clean, name;
    for (size_t at = 0; text_split(&rest, '/', &name); at += name.len + 1) {
        if (text_is(name, ".."))
            return false;
        if (!found && is_top(clean, at, name, rest)) {
            found = true;
            top = at;
        }
    }
    member->node = found ? text_slice(clean, 0, top ? top - 1 : 0) : (struct text){NULL, 0};
    member->path = member->source = text_from(clean, top);
    member->line_base = 0;
    member_place_task(member);
    return true;
}

// A process or thread id: decimal, positive, no leading zero, in the range of the kernel's pid_t.
static bool take_id(struct text *path, int64_t *id)
{
    struct text rest = *path;
    uint64_t value;
    if (text_starts(rest, "0") || !text_take_u64(&rest, &value) || value > INT32_MAX ||
        !text_skip(&rest, "/"))
        return false;
    *id = (int64_t)value;
    *path = rest;
    return true;
}

void member_place_task(struct member *member)
{
    struct text rest = member->path;
    member->pid = member->tid = NO_ID;
    member->thread_level = false;
    member->leaf = member->path;
    if (!text_skip(&rest, "proc/") || !take_id(&rest, &member->pid))
        return;
    member->tid = member->pid;
    struct text below = rest;
    if (text_skip(&below, "task/") && take_id(&below, &member->tid)) {
        member->thread_level = true;
        rest = below;
    }
    member->leaf = rest;
}

bool member_has_odd_pid(const struct member *member)
{
    struct text rest = member->path;
    struct text folder;
    if (member->pid != NO_ID || !text_skip(&rest, "proc/") || !text_split(&rest, '/', &folder) || !rest.ptr)
        return false;
    return folder.len == 0 || !byte_is_alpha(folder.ptr[0]); // net, sys, self … are the kernel's own folders
}
