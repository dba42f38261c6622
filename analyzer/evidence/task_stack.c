// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/[task/<tid>/]stack and stack.2, the second sample two seconds or more later. The path says that
// it is a stack, so frames without an address count, too. An empty file is a row without frames: the task was
// running, or its stack was gone; for a second sample that is how "it moved on" is known.
#include "evidence/reading.h"
#include "evidence/recall.h"
#include "kernel/frame.h"

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "stack") || member_is_leaf(member, "stack.2");
}

// The ULONG_MAX trailer of kernels to 5.1, addresses of user space, `...`, a prompt: nothing lost.
static bool says_nothing(struct text line)
{
    enum { ADDRESS_LINE = 64 };
    line = without_number(line);
    bool address = text_starts(line, "[<") && line.len <= ADDRESS_LINE;
    return line.len == 0 || address || text_is(line, "...") || text_contains(line, "# ") ||
           text_contains(line, "$ ");
}

struct reading {
    struct buffer frames;
    uint64_t count, strange;             // frames; lines that are none
    uint64_t first_strange, first_frame; // their lines
    bool cut;
};

static void take_line(struct input *input, struct reading *reading, struct text line, uint64_t number)
{
    struct frame frame;
    bool cut;
    if (!frame_parse(line, false, input->arena, &frame, &cut)) {
        bool strange = !cut && !says_nothing(line);
        reading->first_strange = strange && !reading->strange ? number : reading->first_strange;
        reading->strange += strange;
        reading->cut = cut;
        return;
    }
    reading->cut = cut;
    reading->first_frame = reading->count ? reading->first_frame : number;
    if (reading->count++ < input->limits->frames)
        frame_write(&reading->frames, &frame);
}

static void warn(struct input *input, const struct reading *reading)
{
    if (reading->strange)
        sink_warn(input->sink, input->member, reading->first_strange, "%llu lines are no frames of a stack",
                  (unsigned long long)reading->strange);
    if (reading->cut && !text_ends(input->content, "\n"))
        sink_warn(input->sink, input->member, 0, "the last line is cut short");
    if (reading->count > input->limits->frames)
        sink_warn(input->sink, input->member, 0, "%llu frames, the first %llu are kept (limit frames)",
                  (unsigned long long)reading->count, (unsigned long long)input->limits->frames);
}

static void emit(struct input *input, struct text frames, uint64_t first_frame)
{
    struct row_stack row = row_stack_null;
    row.line = input_line(input, first_frame);
    row.pid = input->member->pid;
    row.tid = input->member->tid;
    row.origin = text_is(input->member->leaf, "stack.2") ? TEXT("proc.2") : TEXT("proc");
    row.frames = frames;
    emit_stack(input->sink, input->member, &row);
}

static void parse(struct input *input)
{
    struct text frames;
    uint64_t first_frame;
    if (recall_find(input->recall, input->content, &frames, &first_frame)) {
        emit(input, frames, first_frame);
        return;
    }
    if (input_failed(input))
        return;
    struct reading reading = {.first_frame = 1};
    struct lines lines = {.rest = input->content};
    struct text line;
    while (lines_next(&lines, &line))
        take_line(input, &reading, line, lines.number);
    warn(input, &reading);
    frames = buffer_text(&reading.frames);
    if (frames.len || !reading.strange) // of what is no stack at all nothing is known
        emit(input, frames, reading.first_frame);
    bool whole = frames.len && !reading.strange && !reading.cut && reading.count <= input->limits->frames;
    if (whole) // nothing was said of it that must be said again
        recall_keep(input->recall, input->content, frames, reading.first_frame);
    buffer_release(&reading.frames);
}

const struct evidence evidence_task_stack = {
    .name = "stack",
    .paths = "proc/<pid>/stack, proc/<pid>/task/<tid>/stack, stack.2",
    .help = "Where in the kernel a thread is; the second sample tells whether it moved on.",
    .claims = claims,
    .parse = parse,
};
