// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/evidence.h"
#include "test.h"
#include "util/buffer.h"
#include "util/memory.h"

// Feeds the text as a single file, in pieces of `step` bytes, and gives the rows as printed.
static void rows_of(struct text text, size_t step, struct buffer *rows)
{
    struct printer printer;
    struct member member = {.type = MEMBER_FILE,
                            .node = TEXT(""),
                            .path = TEXT("p"),
                            .source = TEXT("p"),
                            .pid = NO_ID,
                            .tid = NO_ID};
    member.leaf = member.path;
    member.bare = true;
    member.head = text_slice(text, 0, MEMBER_HEAD_BYTES);
    printer_init(&printer, rows);
    struct feeder *feeder = feeder_open(&limits_default, &printer.sink);
    feeder_begin(feeder, &member);
    for (size_t at = 0; at < text.len; at += step)
        feeder_piece(feeder, text_slice(text, at, step));
    feeder_end(feeder);
    feeder_close(feeder);
}

// Every row wanted is there, as the start of a line, and there are `count` rows of stacks.
static void expect_rows(const char *text, const char *const *wanted, size_t stacks)
{
    struct buffer rows CLEANUP(buffer_release) = {0};
    rows_of(text_of(text), strlen(text), &rows);
    buffer_puts(&rows, "\n");
    for (; *wanted; wanted++) {
        const char *at = strstr(rows.ptr, *wanted);
        if (!at || (at != rows.ptr && at[-1] != '\n'))
            fail_msg("no row '%s' in\n%s", *wanted, rows.ptr);
    }
    size_t found = 0;
    for (const char *at = rows.ptr; (at = strstr(at, " stack pid=")) != NULL; at++)
        found++;
    if (found != stacks)
        fail_msg("%zu stacks, wanted %zu in\n%s", found, stacks, rows.ptr);
}
#define EXPECT(text, stacks, ...) expect_rows(text, (const char *const[]){__VA_ARGS__, NULL}, stacks)

#define FRAME "[<0>] do_wait+0x1/0x2\n"

static void whose_stack(void **state)
{
    (void)state;
    EXPECT("==> /proc/31872/task/31873/stack <==\n" FRAME "\n===> 6018[6019]/stack <===\n" FRAME, 2,
           "p:2 stack pid=31872 tid=31873", "p:5 stack pid=6018 tid=6019");
    EXPECT("=== 3253: dirty\n" FRAME "== pid 247 (claude)\n" FRAME, 2,
           "p:1 task pid=3253 tid=3253 comm='dirty'", "p:2 stack pid=3253",
           "p:3 task pid=247 tid=247 comm='claude'", "p:4 stack pid=247");
    EXPECT("Task: /proc/30862/task/30869/stack\n" FRAME "root@h:/# cat /proc/508/stack\n" FRAME, 2,
           "p:2 stack pid=30862 tid=30869", "p:4 stack pid=508 tid=508");
    EXPECT("1941955\n" FRAME "15 rcu_tasks_kthr D\n" FRAME "pid: 987\nstack:\n" FRAME, 3,
           "p:2 stack pid=1941955", "p:3 task pid=15 tid=15 comm='rcu_tasks_kthr' state='D'",
           "p:4 stack pid=15", "p:7 stack pid=987");
    EXPECT("/proc/4350/stack : " FRAME "(stress)  34110  34111 " FRAME
           "[2018-09-04 12:12:55+02:00] ('/bin/miglogd':237:S) " FRAME,
           3, "p:1 stack pid=4350", "p:2 stack pid=34110 tid=34111",
           "p:2 task pid=34110 tid=34111 comm='stress'", "p:3 task pid=237 tid=237 comm='miglogd' state='S'",
           "p:3 stack pid=237");
    EXPECT("for t in /proc/12/task/*; do cat $t/stack; done\n" FRAME, 1, "p:2 stack pid=12 tid=-1");
}

static void nobody_guesses(void **state)
{
    (void)state;
    EXPECT(FRAME, 1, "p:1 stack pid=-1 tid=-1");
    EXPECT("The process 77 hangs:\n\n" FRAME, 1, "p:3 stack pid=77");
    EXPECT("process 77 and process 78:\n" FRAME, 1, "p:2 stack pid=-2");
    EXPECT("pid 77 hangs.\nI do not know why.\n" FRAME, 1, "p:3 stack pid=-3");
    EXPECT("# cat /proc/5/stack\n# uptime\n" FRAME, 1, "p:3 stack pid=-3");
    EXPECT("cat /proc/5/stack\n" FRAME "\nand then\n" FRAME, 2, "p:2 stack pid=5", "p:5 stack pid=-5");
}

static void stacks_that_run_together(void **state)
{
    (void)state;
    EXPECT("[<0>] a_b+0x1/0x2\n[<0>] do_syscall_64+0x1/0x2\n[<0>] entry_SYSCALL_64_after_hwframe+0x1/0x2\n"
           "[<0>] c_d+0x1/0x2\n[<ffffffffffffffff>] 0xffffffffffffffff\n[<0>] e_f+0x1/0x2\n...\n[<0>] "
           "g_h+0x1/0x2\n",
           3, "p:1 stack pid=-1 tid=-1", "p:4 stack pid=-4", "p:6 stack pid=-6");
    EXPECT(" ? f_g+0x1/0x2\n h_i+0x3/0x4\nf_g+0x1 is not a frame, and h_i is none\n", 1, "p:1 stack pid=-1");
}

static void glued_numbers(void **state)
{
    (void)state;
    EXPECT("1[root@h x]# cat /proc/29/stack\n2[<ffffffffa0072807>] do_wait+0x1d7/0x250\n3[<ffff", 1,
           "p:2 stack pid=29");
    EXPECT("1[<0>] a+0x1/0x2\n2[<0>] b+0x1/0x2\n3[<0>] c+0x1/0x2\n4[<0>] d+0x1/0x2\n5[<0>] e+0x1/0x2\n"
           "6[<0>] f+0x1/0x2\n7[<0>] g+0x1/0x2\n8[<0>] h+0x1/0x2\n9[<0>] i+0x1/0x2\n10[<0>] j+0x1/0x2\n",
           1,
           "p:1 stack pid=-1 tid=-1 origin='proc' frames='a+0x1/0x2\\x0ab+0x1/0x2\\x0ac+0x1/0x2\\x0ad+0x1/"
           "0x2\\x0ae+0x1/0x2\\x0af+0x1/0x2\\x0ag+0x1/0x2\\x0ah+0x1/0x2\\x0ai+0x1/0x2\\x0aj+0x1/0x2\\x0a'");
    EXPECT("1total 0\n2lrwxrwxrwx 1 root root 0 6 11 10:08 net\n3lrwxrwxrwx 1 root root 0 6 11 10:08 pid -> "
           "pid:[42]\n",
           0, "p:2 ns_link pid=-1 kind='net'", "p:3 ns_link pid=-1 kind='pid' inode=42");
    // a pid that begins with 1, and rows that begin with 1 and 2, are no numbered lines
    EXPECT("1941955\n" FRAME "2041955\n" FRAME, 2, "p:2 stack pid=1941955", "p:4 stack pid=2041955");
}

static void listings(void **state)
{
    (void)state;
#define NET "lrwxrwxrwx 1 root root 0 Nov 14 22:13 net -> 'net:[7]'\n"
    EXPECT("$ ls -l /proc/9/ns\ntotal 0\n" NET, 0, "p:3 ns_link pid=9 kind='net' inode=7");
    EXPECT("cat /proc/5/stack\n" FRAME "its namespaces:\n" NET, 1, "p:4 ns_link pid=5 kind='net' inode=7");
    EXPECT(FRAME "its namespaces:\n" NET, 1, "p:3 ns_link pid=-1 kind='net' inode=7");
    EXPECT("$ ls -l /proc/9/fd\nlrwx------ 1 root root 64 Nov 14 22:13 0 -> /dev/pts/3\n", 0,
           "p:2 fd pid=9 fd=0 target='/dev/pts/3'");
    struct buffer rows CLEANUP(buffer_release) = {0};
    struct text other = TEXT(
        "$ ls -l\n-rw-r--r-- 1 root root 5 Nov 14 22:13 net.txt\ndrwxr-xr-x 2 root root 4 Nov 14 22:13 x\n");
    rows_of(other, other.len, &rows);
    assert_int_equal(rows.len, 0);
}

static void files_that_a_command_prints(void **state)
{
    (void)state;
    EXPECT("$ cat /proc/5/wchan; echo\ndo_wait\nthat is where it waits\n", 0,
           "p:2 task pid=5 tid=5 wchan='do_wait'");
    EXPECT("$ cat /proc/5/status\nName:\tfoo\nState:\tD (disk sleep)\nPid:\t5\n\nState: bad\n", 0,
           "p:2 task pid=5 tid=5 comm='foo' state='D'");
    EXPECT("==> /proc/6/comm <==\ndockerd\n\n==> /proc/7/comm <==\nrunc\n", 0,
           "p:2 task pid=6 tid=6 comm='dockerd'", "p:5 task pid=7 tid=7 comm='runc'");
}

static void prose_code_and_shell_are_none(void **state)
{
    (void)state;
    static const char text[] =
        "1kubectl get rs -A|awk '{print $1 \" \" $2}'|grep \"000$\" > rs.list.0\n"
        "2while read p; do\n3ns=`echo $p|awk '{print $1}'`\n4kubectl delete rs -n $ns &\n"
        "5done < rs.list.0\n\n1func (r *realIPGetter) NodeIPs() (ips []net.IP, err error) {\n"
        "2 klog.V(4).Infof(\"cache (expired in %v): %v\", t.Sub(expiryAt), r._lastResult)\n3}\n"
        "1. first\n2. second\n2020-12-12\nthe total is 5+0x3, or a[7]\n"
        "int main(void) { return f+0x1; }\n- item\n# title\n> quote\n";
    struct buffer rows CLEANUP(buffer_release) = {0};
    rows_of(text_of(text), sizeof text, &rows);
    assert_int_equal(rows.len, 0);
}

static void cut_anywhere_gives_the_same(void **state)
{
    (void)state;
    static const char text[] =
        "1[root@h x]# cat /proc/29/stack\n2[<0>] a+0x1/0x2\n3[<0>] b+0x1/0x2\n\nprose\n"
        "lrwxrwxrwx 1 root root 0 6 11 10:08 net\n";
    struct buffer whole CLEANUP(buffer_release) = {0};
    rows_of(text_of(text), sizeof text, &whole);
    for (size_t step = 1; step < 40; step++) {
        struct buffer rows CLEANUP(buffer_release) = {0};
        rows_of(text_of(text), step, &rows);
        assert_string_equal(rows.ptr, whole.ptr);
    }
}

static void the_founding_post(void **state)
{
    (void)state;
    static const char *const wanted[] = {"p:35 stack pid=291967 tid=291967",
                                         "p:52 stack pid=362091 tid=362091",
                                         "p:84 stack pid=-84 tid=-84",
                                         "p:100 stack pid=-100 tid=-100",
                                         "p:173 stack pid=-173 tid=-173",
                                         "p:120 ns_link pid=-100 kind='net'",
                                         "p:121 ns_link pid=-100 kind='pid' inode=4026536204",
                                         "p:123 ns_link pid=-100 kind='user' inode=4026531837"};
    static char text[64 * 1024];
    FILE *file = fopen("../shared/knowledge/founding-post.txt", "r");
    if (!file) {
        print_message("skipped: ../shared/knowledge/founding-post.txt is not there\n");
        skip();
    }
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    struct buffer rows CLEANUP(buffer_release) = {0};
    rows_of((struct text){text, length}, 4096, &rows);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(rows.ptr, wanted[i]))
            fail_msg("no row '%s' in\n%s", wanted[i], rows.ptr);
    assert_non_null(strstr(rows.ptr, "frames='__ceph_do_pending_vmtruncate+0x4e/0x260 [ceph]\\x0a"));
    assert_null(strstr(rows.ptr, "warning"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_stack),
        cmocka_unit_test(nobody_guesses),
        cmocka_unit_test(stacks_that_run_together),
        cmocka_unit_test(glued_numbers),
        cmocka_unit_test(listings),
        cmocka_unit_test(files_that_a_command_prints),
        cmocka_unit_test(prose_code_and_shell_are_none),
        cmocka_unit_test(cut_anywhere_gives_the_same),
        cmocka_unit_test(the_founding_post),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
