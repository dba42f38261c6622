// SPDX-License-Identifier: Apache-2.0
//
// An OOM report tells over many lines who needed memory, which cgroup was full and who was killed for it
// (mm/oom_kill.c). One event, on the line that names the victim.
#include "evidence/report_state.h"
#include "kernel/cgroup.h"

bool report_oom_invoked(struct report *report, struct context *context, const struct report_line *line,
                        struct text text)
{
    struct text comm;
    if (!report_oom_invoker(text, &comm))
        return false;
    context_begin(report, context, "oom", line);
    context->oom.invoker = arena_copy(&context->arena, comm);
    return true;
}

bool report_oom_memcg(struct report *report, struct context *context, const struct report_line *line,
                      struct text text)
{
    struct report_task victim = report_task_null;
    struct text task_memcg, oom_memcg;
    bool summary = report_oom_summary(text, &victim, &task_memcg, &oom_memcg);
    if (!summary && !report_oom_task_in(text, &task_memcg, &oom_memcg))
        return false;
    if (!context_is(context, "oom"))
        context_begin(report, context, "oom", line);
    struct report_oom *oom = &context->oom;
    oom->open = summary;
    oom->line = line->line;
    oom->victim = victim;
    oom->victim.comm = arena_copy(&context->arena, victim.comm);
    oom->task_memcg = arena_copy(&context->arena, task_memcg);
    oom->oom_memcg = arena_copy(&context->arena, oom_memcg);
    return true;
}

static void emit_oom(struct report *report, struct context *context, struct row_event *row)
{
    struct report_oom *oom = &context->oom;
    struct cgroup_id id = {0};
    if (!row->other_comm.ptr)
        row->other_comm = oom->victim.comm;
    row->comm = oom->invoker;
    row->tid = context->task.tid;
    row->what = oom->task_memcg;
    if (oom->task_memcg.ptr)
        cgroup_identify(oom->task_memcg, &report->scratch, &id);
    row->container = id.container;
    report_event(report, row);
    oom->open = false;
    oom->told = true;
}

bool report_oom_killed(struct report *report, struct context *context, const struct report_line *line,
                       struct text text)
{
    struct report_task victim;
    bool memcg;
    if (!report_oom_kill(text, &victim, &memcg))
        return false;
    bool same = context_is(context, "oom") && context->oom.victim.tid == victim.tid;
    if (same && !context->oom.open)
        return true; // `Kill process N` and then `Killed process N` (to 4.19)
    if (!context_is(context, "oom") || (!same && context->oom.victim.tid != ROW_NULL))
        context_begin(report, context, "oom", line); // another one, whose first lines were suppressed
    struct row_event row = event_at("oom-kill", line);
    row.other_tid = victim.tid;
    row.other_comm = victim.comm;
    row.detail = memcg || context->oom.oom_memcg.ptr ? TEXT("memory cgroup") : TEXT("node");
    emit_oom(report, context, &row);
    context->oom.victim.tid = victim.tid;
    return true;
}

void report_oom_unfinished(struct report *report, struct context *context)
{
    if (!context->oom.open)
        return;
    struct row_event row = row_event_null;
    row.line = context->oom.line;
    row.kind = TEXT("oom-kill");
    row.time = context->time;
    row.clock = context->clock == CLOCK_NONE ? ROW_NULL : (int64_t)context->clock;
    row.boot = context->boot;
    row.other_tid = context->oom.victim.tid;
    row.detail = context->oom.oom_memcg.ptr ? TEXT("memory cgroup") : TEXT("node");
    emit_oom(report, context, &row);
}
