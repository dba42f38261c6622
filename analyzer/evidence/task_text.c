// SPDX-License-Identifier: Apache-2.0
//
// Who a process is: exe.txt (what `readlink` says) or the link itself, cmdline.txt or the kernel's cmdline
// with NULs between the arguments, env.txt or environ. Of an environment only the allow-listed variables are
// taken, whatever the bundle holds: the rest may be secret.
#include "evidence/reading.h"
#include "util/buffer.h"

static const char *const allowed[] = {"CNI_COMMAND=", "CNI_CONTAINERID=", "CNI_IFNAME=",      "CNI_NETNS=",
                                      "CNI_PATH=",    "S6_SYNC_DISKS=",   "GODEBUG=",         "GOGC=",
                                      "GOMEMLIMIT=",  "GOMAXPROCS=",      "MALLOC_ARENA_MAX="};

enum { TEXT_BYTES = 16384 }; // of arguments; a JVM's class path alone takes some thousand

static bool claims(const struct member *member)
{
    static const char *const files[] = {"exe.txt", "cmdline.txt", "cmdline", "env.txt", "environ"};
    if (member->pid == NO_ID || member->thread_level)
        return false;
    if (member->type == MEMBER_LINK)
        return text_is(member->leaf, "exe");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (text_is(member->leaf, files[i]))
            return true;
    return false;
}

// NUL and newline between the parts become `separator`; those at the end go.
static struct text with_separator(struct text parts, char separator, struct arena *arena)
{
    parts = text_slice(parts, 0, TEXT_BYTES);
    char *out = arena_alloc(arena, parts.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < parts.len; i++)
        out[n++] = parts.ptr[i] == '\0' || parts.ptr[i] == '\n' ? separator : parts.ptr[i];
    while (n && (out[n - 1] == separator || out[n - 1] == ' ' || out[n - 1] == '\r'))
        n--;
    return (struct text){out, n};
}

static bool is_allowed(struct text variable)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (text_starts(variable, allowed[i]))
            return true;
    return false;
}

static struct text allowed_only(struct text environ, struct arena *arena)
{
    const char *kept = "";
    struct text rest = with_separator(environ, '\n', arena), variable;
    while (text_split(&rest, '\n', &variable))
        if (is_allowed(variable))
            kept = arena_printf(arena, "%s%s%.*s", kept, *kept ? "\n" : "", TEXT_ARG(variable));
    return text_of(kept);
}

static void parse(struct input *input)
{
    struct row_task row = input_task(input);
    struct text leaf = input->member->leaf;
    if (input->member->type == MEMBER_LINK) {
        row.line = 0;
        row.exe = input->member->link_target;
    } else if (input_failed(input)) {
        return;
    } else if (text_is(leaf, "exe.txt")) {
        row.exe = with_separator(input->content, ' ', input->arena);
    } else if (text_starts(leaf, "cmdline")) {
        row.cmdline = with_separator(input->content, ' ', input->arena);
    } else {
        row.env = allowed_only(input->content, input->arena);
    }
    if (row.exe.len || row.cmdline.len || row.env.len)
        emit_task(input->sink, input->member, &row);
}

const struct evidence evidence_task_text = {
    .name = "program",
    .paths = "proc/<pid>/exe.txt, cmdline.txt, env.txt (also exe, cmdline, environ)",
    .help = "The program of a process, its arguments, and a few variables that rules ask for.",
    .claims = claims,
    .parse = parse,
};
