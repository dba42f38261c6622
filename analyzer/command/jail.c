// SPDX-License-Identifier: Apache-2.0
#include "command/jail.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "util/memory.h"
#include "util/opened.h"
#include "util/sandbox.h"

#define FOLDER_NAME "inquest-XXXXXX"

struct jail {
    const struct arguments *arguments;
    enum sandbox_mode mode;
    const char *bundle_path, *second_path;
    char folder[4096]; // private, for SQLite and for lines that do not fit into memory
    int folder_lock;   // held while the folder is in use
    jailed_work *work;
    void *context;
};

static bool choose_mode(const struct arguments *arguments, enum sandbox_mode *mode, struct error *err)
{
    const char *word = argument_value(arguments, "sandbox");
    *mode = argument_given(arguments, "no-sandbox") ? SANDBOX_OFF : SANDBOX_TRY;
    if (!word || strcmp(word, "try") == 0)
        return true;
    if (strcmp(word, "require") != 0)
        return fail_kind(err, ERROR_USAGE, "--sandbox is try or require, not '%s'", word);
    *mode = SANDBOX_REQUIRE;
    return true;
}

// The folder that is removed when a signal or a lack of memory ends the run; empty but for moments, since
// files in it are removed as they are opened.
static const char *volatile current_folder;

void jail_discard(void)
{
    const char *folder = current_folder;
    if (folder)
        (void)rmdir(folder);
}

static bool is_private_folder(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 07777) == 0700;
}

// Where there is no Landlock the reader cannot remove the names of its files.
static void empty(int fd)
{
    DIR *folder = fdopendir(dup(fd));
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        (void)unlinkat(fd, entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
}

// Whoever lives holds a lock on its folder; what can be locked was left by one that was killed.
static void sweep(const char *base)
{
    DIR *folder = opendir(base);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        struct text name = text_of(entry->d_name);
        if (name.len != strlen(FOLDER_NAME) || !text_starts(name, "inquest-"))
            continue;
        int fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (is_private_folder(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0) {
            empty(fd);
            (void)unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
        }
        (void)close(fd);
    }
    if (folder)
        (void)closedir(folder);
}

// Makes the folder and locks it; -1 where it cannot be, or was swept by another before it was locked.
static int make_locked(char *path)
{
    struct stat status;
    if (!mkdtemp(path)) // mode 0700
        return -1;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    // a filesystem without locks has no sweeping either
    (void)flock(fd, LOCK_EX);
    if (fstat(fd, &status) == 0 && status.st_nlink > 0)
        return fd;
    (void)close(fd);
    return -1;
}

static bool make_folder(struct jail *jail, struct error *err)
{
    const char *base = getenv("TMPDIR");
    if (!base || base[0] != '/')
        base = "/tmp";
    sweep(base);
    for (int tries = 0; tries < 3; tries++) {
        int length = snprintf(jail->folder, sizeof jail->folder, "%s/%s", base, FOLDER_NAME);
        if (length < 0 || (size_t)length >= sizeof jail->folder)
            break;
        jail->folder_lock = make_locked(jail->folder);
        if (jail->folder_lock >= 0)
            return true;
    }
    return fail(err, "no temporary folder can be made in %s (TMPDIR names another)", base);
}

// The folder is flat: SQLite and the keeper of lines remove their files as they open them.
static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        (void)closedir(folder);
    (void)rmdir(path);
}

static int in_child(void *context, struct error *err)
{
    struct jail *jail = context;
    if (setenv("TMPDIR", jail->folder, 1) != 0 || setenv("SQLITE_TMPDIR", jail->folder, 1) != 0)
        mem_exhausted();
    return jail->work(jail->context, jail, err);
}

// Opens the bundle while that is possible; one that cannot be opened is reported by its reader. Gives the
// descriptor where more must be opened below or beside it later: of a folder, of a database.
static int open_before(const char *path)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return -1;
    int fd = opened_keep(path);
    bool folder = fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
    return folder || bundle_is_database(path) ? fd : -1;
}

bool jail_lock(const struct jail *jail, struct error *err)
{
    if (!jail)
        return true;
    const struct limits *limits = argument_limits(jail->arguments);
    struct sandbox sandbox = {
        .mode = jail->mode,
        .read = {open_before(jail->bundle_path), jail->second_path ? open_before(jail->second_path) : -1},
        .write_folders = {jail->folder, NULL},
        .memory_bytes = limits->address_mb > UINT64_MAX >> 20 ? UINT64_MAX : limits->address_mb << 20,
        .cpu_s = limits->cpu_s,
    };
    CLEANUP(buffer_release) struct buffer missing = {0};
    bool locked = sandbox_enter(&sandbox, &missing, err);
    if (locked && missing.len && argument_given(jail->arguments, "verbose"))
        (void)fprintf(stderr, "inquest: the sandbox is without %s\n", missing.ptr);
    return locked;
}

bool jail_run(const struct arguments *arguments, const char *bundle_path, jailed_work *work, void *context,
              int *result, struct error *err)
{
    return jail_run_two(arguments, bundle_path, NULL, work, context, result, err);
}

bool jail_run_two(const struct arguments *arguments, const char *bundle_path, const char *second_path,
                  jailed_work *work, void *context, int *result, struct error *err)
{
    struct jail jail = {.arguments = arguments,
                        .bundle_path = bundle_path,
                        .second_path = second_path,
                        .work = work,
                        .context = context};
    if (!choose_mode(arguments, &jail.mode, err))
        return false;
    uint64_t wall_s = argument_limits(arguments)->wall_s;
    if (jail.mode == SANDBOX_OFF) {
        (void)alarm(wall_s > INT_MAX ? INT_MAX : wall_s ? (unsigned)wall_s : 1); // 0 would be none
        *result = work(context, NULL, err);
        (void)alarm(0);
        return true;
    }
    if (!make_folder(&jail, err))
        return false;
    current_folder = jail.folder;
    bool ended = sandbox_run(in_child, &jail, wall_s, result, err);
    remove_folder(jail.folder);
    current_folder = NULL;
    (void)close(jail.folder_lock);
    return ended || fail_context(err, "%s", bundle_path);
}
