// SPDX-License-Identifier: Apache-2.0
//
// The lines that kernel reports are made of. Each function reads one message of the kernel log (without
// stamp) and is pure; texts point into it. Formats: kernel/sched/core.c sched_show_task, kernel/hung_task.c,
// kernel/watchdog.c, kernel/rcu/tree_stall.h, kernel/workqueue.c, mm/oom_kill.c of 3.10 to 6.19,
// lib/dump_stack.c.
#ifndef INQUEST_EVIDENCE_REPORT_PARSE_H
#define INQUEST_EVIDENCE_REPORT_PARSE_H

#include "evidence/rows.h"

// A task as a report names it. tid is what printk calls pid; ROW_NULL and absent where unknown.
struct report_task {
    struct text comm, state; // state: one letter
    int64_t tid, tgid, ppid;
};
static const struct report_task report_task_null
    __attribute__((unused)) = {{NULL, 0}, {NULL, 0}, ROW_NULL, ROW_NULL, ROW_NULL};

// A header of sched_show_task, all generations:
//   docker          D ffff88203e6b3680     0 102958      1 0x00000080     to 4.13
//   khugepaged      D22656   797      2 0x80004000                        to 5.9
//   task:kworker/15:1    state:D stack:    0 pid:  181 ppid:     2 flags:0x00004000
//   task:sync            state:D stack:0     pid:2769849 tgid:2769849 ppid:736    flags:0x0000020c   6.3
//   … ppid:2      task_flags:0x4248060 flags:0x00080000                   6.15
// *partial: a new header whose pid is on the next line (wrapped by a mail).
bool report_header_parse(struct text line, struct report_task *task, bool *partial);

// `CPU: 1 PID: 20 Comm: pgdatinit0 Not tainted …`, `CPU: 0 UID: 0 PID: 6917 Comm: …` (6.11), `Pid: 3834,
// comm: docker Not tainted` (el6): who an oops, a lockup or an OOM report's trace is of.
bool report_cpu_parse(struct text line, struct report_task *task);

// `INFO: task kubelet:970 blocked for more than 120 seconds.`, `… blocked in I/O wait for more than …`
// (6.17).
bool report_hung_parse(struct text line, struct report_task *task, int64_t *seconds);

// 6.16: `INFO: task A:1 is blocked on a mutex likely owned by task B:2.`, `… blocked on a semaphore likely
// last held by task …`, `… <reader> blocked on an rw-semaphore likely owned by task B:2 <writer>`, `…, but
// the owner is not found.` (owner's tid ROW_NULL). *detail is "reader waits for writer", or "owner not
// found", or absent.
bool report_owner_parse(struct text line, struct report_task *task, struct report_task *owner,
                        struct text *lock, const char **detail);

// `watchdog: BUG: soft lockup - CPU#34 stuck for 22s! [runc:[1:CHILD]:185318]`. *what is "CPU#34".
bool report_soft_lockup_parse(struct text line, struct report_task *task, int64_t *seconds,
                              struct text *what);

// `BUG: workqueue lockup - pool cpus=0 flags=0x4 nice=0 stuck for 197s!`. *what is the pool.
bool report_workqueue_parse(struct text line, int64_t *seconds, struct text *what);

// ---- out of memory ----------------------------------------------------------------------------
// `bash invoked oom-killer: gfp_mask=…`: who needed the memory.
bool report_oom_invoker(struct text line, struct text *comm);
// `oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=…,task_memcg=…,task=…,pid=…,uid=0` (5.0)
bool report_oom_summary(struct text line, struct report_task *victim, struct text *task_memcg,
                        struct text *oom_memcg);
// `Task in /kubepods/… killed as a result of limit of /kubepods/…` (to 4.19)
bool report_oom_task_in(struct text line, struct text *task_memcg, struct text *oom_memcg);
// `Memory cgroup out of memory: Killed process 63214 (uwsgi) total-vm:…`, `Out of memory: Kill process 1249
// (runc:[2:INIT]) score 978 or sacrifice child`, `Killed process 1249 (x), UID …`
bool report_oom_kill(struct text line, struct report_task *victim, bool *memcg);

// ---- for those who read pieces of lines ------------------------------------------------------
// The number behind `key` (`pid:`, with blanks between), where key stands at the start or behind a blank.
// ROW_NULL.
int64_t report_number(struct text line, const char *key);

#endif
