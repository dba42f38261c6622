// SPDX-License-Identifier: Apache-2.0
#include "kernel/frame.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

// Reads a line and gives its normal form, or NULL where it is no frame.
static const char *read_line(const char *line, bool bracketed, bool *cut)
{
    static struct arena arena;
    static struct buffer out;
    struct frame frame;
    arena_reset(&arena);
    buffer_clear(&out);
    if (!frame_parse(text_of(line), bracketed, &arena, &frame, cut))
        return NULL;
    frame_write(&out, &frame);
    out.ptr[--out.len] = '\0';
    return out.ptr;
}

struct spelling {
    const char *line, *frame; // NULL: no frame
};

static void check(const struct spelling *spellings, size_t count, bool bracketed)
{
    for (size_t i = 0; i < count; i++) {
        bool cut;
        const char *got = read_line(spellings[i].line, bracketed, &cut);
        if (got ? !spellings[i].frame || strcmp(got, spellings[i].frame) != 0 : spellings[i].frame != NULL)
            fail_msg("'%s' gave '%s', wanted '%s'", spellings[i].line, got ? got : "(none)",
                     spellings[i].frame ? spellings[i].frame : "(none)");
    }
}

static void lines_of_proc(void **state)
{
    (void)state;
    static const struct spelling spellings[] = {
        {"[<ffffffff81120f1f>] zap_pid_ns_processes+0x13f/0x1a0", "zap_pid_ns_processes+0x13f/0x1a0"},
        {"[<0>] do_wait+0x249/0x2a0", "do_wait+0x249/0x2a0"},
        {"[<0000000000000000>] do_wait+0x249/0x2a0", "do_wait+0x249/0x2a0"},
        {"[<ffffffffffffffff>] 0xffffffffffffffff", NULL},
        {"[<0>] 0xffffffffffffffff", NULL},
        {"[<0>] 0xffffffffc085d868", "0xffffffffc085d868"},
        {"[<00007f4a41ff2c1d>] 0x7f4a41ff2c1d", NULL},
        {"[<0>] 0xc00000008d068a00", NULL},
        {"[<0>] request_wait_answer+0x107/0x200 [fuse]", "request_wait_answer+0x107/0x200 [fuse]"},
        {"[] rpc_wait_bit_killable+0x24/0x40 [sunrpc]", "rpc_wait_bit_killable+0x24/0x40 [sunrpc]"},
        {"[] no offset and no address", NULL},
        {"[&lt;0&gt;] rpc_wait_bit_killable+0x11/0x80 [sunrpc]", "rpc_wait_bit_killable+0x11/0x80 [sunrpc]"},
        {"[<ffffffd39ffeb110>] blk_mq_get_tag+0x1a4", "blk_mq_get_tag+0x1a4"},
        {"[<0>] cgroup_enter_frozen", "cgroup_enter_frozen"},
        {"[<0>] __mmput / mmput / exit_mm / do_exit / do_group_exit", "__mmput"},
        {"...", NULL},
        {"[<0>] bch_btree_insert+0x102/0x188     <<<<< race?", "bch_btree_insert+0x102/0x188"},
        {"[<0>] raid5_get_active_stripe+0x4c4/0x660     # [1]", "raid5_get_active_stripe+0x4c4/0x660"},
        {"1[<ffffffffa0072807>] do_wait+0x1d7/0x250", "do_wait+0x1d7/0x250"},
        {"12[<ffffffffa0c00081>] entry_SYSCALL_64_after_hwframe+0x3d/0xa2",
         "entry_SYSCALL_64_after_hwframe+0x3d/0xa2"},
        {"  2   \xe2\x94\x82 [<0>] p9_fcall_init+0x63/0x80 [9pnet]", "p9_fcall_init+0x63/0x80 [9pnet]"},
        {"# [<0>] do_select+0x68e/0x950", "do_select+0x68e/0x950"},
        {"> > > > > > > > [c000000629343540] [c0000000007623b4] xlog_grant_head_wait+0x84/0x420",
         "xlog_grant_head_wait+0x84/0x420"},
        {"[179942.389258] 0)[] __refrigerator+0x6c/0xf4", "__refrigerator+0x6c/0xf4"},
        {"[2018-09-04 12:12:55+02:00] ('/bin/miglogd':237:S) [<ffffffff80300a83>] ep_poll+0x2c3/0x340",
         "ep_poll+0x2c3/0x340"},
        {"[2025-06-10 20:14:17]  [<0>] balance_dirty_pages+0x466/0x1420", "balance_dirty_pages+0x466/0x1420"},
        {"/proc/4350/stack : [<0>] balance_dirty_pages+0x332/0xda0", "balance_dirty_pages+0x332/0xda0"},
        {"/proc/4350/stack:[<0>] balance_dirty_pages+0x332/0xda0", "balance_dirty_pages+0x332/0xda0"},
        {"(stress)  34110  34110 [<0>] submit_bio_wait+0x84/0xc0", "submit_bio_wait+0x84/0xc0"},
        {"    \"[<0>] ep_poll+0x4c7/0x4e0\",", "ep_poll+0x4c7/0x4e0"},
        {"[<0>] __switch_to+0xc0/0x218           [<0>] __switch_to+0xc0/0x218", "__switch_to+0xc0/0x218"},
        {"[<0>] do_select+0x3c0/0x560                                ", "do_select+0x3c0/0x560"},
        {"([<00000000cde29ef4>] __kernel_write+0x124/0x2a0)", "__kernel_write+0x124/0x2a0"},
        {" [<000003ff80005872>] autofs_wait+0x552/0x718 [autofs4] ", "autofs_wait+0x552/0x718 [autofs4]"},
        {"[<0>] dmcrypt_write+0xd1/0xfd [dm_crypt 721219ef82f7f7c3ecde59f70e81b621d3b8f858]",
         "dmcrypt_write+0xd1/0xfd [dm_crypt]"},
        {"[<0>]\xc2\xa0"
         "do_wait+0x249/0x2a0",
         "do_wait+0x249/0x2a0"},
        {"=A0[<0>] kthreadd+0x1d8/0x220=", "kthreadd+0x1d8/0x220"},
        {"the stack do_wait+0x249/0x2a0 is what I see", NULL},
        {"do_wait+0x249/0x2a0", NULL},
        {"[root@node ~]# cat /proc/291967/stack", NULL},
        {"", NULL},
    };
    check(spellings, sizeof spellings / sizeof *spellings, true);
}

static void lines_of_kernel_logs(void **state)
{
    (void)state;
    static const struct spelling spellings[] = {
        {" schedule+0x44/0x140 kernel/sched/core.c:6856", "schedule+0x44/0x140"},
        {" context_switch kernel/sched/core.c:5446 [inline]", "context_switch"},
        {" context_switch", "context_switch"},
        {" ? __switch_to_asm+0x40/0x70", "? __switch_to_asm+0x40/0x70"},
        {" [<ffffffff8de17609>] ? __schedule+0x239/0x6f0", "? __schedule+0x239/0x6f0"},
        {"[  195.727669][ T3470] __schedule+0x1/0x2", "__schedule+0x1/0x2"},
        {"<6>[ 5487.999658][ T9272]  raid5d+0x358/0x56c", "raid5d+0x358/0x56c"},
        {"[Fri Nov  5 21:04:29 2021]  xfs_log_force+0x1/0x2 [xfs]", "xfs_log_force+0x1/0x2 [xfs]"},
        {"Mar 25 16:49:08 dws07.kolabsys.com kernel:  schedule+0x4a/0xb0", "schedule+0x4a/0xb0"},
        {"May 17 18:48:11 kernel: [ 6141.921740]  md_do_sync.cold.83+0x424/0x953",
         "md_do_sync.cold.83+0x424/0x953"},
        {"2026-05-28T12:24:00.184239+00:00 vm-1 kernel:  schedule+0x4a/0xb0", "schedule+0x4a/0xb0"},
        {"Guoqing> raid5_get_active_stripe+0x1da/0x5250 [raid456]",
         "raid5_get_active_stripe+0x1da/0x5250 [raid456]"},
        {"166242 Apr 18 00:37:34   kernel: [14049899.298726]  [<ffffffff81727ef8>] dump_header+0x7f/0x1f1",
         "dump_header+0x7f/0x1f1"},
        {"  [ 0] ep_poll+0x447/0x460", "ep_poll+0x447/0x460"},
        {"00363  do_coredump+0x265/0x15b0", "do_coredump+0x265/0x15b0"},
        {"3do_coredump+0x265/0x15b0", "do_coredump+0x265/0x15b0"},
        {"Call Trace: [<ffffffff8160b039>] schedule_preempt_disabled+0x29/0x70",
         "schedule_preempt_disabled+0x29/0x70"},
        {" __submit_bio[jt]+0x164/0x200", "__submit_bio[jt]+0x164/0x200"},
        {" [<8015c138>] (io_schedule) from [<80230be4>] (wait_on_page_bit+0x110/0x15c)", "io_schedule"},
        {" (fuse_writepages [fuse]) from [<80230be4>] (do_writepages+0x50/0xa0)", "fuse_writepages [fuse]"},
        {" io_schedule from wait_on_page_bit+0x110/0x15c", "io_schedule"},
        {"[c000001b9ab076d0] [c00000000001b5d0] __switch_to+0x280/0x470", "__switch_to+0x280/0x470"},
        {"[c000001b9ab07500] [c000001b9ab07540] 0xc000001b9ab07540 (unreliable)", NULL},
        {"[c000001b9ab07500] [c000001b9ab07540] __schedule+0x30/0x40 (unreliable)", "? __schedule+0x30/0x40"},
        {"[<c0222d1c>] bdi_alloc_queue_work+0xac/0x110", "bdi_alloc_queue_work+0xac/0x110"},
        // what stands near stacks and holds the same text
        {" #0:  (net_mutex){+.+.+.}, at: [<ffffffff82119b9e>] copy_net_ns+0x7e/0x110", NULL},
        {"-> #5 (&nsock->tx_lock){+.+.}-{4:4}:", NULL},
        {"RIP: 0010:[<ffffffff8109b2a0>]  [<ffffffff8109b2a0>] foo+0x1/0x40", NULL},
        {"RIP: 0033:0x7f4383d2070b", NULL},
        {"RSP: 002b:00007ffd00d9a3e8 EFLAGS: 00000202 ORIG_RAX: 00000000000000a6", NULL},
        {"Code: Bad RIP value.", NULL},
        {"pc : foo+0x1/0x40", NULL},
        {"LR is at foo+0x1/0x40", NULL},
        {"NIP [c00000000001b5d0] __switch_to+0x280/0x470", NULL},
        {" r10:c1024200 r9:00000088 r8:c0c31f20 r7:c1024214 r6:d1b9fc14 r5:c1024200", NULL},
        {"ffff88102526bd30 0000000000000086 ffff88102526bfd8 0000000000013680", NULL},
        {"Workqueue: writeback wb_workfn (flush-259:0)", NULL},
        {" <TASK>", NULL},
        {"Call Trace:", NULL},
        {"---[ end trace 0000000000000000 ]---", NULL},
        {"--- interrupt: 3000 at 0x7fffabb38770", NULL},
        {"INFO: task kubelet:970 blocked for more than 120 seconds.", NULL},
        {"hardirqs last  enabled at (7): [<ffffffff82119b9e>] foo+0x7e/0x110", NULL},
        {"WARNING: CPU: 0 PID: 1 at fs/x.c:12 foo+0x7e/0x110", NULL},
        {"Modules linked in: xfs virtio_net(E)", NULL},
    };
    check(spellings, sizeof spellings / sizeof *spellings, false);
}

static void cut_lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool cut;
    } cases[] = {
        {"[<ffffffffa0c00081>] entry_SYSCALL_64_after_", true},
        {"[<0>] do_", true},
        {"[<0>] do_wait+", true},
        {"[<0>] do_wait+0x", true},
        {"[<0>] do_wait+0x1/", true},
        {"[<0>] do_wait+0x1/0x", true},
        {"[<ffffffffa0c0", true},
        {"[<0>] do_wait+0x1/0x2", false},
        {"[<0>] do_wait+0x1/0x2 [xfs]", false},
        {"[<0>] 0xffffffffffffffff", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool cut = !cases[i].cut;
        (void)read_line(cases[i].line, true, &cut);
        if (cut != cases[i].cut)
            fail_msg("%s: cut %d", cases[i].line, cut);
    }
}

static void functions_without_what_compilers_add(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"_nfs4_do_open.isra.0", "_nfs4_do_open"},
        {"nfs3_rpc_wrapper.constprop.11", "nfs3_rpc_wrapper"},
        {"do_sigtimedwait.isra.9.cold", "do_sigtimedwait"},
        {"nfs3_rpc_wrapper.clone.0", "nfs3_rpc_wrapper"},
        {"ufshcd_err_handler.cfi_jt", "ufshcd_err_handler"},
        {"foo.llvm.1234567890", "foo"},
        {"__submit_bio[jt]", "__submit_bio"},
        {".schedule", "schedule"},
        {"SyS_sync", "sys:sync"},
        {"SYSC_wait4", "sys:wait4"},
        {"sys_sync", "sys:sync"},
        {"ksys_sync", "sys:sync"},
        {"__x64_sys_sync", "sys:sync"},
        {"__ia32_sys_sync", "sys:sync"},
        {"__do_sys_sync", "sys:sync"},
        {"__se_sys_sync", "sys:sync"},
        {"__arm64_sys_sync", "sys:sync"},
        {"__se_compat_sys_ioctl", "sys:ioctl"},
        {"x64_sys_call", "x64_sys_call"},
        {"do_sys_open", "do_sys_open"},
        {"0xffffffffc085d868", "unresolved"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_text(frame_function(text_of(cases[i][0]), &arena), cases[i][1]);
    arena_release(&arena);
}

static void normal_form_reads_back(void **state)
{
    (void)state;
    static const char *const forms[] = {"do_wait+0x1d7/0x250\n",
                                        "? f.isra.0+0x0/0x40 [xfs]\n",
                                        "g+0x5\n",
                                        "h\n",
                                        "0xffffffffc085d868\n",
                                        "i [fuse]\n"};
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buffer out = {0};
        struct frame frame;
        assert_true(frame_read(text_of(forms[i]), &arena, &frame));
        frame_write(&out, &frame);
        assert_string_equal(out.ptr, forms[i]);
        buffer_release(&out);
    }
    arena_release(&arena);
}

// Every cut and every changed byte of a few lines: nothing is read behind an end.
static void any_bytes_do(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "> 12[<ffffffff81120f1f>] ? do_wait.isra.0+0x13f/0x1a0 [xfs 72ab]",
        "Mar 1 00:00:00 h kernel: [ 1.2][ T3] (f [m]) from [<80230be4>] (g+0x1/0x2)"};
    for (size_t k = 0; k < 2; k++) {
        size_t length = strlen(lines[k]);
        for (size_t end = 0; end <= length; end++)
            for (int byte = 0; byte < 256; byte += 5) {
                struct arena arena = {0};
                struct frame frame;
                bool cut;
                char *copy = malloc(end + 1); // exactly as long, so that a sanitizer sees one byte too far
                memcpy(copy, lines[k], end);
                copy[end] = (char)byte;
                (void)frame_parse((struct text){copy, end + 1}, k == 0, &arena, &frame, &cut);
                free(copy);
                arena_release(&arena);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_proc),
        cmocka_unit_test(lines_of_kernel_logs),
        cmocka_unit_test(cut_lines),
        cmocka_unit_test(functions_without_what_compilers_add),
        cmocka_unit_test(normal_form_reads_back),
        cmocka_unit_test(any_bytes_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
