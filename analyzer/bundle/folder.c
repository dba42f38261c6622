// SPDX-License-Identifier: Apache-2.0
//
// A bundle as a folder on disk. Nothing is followed and nothing can block: names are opened one by one
// below their folder's descriptor, only what is a regular file, without waiting.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/reader.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/buffer.h"

enum { FOLDER_BLOCK = 256 * 1024, FOLDER_NAMES = 1000000, TARGET_MOST = 4096 };

struct name {
    const char *text;
    unsigned char type; // DT_REG …
};

struct level { // a folder on the way down
    int fd;
    ARRAY(struct name) names;
    struct arena arena; // of the names
    size_t next;        // name
    size_t path_bytes;  // of the path above its names
};

struct folder {
    struct reader reader;
    const struct limits *limits;
    ARRAY(struct level) levels;
    struct buffer path;
    int file; // the entry's descriptor, or -1
    uint64_t position, size;
    bool sparse, too_many;
    char target[TARGET_MOST];
    char block[FOLDER_BLOCK];
};

// Byte order of whole paths: a folder's name counts with the slash that follows it.
static int name_compare(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    size_t n = 0;
    while (a->text[n] && a->text[n] == b->text[n])
        n++;
    int x = (unsigned char)a->text[n], y = (unsigned char)b->text[n];
    if (!x && a->type == DT_DIR)
        x = '/';
    if (!y && b->type == DT_DIR)
        y = '/';
    return x - y;
}

static unsigned char type_at(int fd, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return (unsigned char)IFTODT(status.st_mode);
}

static void read_names(struct folder *folder, struct level *level, DIR *listing)
{
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (level->names.count >= FOLDER_NAMES) {
            folder->too_many = true;
            break;
        }
        *array_add(&level->names) =
            (struct name){arena_string(&level->arena, text_of(entry->d_name)), type_at(level->fd, entry)};
    }
    array_sort(&level->names, name_compare);
}

static bool enter(struct folder *folder, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0); // readdir's own, since fdopendir takes it over
    DIR *listing = copy >= 0 ? fdopendir(copy) : NULL;
    if (!listing) {
        if (copy >= 0)
            (void)close(copy);
        (void)close(fd);
        return false;
    }
    struct level *level = array_add(&folder->levels);
    level->fd = fd;
    level->path_bytes = folder->path.len;
    read_names(folder, level, listing);
    (void)closedir(listing);
    return true;
}

static void leave(struct folder *folder)
{
    struct level *level = &folder->levels.items[--folder->levels.count];
    (void)close(level->fd);
    array_release(&level->names);
    arena_release(&level->arena);
}

static void close_file(struct folder *folder)
{
    if (folder->file >= 0)
        (void)close(folder->file);
    folder->file = -1;
}

static enum entry_type open_file(struct folder *folder, int fd, const char *name)
{
    struct stat status;
    folder->file = openat(fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (folder->file < 0)
        return ENTRY_CLOSED;
    if (fstat(folder->file, &status) != 0 || !S_ISREG(status.st_mode)) { // swapped since it was listed
        close_file(folder);
        return ENTRY_DEVICE;
    }
    folder->position = 0;
    folder->size = (uint64_t)status.st_size;
    folder->sparse = (uint64_t)status.st_blocks * 512 + FOLDER_BLOCK < folder->size;
    return ENTRY_FILE;
}

static enum entry_type open_folder(struct folder *folder, int fd, const char *name)
{
    if (folder->levels.count >= folder->limits->path_depth)
        return ENTRY_TOO_DEEP;
    int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return below >= 0 && enter(folder, below) ? ENTRY_FOLDER : ENTRY_CLOSED;
}

static enum entry_type read_link(struct folder *folder, int fd, const char *name, struct text *target)
{
    ssize_t n = readlinkat(fd, name, folder->target, sizeof folder->target);
    *target = (struct text){folder->target, n > 0 ? (size_t)n : 0};
    return ENTRY_LINK;
}

static enum entry_type open_name(struct folder *folder, int fd, struct name name, struct text *target)
{
    switch (name.type) {
    case DT_REG:
        return open_file(folder, fd, name.text);
    case DT_DIR:
        return open_folder(folder, fd, name.text);
    case DT_LNK:
        return read_link(folder, fd, name.text, target);
    case DT_FIFO:
        return ENTRY_PIPE;
    case DT_SOCK:
        return ENTRY_SOCKET;
    case DT_UNKNOWN:
        return ENTRY_CLOSED;
    default:
        return ENTRY_DEVICE;
    }
}

static enum entry_result folder_next(struct reader *reader, struct entry *entry)
{
    struct folder *folder = (struct folder *)reader;
    close_file(folder);
    reader->trouble[0] = '\0';
    if (folder->too_many)
        (void)snprintf(reader->damage, sizeof reader->damage, "a folder holds more than %d names",
                       FOLDER_NAMES);
    while (folder->levels.count) {
        struct level *level = &folder->levels.items[folder->levels.count - 1];
        folder->path.len = level->path_bytes;
        if (level->next == level->names.count) {
            leave(folder);
            continue;
        }
        struct name name = level->names.items[level->next++];
        if (folder->path.len)
            buffer_putc(&folder->path, '/');
        buffer_puts(&folder->path, name.text);
        *entry = (struct entry){.type = ENTRY_FOLDER};
        entry->type = open_name(folder, level->fd, name, &entry->target); // may move `level`
        entry->path = buffer_text(&folder->path);
        if (entry->type != ENTRY_FOLDER)
            return ENTRY_FOUND;
    }
    return ENTRY_END;
}

// Where the next bytes of a sparse file are and how many; holes are left out. False at the end.
static bool find_data(struct folder *folder, size_t *most)
{
    off_t data = lseek(folder->file, (off_t)folder->position, SEEK_DATA);
    off_t hole = data >= 0 ? lseek(folder->file, data, SEEK_HOLE) : -1;
    uint64_t at = data >= 0 ? (uint64_t)data : folder->size;
    if (at != folder->position)
        (void)snprintf(folder->reader.trouble, sizeof folder->reader.trouble,
                       "a sparse file: its holes were left out");
    folder->position = at;
    if (hole > data && (uint64_t)(hole - data) < *most)
        *most = (size_t)(hole - data);
    return data >= 0;
}

static bool folder_read(struct reader *reader, struct text *chunk)
{
    struct folder *folder = (struct folder *)reader;
    size_t most = sizeof folder->block;
    // a file of no size may be one of /proc's and is read to its end
    if (folder->file < 0 || (folder->size && folder->position >= folder->size) ||
        (folder->sparse && !find_data(folder, &most)))
        return false;
    ssize_t n;
    do
        n = pread(folder->file, folder->block, most, (off_t)folder->position);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        (void)snprintf(reader->trouble, sizeof reader->trouble, "reading failed (%s)", strerror(errno));
    if (n <= 0)
        return false;
    *chunk = (struct text){folder->block, (size_t)n};
    folder->position += (size_t)n;
    return true;
}

static void folder_close(struct reader *reader)
{
    struct folder *folder = (struct folder *)reader;
    close_file(folder);
    while (folder->levels.count)
        leave(folder);
    array_release(&folder->levels);
    buffer_release(&folder->path);
    free(folder);
}

struct reader *reader_of_folder(int fd, const struct limits *limits)
{
    struct folder *folder = mem_alloc(1, sizeof *folder);
    folder->reader = (struct reader){.next = folder_next, .read = folder_read, .close = folder_close};
    folder->limits = limits;
    folder->file = -1;
    if (!enter(folder, fd))
        (void)snprintf(folder->reader.damage, sizeof folder->reader.damage, "cannot be listed (%s)",
                       strerror(errno));
    return &folder->reader;
}
