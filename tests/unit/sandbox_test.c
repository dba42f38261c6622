// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "util/lock.h"
#include "util/memory.h"
#include "util/sandbox.h"

static char folder[] = "/tmp/inquest-test-XXXXXX"; // may be written
static char bundle[] = "/tmp/inquest-test-XXXXXX"; // may be read

static int make_folders(void **state)
{
    (void)state;
    char name[64];
    if (!mkdtemp(folder) || !mkdtemp(bundle))
        return -1;
    (void)snprintf(name, sizeof name, "%s/inside", bundle);
    return close(open(name, O_WRONLY | O_CREAT, 0600));
}

static int remove_folders(void **state)
{
    (void)state;
    char name[64];
    (void)snprintf(name, sizeof name, "%s/inside", bundle);
    return unlink(name) || rmdir(bundle) || rmdir(folder);
}

// ---- what a jailed child finds -------------------------------------------------------------------

struct trial {
    bool by_folder, landlock, seccomp;
    struct sandbox sandbox;
    char failure[200];
};

static struct trial *trial; // shared with the child

static int failed(const char *what)
{
    (void)snprintf(trial->failure, sizeof trial->failure, "%s (%s)", what, strerror(errno));
    return 1;
}

static void *start_thread(void *argument)
{
    return argument;
}

static int may_not_open(void)
{
    char name[64];
    if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
        return failed("an outside file opens");
    if (open("/tmp/inquest-test-outside", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 || errno != EACCES)
        return failed("an outside file is made");
    if (open("/proc/self/mem", O_RDWR | O_CLOEXEC) >= 0)
        return failed("its own memory opens");
    (void)snprintf(name, sizeof name, "%s/inside", bundle);
    if (open(name, O_RDWR | O_CLOEXEC) >= 0)
        return failed("the bundle opens for writing");
    return 0;
}

// Without Landlock no name goes: what stays there the parent removes.
static int may_use_the_temporary_folder(bool and_remove)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s/new", folder);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 || close(fd) != 0)
        return failed("no temporary file");
    bool removed = unlink(name) == 0;
    if (removed != and_remove)
        return failed(removed ? "a file goes by its name" : "a temporary file stays");
    return 0;
}

static int may_read_the_bundle(void)
{
    int fd = openat(trial->sandbox.read[0], "inside", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (trial->by_folder)
        return fd < 0 ? failed("the bundle does not open") : close(fd);
    return fd >= 0 ? failed("a folder opens that is none of the bundle's") : 0;
}

static int may_not_call(void)
{
    char *const program[] = {(char *)(uintptr_t) "true", NULL};
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
        return failed("a socket");
    if (execv("/bin/true", program) == 0 || errno != EPERM)
        return failed("a program starts");
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    if (child > 0 || errno != EPERM)
        return failed("a process starts");
    if (kill(getppid(), 0) == 0)
        return failed("a signal goes out");
    if (syscall(425, 1, NULL) >= 0 || errno != EPERM)
        return failed("an io_uring");
    if (syscall(600) >= 0 || errno != ENOSYS)
        return failed("a call of the future");
    pthread_t thread;
    if (pthread_create(&thread, NULL, start_thread, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return failed("no thread starts");
    return 0;
}

static int try_jail(void *context, struct error *err)
{
    (void)context;
    CLEANUP(buffer_release) struct buffer missing = {0};
    if (!sandbox_enter(&trial->sandbox, &missing, err))
        return 2;
    trial->landlock = !strstr(buffer_text(&missing).ptr, "Landlock");
    trial->seccomp = !strstr(buffer_text(&missing).ptr, "seccomp");
    int wrong = 0;
    if (trial->landlock)
        wrong = may_not_open() || may_read_the_bundle();
    return wrong || may_use_the_temporary_folder(trial->landlock || !trial->seccomp) ||
           (trial->seccomp && may_not_call());
}

// The same with seccomp alone, as on a kernel without Landlock.
static int try_calls_alone(void *context, struct error *err)
{
    (void)context;
    (void)err;
    if (syscall(SYS_prctl, 38, 1, 0, 0, 0) != 0 || !lock_calls(&trial->sandbox, false))
        return failed("no seccomp");
    return may_not_open() || may_read_the_bundle() || may_use_the_temporary_folder(false) || may_not_call();
}

static void run_trial(int (*work)(void *, struct error *), bool by_folder)
{
    int status = -1;
    struct error err = {0};
    trial = mmap(NULL, sizeof *trial, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(trial, MAP_FAILED);
    trial->by_folder = by_folder;
    trial->sandbox = (struct sandbox){.mode = SANDBOX_TRY, .write_folders = {folder}, .read = {-1, -1}};
    int fd = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    if (by_folder)
        trial->sandbox.read[0] = fd;
    else
        (void)close(fd);
    assert_true(sandbox_run(work, NULL, 60, &status, &err));
    if (by_folder)
        (void)close(fd);
    char name[64];
    (void)snprintf(name, sizeof name, "%s/new", folder);
    (void)unlink(name);
    if (status != 0)
        fail_msg("in the sandbox: %s %s", trial->failure, err.message);
}

static void the_jail_holds(void **state)
{
    (void)state;
    for (int by_folder = 0; by_folder < 2; by_folder++) {
        run_trial(try_jail, by_folder);
        if (!trial->landlock)
            print_message("not tried: this kernel gives no Landlock\n");
        if (!trial->seccomp)
            print_message("not tried: no seccomp here\n");
        (void)munmap(trial, sizeof *trial);
    }
}

static void seccomp_alone_holds(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    for (int by_folder = 0; by_folder < 2; by_folder++) {
        run_trial(try_calls_alone, by_folder);
        (void)munmap(trial, sizeof *trial);
    }
}

// ---- limits and deaths -----------------------------------------------------------------------------

static int eat_memory(void *context, struct error *err)
{
    struct buffer missing CLEANUP(buffer_release) = {0};
    struct sandbox sandbox = {.mode = SANDBOX_TRY, .read = {-1, -1}, .memory_bytes = 128 << 20};
    if (!sandbox_enter(&sandbox, &missing, err))
        return 9;
    (void)close(STDERR_FILENO);
    for (;;)
        *(char **)context = mem_alloc(1 << 20, 8); // ends in status 4
}

static int crash(void *context, struct error *err)
{
    (void)err;
    (void)signal(SIGABRT, SIG_DFL); // cmocka catches it
    (void)close(STDERR_FILENO);
    *(volatile char *)context = 0;
    abort();
}

static int burn(void *context, struct error *err)
{
    (void)context;
    struct buffer missing CLEANUP(buffer_release) = {0};
    struct sandbox sandbox = {.mode = SANDBOX_TRY, .read = {-1, -1}, .cpu_s = 1};
    if (!sandbox_enter(&sandbox, &missing, err))
        return 9;
    for (;;)
        (void)clock();
}

static int say(void *context, struct error *err)
{
    (void)fail_kind(err, ERROR_BUNDLE, "%s", (const char *)context);
    return 3;
}

static void a_child_that_ends(void **state)
{
    (void)state;
    int status = -1;
    struct error err = {0};
    assert_true(sandbox_run(say, "not a bundle", 60, &status, &err));
    assert_int_equal(status, 3);
    assert_int_equal(err.kind, ERROR_BUNDLE);
    assert_string_equal(err.message, "not a bundle");
    char byte;
    assert_false(sandbox_run(crash, &byte, 60, &status, &err));
    assert_non_null(strstr(err.message, "signal 6"));
    assert_false(sandbox_run(burn, NULL, 60, &status, &err));
    assert_non_null(strstr(err.message, "CPU time"));
#ifndef __SANITIZE_ADDRESS__
    char *eaten;
    err = (struct error){0};
    assert_false(sandbox_run(eat_memory, &eaten, 60, &status, &err)); // it tells its parent, who says it
    assert_string_equal(err.message, "out of memory (limit address_mb)");
#else
    (void)eat_memory;
#endif
}

static void off_is_off(void **state)
{
    (void)state;
    struct buffer missing = {0};
    struct error err = {0};
    assert_true(sandbox_enter(&(struct sandbox){.mode = SANDBOX_OFF, .memory_bytes = 1}, &missing, &err));
    assert_int_equal(missing.len, 0);
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_jail_holds),
        cmocka_unit_test(seccomp_alone_holds),
        cmocka_unit_test(a_child_that_ends),
        cmocka_unit_test(off_is_off),
    };
    return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
