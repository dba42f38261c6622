// SPDX-License-Identifier: Apache-2.0
#include "util/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/lock.h"
#include "util/memory.h"

#if defined __SANITIZE_ADDRESS__
#define UNDER_ASAN true
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define UNDER_ASAN true
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN false
#endif

static void miss(struct buffer *missing, const char *what, const char *why)
{
    buffer_printf(missing, "%s%s (%s)", missing->len ? ", " : "", what, why);
}

// Lowers a limit; one that is lower already stays. `grace` lies between the signal and the kill.
static bool lower(__rlimit_resource_t resource, uint64_t most, uint64_t grace)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > most)
        limit.rlim_cur = most;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most + grace)
        limit.rlim_max = most + grace;
    return setrlimit(resource, &limit) == 0;
}

static void set_limits(const struct sandbox *sandbox, struct buffer *missing)
{
    if (sandbox->memory_bytes && UNDER_ASAN)
        miss(missing, "memory limit", "built with ASan");
    else if (sandbox->memory_bytes && !lower(RLIMIT_AS, sandbox->memory_bytes, 0))
        miss(missing, "memory limit", strerror(errno));
    if (sandbox->cpu_s && !lower(RLIMIT_CPU, sandbox->cpu_s, 1))
        miss(missing, "CPU limit", strerror(errno));
    (void)lower(RLIMIT_CORE, 0, 0);
    if (!UNDER_ASAN) // LeakSanitizer traces its own process
        (void)prctl(PR_SET_DUMPABLE, 0);
}

bool sandbox_enter(const struct sandbox *sandbox, struct buffer *missing, struct error *err)
{
    if (sandbox->mode == SANDBOX_OFF)
        return true;
    size_t before = missing->len;
    set_limits(sandbox, missing);
    size_t limits = missing->len;
    bool folders = false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        miss(missing, "no new privileges", strerror(errno));
    } else {
        folders = lock_folders(sandbox);
        if (!folders)
            miss(missing, "Landlock", strerror(errno));
        if (UNDER_ASAN)
            miss(missing, "seccomp", "built with ASan");
        else if (!lock_calls(sandbox, folders))
            miss(missing, "seccomp", strerror(errno));
    }
    if (sandbox->mode != SANDBOX_REQUIRE || missing->len == limits)
        return true;
    return fail(err, "the sandbox cannot be had here: %s", missing->ptr + before);
}

// ---- a process of its own ------------------------------------------------------------------------

// What the child says of itself through the pipe; the parent trusts none of it.
struct outcome {
    int status;
    struct error err;
};

static int exhausted_pipe;

// The parent says it, in its one line.
static void tell_exhausted(void)
{
    static struct outcome outcome;
    outcome.status = 4;
    (void)fail(&outcome.err, "out of memory");
    (void)!write(exhausted_pipe, &outcome, sizeof outcome);
    _exit(4);
}

static _Noreturn void be_child(int (*work)(void *, struct error *), void *context, int pipe_end, pid_t parent)
{
    struct outcome outcome = {0};
    exhausted_pipe = pipe_end;
    mem_before_exhausted(tell_exhausted);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent) { // else it died before we asked
        outcome.status = work(context, &outcome.err);
        (void)fflush(NULL);
        (void)!write(pipe_end, &outcome, sizeof outcome);
    }
    _exit(outcome.status & 0xff);
}

static bool read_outcome(int pipe_end, struct outcome *outcome)
{
    size_t got = 0;
    while (got < sizeof *outcome) {
        ssize_t n = read(pipe_end, (char *)outcome + got, sizeof *outcome - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    outcome->err.message[sizeof outcome->err.message - 1] = '\0';
    return true;
}

static bool died(int wait_status, struct error *err)
{
    if (!WIFSIGNALED(wait_status)) // a library of ours that exits
        return fail(err, "reading it ended early with status %d", WEXITSTATUS(wait_status));
    int number = WTERMSIG(wait_status);
    if (number == SIGXCPU)
        return fail(err, "reading it took more CPU time than allowed");
    return fail(err, "reading it crashed with signal %d (%s); nothing was written", number,
                strsignal(number));
}

bool sandbox_run(int (*work)(void *context, struct error *err), void *context, int *status, struct error *err)
{
    int ends[2], wait_status;
    struct outcome outcome;
    if (pipe(ends) != 0)
        return fail(err, "no pipe: %s", strerror(errno));
    (void)fflush(NULL); // else both would write what is buffered
    pid_t parent = getpid(), child = fork();
    if (child < 0) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return fail(err, "no process: %s", strerror(errno));
    }
    if (child == 0) {
        (void)close(ends[0]);
        be_child(work, context, ends[1], parent);
    }
    (void)close(ends[1]);
    bool told = read_outcome(ends[0], &outcome);
    (void)close(ends[0]);
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (!told || !WIFEXITED(wait_status))
        return died(wait_status, err);
    *status = outcome.status;
    *err = outcome.err;
    return true;
}
