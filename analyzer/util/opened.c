// SPDX-License-Identifier: Apache-2.0
#include "util/opened.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, KEPT_MOST = 4 };

static struct kept {
    const char *path;
    int fd, why; // errno where it could not be opened
} kept[KEPT_MOST];
static unsigned kept_count;

int opened_keep(const char *path)
{
    int fd = open(path, FLAGS);
    if (kept_count < KEPT_MOST)
        kept[kept_count++] = (struct kept){path, fd, errno};
    return fd;
}

static int again(const struct kept *one)
{
    struct stat status;
    if (one->fd < 0 || fstat(one->fd, &status) != 0) {
        errno = one->fd < 0 ? one->why : errno;
        return -1;
    }
    if (S_ISDIR(status.st_mode)) // a listing has a position of its own
        return openat(one->fd, ".", FLAGS | O_DIRECTORY | O_NOFOLLOW);
    (void)lseek(one->fd, 0, SEEK_SET);
    return fcntl(one->fd, F_DUPFD_CLOEXEC, 0);
}

int opened_again(const char *path)
{
    for (unsigned i = 0; i < kept_count; i++)
        if (strcmp(kept[i].path, path) == 0)
            return again(&kept[i]);
    return open(path, FLAGS);
}
