// SPDX-License-Identifier: Apache-2.0
//
// The lines by which reports are known. One handler for each, in a table by how they begin.
#include "evidence/report_state.h"

#include <string.h>

// ---- hung tasks ------------------------------------------------------------------------------

static bool take_owner(struct report *report, struct context *context, const struct report_line *line,
                       struct text text)
{
    struct report_task task, owner;
    struct text lock;
    const char *detail;
    if (!report_owner_parse(text, &task, &owner, &lock, &detail))
        return false;
    struct row_event row = event_at("hung-task-owner", line);
    row.tid = task.tid;
    row.comm = task.comm;
    row.other_tid = owner.tid;
    row.other_comm = owner.comm;
    row.what = lock;
    row.detail = text_of(detail);
    report_event(report, &row);
    context_begin(report, context, "hung-task-owner", line); // 6.17 shows the owner's stack next
    context_set_task(context, &owner);
    return true;
}

static bool take_hung(struct report *report, struct context *context, const struct report_line *line,
                      struct text text)
{
    struct report_task task;
    int64_t seconds;
    if (!report_hung_parse(text, &task, &seconds))
        return take_owner(report, context, line, text);
    struct row_event row = event_at("hung-task", line);
    row.tid = task.tid;
    row.comm = task.comm;
    row.seconds = seconds;
    row.detail = text_contains(text, " in I/O wait ") ? TEXT("in I/O wait") : (struct text){NULL, 0};
    report_event(report, &row);
    context_begin(report, context, "hung-task", line);
    task.state = TEXT("D"); // khungtaskd looks at no other state
    context_set_task(context, &task);
    return true;
}

static bool take_sysrq(struct report *report, struct context *context, const struct report_line *line,
                       struct text text)
{
    (void)text_skip(&text, "SysRq : ");
    struct row_event row = event_at("sysrq", line);
    row.detail = text_trim(text);
    report_event(report, &row);
    context_begin(report, context, "sysrq", line);
    return true;
}

// ---- lockups and stalls ----------------------------------------------------------------------

static bool take_soft_lockup(struct report *report, struct context *context, const struct report_line *line,
                             struct text text)
{
    struct report_task task;
    struct row_event row = event_at("soft-lockup", line);
    if (!report_soft_lockup_parse(text, &task, &row.seconds, &row.what))
        return false;
    row.tid = task.tid;
    row.comm = task.comm;
    report_event(report, &row);
    context_begin(report, context, "soft-lockup", line);
    context_set_task(context, &task);
    return true;
}

static bool take_hard_lockup(struct report *report, struct context *context, const struct report_line *line,
                             struct text text)
{
    struct row_event row = event_at("hard-lockup", line);
    row.what = text_trim(text_from(text, strlen("Watchdog detected hard LOCKUP on ")));
    report_event(report, &row);
    context_begin(report, context, "hard-lockup", line);
    return true;
}

// `INFO: rcu_sched self-detected stall on CPU { 0}  (t=…`, `INFO: rcu_preempt detected stalls on CPUs/tasks:`
static bool take_rcu(struct report *report, struct context *context, const struct report_line *line,
                     struct text text)
{
    if (!text_contains(text, "detected stall") && !text_contains(text, "detected expedited stall"))
        return false;
    struct row_event row = event_at("rcu-stall", line);
    struct text rest = text;
    (void)text_skip(&rest, "INFO: ");
    (void)text_word(&rest, &row.what);
    row.detail = text_trim(text);
    report_event(report, &row);
    context_begin(report, context, "rcu-stall", line);
    return true;
}

static bool take_workqueue(struct report *report, struct context *context, const struct report_line *line,
                           struct text text)
{
    struct row_event row = event_at("workqueue-lockup", line);
    if (!report_workqueue_parse(text, &row.seconds, &row.what))
        return false;
    report_event(report, &row);
    context_begin(report, context, "trace", line); // 6.4: stalled workers' backtraces
    return true;
}

static bool take_nmi(struct report *report, struct context *context, const struct report_line *line,
                     struct text text)
{
    (void)text;
    const char *kind = context_is(context, "rcu-stall") || context_is(context, "hard-lockup") ||
                               context_is(context, "soft-lockup")
                           ? context->kind
                           : "nmi";
    context_begin(report, context, kind, line);
    return true;
}

// ---- oopses ----------------------------------------------------------------------------------

// An oops is told over several lines (`BUG: kernel NULL pointer dereference`, `Oops: 0002 [#1]`) and then
// says who: one event.
static bool take_oops(struct report *report, struct context *context, const struct report_line *line,
                      struct text text)
{
    if (context_is(context, "oops") && context->pending.kind.ptr)
        return true;
    context_begin(report, context, "oops", line);
    context->pending = event_at("oops", line);
    context->pending.boot = arena_copy(&context->arena, line->boot);
    context->pending.detail = arena_copy(&context->arena, text_trim(text));
    return true;
}

// `BUG:` also begins warnings: `scheduling while atomic`, `Bad page state`.
static bool take_bug(struct report *report, struct context *context, const struct report_line *line,
                     struct text text)
{
    static const char *const deadly[] = {"unable to handle", "NULL pointer", "KASAN: ", "guard page",
                                         "stack overflow"};
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        if (text_contains(text, deadly[i]))
            return take_oops(report, context, line, text);
    context_begin(report, context, "warning", line);
    return true;
}

static bool take_panic(struct report *report, struct context *context, const struct report_line *line,
                       struct text text)
{
    struct row_event row = event_at("panic", line);
    row.detail = text_trim(text_from(text, strlen("Kernel panic - not syncing: ")));
    report_event(report, &row);
    context_begin(report, context, "panic", line);
    return true;
}

static bool take_warning(struct report *report, struct context *context, const struct report_line *line,
                         struct text text)
{
    (void)text;
    context_begin(report, context, "warning", line);
    return true;
}

static bool take_lockdep(struct report *report, struct context *context, const struct report_line *line,
                         struct text text)
{
    (void)text;
    context_begin(report, context, "lockdep", line);
    return true;
}

// `---[ end trace 0 ]---`, `Showing all locks held in the system:`
static bool take_end(struct report *report, struct context *context, const struct report_line *line,
                     struct text text)
{
    (void)line;
    (void)text;
    context_finish(report, context);
    context->kind = NULL;
    return true;
}

// ---- one line is all -------------------------------------------------------------------------

static bool take_netdevice(struct report *report, struct context *context, const struct report_line *line,
                           struct text text)
{
    (void)context;
    struct row_event row = event_at("unregister-netdevice", line);
    if (!text_skip(&text, "unregister_netdevice: waiting for ") || !text_word(&text, &row.what))
        return false;
    row.detail = text_trim(text);
    report_repeated(report, &row);
    return true;
}

// `bio_check_eod: 63 callbacks suppressed`: counts of such lines are lower bounds
static bool take_suppressed(struct report *report, struct context *context, const struct report_line *line,
                            struct text text)
{
    (void)context;
    struct row_event row = event_at("suppressed", line);
    struct text rest = text;
    if (!text_split(&rest, ':', &row.what) || !rest.ptr)
        return false;
    row.detail = text_trim(rest);
    report_repeated(report, &row);
    return true;
}

// ---- the table -------------------------------------------------------------------------------

#define TRIGGER(start, take) \
    { \
        start, sizeof(start) - 1, take \
    }
static const struct trigger {
    const char *start;
    size_t length;
    report_handler *take;
} triggers[] = {
    TRIGGER("INFO: task ", take_hung),
    TRIGGER("task ", take_hung),
    TRIGGER("INFO: rcu", take_rcu),
    TRIGGER("INFO: possible ", take_lockdep),
    TRIGGER("WARNING: possible ", take_lockdep),
    TRIGGER("WARNING: suspicious RCU", take_lockdep),
    TRIGGER("WARNING: ", take_warning),
    TRIGGER("BUG: soft lockup", take_soft_lockup),
    TRIGGER("BUG: workqueue lockup", take_workqueue),
    TRIGGER("BUG: ", take_bug),
    TRIGGER("Watchdog detected hard LOCKUP on ", take_hard_lockup),
    TRIGGER("NMI backtrace for cpu", take_nmi),
    TRIGGER("SysRq : ", take_sysrq),
    TRIGGER("Show Blocked State", take_sysrq),
    TRIGGER("Show State", take_sysrq),
    TRIGGER("Kernel panic - not syncing", take_panic),
    TRIGGER("kernel BUG at ", take_oops),
    TRIGGER("Unable to handle kernel", take_oops),
    TRIGGER("Internal error: ", take_oops),
    TRIGGER("general protection fault", take_oops),
    TRIGGER("divide error:", take_oops),
    TRIGGER("invalid opcode:", take_oops),
    TRIGGER("Oops", take_oops),
    TRIGGER("oom-kill:", report_oom_memcg),
    TRIGGER("Task in ", report_oom_memcg),
    TRIGGER("Memory cgroup out of memory", report_oom_killed),
    TRIGGER("Out of memory", report_oom_killed),
    TRIGGER("Killed process ", report_oom_killed),
    TRIGGER("unregister_netdevice: ", take_netdevice),
    TRIGGER("---[ end ", take_end),
    TRIGGER("Showing all locks held", take_end),
};

static bool trigger_fits(const struct trigger *trigger, struct text text)
{
    return text.len >= trigger->length && text.ptr[0] == trigger->start[0] &&
           memcmp(text.ptr, trigger->start, trigger->length) == 0;
}

// What newer kernels put before: pr_fmt of watchdog.c (4.20), of rcu (4.19), of sysrq.c (4.1).
static struct text skip_origin(struct text text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = text_from(text, 1);
    if (!text.len || !memchr("NwrsC", text.ptr[0], 5))
        return text;
    (void)(text_skip(&text, "NMI watchdog: ") || text_skip(&text, "watchdog: ") ||
           text_skip(&text, "rcu: ") || text_skip(&text, "sysrq: "));
    if (text_starts(text, "CPU") && text_contains(text_slice(text, 0, 48), ": Watchdog detected")) // 6.5
        text = text_from(text, (size_t)text_find(text, TEXT(": ")) + 2);
    return text;
}

static bool is_suppressed(struct text text)
{
    return text_ends(text, "suppressed") && text_ends(text_trim_end(text), " callbacks suppressed");
}

// ` invoked oom-killer:`, found by its hyphen: few lines have one, and every line of the kernel's is asked.
static bool invokes_killer(struct text text)
{
    static const struct text before = {" invoked oom", 12}, behind = {"killer:", 7};
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end && (at = memchr(at, '-', (size_t)(end - at))) != NULL) {
        if ((size_t)(at - text.ptr) >= before.len && (size_t)(end - at) > behind.len &&
            memcmp(at + 1, behind.ptr, behind.len) == 0 &&
            memcmp(at - before.len, before.ptr, before.len) == 0)
            return true;
        at++;
    }
    return false;
}

bool report_trigger(struct report *report, struct context *context, const struct report_line *line)
{
    struct text text = skip_origin(line->text);
    for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++)
        if (trigger_fits(&triggers[i], text) && triggers[i].take(report, context, line, text))
            return true;
    if (invokes_killer(text))
        return report_oom_invoked(report, context, line, text);
    return is_suppressed(text) && take_suppressed(report, context, line, text);
}

// The old task header ends in its flags: `0x00000080`.
static bool ends_in_flags(struct text text)
{
    size_t n = text.len;
    while (n && byte_is_hex(text.ptr[n - 1]))
        n--;
    return text.len - n >= 8 && n > 2 && text.ptr[n - 1] == 'x' && text.ptr[n - 2] == '0';
}

static bool may_begin_so(struct text text)
{
    switch (text.ptr[0]) {
    case 't':
        return text_starts(text, "task:");
    case 'C':
        return text_starts(text, "Call ") || text_starts(text, "CPU:");
    case 'B':
        return text_starts(text, "Backtrace:");
    case 'P':
        return text_starts(text, "Pid:");
    default:
        return false;
    }
}

bool report_may_begin(struct text message)
{
    struct text text = skip_origin(message);
    if (!text.len)
        return false;
    bool likely = text.len > 1 &&
                  memchr("ItWBNSKkUgdioOTMu-", text.ptr[0], 18) && // first letters of triggers
                  memchr("NaAUMyheniou-", text.ptr[1], 13);        // and second ones
    for (size_t i = 0; likely && i < sizeof triggers / sizeof *triggers; i++)
        if (trigger_fits(&triggers[i], text))
            return true;
    struct report_task task;
    bool partial;
    return may_begin_so(text) || is_suppressed(text) ||
           (ends_in_flags(text_trim_end(text)) && report_header_parse(text, &task, &partial)) ||
           invokes_killer(text);
}
