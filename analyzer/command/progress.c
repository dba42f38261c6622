// SPDX-License-Identifier: Apache-2.0
#include "command/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const int64_t first_ns = 1000000000, every_ns = 200000000;
enum { MEMBERS_BETWEEN_LOOKS = 256, BYTES_BETWEEN_LOOKS = 4 << 20 };

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void progress_init(struct progress *progress, bool quiet)
{
    *progress = (struct progress){.on = !quiet && isatty(STDERR_FILENO)};
    if (progress->on)
        progress->start_ns = now_ns();
}

static void show(struct progress *progress)
{
    int64_t now = now_ns();
    if (now - progress->start_ns < first_ns || now - progress->shown_ns < every_ns)
        return;
    progress->shown_ns = now;
    (void)fprintf(stderr, "\rinquest: %llu MB in %llu entries read",
                  (unsigned long long)(progress->bytes >> 20), (unsigned long long)progress->members);
    (void)fflush(stderr);
}

void progress_add(struct progress *progress, uint64_t members, uint64_t bytes)
{
    uint64_t before = progress->bytes / BYTES_BETWEEN_LOOKS;
    progress->members += members;
    progress->bytes += bytes;
    bool due = progress->bytes / BYTES_BETWEEN_LOOKS != before ||
               (members && progress->members % MEMBERS_BETWEEN_LOOKS == 0);
    if (progress->on && due)
        show(progress);
}

void progress_end(struct progress *progress)
{
    if (progress->shown_ns)
        (void)fputs("\r\033[K", stderr);
    progress->on = false;
}
