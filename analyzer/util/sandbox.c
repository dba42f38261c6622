// SPDX-License-Identifier: Apache-2.0
#include "util/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
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

static bool address_bounded; // this process is, by us

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
    else
        address_bounded = sandbox->memory_bytes > 0;
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
    bool exhausted; // out of memory
    struct error err;
};

static int exhausted_pipe;

// The parent says it, in its one line.
static void tell_exhausted(void)
{
    static struct outcome outcome;
    outcome.exhausted = true;
    (void)fail(&outcome.err, "out of memory%s", address_bounded ? " (limit address_mb)" : "");
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

static uint64_t monotonic_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// Waits until there is something to read. False when it is too late.
static bool wait_for(int pipe_end, uint64_t deadline_ms)
{
    enum { LONGEST_MS = 1000 * 1000 };
    struct pollfd one = {.fd = pipe_end, .events = POLLIN};
    int ready = 0;
    while (ready <= 0) {
        uint64_t now = monotonic_ms();
        if (now >= deadline_ms)
            return false;
        ready = poll(&one, 1, deadline_ms - now < LONGEST_MS ? (int)(deadline_ms - now) : LONGEST_MS);
        if (ready < 0 && errno != EINTR)
            return true; // read() will tell
    }
    return true;
}

static bool read_outcome(int pipe_end, uint64_t deadline_ms, bool *late, struct outcome *outcome)
{
    size_t got = 0;
    while (got < sizeof *outcome) {
        *late = !wait_for(pipe_end, deadline_ms);
        if (*late)
            return false;
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
        return fail(err, "reading it took more CPU time than limit cpu_s");
    return fail(err, "reading it crashed with signal %d (%s); nothing was written", number,
                strsignal(number));
}

bool sandbox_run(int (*work)(void *context, struct error *err), void *context, uint64_t wall_s, int *status,
                 struct error *err)
{
    uint64_t begin_ms = monotonic_ms(), deadline_ms;
    if (__builtin_mul_overflow(wall_s, 1000, &deadline_ms) ||
        __builtin_add_overflow(deadline_ms, begin_ms, &deadline_ms))
        deadline_ms = UINT64_MAX;
    bool late = false;
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
    bool told = read_outcome(ends[0], deadline_ms, &late, &outcome);
    if (late)
        (void)kill(child, SIGKILL);
    (void)close(ends[0]);
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR) {
    }
    if (late)
        return fail(err, "reading it took longer than limit wall_s");
    if (told && outcome.exhausted)
        return fail(err, "%s", outcome.err.message);
    if (!told || !WIFEXITED(wait_status))
        return died(wait_status, err);
    *status = outcome.status;
    *err = outcome.err;
    return true;
}
