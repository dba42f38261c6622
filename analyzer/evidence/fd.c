// SPDX-License-Identifier: Apache-2.0
//
// Open files: `ls -l /proc/<pid>/fd` in any locale, or the links themselves.
#include "evidence/reading.h"

static bool claims(const struct member *member)
{
    if (member->pid == NO_ID || member->thread_level)
        return false;
    return member->type == MEMBER_LINK ? text_starts(member->leaf, "fd/") : text_is(member->leaf, "fd.txt");
}

static void emit(struct input *input, struct text number, struct text target, uint64_t line)
{
    struct row_fd row = row_fd_null;
    row.line = input_line(input, line);
    row.pid = input->member->pid;
    row.fd = row_number(number);
    row.target = target;
    if (row.fd >= 0 && target.len)
        emit_fd(input->sink, input->member, &row);
}

static struct text last_part(struct text path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.ptr[i - 1] == '/' || path.ptr[i - 1] == ' ' || path.ptr[i - 1] == '\t')
            return text_from(path, i);
    return path;
}

static void parse_listing(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line;
    while (next_line(&lines, &line)) {
        ptrdiff_t arrow = text_find(line, TEXT(" -> "));
        if (arrow > 0)
            emit(input, last_part(text_slice(line, 0, (size_t)arrow)), text_from(line, (size_t)arrow + 4),
                 lines.number);
    }
}

static void parse(struct input *input)
{
    if (input->member->type == MEMBER_LINK)
        emit(input, last_part(input->member->leaf), input->member->link_target, 0);
    else if (!input_failed(input))
        parse_listing(input);
}

const struct evidence evidence_fd = {
    .name = "fd",
    .paths = "proc/<pid>/fd.txt, proc/<pid>/fd/<n> (links)",
    .help = "What a process has open: terminals, pipes, sockets, /dev/fuse, files on a dead mount.",
    .claims = claims,
    .parse = parse,
};
