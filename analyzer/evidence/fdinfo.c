// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/fdinfo/<n>, into `value`: scope `<pid>/fdinfo/<n>`, one key a line, a number where it is one.
//
//   fuse_connection   number of the connection under sys/fs/fuse/connections (6.16)
//   tfd               of an eventpoll, once per watched descriptor: its number; tfd.<n> the rest of the line
//   flags             octal, as a word; pos, mnt_id, ino: numbers
#include "evidence/reading.h"

static bool claims(const struct member *member)
{
    return member->pid != NO_ID && member->type == MEMBER_FILE && text_starts(member->leaf, "fdinfo/");
}

static void take_watched(struct input *input, uint64_t line, struct text scope, struct text value)
{
    struct text number = nth_word(value, 0);
    add_value(input, line, scope, TEXT("tfd"), number);
    add_word(input, line, scope, text_of(arena_printf(input->arena, "tfd.%.*s", TEXT_ARG(number))),
             text_trim(text_from(value, number.len)));
}

static void parse(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, key, value, scope = value_scope(input->member);
    if (input_failed(input))
        return;
    while (next_line(&lines, &line)) {
        if (!key_value(line, ':', &key, &value) || !key.len || !value.len)
            continue;
        if (text_is(key, "tfd"))
            take_watched(input, lines.number, scope, value);
        else if (text_is(key, "flags"))
            add_word(input, lines.number, scope, key, value);
        else
            add_value(input, lines.number, scope, key, value);
    }
}

const struct evidence evidence_fdinfo = {
    .name = "fdinfo",
    .paths = "proc/<pid>/fdinfo/<n>",
    .help = "Which FUSE connection a /dev/fuse belongs to, and what an eventpoll watches.",
    .claims = claims,
    .parse = parse,
};
