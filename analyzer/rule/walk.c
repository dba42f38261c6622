// SPDX-License-Identifier: Apache-2.0
#include "rule/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/array.h"
#include "util/buffer.h"
#include "util/memory.h"

enum { WALK_DEPTH = 16 };

struct paths ARRAY_BODY(char *);

static void paths_release(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    array_release(paths);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool trouble(struct error *err, const char *path, const char *what)
{
    return fail_kind(err, ERROR_USAGE, "rules: %s: %s", path, what);
}

static bool is_rule_name(struct text name)
{
    return text_ends(name, ".yaml") || text_ends(name, ".yml") || text_ends(name, ".json");
}

static bool collect(struct paths *paths, const char *folder, unsigned depth, struct error *err);

static bool collect_entry(struct paths *paths, const char *folder, const char *name, unsigned depth,
                          struct error *err)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    struct stat status;
    bool fine = true;
    if (lstat(path.ptr, &status) != 0)
        fine = trouble(err, path.ptr, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        fine = collect(paths, path.ptr, depth + 1, err);
    else if (is_rule_name(text_of(name)))
        *array_add(paths) = mem_copy(path.ptr, path.len);
    buffer_release(&path);
    return fine;
}

// Depth is bounded: the tree is the rule author's, but a mistake must not end in a full stack.
static bool collect(struct paths *paths, const char *folder, unsigned depth, struct error *err)
{
    if (depth > WALK_DEPTH)
        return trouble(err, folder, "nested too deeply");
    DIR *directory = opendir(folder);
    if (!directory)
        return trouble(err, folder, strerror(errno));
    bool fine = true;
    const struct dirent *entry;
    while (fine && (entry = readdir(directory)))
        if (entry->d_name[0] != '.')
            fine = collect_entry(paths, folder, entry->d_name, depth, err);
    closedir(directory);
    return fine;
}

static bool read_whole(int fd, const char *path, const struct limits *limits, struct buffer *content,
                       struct error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return trouble(err, path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return trouble(err, path, "no file");
    // The size is only a guess: the file may grow while it is read.
    size_t piece = status.st_size > 0 && (uint64_t)status.st_size < limits->rule_bytes
                       ? (size_t)status.st_size + 1
                       : 32 * 1024;
    for (;;) {
        ssize_t got = read(fd, buffer_reserve(content, piece), piece);
        if (got < 0)
            return trouble(err, path, strerror(errno));
        if (got == 0)
            return true;
        content->len += (size_t)got;
        if (content->len > limits->rule_bytes)
            return trouble(err, path, "longer than a rule may be (limit rule_bytes)");
    }
}

static bool give(const char *path, const struct limits *limits, walk_file *file, void *context,
                 struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not hold us up
    if (fd < 0)
        return trouble(err, path, strerror(errno));
    struct buffer content = {0};
    bool fine = read_whole(fd, path, limits, &content, err);
    if (fine)
        file(context, path, content.ptr ? buffer_text(&content) : TEXT(""));
    buffer_release(&content);
    close(fd);
    return fine;
}

bool walk_rules(const char *path, const struct limits *limits, walk_file *file, void *context,
                struct error *err)
{
    struct stat status;
    if (!*path || stat(path, &status) != 0)
        return trouble(err, path, *path ? strerror(errno) : "no path");
    if (!S_ISDIR(status.st_mode))
        return give(path, limits, file, context, err);
    CLEANUP(paths_release) struct paths paths = {0};
    bool fine = collect(&paths, path, 0, err);
    array_sort(&paths, compare);
    for (size_t i = 0; fine && i < paths.count; i++)
        fine = give(paths.items[i], limits, file, context, err);
    return fine;
}
