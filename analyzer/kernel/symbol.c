// SPDX-License-Identifier: Apache-2.0
//
// Names of kernel functions: what compilers and syscall wrappers do to them, and which set they are in.
#include "kernel/frame.h"

// Wrappers of a syscall, the longer first. SyS_ and SYSC_ up to 4.16, the per-arch ones from 4.17
// (Documentation/process/adding-syscalls.rst), ksys_ for calls from inside the kernel since 4.17.
static const struct frame_name syscall_prefixes[] = {
    FRAME_NAME("__x64_sys_*"),
    FRAME_NAME("__ia32_sys_*"),
    FRAME_NAME("__arm64_sys_*"),
    FRAME_NAME("__s390x_sys_*"),
    FRAME_NAME("__s390_sys_*"),
    FRAME_NAME("__riscv_sys_*"),
    FRAME_NAME("__powerpc_sys_*"),
    FRAME_NAME("__se_sys_*"),
    FRAME_NAME("__do_sys_*"),
    FRAME_NAME("__x32_compat_sys_*"),
    FRAME_NAME("__x64_compat_sys_*"),
    FRAME_NAME("__ia32_compat_sys_*"),
    FRAME_NAME("__arm64_compat_sys_*"),
    FRAME_NAME("__se_compat_sys_*"),
    FRAME_NAME("__do_compat_sys_*"),
    FRAME_NAME("compat_SyS_*"),
    FRAME_NAME("compat_sys_*"),
    FRAME_NAME("C_SYSC_*"),
    FRAME_NAME("ksys_*"),
    FRAME_NAME("SyS_*"),
    FRAME_NAME("SYSC_*"),
    FRAME_NAME("sys_*"),
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
        struct text call = text_from(name, syscall_prefixes[i].length - 1);
        if (call.len && frame_name_fits(name, &syscall_prefixes[i]))
            return text_of(arena_printf(arena, "sys:%.*s", TEXT_ARG(call)));
    }
    return name;
}

static const struct {
    struct frame_name name;
    enum lock lock;
} sleep_list[] = {
#define SLEEP(name, lock) {FRAME_NAME(name), lock},
#include "kernel/sleep.list"
#undef SLEEP
};

static const struct frame_name entry_list[] = {
#define ENTRY(name) FRAME_NAME(name),
#include "kernel/entry.list"
#undef ENTRY
};

enum { SLEEPS = sizeof sleep_list / sizeof *sleep_list };

static size_t find_sleep(struct text function)
{
    size_t i = 0;
    while (i < SLEEPS && !frame_name_fits(function, &sleep_list[i].name))
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
        if (frame_name_fits(function, &entry_list[i]))
            return true;
    return false;
}
