// SPDX-License-Identifier: Apache-2.0
//
// Names of kernel functions: what compilers and syscall wrappers do to them, and which set they are in.
#include <string.h>

#include "kernel/frame.h"

// Wrappers of a syscall, the longer first. SyS_ and SYSC_ up to 4.16, the per-arch ones from 4.17
// (Documentation/process/adding-syscalls.rst), ksys_ for calls from inside the kernel since 4.17.
static const char *const syscall_prefixes[] = {
    "__x64_sys_",
    "__ia32_sys_",
    "__arm64_sys_",
    "__s390x_sys_",
    "__s390_sys_",
    "__riscv_sys_",
    "__powerpc_sys_",
    "__se_sys_",
    "__do_sys_",
    "__x32_compat_sys_",
    "__x64_compat_sys_",
    "__ia32_compat_sys_",
    "__arm64_compat_sys_",
    "__se_compat_sys_",
    "__do_compat_sys_",
    "compat_SyS_",
    "compat_sys_",
    "C_SYSC_",
    "ksys_",
    "SyS_",
    "SYSC_",
    "sys_",
};

// ELFv1 entry points on ppc64 carry a dot in front; what follows a dot behind is the compiler's.
// `foo[jt]` is clang's jump table of foo.
static struct text without_suffix(struct text symbol)
{
    (void)text_skip(&symbol, ".");
    for (size_t i = 1; i < symbol.len; i++)
        if (symbol.ptr[i] == '.' || symbol.ptr[i] == '$' || symbol.ptr[i] == '[')
            return text_slice(symbol, 0, i);
    return symbol;
}

struct text frame_function(struct text symbol, struct arena *arena)
{
    struct text name = without_suffix(symbol);
    if (text_starts(name, "0x"))
        return TEXT("unresolved");
    for (size_t i = 0; i < sizeof syscall_prefixes / sizeof *syscall_prefixes; i++) {
        struct text call = name;
        if (text_skip(&call, syscall_prefixes[i]) && call.len)
            return text_of(arena_printf(arena, "sys:%.*s", TEXT_ARG(call)));
    }
    return name;
}

bool frame_name_fits(struct text function, const char *name)
{
    if (name[0] != '*' && (!function.len || function.ptr[0] != name[0]))
        return false; // most names of a list: no need to measure them
    size_t length = strlen(name);
    if (name[length - 1] != '*')
        return text_is(function, name);
    return function.len >= length - 1 && memcmp(function.ptr, name, length - 1) == 0;
}

static const struct {
    const char *name;
    enum lock lock;
} sleep_list[] = {
#define SLEEP(name, lock) {name, lock},
#include "kernel/sleep.list"
#undef SLEEP
};

static const char *const entry_list[] = {
#define ENTRY(name) name,
#include "kernel/entry.list"
#undef ENTRY
};

enum { SLEEPS = sizeof sleep_list / sizeof *sleep_list };

static size_t find_sleep(struct text function)
{
    size_t i = 0;
    while (i < SLEEPS && !frame_name_fits(function, sleep_list[i].name))
        i++;
    return i;
}

bool frame_is_lock_or_sleep(struct text function)
{
    return find_sleep(function) < SLEEPS;
}

enum lock frame_lock(struct text function)
{
    size_t i = find_sleep(function);
    return i < SLEEPS ? sleep_list[i].lock : LOCK_NONE;
}

bool frame_is_entry(struct text function)
{
    for (size_t i = 0; i < sizeof entry_list / sizeof *entry_list; i++)
        if (frame_name_fits(function, entry_list[i]))
            return true;
    return false;
}
