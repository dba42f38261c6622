// SPDX-License-Identifier: Apache-2.0
//
// The inside of report.h, for the files evidence/report*.c alone.
#ifndef INQUEST_EVIDENCE_REPORT_STATE_H
#define INQUEST_EVIDENCE_REPORT_STATE_H

#include "evidence/report.h"
#include "evidence/report_parse.h"
#include "util/buffer.h"

enum {
    CONTEXTS = 8,      // callers at once
    QUIET_LINES = 64,  // foreign messages that end a report
    OOM_LINES = 20000, // the same of an OOM report, which lists the memory of every task
    REPEATS = 16,      // events that are told once in REPEAT_S
    REPEAT_S = 600,
};

// What an OOM report told so far, before the line that names the victim.
struct report_oom {
    bool open; // it names a victim: enough for an event where the next line is missing
    bool told; // the event is out
    int64_t line;
    struct text invoker;
    struct report_task victim;
    struct text task_memcg, oom_memcg;
};

// The report of one caller.
struct context {
    bool used;
    int64_t caller;
    uint64_t touched; // number of the line that last concerned it: the oldest makes room
    const char *kind; // what a trace that follows is; NULL outside of a report
    bool fresh;       // nothing was emitted of this kind yet
    struct report_task task;
    struct row_event pending; // an oops that waits to learn its task; kind.ptr NULL for none
    struct report_oom oom;
    int64_t time;
    enum clock clock;
    struct text boot;
    struct arena arena; // texts of all these
    bool tracing;       // behind `Call Trace:`
    struct buffer frames;
    size_t frame_count, last_frame; // offset of the last frame
    int64_t first_line;
    unsigned foreign;     // messages in a row that are none of ours
    struct buffer broken; // the first half of a line, which stands on broken_line
    int64_t broken_line;
};

struct report {
    struct sink *sink;
    const struct member *member;
    const struct limits *limits;
    struct context contexts[CONTEXTS];
    uint64_t lines, rows, frames_cut;
    int64_t first_cut; // line of the first frame beyond limits.frames
    struct arena scratch;
    struct {
        const char *kind;
        char what[64];
        size_t length;
        int64_t time;
    } told[REPEATS];
    size_t next_told;
};

// A trigger: the first line of a report or of a part of it. True when the line is one.
bool report_trigger(struct report *report, struct context *context, const struct report_line *line);

// The handlers of triggers: `text` is the line's without blanks and origin. False: not one of this kind after
// all.
typedef bool report_handler(struct report *report, struct context *context, const struct report_line *line,
                            struct text text);
report_handler report_oom_invoked, report_oom_memcg, report_oom_killed;
// Emits the event of an OOM report whose last line is missing.
void report_oom_unfinished(struct report *report, struct context *context);

// Whether the context is in a report of this kind.
bool context_is(const struct context *context, const char *kind);
// Ends what the context gathered: emits its stack, a pending event, an OOM without a victim.
void context_finish(struct report *report, struct context *context);
// The same, and begins a report of `kind`.
void context_begin(struct report *report, struct context *context, const char *kind,
                   const struct report_line *line);
// The task that the next trace is of; copies its texts.
// Emits an event that waited to learn its task.
void context_emit_pending(struct report *report, struct context *context);
void context_set_task(struct context *context, const struct report_task *task);

// Emits, unless the member has had its share (limits.report_rows).
void report_event(struct report *report, const struct row_event *row);
struct row_event event_at(const char *kind, const struct report_line *line);
// The same for what is repeated every few seconds: once in REPEAT_S for each kind and `what`.
void report_repeated(struct report *report, const struct row_event *row);

#endif
