// SPDX-License-Identifier: Apache-2.0
#include "kernel/stack.h"
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "util/json.h"
#include "util/memory.h"

// A stack from functions, top first, separated by blanks; `?f` is unreliable, `f[m]` has a module.
static struct stack stack_of(const char *functions, struct arena *arena)
{
    CLEANUP(buffer_release) struct buffer frames = {0};
    struct text rest = text_of(functions), word;
    while (text_word(&rest, &word)) {
        ptrdiff_t module = text_find_byte(word, '[');
        struct text name = text_slice(word, 0, module < 0 ? word.len : (size_t)module);
        buffer_puts(&frames, text_skip(&name, "?") ? "? " : "");
        buffer_printf(&frames, "%.*s+0x10/0x40", TEXT_ARG(name));
        if (module >= 0)
            buffer_printf(&frames, " %.*s", TEXT_ARG(text_from(word, (size_t)module)));
        buffer_putc(&frames, '\n');
    }
    struct stack stack;
    stack_canonical(arena_copy(arena, buffer_text(&frames)), arena, &stack);
    return stack;
}

static const char *canonical_names(const struct stack *stack, struct arena *arena)
{
    const char *names = "";
    for (size_t i = 0; i < stack->canonical_count; i++)
        names = arena_printf(arena, "%s%s%.*s", names, i ? " " : "", TEXT_ARG(stack->canonical[i].function));
    return names;
}

static void dmesg_and_proc_have_one_canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *functions, *canonical, *lock;
    } cases[] = {
        {"call_rwsem_down_read_failed iterate_supers sys_sync do_syscall_64 entry_SYSCALL_64_after_hwframe",
         "iterate_supers sys:sync", "rwsem-read"},
        {"__schedule schedule rwsem_down_read_slowpath down_read iterate_supers ksys_sync __x64_sys_sync "
         "do_syscall_64 entry_SYSCALL_64_after_hwframe",
         "iterate_supers sys:sync sys:sync", "rwsem-read"},
        {"iterate_supers ksys_sync __x64_sys_sync do_syscall_64", "iterate_supers sys:sync sys:sync", "none"},
        {"schedule_preempt_disabled __mutex_lock_slowpath mutex_lock copy_net_ns SyS_clone",
         "copy_net_ns sys:clone", "mutex"},
        {"__schedule schedule rpc_wait_bit_killable[sunrpc] __wait_on_bit out_of_line_wait_on_bit "
         "__rpc_execute[sunrpc]",
         "rpc_wait_bit_killable __rpc_execute", "none"},
        {"schedule schedule_timeout wait_for_completion sync_inodes_sb ret_from_fork", "sync_inodes_sb",
         "completion"},
        {"__switch_to __schedule schedule ?stale blk_mq_get_tag", "blk_mq_get_tag", "none"},
        {"?io_schedule ?cv_wait_common[spl] ?zio_wait[zfs]", "cv_wait_common zio_wait", "none"},
        {"do_syscall_64 entry_SYSCALL_64_after_hwframe", "", "none"},
        {"", "", "none"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stack stack = stack_of(cases[i].functions, &arena);
        assert_string_equal(canonical_names(&stack, &arena), cases[i].canonical);
        assert_string_equal(lock_name(stack.lock), cases[i].lock);
    }
    assert_true(stack_of("?a ?b", &arena).all_unreliable);
    assert_false(stack_of("?a b", &arena).all_unreliable);
    arena_release(&arena);
}

static bool is_cut(const char *frames, struct arena *arena)
{
    struct stack stack;
    stack_canonical(text_of(frames), arena, &stack);
    return stack.cut;
}

static void a_cut_last_line_is_seen(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_true(is_cut("do_wait+0x1/0x2\nentry_SYSCALL_64_after_\n", &arena));
    assert_false(is_cut("do_wait+0x1/0x2\ndo_exit+0x1/0x2\n", &arena));
    assert_false(is_cut("do_wait\ndo_exit\n", &arena)); // a tool without offsets
    assert_false(is_cut("do_wait+0x1\ndo_exit+0x2\n", &arena));
    assert_false(is_cut("do_wait+0x1/0x2\n0xffffffffc085d868\n", &arena));
    arena_release(&arena);
}

// One hang in the spellings of several kernels, from /proc and from kernel logs.
static const char *const hangs[][7] = {
    // sync behind s_umount, 3.10 to 6.18
    {"iterate_supers in sync()", "call_rwsem_down_read_failed iterate_supers sys_sync system_call_fastpath",
     "call_rwsem_down_read_failed iterate_supers ksys_sync __x64_sys_sync do_syscall_64",
     "iterate_supers ksys_sync __do_sys_sync do_syscall_64 entry_SYSCALL_64_after_hwframe",
     "super_lock iterate_supers ksys_sync __x64_sys_sync x64_sys_call do_syscall_64",
     "super_lock __iterate_supers iterate_supers ksys_sync __arm64_sys_sync invoke_syscall el0_svc",
     "__schedule schedule rwsem_down_read_slowpath down_read iterate_supers ksys_sync"},
    // the init of a pid namespace waits for its children …
    {"do_wait in zap_pid_ns_processes",
     "do_wait sys_wait4 zap_pid_ns_processes do_exit do_group_exit get_signal_to_deliver do_signal",
     "do_wait kernel_wait4 SYSC_wait4 SyS_wait4 zap_pid_ns_processes do_exit do_group_exit get_signal "
     "do_signal "
     "exit_to_usermode_loop do_syscall_64",
     "__schedule schedule do_wait kernel_wait4 zap_pid_ns_processes do_exit"},
    // … and for members that are not its children
    {"zap_pid_ns_processes in exit_group()", "zap_pid_ns_processes do_exit do_group_exit SyS_exit_group",
     "zap_pid_ns_processes do_exit do_group_exit get_signal arch_do_signal_or_restart "
     "exit_to_user_mode_loop"},
    {"__ceph_do_pending_vmtruncate in __ceph_setattr [ceph]",
     "__ceph_do_pending_vmtruncate[ceph] __ceph_setattr[ceph] ceph_setattr[ceph] notify_change SyS_open",
     "__schedule schedule schedule_preempt_disabled __mutex_lock __mutex_lock_slowpath mutex_lock "
     "__ceph_do_pending_vmtruncate[ceph] __ceph_setattr.isra.0[ceph] ceph_setattr[ceph]"},
    // a terminal, 3.10, 4.14, 5.x, 6.x
    {"n_tty_read in tty_read", "n_tty_read tty_read vfs_read SyS_read",
     "wait_woken n_tty_read tty_read __vfs_read vfs_read SyS_read do_syscall_64",
     "wait_woken n_tty_read iterate_tty_read tty_read new_sync_read vfs_read ksys_read",
     "schedule schedule_timeout wait_woken n_tty_read iterate_tty_read.isra.0 tty_read vfs_read"},
    {"futex_wait in futex()", "futex_wait_queue_me futex_wait do_futex SyS_futex system_call_fastpath",
     "futex_wait_queue __futex_wait futex_wait do_futex __x64_sys_futex x64_sys_call do_syscall_64",
     "futex_do_wait __futex_wait futex_wait do_futex __x64_sys_futex"},
    {"ep_poll in epoll_wait()", "ep_poll sys_epoll_wait system_call_fastpath",
     "ep_poll do_epoll_wait __x64_sys_epoll_wait do_syscall_64", "do_epoll_wait __x64_sys_epoll_pwait",
     "__switch_to __schedule schedule schedule_hrtimeout_range_clock ep_poll do_epoll_wait sys_epoll_wait "
     "system_call_exception"},
    {"pipe_write in write()", "pipe_wait pipe_write do_sync_write vfs_write SyS_write",
     "pipe_write new_sync_write vfs_write ksys_write", "anon_pipe_write vfs_write ksys_write do_syscall_64"},
    {"request_wait_answer in fuse_lookup_name [fuse]",
     "request_wait_answer[fuse] __fuse_request_send[fuse] fuse_simple_request[fuse] fuse_lookup_name[fuse]",
     "request_wait_answer fuse_simple_request fuse_lookup_name fuse_lookup",
     "__fuse_simple_request[fuse] fuse_lookup_name[fuse] fuse_lookup[fuse]"},
    {"rpc_wait_bit_killable in nfs3_proc_getattr [nfs]",
     "rpc_wait_bit_killable[sunrpc] __rpc_execute[sunrpc] rpc_execute[sunrpc] rpc_run_task[sunrpc] "
     "rpc_call_sync[sunrpc] nfs3_rpc_wrapper.clone.0[nfs] nfs3_proc_getattr[nfs] __nfs_revalidate_inode[nfs]",
     "__schedule schedule rpc_wait_bit_killable[sunrpc] __wait_on_bit out_of_line_wait_on_bit "
     "__rpc_execute[sunrpc] rpc_run_task[sunrpc] rpc_call_sync[sunrpc] nfs3_rpc_wrapper.constprop.11[nfsv3] "
     "nfs3_proc_getattr[nfsv3]"},
    {"_do_fork in clone()", "_do_fork SyS_clone do_syscall_64", "do_fork SyS_vfork stub_vfork",
     "kernel_clone __do_sys_vfork do_syscall_64"},
    {"copy_net_ns in create_new_namespaces",
     "schedule_preempt_disabled __mutex_lock_slowpath mutex_lock copy_net_ns create_new_namespaces "
     "copy_process.part.25",
     "copy_net_ns create_new_namespaces unshare_nsproxy_namespaces ksys_unshare",
     "rwsem_down_read_slowpath down_read_killable copy_net_ns create_new_namespaces"},
    {"wbt_wait", "__schedule schedule io_schedule rq_qos_wait wbt_wait __rq_qos_throttle blk_mq_submit_bio",
     "io_schedule wbt_wait blk_mq_make_request generic_make_request submit_bio"},
    {"filemap_read in blkdev_read_iter", "folio_wait_bit_common filemap_read blkdev_read_iter __x64_sys_read",
     "wait_on_page_bit_common generic_file_buffered_read blkdev_read_iter new_sync_read vfs_read"},
};

static void equal_hangs_have_equal_signatures(void **state)
{
    (void)state;
    struct arena arena = {0};
    char seen[sizeof hangs / sizeof *hangs][17];
    for (size_t i = 0; i < sizeof hangs / sizeof *hangs; i++)
        for (size_t k = 1; k < 7 && hangs[i][k]; k++) {
            char signature[17];
            struct stack stack = stack_of(hangs[i][k], &arena);
            stack_signature(&stack, signature);
            if (k == 1) {
                assert_string_equal(stack_where(&stack, &arena), hangs[i][0]);
                memcpy(seen[i], signature, sizeof signature);
            }
            if (strcmp(signature, seen[i]) != 0)
                fail_msg("%s: not as the first of its kind (%s)", hangs[i][k], stack_where(&stack, &arena));
            for (size_t other = 0; k == 1 && other < i; other++)
                assert_string_not_equal(signature, seen[other]);
        }
    arena_release(&arena);
}

static void names_read_well(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"nfs_wait_bit_killable in nfs4_proc_getattr [nfs]",
         "nfs_wait_bit_killable[nfs] _nfs4_call_sync[nfs] nfs4_proc_getattr[nfs]"},
        {"mutex_lock", "schedule_preempt_disabled __mutex_lock_slowpath mutex_lock"},
        {"an empty stack", ""},
        {"do_syscall_64", "do_syscall_64 entry_SYSCALL_64_after_hwframe"},
        {"__bio_queue_enter", "__bio_queue_enter"},
        {"worker_thread", "worker_thread kthread ret_from_fork"},
        {"wait_woken", "wait_woken"},
        {"pause()", "sys_pause do_syscall_64"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stack stack = stack_of(cases[i][1], &arena);
        assert_string_equal(stack_where(&stack, &arena), cases[i][0]);
    }
    arena_release(&arena);
}

static void waits_have_plain_words(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"for an answer of an NFS server", "rpc_wait_bit_killable[sunrpc] nfs4_do_open[nfsv4] path_openat"},
        {"for the other processes of its pid namespace to end",
         "do_wait kernel_wait4 zap_pid_ns_processes do_exit"},
        {"for a child process to end", "do_wait kernel_wait4 sys_wait4"},
        {"for the superblock lock (s_umount) of a file system", "down_read iterate_supers sys_sync"},
        {"for written pages to reach their disk or server",
         "__filemap_fdatawait_range iterate_supers sys_sync"},
        {NULL,
         "nfs_set_open_stateid_locked[nfsv4] nfs4_do_open[nfsv4] path_openat sys_open"}, // led there only
        {NULL, "made_up_wait"},
        {NULL, ""},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stack stack = stack_of(cases[i][1], &arena);
        assert_text(text_of(stack_plain(&stack)), cases[i][0]);
    }
    arena_release(&arena);
}

// ---- the corpus ------------------------------------------------------------------------------
// Cases of different labels must not share a signature; some of one label that are the same hang on
// different kernels must.

struct seen {
    char signature[17], label[64], id[96];
};

static struct seen corpus[512];
static size_t corpus_count;

static void add_case(const struct json *task, const struct json *whole)
{
    struct arena arena = {0};
    CLEANUP(buffer_release) struct buffer frames = {0};
    for (const struct json *f = json_first(json_get(task, "frames")); f; f = json_sibling(f)) {
        struct frame frame;
        if (frame_parse(json_text(f), false, &arena, &frame, NULL))
            frame_write(&frames, &frame);
    }
    struct stack stack;
    stack_canonical(buffer_text(&frames), &arena, &stack);
    const char *label = json_text(json_get(task, "label")).ptr;
    if (stack.canonical_count && corpus_count < 512) {
        struct seen *seen = &corpus[corpus_count++];
        stack_signature(&stack, seen->signature);
        (void)snprintf(seen->label, sizeof seen->label, "%s",
                       label ? label : json_text(json_get(whole, "label")).ptr);
        (void)snprintf(seen->id, sizeof seen->id, "%s", json_text(json_get(whole, "id")).ptr);
    }
    arena_release(&arena);
}

static void add_file(const char *folder, const char *name)
{
    static char bytes[1 << 18];
    char path[512];
    struct error err = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    CLEANUP(json_release) struct json *whole = json_parse((struct text){bytes, length}, 64, &err);
    assert_non_null(whole);
    const struct json *task = json_first(json_get(whole, "tasks"));
    if (!task)
        add_case(whole, whole);
    for (; task; task = json_sibling(task))
        add_case(task, whole);
}

static const char *signature_of(const char *id)
{
    for (size_t i = 0; i < corpus_count; i++)
        if (strncmp(corpus[i].id, id, strlen(id)) == 0)
            return corpus[i].signature;
    fail_msg("no case %s", id);
    return NULL;
}

static void the_corpus_keeps_its_labels_apart(void **state)
{
    (void)state;
    static const char folder[] = "../shared/corpus/cases";
    DIR *cases = opendir(folder);
    if (!cases) {
        print_message("skipped: %s is not here\n", folder);
        skip();
    }
    for (struct dirent *entry; (entry = readdir(cases));)
        if (text_ends(text_of(entry->d_name), ".json"))
            add_file(folder, entry->d_name);
    (void)closedir(cases);
    for (size_t i = 0; i < corpus_count; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(corpus[i].signature, corpus[k].signature) == 0 &&
                strcmp(corpus[i].label, corpus[k].label) != 0)
                fail_msg("%s and %s share a signature", corpus[i].id, corpus[k].id);
    static const char *const same[][2] = {
        {"066-", "072-"}, {"066-", "094-"}, {"077-", "078-"}, {"080-", "081-"}, {"184-idle-curl", "186-"},
        {"073-", "074-"}, {"152-", "153-"}, {"051-", "052-"}, {"144-", "146-"}, {"041-", "112-"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(signature_of(same[i][0]), signature_of(same[i][1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dmesg_and_proc_have_one_canonical_form),
        cmocka_unit_test(a_cut_last_line_is_seen),
        cmocka_unit_test(equal_hangs_have_equal_signatures),
        cmocka_unit_test(names_read_well),
        cmocka_unit_test(waits_have_plain_words),
        cmocka_unit_test(the_corpus_keeps_its_labels_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
