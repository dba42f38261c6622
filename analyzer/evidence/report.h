// SPDX-License-Identifier: Apache-2.0
//
// Reports inside a kernel log: hung tasks, sysrq-w and sysrq-t dumps, lockups, stalls, oopses, OOM kills.
// A small state machine is fed with the kernel's messages in order and emits `event` rows and `stack` rows of
// origin "report".
//
// Reports of several threads may be interleaved where printk writes caller ids ([ T123]): each caller has
// its own state. Without ids a report may have other messages between its lines; after
// QUIET_LINES of them it is over. Halves of lines that a mail or terminal wrapped are put together.
//
// A trace is of a waiting task only where the report says so: the `report` of a stack row is hung-task,
// hung-task-owner or sysrq then. The traces of an OOM report, an oops, a lockup or a lockdep warning are of
// the task that ran into it and say so (rows.list).
#ifndef INQUEST_EVIDENCE_REPORT_H
#define INQUEST_EVIDENCE_REPORT_H

#include "evidence/clock.h"
#include "evidence/evidence.h"

struct report_line {
    struct text text; // the message, its leading blanks kept
    int64_t line;     // of the member, as rows have it
    int64_t time;     // ROW_NULL
    enum clock clock;
    int64_t caller;   // printk's caller id; ROW_NULL
    struct text boot; // absent where unknown
    bool continued;   // no prefix of its own: maybe the second half of the line before
};

struct report;

// Emits to sink, for member. All must outlive the report.
struct report *report_open(struct sink *sink, const struct member *member, const struct limits *limits);
void report_line(struct report *report, const struct report_line *line);
// Emits what is open. Fits CLEANUP().
void report_close(struct report **report);

// Whether a report may begin with this message: cheap, and never false for one that does.
bool report_may_begin(struct text message);

#endif
