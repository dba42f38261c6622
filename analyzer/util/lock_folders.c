// SPDX-License-Identifier: Apache-2.0
//
// Landlock through raw system calls: glibc has no wrappers, and Debian 12's header knows only the
// second of its interfaces (ABIs). Each ABI can restrict more; asking an old kernel for it is EINVAL or
// E2BIG, so we ask for what the kernel says it has and step down when it refuses even that (seen in
// containers whose kernel reports an ABI that their filter then denies). linux/landlock.h,
// Documentation/userspace-api/landlock.rst
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/lock.h"

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 }; // the same numbers on every architecture
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

struct ruleset { // grows with the ABI
    uint64_t files, network, scope;
};

struct beneath {
    uint64_t allowed;
    int32_t folder;
} __attribute__((packed));

// Bits of `files`.
enum {
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_FILE = 1 << 5,
    MAKE_REG = 1 << 8,
    TRUNCATE = 1 << 14,
};

static const struct {
    size_t bytes;   // of struct ruleset
    unsigned files; // how many bits of it are known
    unsigned network, scope;
} abis[] = {
    {8, 13, 0, 0},  // 1, Linux 5.13
    {8, 14, 0, 0},  // 2, 5.19: linking and renaming across folders
    {8, 15, 0, 0},  // 3, 6.2: truncation
    {16, 15, 2, 0}, // 4, 6.7: TCP
    {16, 16, 2, 0}, // 5, 6.10: ioctl of devices
    {24, 16, 2, 2}, // 6, 6.12: abstract sockets, signals
};
enum { ABIS = sizeof abis / sizeof *abis };

static uint64_t lowest(unsigned bits)
{
    return ((uint64_t)1 << bits) - 1;
}

static int open_ruleset(int abi)
{
    struct ruleset ruleset = {lowest(abis[abi].files), lowest(abis[abi].network), lowest(abis[abi].scope)};
    return (int)syscall(CREATE_RULESET, &ruleset, abis[abi].bytes, 0);
}

static bool allow(int ruleset, int abi, int folder, uint64_t what)
{
    struct beneath rule = {what & lowest(abis[abi].files), folder};
    return syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
}

// Of a file only its own rights can be given; the kernel refuses a folder's.
static uint64_t reading_of(int what)
{
    struct stat status;
    bool folder = fstat(what, &status) == 0 && S_ISDIR(status.st_mode);
    return folder ? READ_FILE | READ_DIR : READ_FILE;
}

static bool allow_folders(const struct sandbox *sandbox, int ruleset, int abi)
{
    enum { READ = READ_FILE | READ_DIR, WRITE = READ | WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE };
    bool ok = true;
    for (size_t i = 0; i < sizeof sandbox->read / sizeof *sandbox->read; i++)
        ok = ok &&
             (sandbox->read[i] < 0 || allow(ruleset, abi, sandbox->read[i], reading_of(sandbox->read[i])));
    for (size_t i = 0; i < sizeof sandbox->write_folders / sizeof *sandbox->write_folders; i++) {
        if (!sandbox->write_folders[i])
            continue;
        int folder = open(sandbox->write_folders[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        ok = ok && folder >= 0 && allow(ruleset, abi, folder, WRITE);
        if (folder >= 0)
            (void)close(folder);
    }
    return ok;
}

bool lock_folders(const struct sandbox *sandbox)
{
    long version = syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    int ruleset = -1, abi = version > ABIS ? ABIS : (int)version;
    while (abi-- > 0) {
        ruleset = open_ruleset(abi);
        if (ruleset >= 0 || (errno != EINVAL && errno != E2BIG))
            break;
    }
    if (ruleset < 0)
        return false;
    bool ok = allow_folders(sandbox, ruleset, abi) && syscall(RESTRICT_SELF, ruleset, 0) == 0;
    int why = errno;
    (void)close(ruleset);
    errno = why;
    return ok;
}
