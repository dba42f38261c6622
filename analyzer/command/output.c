// SPDX-License-Identifier: Apache-2.0
#include "command/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memory.h"

// Temporary files that a signal's handler removes. A slot is set after its file is there and cleared
// before its memory goes. More open outputs than slots only lose that tidying.
enum { OPEN_MOST = 8 };
static char *volatile open_files[OPEN_MOST];

static void remember(char *temporary)
{
    for (int i = 0; i < OPEN_MOST; i++)
        if (!open_files[i]) {
            open_files[i] = temporary;
            return;
        }
}

static void forget(const char *temporary)
{
    for (int i = 0; i < OPEN_MOST; i++)
        if (open_files[i] == temporary)
            open_files[i] = NULL;
}

void output_discard_all(void)
{
    int before = errno;
    for (int i = 0; i < OPEN_MOST; i++)
        if (open_files[i])
            (void)unlink(open_files[i]);
    errno = before;
}

// The signals that remove temporary files must not come between the file and its slot.
static void hold_signals(sigset_t *before)
{
    sigset_t held;
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGINT);
    (void)sigaddset(&held, SIGTERM);
    (void)sigaddset(&held, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &held, before);
}

// Renaming over a device or a pipe would replace it: those are written as they are.
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static bool open_temporary(struct output *output, struct error *err)
{
    size_t room = strlen(output->path) + sizeof ".tmp-XXXXXX";
    char *temporary = mem_alloc(room, 1);
    (void)snprintf(temporary, room, "%s.tmp-XXXXXX", output->path);
    sigset_t before;
    hold_signals(&before);
    output->fd = mkostemp(temporary, O_CLOEXEC); // mode 0600
    int why = errno;
    if (output->fd >= 0)
        remember(temporary);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (output->fd < 0) {
        free(temporary);
        return fail(err, "%s: cannot be written: %s", output->path, strerror(why));
    }
    output->temporary = temporary;
    return true;
}

bool output_open(struct output *output, const char *path, struct error *err)
{
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    *output = (struct output){.path = path, .fd = STDOUT_FILENO};
    if (!path)
        return true;
    if (!is_special(path))
        return open_temporary(output, err);
    output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->fd >= 0 || fail(err, "%s: cannot be written: %s", path, strerror(errno));
}

static const char *name_of(const struct output *output)
{
    return output->path ? output->path : "standard output";
}

bool output_write(struct output *output, struct text text, struct error *err)
{
    while (text.len) {
        ssize_t n = write(output->fd, text.ptr, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE && !output->path)
            return true; // whoever read the report has read enough: `inquest … | head`
        if (n < 0)
            return fail(err, "%s: writing failed: %s", name_of(output), strerror(errno));
        text = text_from(text, (size_t)n);
    }
    return true;
}

// Makes a rename survive a power cut. Some filesystems cannot; then it is as good as it gets.
static void sync_folder(const char *path)
{
    char *folder CLEANUP(mem_release) = mem_copy(path, strlen(path));
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

static bool finish_temporary(struct output *output, struct error *err)
{
    const char *what = NULL;
    if (fsync(output->fd) != 0)
        what = "writing failed";
    if (close(output->fd) != 0 && !what)
        what = "writing failed";
    output->fd = -1;
    if (!what && rename(output->temporary, output->path) != 0)
        what = "cannot be put in place";
    int why = errno;
    if (!what) {
        forget(output->temporary);
        free(output->temporary);
        output->temporary = NULL;
        sync_folder(output->path);
        return true;
    }
    output_discard(output);
    return fail(err, "%s: %s: %s", output->path, what, strerror(why));
}

bool output_close(struct output *output, struct error *err)
{
    if (output->temporary)
        return finish_temporary(output, err);
    if (!output->path) // nothing is buffered; an error of an earlier write was told then
        return true;
    int result = output->fd >= 0 ? close(output->fd) : 0;
    output->fd = -1;
    return result == 0 || fail(err, "%s: writing failed: %s", output->path, strerror(errno));
}

void output_discard(struct output *output)
{
    if (output->path && output->fd >= 0)
        (void)close(output->fd);
    if (output->temporary) {
        (void)unlink(output->temporary);
        forget(output->temporary);
        free(output->temporary);
    }
    output->temporary = NULL;
    output->fd = -1;
}
