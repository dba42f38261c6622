// SPDX-License-Identifier: Apache-2.0
#include "evidence/report_state.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/frame.h"
#include "util/memory.h"

struct report *report_open(struct sink *sink, const struct member *member, const struct limits *limits)
{
    struct report *report = mem_alloc(1, sizeof *report);
    report->sink = sink;
    report->member = member;
    report->limits = limits;
    return report;
}

void report_close(struct report **pointer)
{
    struct report *report = *pointer;
    if (!report)
        return;
    for (size_t i = 0; i < CONTEXTS; i++) {
        struct context *context = &report->contexts[i];
        context_finish(report, context);
        buffer_release(&context->frames);
        buffer_release(&context->broken);
        arena_release(&context->arena);
    }
    if (report->frames_cut)
        sink_warn(report->sink, report->member, (uint64_t)report->first_cut,
                  "%llu frames of kernel reports beyond limit frames are left out",
                  (unsigned long long)report->frames_cut);
    arena_release(&report->scratch);
    free(report);
    *pointer = NULL;
}

// ---- the lines of a report ---------------------------------------------------------------------

static void keep_half(struct context *context, const struct report_line *line)
{
    buffer_clear(&context->broken);
    buffer_add(&context->broken, line->text);
    context->broken_line = line->line;
}

// A task's header begins its stack. Behind a hung-task line it is that task's, whatever pid it says; where
// nothing announced it, it is of a dump whose beginning the log does not have.
static bool take_header(struct report *report, struct context *context, const struct report_line *line)
{
    struct report_task task;
    bool partial;
    if (!report_header_parse(line->text, &task, &partial))
        return false;
    const char *kind = context->kind;
    bool of_one = kind && strncmp(kind, "hung-task", 9) == 0;
    bool announced = kind && (context->fresh || !of_one) && context->foreign < QUIET_LINES;
    bool was_announced = announced && of_one && !context->frame_count;
    int64_t time = context->time;
    enum clock clock = context->clock;
    context_begin(report, context, announced && (!of_one || was_announced) ? kind : "sysrq", line);
    if (was_announced) { // the report's time is its first line's
        context->time = time;
        context->clock = clock;
    }
    context_set_task(context, &task);
    if (partial)
        keep_half(context, line);
    return true;
}

static bool take_cpu(struct report *report, struct context *context, const struct report_line *line)
{
    struct report_task task;
    if (!report_cpu_parse(line->text, &task))
        return false;
    if (!context->kind || strncmp(context->kind, "hung-task", 9) == 0 || context_is(context, "sysrq") ||
        context->frame_count)
        context_begin(report, context, context->frame_count && context->kind ? context->kind : "trace", line);
    context_set_task(context, &task);
    context_emit_pending(report, context);
    return true;
}

static bool take_trace_title(struct report *report, struct context *context, const struct report_line *line)
{
    struct text title = text_trim(line->text);
    if (!text_starts(title, "Call Trace:") && !text_starts(title, "Call trace:") &&
        !text_starts(title, "Backtrace:"))
        return false;
    if (context->frame_count) { // a trace behind a trace, of whoever
        const char *kind = context->kind;
        context_begin(report, context, kind && strncmp(kind, "hung-task", 9) == 0 ? "trace" : kind, line);
    }
    if (!context->kind)
        context_begin(report, context, "trace", line);
    context->tracing = true;
    return true;
}

// What stands between the frames and is none: registers, lists, titles, raw stack words.
static bool is_furniture(struct text text)
{
    static const char *const starts[] = {"RIP",
                                         "RSP:",
                                         "RAX:",
                                         "RDX:",
                                         "RBP:",
                                         "R10:",
                                         "R13:",
                                         "FS:",
                                         "CS:",
                                         "CR2:",
                                         "DR0:",
                                         "DR3:",
                                         "EIP:",
                                         "EAX:",
                                         "ESI:",
                                         "DS:",
                                         "ORIG_RAX:",
                                         "Code:",
                                         "pc :",
                                         "lr :",
                                         "sp :",
                                         "pstate:",
                                         "PC is at",
                                         "LR is at",
                                         "NIP",
                                         "LR ",
                                         "MSR",
                                         "GPR",
                                         "CFAR",
                                         "---",
                                         "Exception stack",
                                         "Modules linked in",
                                         "Hardware name",
                                         "Workqueue:",
                                         "Stopper:",
                                         "Stack:",
                                         "Tainted",
                                         "Not tainted",
                                         "<",
                                         "\"echo 0",
                                         "===",
                                         "Sched_ext:",
                                         "Blocked by coredump",
                                         "Task dump for CPU",
                                         "Sending NMI",
                                         "flags:"};
    text = text_trim(text);
    if (!text.len || (text.ptr[0] == '#' && text.len > 1 && byte_is_digit(text.ptr[1])))
        return true;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (text_starts(text, starts[i]))
            return true;
    return false;
}

static void add_frame(struct report *report, struct context *context, const struct frame *frame,
                      const struct report_line *line, bool replaces)
{
    if (replaces) {
        context->frames.len = context->last_frame;
        context->frame_count--;
    }
    if (context->frame_count >= report->limits->frames) {
        report->first_cut = report->frames_cut++ ? report->first_cut : line->line;
        return;
    }
    if (!context->frame_count)
        context->first_line = line->line;
    context->last_frame = context->frames.len;
    frame_write(&context->frames, frame);
    context->frame_count++;
    context->foreign = 0;
}

// Frames stand behind a title; where a copy lost it, behind a header, if they are unmistakable.
static bool take_frame(struct report *report, struct context *context, const struct report_line *line,
                       struct text text, bool replaces)
{
    struct frame frame;
    bool cut = false;
    if (!context->tracing && context->task.tid == ROW_NULL)
        return false;
    if (!frame_parse(text, false, &report->scratch, &frame, &cut) ||
        (!context->tracing && !(frame.has_offset && frame.has_size)))
        return false;
    add_frame(report, context, &frame, line, replaces);
    context->tracing = true;
    buffer_clear(&context->broken);
    if (cut)
        buffer_add(&context->broken, text_trim_end(text));
    return true;
}

// ---- halves of lines -------------------------------------------------------------------------

// The line before, ended where a mail or a terminal broke it, and this one. `=` is the soft line
// break of quoted-printable mails.
static struct text joined(struct report *report, struct context *context, struct text text, const char *glue)
{
    struct text first = text_trim_end(buffer_text(&context->broken));
    if (text_ends(first, "="))
        first.len--;
    return text_of(
        arena_printf(&report->scratch, "%.*s%s%.*s", TEXT_ARG(first), glue, TEXT_ARG(text_trim(text))));
}

static bool take_second_half(struct report *report, struct context *context, const struct report_line *line)
{
    struct report_line whole = *line;
    if (!line->continued || !context->broken.len)
        return false;
    bool frame = context->frame_count && context->tracing;
    whole.text = joined(report, context, line->text, frame ? "" : " ");
    bool taken;
    if (frame) {
        taken = take_frame(report, context, &whole, whole.text, true);
    } else {
        whole.line = context->broken_line;
        buffer_clear(&context->broken);
        taken = report_trigger(report, context, &whole) || take_header(report, context, &whole);
    }
    if (!taken)
        buffer_clear(&context->broken);
    return taken;
}

// `INFO: task btrfs-transacti:4206 blocked for`: the seconds are on the next line.
static bool is_first_half(struct text text)
{
    text = text_trim(text);
    return (text_starts(text, "INFO: task ") || text_starts(text, "task ")) && text.len < 200 &&
           !text_contains(text, " seconds");
}

// ---- one line --------------------------------------------------------------------------------

static struct context *context_of(struct report *report, int64_t caller)
{
    struct context *oldest = &report->contexts[0];
    for (size_t i = 0; i < CONTEXTS; i++) {
        struct context *context = &report->contexts[i];
        if (context->used && context->caller == caller)
            return context;
        if (!context->used || (oldest->used && context->touched < oldest->touched))
            oldest = context;
    }
    return oldest;
}

static void context_take(struct report *report, struct context *context, int64_t caller)
{
    if (context->used && context->caller == caller)
        return;
    context_finish(report, context);
    buffer_clear(&context->broken);
    context->kind = NULL;
    context->used = true;
    context->caller = caller;
    context->task = report_task_null;
}

static void take_foreign(struct report *report, struct context *context, const struct report_line *line)
{
    if (is_first_half(line->text))
        keep_half(context, line);
    else if (context->tracing && is_furniture(line->text))
        return;
    if (++context->foreign < (context_is(context, "oom") && !context->oom.told ? OOM_LINES : QUIET_LINES))
        return;
    context_finish(report, context);
    context->kind = NULL;
    context->task = report_task_null;
}

// Whether the context waits for more than the begin of another report: frames, a header, the half of a line.
static bool is_busy(const struct context *context)
{
    return context->tracing || context->broken.len || context->task.tid != ROW_NULL;
}

void report_line(struct report *report, const struct report_line *line)
{
    report->lines++;
    struct context *context = context_of(report, line->caller);
    bool ours = context->used && context->caller == line->caller;
    if ((!ours || !is_busy(context)) && !report_may_begin(line->text)) {
        if (ours && context->kind)
            take_foreign(report, context, line);
        return;
    }
    context_take(report, context, line->caller);
    context->touched = report->lines;
    arena_reset(&report->scratch);
    if (take_second_half(report, context, line))
        return;
    buffer_clear(&context->broken);
    if (report_trigger(report, context, line) || take_header(report, context, line) ||
        take_cpu(report, context, line) || take_trace_title(report, context, line))
        return;
    if (!is_furniture(line->text) && take_frame(report, context, line, line->text, false))
        return;
    take_foreign(report, context, line);
}
