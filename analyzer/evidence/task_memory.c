// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/smaps_rollup and io, into `value`: scope `<pid>/smaps_rollup`, keys Rss, Pss, LazyFree,
// AnonHugePages, … in bytes; scope `<pid>/io`, keys read_bytes, write_bytes, … Pss shares what processes
// share, so it may be added up where Rss may not; LazyFree is what MADV_FREE gave back (Go 1.12 to 1.15) and
// RSS still counts.
#include "evidence/reading.h"

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "smaps_rollup") || member_is_leaf(member, "io");
}

static void parse(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, key, value;
    if (input_failed(input))
        return;
    while (next_line(&lines, &line))
        if (key_value(line, ':', &key, &value)) // the first line of smaps_rollup is a mapping: no number
            add_number(input, lines.number, value_scope(input->member), key, row_bytes(value));
}

const struct evidence evidence_task_memory = {
    .name = "process-memory",
    .paths = "proc/<pid>/smaps_rollup, proc/<pid>/io",
    .help = "What a process shares, gave back lazily, reads and writes.",
    .claims = claims,
    .parse = parse,
};
