// SPDX-License-Identifier: Apache-2.0
//
// Preloaded, makes one call fail, in the program and in every library of it. Three kinds, each with a count
// of its own that the child which reads the bundle goes on with:
//
//   alloc   malloc, calloc, realloc, …            no memory
//   write   write, pwrite, fsync, rename, making a file, …   no space left
//   short   write, pwrite                         writes half of the bytes, which is no failure
//
// INQUEST_FAULT=alloc:17 fails the 17th, alloc:17+ that and every one after; none only counts.
// INQUEST_FAULT_COUNTS names a file of at least 32 bytes that is mapped: the counts so far, as four numbers
// of 8 bytes (alloc, write, short, failed); in what follows them, as far as there is room, 8 bytes for each
// alloc: a hash of where it was called from. INQUEST_FAULT_TRACE names a file that gets the stack of the
// first call that failed. What goes to standard error always gets through, else nobody would hear of the
// failure, and what goes into a pipe: no disk is behind it.
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEAREST = 6 };
enum kind { ALLOC, WRITE, SHORT, KINDS };

struct counts {
    atomic_ullong calls[KINDS], failed;
    uint64_t places[];
};

static atomic_ullong private_counts[KINDS + 1];
static struct counts *counts = (struct counts *)private_counts;
static size_t room; // for places
static bool armed, forever;
static enum kind kind;
static unsigned long long wanted;
static int trace = -1;

static void leave_trace(void)
{
    void *frames[40];
    armed = false;
    backtrace_symbols_fd(frames, backtrace(frames, 40), trace);
    armed = true;
}

// FNV-1a over the nearest return addresses: all of them would make a place of each way through SQLite.
static uint64_t place(void)
{
    void *frames[2 + NEAREST];
    armed = false;
    int count = backtrace(frames, 2 + NEAREST);
    armed = true;
    uint64_t hash = 0xcbf29ce484222325;
    for (int i = 2; i < count; i++)
        hash = (hash ^ (uintptr_t)frames[i]) * 0x100000001b3;
    return hash;
}

// Counts a call and says whether it is to fail.
static bool strikes(enum kind which)
{
    if (!armed)
        return false;
    unsigned long long number = atomic_fetch_add(&counts->calls[which], 1) + 1;
    if (which == ALLOC && number <= room)
        counts->places[number - 1] = place();
    if (which != kind || number < wanted || (number > wanted && !forever))
        return false;
    if (atomic_fetch_add(&counts->failed, 1) == 0 && trace >= 0)
        leave_trace();
    return true;
}

static void map_counts(const char *file)
{
    struct stat status;
    int fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0 || (size_t)status.st_size < sizeof *counts)
        abort();
    size_t bytes = (size_t)status.st_size;
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        abort();
    (void)close(fd);
    counts = mapped;
    room = (bytes - sizeof *counts) / sizeof *counts->places;
}

static void __attribute__((constructor)) arm(void)
{
    static const char *const names[] = {"alloc:", "write:", "short:"};
    const char *fault = getenv("INQUEST_FAULT"), *file = getenv("INQUEST_FAULT_COUNTS"),
               *traced = getenv("INQUEST_FAULT_TRACE");
    void *frame;
    if (file)
        map_counts(file);
    if (traced)
        trace = open(traced, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (traced || room)
        (void)backtrace(&frame, 1); // loads a library, now
    for (size_t i = 0; fault && i < KINDS; i++)
        if (strncmp(fault, names[i], strlen(names[i])) == 0) {
            kind = (enum kind)i;
            wanted = strtoull(fault + strlen(names[i]), NULL, 10);
        }
    forever = fault && fault[0] && fault[strlen(fault) - 1] == '+';
    armed = fault != NULL;
}

// ---- what is behind --------------------------------------------------------------------------

// dlsym may ask for memory itself before it has found any.
static _Alignas(16) char early[4096];
static size_t early_used;

static void *early_alloc(size_t bytes)
{
    void *block = early + early_used;
    early_used += (bytes + 15) & ~(size_t)15;
    if (early_used > sizeof early)
        abort();
    return block;
}

static bool is_early(const void *block)
{
    return (const char *)block >= early && (const char *)block < early + sizeof early;
}

static struct {
    void *(*malloc)(size_t), *(*calloc)(size_t, size_t), *(*realloc)(void *, size_t);
    void *(*memalign)(size_t, size_t);
    void (*free)(void *);
    bool finding;
} next;

static void find_one(void *pointer, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    memcpy(pointer, &found, sizeof found);
}

static bool found(void)
{
    if (next.free)
        return true;
    if (next.finding)
        return false;
    next.finding = true;
    find_one(&next.malloc, "malloc");
    find_one(&next.calloc, "calloc");
    find_one(&next.realloc, "realloc");
    find_one(&next.memalign, "memalign");
    find_one(&next.free, "free");
    next.finding = false;
    return true;
}

#define BEHIND(type, name, ...) \
    static type (*behind)(__VA_ARGS__); \
    if (!behind) \
        find_one(&behind, #name);

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

static int no_space(void)
{
    errno = ENOSPC;
    return -1;
}

// ---- memory ----------------------------------------------------------------------------------

void *malloc(size_t bytes)
{
    if (strikes(ALLOC))
        return no_memory();
    return found() ? next.malloc(bytes) : early_alloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    if (strikes(ALLOC))
        return no_memory();
    return found() ? next.calloc(count, bytes) : early_alloc(count * bytes);
}

void *realloc(void *block, size_t bytes)
{
    if (strikes(ALLOC))
        return no_memory();
    return found() ? next.realloc(block, bytes) : early_alloc(bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    if (strikes(ALLOC))
        return no_memory();
    return found() ? next.memalign(alignment, bytes) : early_alloc(bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    *block = memalign(alignment, bytes);
    return *block ? 0 : ENOMEM;
}

void free(void *block)
{
    if (!is_early(block) && found())
        next.free(block);
}

// ---- files -----------------------------------------------------------------------------------

static bool is_pipe(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    BEHIND(ssize_t, write, int, const void *, size_t)
    if (fd == STDERR_FILENO || fd == trace || is_pipe(fd))
        return behind(fd, bytes, length);
    if (strikes(WRITE))
        return no_space();
    return behind(fd, bytes, length > 1 && strikes(SHORT) ? length / 2 : length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    BEHIND(ssize_t, pwrite, int, const void *, size_t, off_t)
    if (strikes(WRITE))
        return no_space();
    return behind(fd, bytes, length > 1 && strikes(SHORT) ? length / 2 : length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    return pwrite(fd, bytes, length, offset);
}

int fsync(int fd)
{
    BEHIND(int, fsync, int)
    return strikes(WRITE) ? no_space() : behind(fd);
}

int fdatasync(int fd)
{
    BEHIND(int, fdatasync, int)
    return strikes(WRITE) ? no_space() : behind(fd);
}

int ftruncate(int fd, off_t length)
{
    BEHIND(int, ftruncate, int, off_t)
    return strikes(WRITE) ? no_space() : behind(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
    return ftruncate(fd, length);
}

int rename(const char *from, const char *to)
{
    BEHIND(int, rename, const char *, const char *)
    return strikes(WRITE) ? no_space() : behind(from, to);
}

int mkostemp(char *name, int flags)
{
    BEHIND(int, mkostemp, char *, int)
    return strikes(WRITE) ? no_space() : behind(name, flags);
}

char *mkdtemp(char *name)
{
    BEHIND(char *, mkdtemp, char *)
    return strikes(WRITE) ? (no_space(), NULL) : behind(name);
}

static bool makes_a_file(int flags)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

int open(const char *path, int flags, ...)
{
    BEHIND(int, open, const char *, int, ...)
    va_list rest;
    va_start(rest, flags);
    mode_t mode = makes_a_file(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    bool makes = makes_a_file(flags) && (!(flags & O_CREAT) || access(path, F_OK) != 0);
    return makes && strikes(WRITE) ? no_space() : behind(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = makes_a_file(flags) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open(path, flags, mode);
}
