// SPDX-License-Identifier: Apache-2.0
#include "command/rules_trials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "diagnosis/trial.h"
#include "util/memory.h"

enum { WORKERS_MAX = 16, WHY_BYTES = 1 << 20 };

struct worker {
    pid_t child;
    FILE *told; // a temporary file: records of what it found
};

struct record {
    size_t length; // of the text that follows
    bool holds;
};

// How a worker ends: what is no fault of a rule is said once, by the parent.
enum { TOLD_ALL = 0, NO_ROOM = 1, NO_MEMORY = 4 };

static void end_without_memory(void)
{
    _exit(NO_MEMORY);
}

// Every worker takes each n-th test, so that a slow rule's tests are spread.
static void work(const struct rulebook *book, const struct limits *limits, const struct rule_trial *trials,
                 size_t count, size_t first, size_t workers, FILE *told)
{
    mem_before_exhausted(end_without_memory);
    for (size_t i = first; i < count; i += workers) {
        struct arena arena = {0};
        const char *why;
        struct record record = {.holds =
                                    trial_run(book, trials[i].rule, trials[i].test, limits, &arena, &why)};
        record.length = record.holds ? 0 : strnlen(why, WHY_BYTES);
        bool wrote = fwrite(&record, sizeof record, 1, told) == 1 &&
                     fwrite(why, 1, record.length, told) == record.length && fflush(told) == 0;
        arena_release(&arena);
        if (!wrote)
            _exit(NO_ROOM);
    }
    _exit(TOLD_ALL);
}

static bool start(struct worker *worker, struct error *err)
{
    worker->told = tmpfile();
    if (!worker->told)
        return fail(err, "no temporary file: %s", strerror(errno));
    (void)fflush(NULL); // else both would write what is buffered
    worker->child = fork();
    if (worker->child < 0)
        return fail(err, "no process: %s", strerror(errno));
    return true;
}

// What one worker told. Tests behind the last record it did not come to: it died at the first of them.
static void collect(struct worker *worker, struct rule_trial *trials, size_t count, size_t first,
                    size_t workers, struct arena *arena)
{
    rewind(worker->told);
    for (size_t i = first; i < count; i += workers) {
        struct record record;
        trials[i].holds = false;
        trials[i].why = "  the process that ran it ended before it could tell\n";
        if (fread(&record, sizeof record, 1, worker->told) != 1 || record.length > WHY_BYTES)
            continue;
        char *why = arena_alloc(arena, record.length + 1, 1);
        if (fread(why, 1, record.length, worker->told) != record.length)
            continue;
        trials[i].holds = record.holds;
        trials[i].why = why;
    }
}

static bool end(struct worker *worker, struct error *err)
{
    int status = 0;
    while (worker->child > 0 && waitpid(worker->child, &status, 0) < 0 && errno == EINTR)
        continue;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : TOLD_ALL; // one that crashed costs a test
    return (code != NO_ROOM && code != NO_MEMORY) ||
           fail(err, code == NO_MEMORY ? "out of memory" : "a temporary file cannot be written");
}

static size_t worker_count(size_t trials)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = processors < 1 ? 1 : processors > WORKERS_MAX ? WORKERS_MAX : (size_t)processors;
    return workers < trials ? workers : trials;
}

bool trials_run(const struct rulebook *book, const struct limits *limits, struct rule_trial *trials,
                size_t count, struct arena *arena, struct error *err)
{
    struct worker workers[WORKERS_MAX] = {{0}};
    size_t wanted = worker_count(count), started = 0;
    bool ok = true;
    while (started < wanted && (ok = start(&workers[started], err))) {
        if (workers[started].child == 0)
            work(book, limits, trials, count, started, wanted, workers[started].told);
        started++;
    }
    for (size_t i = 0; i < started; i++) {
        ok = end(&workers[i], err) && ok;
        collect(&workers[i], trials, count, i, wanted, arena);
    }
    for (size_t i = 0; i < wanted; i++)
        if (workers[i].told)
            (void)fclose(workers[i].told);
    return ok;
}
