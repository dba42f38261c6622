// SPDX-License-Identifier: Apache-2.0
//
// skipped.tsv: path, why and seconds, appended by the collector as it happens. A read that timed out is
// evidence: cmdline names a stuck mmap lock, stack an exec, cgroup the cgroup_mutex.
#include "evidence/reading.h"

static bool claims(const struct member *member)
{
    return member->type == MEMBER_FILE && text_is(member->path, "skipped.tsv");
}

static int64_t seconds_of(struct text text)
{
    double seconds;
    if (!text_to_double(text_trim(text), &seconds) || !(seconds >= 0 && seconds < 1e9))
        return ROW_NULL;
    return (int64_t)(seconds + 0.5);
}

static void parse(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line;
    while (lines_next(&lines, &line)) {
        struct row_skipped row = row_skipped_null;
        struct text seconds;
        if (text_trim(line).len == 0)
            continue;
        row.line = input_line(input, lines.number);
        if (!text_split(&line, '\t', &row.path) || !text_split(&line, '\t', &row.why) || row.path.len == 0) {
            sink_warn(input->sink, input->member, lines.number, "not path, why and seconds");
            continue;
        }
        row.why = text_trim(row.why);
        if (text_split(&line, '\t', &seconds))
            row.seconds = seconds_of(seconds);
        emit_skipped(input->sink, input->member, &row);
    }
}

const struct evidence evidence_skipped = {
    .name = "skipped",
    .paths = "skipped.tsv",
    .help = "What the collector could not read, why, and how long it waited.",
    .claims = claims,
    .parse = parse,
};
