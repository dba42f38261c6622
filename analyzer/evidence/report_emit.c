// SPDX-License-Identifier: Apache-2.0
//
// What a report becomes: rows, when the next line shows that it is over.
#include "evidence/report_state.h"

#include <string.h>

#include "util/times.h"

bool context_is(const struct context *context, const char *kind)
{
    return context->kind && strcmp(context->kind, kind) == 0;
}

// ---- emitting --------------------------------------------------------------------------------

static bool may_emit(struct report *report)
{
    if (report->rows == report->limits->report_rows)
        sink_warn(report->sink, report->member, 0, "more kernel reports than limit report_rows; left out");
    return ++report->rows <= report->limits->report_rows;
}

struct row_event event_at(const char *kind, const struct report_line *line)
{
    struct row_event row = row_event_null;
    row.line = line->line;
    row.kind = text_of(kind);
    row.time = line->time;
    row.clock = line->clock == CLOCK_NONE ? ROW_NULL : (int64_t)line->clock;
    row.boot = line->boot;
    return row;
}

void report_event(struct report *report, const struct row_event *row)
{
    if (may_emit(report))
        emit_event(report->sink, report->member, row);
}

void report_repeated(struct report *report, const struct row_event *row)
{
    size_t length = row->what.len < sizeof report->told->what ? row->what.len : sizeof report->told->what;
    for (size_t i = 0; i < REPEATS; i++) {
        if (!report->told[i].kind || !text_is(row->kind, report->told[i].kind) ||
            report->told[i].length != length || memcmp(report->told[i].what, row->what.ptr, length) != 0)
            continue;
        int64_t since;
        if (row->time == ROW_NULL || __builtin_sub_overflow(row->time, report->told[i].time, &since) ||
            (since >= 0 && since < REPEAT_S * NS_PER_S))
            return;
        report->told[i].time = row->time;
        report_event(report, row);
        return;
    }
    size_t slot = report->next_told++ % REPEATS;
    report->told[slot].kind = row->kind.ptr; // of a literal
    memcpy(report->told[slot].what, row->what.ptr, length);
    report->told[slot].length = length;
    report->told[slot].time = row->time;
    report_event(report, row);
}

void context_emit_pending(struct report *report, struct context *context)
{
    if (!context->pending.kind.ptr)
        return;
    context->pending.tid = context->task.tid;
    context->pending.comm = context->task.comm;
    report_event(report, &context->pending);
    context->pending.kind = (struct text){NULL, 0};
}

static void emit_trace(struct report *report, struct context *context)
{
    if (!context->frame_count)
        return;
    struct row_stack row = row_stack_null;
    row.line = context->first_line;
    row.pid = context->task.tgid;
    row.tid = context->task.tid;
    row.origin = TEXT("report");
    row.frames = buffer_text(&context->frames);
    row.time = context->time;
    row.clock = context->clock == CLOCK_NONE ? ROW_NULL : (int64_t)context->clock;
    row.comm = context->task.comm;
    row.state = context->task.state;
    row.report = text_of(context->kind ? context->kind : "trace");
    row.ppid = context->task.ppid;
    if (may_emit(report))
        emit_stack(report->sink, report->member, &row);
    context->fresh = false;
}

void context_finish(struct report *report, struct context *context)
{
    emit_trace(report, context);
    context_emit_pending(report, context);
    report_oom_unfinished(report, context);
    buffer_clear(&context->frames);
    context->frame_count = 0;
    context->tracing = false;
}

void context_begin(struct report *report, struct context *context, const char *kind,
                   const struct report_line *line)
{
    context_finish(report, context);
    arena_reset(&context->arena);
    context->kind = kind;
    context->fresh = true;
    context->task = report_task_null;
    context->oom = (struct report_oom){.victim = report_task_null};
    context->time = line->time;
    context->clock = line->clock;
    context->boot = arena_copy(&context->arena, line->boot);
    context->foreign = 0;
}

void context_set_task(struct context *context, const struct report_task *task)
{
    context->task = *task;
    context->task.comm = arena_copy(&context->arena, task->comm);
    context->task.state = arena_copy(&context->arena, task->state);
}
