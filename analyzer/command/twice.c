// SPDX-License-Identifier: Apache-2.0
#include "command/twice.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memory.h"
#include "util/spool.h"

static bool copy_input(int file, uint64_t most, struct error *err)
{
    enum { PIECE = 65536 };
    CLEANUP(mem_release) char *piece = mem_alloc(PIECE, 1);
    for (uint64_t bytes = 0;;) {
        ssize_t n = read(STDIN_FILENO, piece, PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_kind(err, ERROR_BUNDLE, "standard input cannot be read: %s", strerror(errno));
        if (n == 0)
            return true;
        bytes += (uint64_t)n;
        if (bytes > most)
            return fail_kind(err, ERROR_BUNDLE, "standard input is longer than limit total_bytes");
        for (ssize_t done = 0; done < n;) {
            ssize_t wrote = write(file, piece + done, (size_t)(n - done));
            if (wrote <= 0 && errno != EINTR)
                return fail(err, "no room for standard input in TMPDIR: %s", strerror(errno));
            done += wrote > 0 ? wrote : 0;
        }
    }
}

bool twice_prepare(const char *path, const struct limits *limits, struct error *err)
{
    struct stat status;
    if (strcmp(path, "-") != 0 || (fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode)))
        return true;
    int file = open_nameless();
    if (file < 0)
        return fail(err, "no temporary file can be made (TMPDIR names another folder)");
    bool ok = copy_input(file, limits->total_bytes, err);
    ok = ok && (dup2(file, STDIN_FILENO) >= 0 || fail(err, "standard input: %s", strerror(errno)));
    (void)close(file);
    return ok && twice_rewind(path, err);
}

bool twice_rewind(const char *path, struct error *err)
{
    return strcmp(path, "-") != 0 || lseek(STDIN_FILENO, 0, SEEK_SET) == 0 ||
           fail(err, "standard input cannot be read again: %s", strerror(errno));
}

static void say_nothing(void *context, struct text source, uint64_t line, const char *problem)
{
    (void)context, (void)source, (void)line, (void)problem; // the second pass says it
}

bool redactor_learn_bundle(struct redactor *redactor, const char *path, const struct limits *limits,
                           bool quiet, struct error *err)
{
    struct bundle *bundle;
    struct member member;
    struct progress progress;
    if (!bundle_open(&bundle, path, limits, say_nothing, NULL, err))
        return false;
    progress_init(&progress, quiet);
    while (bundle_next(bundle, &member)) {
        struct text piece;
        const char *why;
        (void)redactor_begin(redactor, &member, NULL, NULL);
        while (bundle_read(bundle, &piece)) {
            redactor_piece(redactor, piece, NULL);
            progress_add(&progress, 0, piece.len);
        }
        (void)redactor_end(redactor, NULL, &why);
        progress_add(&progress, 1, 0);
    }
    progress_end(&progress);
    bool ok = bundle_close(bundle, NULL, err) && twice_rewind(path, err);
    redactor_settle(redactor);
    return ok;
}
