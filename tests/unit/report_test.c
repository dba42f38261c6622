// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/report.h"
#include "evidence/report_parse.h"
#include "util/memory.h"

// ---- a sink that writes short lines ---------------------------------------------------------------

struct gatherer {
    struct sink sink;
    struct buffer out;
};

static void add_text(struct buffer *out, const char *name, struct text text)
{
    if (text.ptr)
        buffer_printf(out, " %s=%.*s", name, TEXT_ARG(text));
}

static void add_number(struct buffer *out, const char *name, int64_t number)
{
    if (number != ROW_NULL)
        buffer_printf(out, " %s=%lld", name, (long long)number);
}

static void gather_event(struct buffer *out, const struct row_event *row)
{
    buffer_printf(out, "%lld %.*s", (long long)row->line, TEXT_ARG(row->kind));
    add_number(out, "tid", row->tid);
    add_text(out, "comm", row->comm);
    add_number(out, "s", row->seconds);
    add_number(out, "other", row->other_tid);
    add_text(out, "comm", row->other_comm);
    add_text(out, "what", row->what);
    add_text(out, "detail", row->detail);
    add_text(out, "container", row->container);
    buffer_putc(out, '\n');
}

static void gather_stack(struct buffer *out, const struct row_stack *row)
{
    size_t frames = 0;
    for (size_t i = 0; i < row->frames.len; i++)
        frames += row->frames.ptr[i] == '\n';
    assert_text(row->origin, "report");
    buffer_printf(out, "%lld stack %.*s", (long long)row->line, TEXT_ARG(row->report));
    add_number(out, "pid", row->pid);
    add_number(out, "tid", row->tid);
    add_text(out, "comm", row->comm);
    add_text(out, "state", row->state);
    add_number(out, "ppid", row->ppid);
    struct text rest = row->frames, first = {0};
    (void)text_split(&rest, '\n', &first);
    buffer_printf(out, " frames=%zu top=%.*s\n", frames, TEXT_ARG(first));
}

static void gather(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    (void)member;
    struct buffer *out = &((struct gatherer *)sink)->out;
    if (kind == ROW_event)
        gather_event(out, row);
    else if (kind == ROW_stack)
        gather_stack(out, row);
    else if (kind == ROW_warning)
        buffer_printf(out, "warning %.*s\n", TEXT_ARG(((const struct row_warning *)row)->problem));
}

static const struct member kernel_log = {.path = {"journal/kernel.log", 18},
                                         .source = {"journal/kernel.log", 18}};

static struct report_line line_at(struct text text, int64_t number)
{
    return (struct report_line){
        .text = text, .line = number, .time = number * 1000000000, .clock = CLOCK_BOOT, .caller = ROW_NULL};
}

// Feeds the messages, one a line; `> ` before one says that it had no prefix of its own, `@N ` is its caller.
static void feed(struct report *report, const char *messages)
{
    struct lines lines = {.rest = text_of(messages)};
    struct text text;
    while (lines_next(&lines, &text)) {
        struct report_line line = line_at(text, (int64_t)lines.number);
        line.continued = text_skip(&line.text, "> ");
        uint64_t caller;
        if (text_skip(&line.text, "@") && text_take_u64(&line.text, &caller)) {
            line.caller = (int64_t)caller;
            (void)text_skip(&line.text, " ");
        }
        report_line(report, &line);
    }
}

static void assert_report_at(const char *messages, const char *wanted, int at)
{
    struct gatherer gatherer = {.sink = {.row = gather}};
    struct report *report = report_open(&gatherer.sink, &kernel_log, &limits_default);
    feed(report, messages);
    report_close(&report);
    struct text got = buffer_text(&gatherer.out);
    if (!text_is(got, wanted)) {
        print_error("got:\n%.*swanted:\n%s", TEXT_ARG(got), wanted);
        _fail(__FILE__, at);
    }
    buffer_release(&gatherer.out);
}
#define assert_report(messages, wanted) assert_report_at(messages, wanted, __LINE__)

// ---- headers ---------------------------------------------------------------------------------

static void headers_of_all_generations(void **state)
{
    (void)state;
    static const struct {
        const char *line, *comm, *state;
        int64_t tid, tgid, ppid;
    } cases[] = {
        {"docker          D ffff88203e6b3680     0 102958      1 0x00000080", "docker", "D", 102958, ROW_NULL,
         1},
        {"kubelet         D    0   970      1 0x00004000", "kubelet", "D", 970, ROW_NULL, 1},
        {"khugepaged      D22656   797      2 0x80004000", "khugepaged", "D", 797, ROW_NULL, 2},
        {"FwgThread OpFor D ffff88010e5b8c80     0 15341      1 0x00000080", "FwgThread OpFor", "D", 15341,
         ROW_NULL, 1},
        {"syz-executor.0  R  running task    24648  8293   8292 0x0000400a", "syz-executor.0", "R", 8293,
         ROW_NULL, 8292},
        {"fsstress      D c0116f08     0  4110      1 0x00000004", "fsstress", "D", 4110, ROW_NULL, 1},
        {"task:kworker/15:1    state:D stack:    0 pid:  181 ppid:     2 flags:0x00004000", "kworker/15:1",
         "D", 181, ROW_NULL, 2},
        {"task:sync            state:D stack:0     pid:2769849 tgid:2769849 ppid:736    flags:0x0000020c",
         "sync", "D", 2769849, 2769849, 736},
        {"task:kworker/u9:33   state:D stack:0     pid:8733  tgid:8733  ppid:2      task_flags:0x4248060 "
         "flags:0x00080000",
         "kworker/u9:33", "D", 8733, 8733, 2},
        {"task:modetest        state:R  running task     stack:0     pid:407   ppid:397    flags:0x00000008",
         "modetest", "R", 407, ROW_NULL, 397},
        {"task:jbd2/dm-0-8=A0=A0=A0 state:D stack:    0 pid: 4206 ppid:     2 flags:0x00004000",
         "jbd2/dm-0-8", "D", 4206, ROW_NULL, 2},
        {"task:systemd         state:S stack: 6832 pid:    1 ppid:   =", "systemd", "S", 1, ROW_NULL,
         ROW_NULL},
        {"task:Web Content     state:D stack:    0 pid: 4206 ppid:     2 flags:0x00004000", "Web Content",
         "D", 4206, ROW_NULL, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report_task task;
        bool partial;
        if (!report_header_parse(text_of(cases[i].line), &task, &partial))
            fail_msg("no header: %s", cases[i].line);
        assert_text(task.comm, cases[i].comm);
        assert_text(task.state, cases[i].state);
        assert_int_equal(task.tid, cases[i].tid);
        assert_int_equal(task.tgid, cases[i].tgid);
        assert_int_equal(task.ppid, cases[i].ppid);
        assert_false(partial);
    }
    static const char *const none[] = {"",
                                       "x",
                                       "  task                        PC stack   pid father",
                                       "docker0: port 3(veth) entered blocking state",
                                       "a b c 1 2 3 0x00000000",
                                       "print_req_error: I/O error, dev sdc, sector 628940360 flags 0x80700",
                                       "task: x",
                                       "D 0 1 2 0x00000000",
                                       "task:state:D pid:1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct report_task task;
        bool partial;
        if (report_header_parse(text_of(none[i]), &task, &partial))
            fail_msg("a header: %s", none[i]);
    }
}

static void hung_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line, *comm;
        int64_t tid, seconds;
    } cases[] = {
        {"INFO: task docker:102958 blocked for more than 120 seconds.", "docker", 102958, 120},
        {"INFO: task kworker/u32:0:8 blocked for more than 122 seconds.", "kworker/u32:0", 8, 122},
        {"INFO: task runc:[2:INIT]:4711 blocked for more than 245 seconds", "runc:[2:INIT]", 4711, 245},
        {"INFO: task FwgThread OpFor:15341 blocked for more than 120 seconds.", "FwgThread OpFor", 15341,
         120},
        {"INFO: task dd:1 blocked in I/O wait for more than 2 seconds.", "dd", 1, 2},
        {"task khugepaged:66 blocked for more than 122 seconds.", "khugepaged", 66, 122},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct report_task task;
        int64_t seconds;
        if (!report_hung_parse(text_of(cases[i].line), &task, &seconds))
            fail_msg("not hung: %s", cases[i].line);
        assert_text(task.comm, cases[i].comm);
        assert_int_equal(task.tid, cases[i].tid);
        assert_int_equal(seconds, cases[i].seconds);
    }
}

// ---- reports ---------------------------------------------------------------------------------

static void a_hung_task(void **state)
{
    (void)state;
    assert_report("docker0: port 1 entered blocking state\n"
                  "INFO: task docker:102958 blocked for more than 120 seconds.\n"
                  "      Not tainted 3.13.0-71-generic #114-Ubuntu\n"
                  "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
                  "docker          D ffff88203e6b3680     0 102958      1 0x00000080\n"
                  " ffff88102526bd30 0000000000000086 ffff88102526bfd8 0000000000013680\n"
                  " ffff88102526bfd8 0000000000013680 ffff8810246b1840 ffffffff81cdb4a0\n"
                  "Call Trace:\n"
                  " [<ffffffff8160b039>] schedule_preempt_disabled+0x29/0x70\n"
                  " [<ffffffff8160cea5>] __mutex_lock_slowpath+0x135/0x1b0\n"
                  " [<ffffffff811a5b3c>] ? __kmalloc+0x1ec/0x230\n"
                  " [<ffffffff8160cf3f>] mutex_lock+0x1f/0x2f\n"
                  " [<ffffffff81515c65>] copy_net_ns+0x75/0x150\n"
                  "libceph: osd3 down\n",
                  "2 hung-task tid=102958 comm=docker s=120\n"
                  "9 stack hung-task tid=102958 comm=docker state=D ppid=1 frames=5 "
                  "top=schedule_preempt_disabled+0x29/0x70\n");
}

static void new_kernels_name_the_owner(void **state)
{
    (void)state;
    assert_report(
        "INFO: task sync:344225 blocked for more than 122 seconds.\n"
        "      Not tainted 6.17.0 #1\n"
        "\"echo 0 > /proc/sys/kernel/hung_task_timeout_secs\" disables this message.\n"
        "task:sync            state:D stack:0     pid:344225 tgid:344224 ppid:736    task_flags:0x400100 "
        "flags:0x0000020c\n"
        "Call Trace:\n"
        " <TASK>\n"
        " __schedule+0x4d1/0x1770\n"
        " schedule+0x27/0xd0\n"
        " rwsem_down_read_slowpath+0x27c/0x500\n"
        " </TASK>\n"
        "INFO: task sync:344225 <reader> blocked on an rw-semaphore likely owned by task "
        "kworker/u66:17:197471 <writer>\n"
        "task:kworker/u66:17  state:D stack:0     pid:197471 tgid:197471 ppid:2      task_flags:0x4248060 "
        "flags:0x00004000\n"
        "Workqueue: writeback wb_workfn (flush-259:0)\n"
        "Call Trace:\n"
        " <TASK>\n"
        " __schedule+0x4d1/0x1770\n"
        " wait_transaction_locked+0x8b/0xe0 [jbd2]\n"
        " </TASK>\n"
        "INFO: task a:1 is blocked on a mutex likely owned by task b c:2.\n"
        "INFO: task a:1 is blocked on a mutex, but the owner is not found.\n"
        "INFO: task a:1 blocked on a semaphore likely last held by task b:3\n"
        "INFO: task a:1 <writer> blocked on an rw-semaphore likely owned by task b:3 <reader>\n",
        "1 hung-task tid=344225 comm=sync s=122\n"
        "11 hung-task-owner tid=344225 comm=sync other=197471 comm=kworker/u66:17 what=rw-semaphore "
        "detail=reader waits for writer\n"
        "7 stack hung-task pid=344224 tid=344225 comm=sync state=D ppid=736 frames=3 "
        "top=__schedule+0x4d1/0x1770\n"
        "19 hung-task-owner tid=1 comm=a other=2 comm=b c what=mutex\n"
        "16 stack hung-task-owner pid=197471 tid=197471 comm=kworker/u66:17 state=D ppid=2 frames=2 "
        "top=__schedule+0x4d1/0x1770\n"
        "20 hung-task-owner tid=1 comm=a what=mutex detail=owner not found\n"
        "21 hung-task-owner tid=1 comm=a other=3 comm=b what=semaphore\n"
        "22 hung-task-owner tid=1 comm=a other=3 comm=b what=rw-semaphore detail=writer waits for reader\n");
}

static void a_sysrq_dump(void **state)
{
    (void)state;
    assert_report(
        "sysrq: SysRq : Show Blocked State\n"
        "  task                        PC stack   pid father\n"
        "kworker/u32:0   D    0     8      2 0x80000000\n"
        "Workqueue: netns cleanup_net\n"
        "Call Trace:\n"
        " ? __schedule+0x296/0x910\n"
        " schedule+0x28/0x80\n"
        " msleep+0x2a/0x40\n"
        " netdev_run_todo+0x178/0x2d0\n"
        "runc:[2:INIT]   D    0 11111   2222 0x00004000\n"
        "Call Trace:\n"
        " __refrigerator+0x44/0x160\n"
        "Sched Debug Version: v0.11, 4.19.0\n",
        "1 sysrq detail=Show Blocked State\n"
        "6 stack sysrq tid=8 comm=kworker/u32:0 state=D ppid=2 frames=4 top=? __schedule+0x296/0x910\n"
        "12 stack sysrq tid=11111 comm=runc:[2:INIT] state=D ppid=2222 frames=1 "
        "top=__refrigerator+0x44/0x160\n");
}

static void callers_may_interleave(void **state)
{
    (void)state;
    assert_report(
        "@66 INFO: task a:1 blocked for more than 120 seconds.\n"
        "@66 task:a               state:D stack:    0 pid:    1 ppid:     2 flags:0x00004000\n"
        "@9 BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
        "@66 Call Trace:\n"
        "@9 #PF: supervisor read access in kernel mode\n"
        "@66  one+0x1/0x2\n"
        "@9 Oops: 0000 [#1] SMP PTI\n"
        "@9 CPU: 3 PID: 999 Comm: cat Tainted: G           O      5.4.0\n"
        "@9 RIP: 0010:broken+0x1/0x20\n"
        "@66  two+0x1/0x2\n"
        "@9 Call Trace:\n"
        "@66  three+0x1/0x2\n"
        "@9  seq_read+0xcf/0x3f0\n"
        "@12 some driver talks\n"
        "@66  four+0x1/0x2\n"
        "@9 ---[ end trace 8f0a ]---\n",
        "1 hung-task tid=1 comm=a s=120\n"
        "3 oops tid=999 comm=cat detail=BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
        "13 stack oops tid=999 comm=cat frames=1 top=seq_read+0xcf/0x3f0\n"
        "6 stack hung-task tid=1 comm=a state=D ppid=2 frames=4 top=one+0x1/0x2\n");
}

static void lockups_and_stalls(void **state)
{
    (void)state;
    assert_report("NMI watchdog: BUG: soft lockup - CPU#34 stuck for 22s! [runc:[1:CHILD]:185318]\n"
                  "Modules linked in: xt_nat veth\n"
                  "CPU: 34 PID: 185318 Comm: runc:[1:CHILD] Tainted: G             L ------------   3.10.0\n"
                  "RIP: 0010:[<ffffffff810f5e83>]  [<ffffffff810f5e83>] smp_call_function_many+0x1d3/0x230\n"
                  "Call Trace:\n"
                  " [<ffffffff810f5f9d>] on_each_cpu+0x2d/0x60\n"
                  "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:2:77]\n"
                  "watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 3\n"
                  "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:\n"
                  "rcu: \t0-...!: (3 ticks this GP) idle=50a4\n"
                  "Sending NMI from CPU 1 to CPUs 0:\n"
                  "NMI backtrace for cpu 0\n"
                  "CPU: 0 UID: 0 PID: 5941 Comm: syz-executor Not tainted 6.13.0\n"
                  "Call Trace:\n"
                  " <TASK>\n"
                  " spin+0x1/0x2\n"
                  " </TASK>\n"
                  "INFO: rcu_sched self-detected stall on CPU { 0} (t=81782271 jiffies g=1 c=1 q=2)\n"
                  "BUG: workqueue lockup - pool cpus=0 node=0 flags=0x4 nice=0 stuck for 197s!\n"
                  "Kernel panic - not syncing: softlockup: hung tasks\n",
                  "1 soft-lockup tid=185318 comm=runc:[1:CHILD] s=22 what=CPU#34\n"
                  "7 soft-lockup tid=77 comm=kworker/1:2 s=26 what=CPU#1\n"
                  "6 stack soft-lockup tid=185318 comm=runc:[1:CHILD] frames=1 top=on_each_cpu+0x2d/0x60\n"
                  "8 hard-lockup what=cpu 3\n"
                  "9 rcu-stall what=rcu_sched detail=INFO: rcu_sched detected stalls on CPUs/tasks:\n"
                  "18 rcu-stall what=rcu_sched detail=INFO: rcu_sched self-detected stall on CPU { 0} "
                  "(t=81782271 jiffies g=1 c=1 q=2)\n"
                  "16 stack rcu-stall tid=5941 comm=syz-executor frames=1 top=spin+0x1/0x2\n"
                  "19 workqueue-lockup s=197 what=cpus=0 node=0 flags=0x4 nice=0\n"
                  "20 panic detail=softlockup: hung tasks\n");
}

static void out_of_memory(void **state)
{
    (void)state;
    assert_report(
        "java invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=-998\n"
        "CPU: 1 PID: 1234 Comm: java Not tainted 5.15.0-58-generic #64-Ubuntu\n"
        "Call Trace:\n"
        " <TASK>\n"
        " dump_header+0x4e/0x1f0\n"
        " oom_kill_process+0x100/0x120\n"
        " </TASK>\n"
        "memory: usage 204800kB, limit 204800kB, failcnt 1\n"
        "[ pid ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
        "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/kubepods/"
        "burstable/"
        "pod12345678-1234-1234-1234-123456789abc,task_memcg=/kubepods/burstable/pod12345678-1234-1234-1234-"
        "123456789abc/53940ebcbf87d9313bb88b1656bc189745b04414888305a7ec47aef9c55fcdaf,task=a,b "
        "(c),pid=63214,uid=0\n"
        "Memory cgroup out of memory: Killed process 63214 (a,b (c)) total-vm:3149468kB, anon-rss:164992kB\n"
        "Memory cgroup out of memory: Kill process 1249 (runc:[2:INIT]) score 978 or sacrifice child\n"
        "Killed process 1249 (runc:[2:INIT]) total-vm:1kB\n"
        "Out of memory: Killed process 31337 (kube-apiserver) total-vm:14987652kB\n"
        "Killed process 3834, UID 0, (docker) total-vm:1kB\n"
        "Task in /kubepods.slice/x.scope killed as a result of limit of /kubepods.slice/x.scope\n"
        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/"
        ",task=cut,pid=7,uid=0\n",
        "11 oom-kill tid=1234 comm=java other=63214 comm=a,b (c) "
        "what=/kubepods/burstable/pod12345678-1234-1234-1234-"
        "123456789abc/53940ebcbf87d9313bb88b1656bc189745b04414888305a7ec47aef9c55fcdaf detail=memory cgroup "
        "container=53940ebcbf87d9313bb88b1656bc189745b04414888305a7ec47aef9c55fcdaf\n"
        "5 stack oom tid=1234 comm=java frames=2 top=dump_header+0x4e/0x1f0\n"
        "12 oom-kill other=1249 comm=runc:[2:INIT] detail=memory cgroup\n"
        "14 oom-kill other=31337 comm=kube-apiserver detail=node\n"
        "15 oom-kill other=3834 comm=docker detail=node\n"
        "17 oom-kill other=7 comm=cut what=/ detail=node\n");
}

static void what_is_no_wait(void **state)
{
    (void)state;
    assert_report(
        "WARNING: possible circular locking dependency detected\n"
        "the existing dependency chain (in reverse order) is:\n"
        "-> #5 (&nsock->tx_lock){+.+.}-{4:4}:\n"
        "       __mutex_lock+0x1b9/0x1360\n"
        "       nbd_handle_cmd+0x1/0x2\n"
        "stack backtrace:\n"
        "CPU: 0 UID: 0 PID: 6917 Comm: syz.2.16175 Not tainted 6.11.0\n"
        "Call Trace:\n"
        " dump_stack_lvl+0x241/0x360\n"
        "INFO: task trinity:31661 blocked for more than 120 seconds.\n"
        "trinity         D    0 31661      1 0x00004000\n"
        "Call Trace:\n"
        " copy_net_ns+0x7e/0x110\n"
        "2 locks held by trinity/31661:\n"
        " #0:  (net_mutex){+.+.+.}, at: [<ffffffff82119b9e>] copy_net_ns+0x7e/0x110\n",
        "10 hung-task tid=31661 comm=trinity s=120\n"
        "9 stack lockdep tid=6917 comm=syz.2.16175 frames=1 top=dump_stack_lvl+0x241/0x360\n"
        "13 stack hung-task tid=31661 comm=trinity state=D ppid=1 frames=1 top=copy_net_ns+0x7e/0x110\n");
}

static void broken_lines_are_put_together(void **state)
{
    (void)state;
    assert_report("INFO: task btrfs-transacti:4206 blocked for\n"
                  "> more than 604 seconds.\n"
                  "task:btrfs-transacti state:D stack:    0\n"
                  "> pid: 4206 ppid:     2 flags:0x00004000\n"
                  "Call Trace:\n"
                  " [<ffffffffa06dd166>]\n"
                  "> nfs4_call_sync_sequence+0x56/0x80 [nfsv4]\n"
                  " worker_thread+0x134/0=\n"
                  "> x520=20\n"
                  " kthread+0x1d8/0x220=\n"
                  "> =20\n",
                  "1 hung-task tid=4206 comm=btrfs-transacti s=604\n"
                  "7 stack hung-task tid=4206 comm=btrfs-transacti state=D ppid=2 frames=3 "
                  "top=nfs4_call_sync_sequence+0x56/0x80 [nfsv4]\n");
}

static void repeated_lines_are_told_now_and_then(void **state)
{
    (void)state;
    struct gatherer gatherer = {.sink = {.row = gather}};
    struct report *report = report_open(&gatherer.sink, &kernel_log, &limits_default);
    for (int64_t i = 0; i < 2000; i += 10) {
        struct report_line line =
            line_at(TEXT("unregister_netdevice: waiting for lo to become free. Usage count = 1"), i);
        report_line(report, &line);
        line.text = TEXT("bio_check_eod: 63 callbacks suppressed");
        report_line(report, &line);
    }
    report_close(&report);
    static const char wanted[] = "0 unregister-netdevice what=lo detail=to become free. Usage count = 1\n"
                                 "0 suppressed what=bio_check_eod detail=63 callbacks suppressed\n";
    assert_true(text_starts(buffer_text(&gatherer.out), wanted));
    size_t count = 0;
    for (size_t i = 0; i < gatherer.out.len; i++)
        count += gatherer.out.ptr[i] == '\n';
    assert_int_equal(count, 8); // at 0, 600, 1200 and 1800 s, both
    buffer_release(&gatherer.out);
}

static void rows_are_limited(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.report_rows = 3;
    struct gatherer gatherer = {.sink = {.row = gather}};
    struct report *report = report_open(&gatherer.sink, &kernel_log, &limits);
    for (int i = 0; i < 10; i++)
        feed(report, "INFO: task a:1 blocked for more than 120 seconds.\n");
    report_close(&report);
    assert_text(buffer_text(&gatherer.out), "1 hung-task tid=1 comm=a s=120\n1 hung-task tid=1 comm=a s=120\n"
                                            "1 hung-task tid=1 comm=a s=120\n"
                                            "warning more kernel reports than limit report_rows; left out\n");
    buffer_release(&gatherer.out);
}

// Nothing that begins a report may be missed by the quick look that most lines get.
static void quick_look_misses_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "INFO: task a:1 blocked for more than 120 seconds.",
        "docker          D ffff88203e6b3680     0 102958      1 0x00000080",
        "task:a               state:D stack:    0 pid:    1 ppid:     2 flags:0x00004000",
        " Call Trace:",
        "Backtrace: ",
        "java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=-998",
        "rcu: INFO: rcu_sched self-detected stall on CPU",
        "watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [a:1]",
        "sysrq: Show Blocked State",
        "SysRq : Show State",
        "task a:1 blocked for more than 120 seconds",
        "INFO: rcu_sched self-detected stall on CPU",
        "WARNING: x",
        "BUG: x",
        "Watchdog detected hard LOCKUP on cpu 3",
        "NMI backtrace for cpu 1",
        "Kernel panic - not syncing: x",
        "kernel BUG at x",
        "Unable to handle kernel paging request",
        "Internal error: Oops",
        "general protection fault",
        "divide error: 0",
        "invalid opcode: 0",
        "Oops: 0002 [#1]",
        "oom-kill:constraint=x",
        "Task in /x killed",
        "Memory cgroup out of memory: x",
        "Out of memory: x",
        "Killed process 1 (x)",
        "unregister_netdevice: waiting for lo",
        "---[ end trace",
        "Showing all locks held",
        "Show State",
        "Pid: 3834, comm: docker Not tainted 2.6.32-431.el6.x86_64 #1",
        "a: 5 callbacks suppressed"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!report_may_begin(text_of(lines[i])))
            fail_msg("missed: %s", lines[i]);
    assert_false(report_may_begin(TEXT("EXT4-fs (dm-1): mounted filesystem")));
    assert_false(report_may_begin(TEXT("")));
}

static void noise_is_survived(void **state)
{
    (void)state;
    static const char *const words[] = {"INFO: task ",
                                        "a:1",
                                        " blocked for more than ",
                                        "120",
                                        " seconds.",
                                        "task:",
                                        "state:D",
                                        " pid:",
                                        "Call Trace:",
                                        " f+0x1/0x2",
                                        "[<0>]",
                                        "=",
                                        "\t",
                                        " 0x00000000",
                                        "oom-kill:constraint=",
                                        ",task=",
                                        ",pid=",
                                        "Killed process ",
                                        "(",
                                        ")",
                                        "BUG: ",
                                        "CPU: ",
                                        "PID: ",
                                        "Comm: ",
                                        "BUG: soft lockup",
                                        " - CPU#",
                                        "stuck for ",
                                        "! [",
                                        "likely owned by task ",
                                        " blocked on a",
                                        "<reader>",
                                        ",",
                                        "\xff",
                                        "9999999999999999999999"};
    uint64_t seed = 88172645463325252u;
    struct gatherer gatherer = {.sink = {.row = gather}};
    struct report *report = report_open(&gatherer.sink, &kernel_log, &limits_default);
    for (int64_t i = 0; i < 30000; i++) {
        struct buffer text = {0};
        size_t count = 0;
        do {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            buffer_puts(&text, words[seed % (sizeof words / sizeof *words)]);
        } while (++count < seed / 64 % 9);
        char *exact = mem_copy(text.ptr, text.len); // so that a step too far is seen
        struct report_line line = line_at((struct text){exact, text.len}, i);
        line.continued = seed >> 32 & 1;
        line.caller = (int64_t)(seed >> 40 & 15);
        report_line(report, &line);
        free(exact);
        buffer_release(&text);
    }
    report_close(&report);
    buffer_release(&gatherer.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_all_generations),
        cmocka_unit_test(hung_lines),
        cmocka_unit_test(a_hung_task),
        cmocka_unit_test(new_kernels_name_the_owner),
        cmocka_unit_test(a_sysrq_dump),
        cmocka_unit_test(callers_may_interleave),
        cmocka_unit_test(lockups_and_stalls),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(what_is_no_wait),
        cmocka_unit_test(broken_lines_are_put_together),
        cmocka_unit_test(repeated_lines_are_told_now_and_then),
        cmocka_unit_test(rows_are_limited),
        cmocka_unit_test(quick_look_misses_nothing),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
