// SPDX-License-Identifier: Apache-2.0
//
// Namespace links: `ls -l /proc/<pid>/ns` in any locale, or the links themselves.
//
// A link without an arrow could not be read. Why: the errors that ls prints say it. Where they were dropped,
// the listing itself does: a missing permission blanks every link (fs/proc/namespaces.c: proc_ns_readlink
// asks ptrace_may_access() first), while a task past exit_task_namespaces() keeps `pid` and `user`, which
// come from its pid and its credentials. So a blank link beside a readable `pid` or `user` is gone, and a
// blank `user` means that nothing was permitted.
#include "evidence/reading.h"

static const char *const kinds[] = {
    "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts", "pid_for_children", "time_for_children"};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct link {
    bool seen, readable;
    int64_t inode;
    uint64_t line;
    const char *why;
};

static bool claims(const struct member *member)
{
    if (member->pid == NO_ID || member->thread_level)
        return false;
    return member->type == MEMBER_LINK ? text_starts(member->leaf, "ns/") : text_is(member->leaf, "ns.txt");
}

// Which kind a name is; KINDS for none. A path's last part counts.
static unsigned kind_of(struct text name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/') {
            name = text_from(name, i);
            break;
        }
    unsigned kind = 0;
    while (kind < KINDS && !text_is(name, kinds[kind]))
        kind++;
    return kind;
}

// `net:[4026531992]`, also in quotes. The kind in it need not be the link's (pid_for_children -> pid:[…]).
static bool read_target(struct text target, int64_t *inode)
{
    target = text_trim(target);
    if (text_skip(&target, "'") && text_ends(target, "'"))
        target.len--;
    ptrdiff_t colon = text_find(target, TEXT(":["));
    if (colon < 1 || !text_ends(target, "]"))
        return false;
    *inode = row_number(text_slice(target, (size_t)colon + 2, target.len - (size_t)colon - 3));
    return *inode > 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct text last_word(struct text line)
{
    while (line.len && is_blank(line.ptr[line.len - 1]))
        line.len--;
    size_t start = line.len;
    while (start && !is_blank(line.ptr[start - 1]))
        start--;
    return text_from(line, start);
}

// `lrwxrwxrwx`, with SELinux's dot or an ACL's plus behind it.
static bool is_link_mode(struct text line)
{
    if (line.len < 10 || line.ptr[0] != 'l')
        return false;
    for (size_t i = 1; i < 10; i++)
        if (line.ptr[i] != 'r' && line.ptr[i] != 'w' && line.ptr[i] != 'x' && line.ptr[i] != '-')
            return false;
    return true;
}

// ls: cannot read symbolic link '/proc/10146/ns/net': No such file or directory
static bool take_error(struct link *links, struct text line, uint64_t number)
{
    ptrdiff_t at = text_find(line, TEXT("/ns/"));
    const char *why = at < 0 ? NULL : failure_why(line);
    if (!why)
        return false;
    struct text name = text_from(line, (size_t)at + 4);
    size_t n = 0;
    while (n < name.len && byte_is_word(name.ptr[n]))
        n++;
    unsigned kind = kind_of(text_slice(name, 0, n));
    if (kind == KINDS)
        return false;
    links[kind].why = why;
    if (!links[kind].seen) {
        links[kind].seen = true;
        links[kind].line = number;
    }
    return true;
}

static void set_link(struct input *input, struct link *link, struct text target, uint64_t number)
{
    bool blank = text_trim(target).len == 0;
    int64_t inode = ROW_NULL;
    if (!blank && !read_target(target, &inode)) {
        sink_warn(input->sink, input->member, number, "a link points to no namespace");
        return;
    }
    if (link->readable)
        return; // listed before
    link->seen = true;
    link->readable = !blank;
    link->inode = inode;
    link->line = number;
}

static void take_line(struct input *input, struct link *links, struct text line, uint64_t number)
{
    if (take_error(links, line, number))
        return;
    ptrdiff_t arrow = text_find(line, TEXT(" -> "));
    if (arrow < 0 && text_ends(line, " ->"))
        arrow = (ptrdiff_t)line.len - 3;
    struct text left = arrow < 0 ? line : text_slice(line, 0, (size_t)arrow);
    unsigned kind = kind_of(last_word(left));
    if (kind == KINDS || (arrow < 0 && !is_link_mode(line)))
        return;
    set_link(input, &links[kind], arrow < 0 ? (struct text){NULL, 0} : text_from(line, (size_t)arrow + 3),
             number);
}

static const char *why_blank(const struct link *links, const struct link *link)
{
    const struct link *user = &links[kind_of(TEXT("user"))], *pid = &links[kind_of(TEXT("pid"))];
    if (link->why)
        return link->why;
    if (user->readable || pid->readable)
        return "gone";
    return user->seen ? "permission" : "unknown";
}

static void emit_links(struct input *input, const struct link *links)
{
    for (unsigned kind = 0; kind < KINDS; kind++) {
        const struct link *link = &links[kind];
        struct row_ns_link row = row_ns_link_null;
        if (!link->seen)
            continue;
        row.line = input_line(input, link->line);
        row.pid = input->member->pid;
        row.kind = text_of(kinds[kind]);
        row.inode = link->readable ? link->inode : ROW_NULL;
        row.why = text_of(link->readable ? NULL : why_blank(links, link));
        emit_ns_link(input->sink, input->member, &row);
    }
}

static void parse_listing(struct input *input)
{
    struct link links[KINDS] = {0};
    struct lines lines = {.rest = input->content};
    struct text line;
    bool any = false;
    while (next_line(&lines, &line))
        take_line(input, links, line, lines.number);
    for (unsigned kind = 0; kind < KINDS; kind++)
        any |= links[kind].seen;
    if (any || !input_failed(input))
        emit_links(input, links);
    if (!any && text_trim(input->content).len && !failure_why(input->content))
        sink_warn(input->sink, input->member, 1, "lists no namespace");
}

static void parse_link(struct input *input)
{
    struct link links[KINDS] = {0};
    unsigned kind = kind_of(input->member->leaf);
    if (kind < KINDS)
        set_link(input, &links[kind], input->member->link_target, 0);
    emit_links(input, links);
}

static void parse(struct input *input)
{
    if (input->member->type == MEMBER_LINK)
        parse_link(input);
    else
        parse_listing(input);
}

const struct evidence evidence_ns = {
    .name = "ns",
    .paths = "proc/<pid>/ns.txt, proc/<pid>/ns/<kind> (links)",
    .help = "The namespaces of a process, and which of them it has dropped.",
    .claims = claims,
    .parse = parse,
};
