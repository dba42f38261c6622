// SPDX-License-Identifier: Apache-2.0
//
// seccomp as a raw BPF program: no network, no program, no process, no look at other processes, and none
// of the calls that would go round these (io_uring opens files by itself, 5.6). Refused calls fail
// with an error number and do not kill: libraries try things and live without them. Calls that are newer than
// this list do not exist (ENOSYS).
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/lock.h"

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0 // unknown numbers: no filter
#endif

enum { PROGRAM_MOST = 256, LAST_KNOWN = 451, X32_BIT = 0x40000000 };

static const int refused[] = {
#ifdef SYS_fork // old calls that only x86 has
    SYS_fork,
    SYS_vfork,
    SYS_creat,
    SYS_link,
    SYS_symlink,
    SYS_mknod,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_uselib,
    SYS_ustat,
#endif
    SYS_execve,
    SYS_execveat,
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kill,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_userfaultfd,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_linkat,
    SYS_symlinkat,
    SYS_mknodat,
    SYS_fchmodat,
    SYS_fchownat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_truncate,
    SYS_personality,
    SYS_memfd_create,
    SYS_fanotify_init,
    SYS_mq_open,
    SYS_shmget,
    SYS_msgget,
    SYS_semget,
};
// 424 to 451 have the same numbers on all architectures: io_uring, mounts, pidfd, openat2 and others.
static const int refused_new[] = {424, 425, 426, 427, 428, 429, 430, 431, 432,
                                  433, 434, 437, 438, 442, 443, 447, 448};
enum { CLONE3 = 435 };

// Without Landlock: a name may be made (see narrow_open), none goes or moves. What stays in the private
// folder the parent removes.
static const int refused_names[] = {
#ifdef SYS_unlink
    SYS_unlink,   SYS_rename,    SYS_mkdir,   SYS_rmdir,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
    SYS_unlinkat, SYS_renameat2, SYS_mkdirat,
};

struct program {
    struct sock_filter code[PROGRAM_MOST];
    unsigned short length;
};

static void add(struct program *program, unsigned short code, unsigned value, unsigned char yes,
                unsigned char no)
{
    if (program->length < PROGRAM_MOST)
        program->code[program->length++] = (struct sock_filter){code, yes, no, value};
}

static void load(struct program *program, size_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

static void give(struct program *program, unsigned verdict)
{
    add(program, BPF_RET | BPF_K, verdict, 0, 0);
}

static unsigned fails_with(int number)
{
    return SECCOMP_RET_ERRNO | ((unsigned)number & SECCOMP_RET_DATA);
}

static void refuse(struct program *program, int call, int number)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1);
    give(program, fails_with(number));
}

// The low half of an argument; flags fit it.
static size_t argument(int nth)
{
    size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    return offsetof(struct seccomp_data, args) + (size_t)nth * sizeof(uint64_t) + low;
}

// A thread is welcome, a process is not. clone3 hides its flags in memory; without it glibc takes clone.
static void allow_threads(struct program *program)
{
    refuse(program, CLONE3, ENOSYS);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
    load(program, argument(0));
    add(program, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
    give(program, SECCOMP_RET_ALLOW);
    give(program, fails_with(EPERM));
}

// Without Landlock the flags must tell: a new file (SQLite's temporary ones are O_EXCL), or one of the
// bundle's folder, which folder.c opens by descriptor, for reading, and not through links.
static void narrow_open(struct program *program, int call, int flags_at, bool by_folder)
{
    unsigned char skip = by_folder ? 11 : 5;
    add(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, skip);
    load(program, argument(flags_at));
    add(program, BPF_ALU | BPF_AND | BPF_K, O_CREAT | O_EXCL, 0, 0);
    add(program, BPF_JMP | BPF_JEQ | BPF_K, O_CREAT | O_EXCL, 0, 1);
    give(program, SECCOMP_RET_ALLOW);
    if (by_folder) {
        load(program, argument(0));
        add(program, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)AT_FDCWD, 4, 0);
        load(program, argument(flags_at));
        add(program, BPF_ALU | BPF_AND | BPF_K, O_NOFOLLOW | O_ACCMODE | O_CREAT | O_TRUNC, 0, 0);
        add(program, BPF_JMP | BPF_JEQ | BPF_K, O_NOFOLLOW | O_RDONLY, 0, 1);
        give(program, SECCOMP_RET_ALLOW);
    }
    give(program, fails_with(EACCES));
}

static void write_program(struct program *program, const struct sandbox *sandbox, bool folders_locked)
{
    load(program, offsetof(struct seccomp_data, arch));
    add(program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    give(program, fails_with(EPERM));
    load(program, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    add(program, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    give(program, fails_with(EPERM));
#endif
    add(program, BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN, 0, 1);
    give(program, fails_with(ENOSYS));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        refuse(program, refused[i], EPERM);
    for (size_t i = 0; i < sizeof refused_new / sizeof *refused_new; i++)
        refuse(program, refused_new[i], EPERM);
    if (!folders_locked) {
        narrow_open(program, SYS_openat, 2, sandbox->read[0] >= 0 || sandbox->read[1] >= 0);
#ifdef SYS_open
        narrow_open(program, SYS_open, 1, false);
#endif
        for (size_t i = 0; i < sizeof refused_names / sizeof *refused_names; i++)
            refuse(program, refused_names[i], EPERM);
    }
    allow_threads(program);
    give(program, SECCOMP_RET_ALLOW);
}

bool lock_calls(const struct sandbox *sandbox, bool folders_locked)
{
    struct program program = {.length = 0};
    errno = ENOSYS;
    if (!ARCHITECTURE)
        return false;
    write_program(&program, sandbox, folders_locked);
    struct sock_fprog filter = {program.length, program.code};
    // every thread that there is already gets it too
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
