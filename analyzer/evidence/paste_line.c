// SPDX-License-Identifier: Apache-2.0
#include "evidence/paste_line.h"

#include <string.h>

#include "bundle/member.h"
#include "kernel/frame.h"

static bool any_starts(struct text text, const char *const *words)
{
    for (; *words; words++)
        if (text_starts(text, *words))
            return true;
    return false;
}

static bool any_contains(struct text text, const char *const *words)
{
    for (; *words; words++)
        if (text_contains(text, *words))
            return true;
    return false;
}

static bool any_is(struct text text, const char *const *words)
{
    for (; *words; words++)
        if (text_is(text, *words))
            return true;
    return false;
}

// ---- evidence ----------------------------------------------------------------------------------

// Nearly no line is a frame, and this tells most of them from one: an offset, or an address in brackets.
static bool may_be_frame(struct text text)
{
    return text_contains(text, "+0x") || text_contains(text, "[<") || text_contains(text, "[&lt;");
}

static bool is_frame(struct paste_reader *reader, struct text text, struct paste_line *line)
{
    struct frame frame;
    bool cut = false;
    bool found = frame_parse(text, true, reader->arena, &frame, &cut);
    if (!found) // without an address only `f+0x1/0x2` is one
        found = frame_parse(text, false, reader->arena, &frame, &cut) && frame.has_offset && frame.has_size;
    line->is_frame = found;
    line->is_entry = found && frame_is_entry(frame.function);
    return found;
}

// `[<ffffffffffffffff>] 0xffffffffffffffff`, and the unresolved addresses that look like it.
static bool is_trailer(struct text text)
{
    ptrdiff_t at = text_find(text, TEXT(">] 0x"));
    return at > 0 && text_find_byte(text_slice(text, 0, (size_t)at), '<') >= 0 &&
           text_find_byte(text, '+') < 0;
}

// `lrwxrwxrwx 1 root root 0 6 11 10:08 net -> net:[4026531992]`
static bool is_listing(struct text text, struct paste_line *line)
{
    static const char *const kinds[] = {
        "cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children",
        "user",   "uts", NULL};
    enum { PERMISSIONS = 10 };
    struct text rest = text, word, name = {NULL, 0};
    if (text_starts(text, "total ") && text_all_digits(text_from(text, 6)))
        return true;
    if (text.len < PERMISSIONS || !memchr("-dlcbps?", text.ptr[0], 8))
        return false;
    for (size_t i = 1; i < PERMISSIONS; i++)
        if (!memchr("rwxsStT-?", text.ptr[i], 9))
            return false;
    int words = 0;
    while (text_word(&rest, &word) && !text_is(word, "->")) {
        name = word;
        words++;
    }
    line->listing = any_is(name, kinds)                            ? LISTING_NS
                    : text_all_digits(name) && text_is(word, "->") ? LISTING_FD
                                                                   : LISTING_OTHER;
    return words >= 5;
}

// The kernel's reports as a console or a careless copy shows them: without a stamp.
static bool is_report(struct text text)
{
    static const char *const starts[] = {"INFO: task ",
                                         "INFO: rcu",
                                         "rcu: INFO: ",
                                         "BUG: ",
                                         "watchdog: BUG: ",
                                         "NMI watchdog: ",
                                         "Kernel panic - ",
                                         "sysrq: ",
                                         "SysRq : ",
                                         "Workqueue: ",
                                         "unregister_netdevice: waiting",
                                         "nfs: server ",
                                         "libceph: ",
                                         "ceph: mds",
                                         "Not tainted ",
                                         "Tainted: ",
                                         "\"echo 0 > /proc/sys/kernel/hung_task",
                                         "Memory cgroup out of memory",
                                         "Out of memory: ",
                                         NULL};
    static const char *const anywhere[] = {" invoked oom-killer: ", " blocked for more than ", NULL};
    return any_starts(text, starts) || any_contains(text, anywhere) ||
           (text_starts(text, "task:") && text_contains(text, " state:"));
}

struct table {
    const char *words[4]; // that stand in its first line, as words
    const char *path;
};

static const struct table tables[] = {
    {{"CONTAINER", "ID", "IMAGE", "COMMAND"}, "cmd/docker-ps.txt"},
    {{"CONTAINER", "IMAGE", "STATE", "ATTEMPT"}, "cmd/crictl-ps.txt"},
    {{"PID", "CMD"}, "cmd/ps.txt"},
    {{"PID", "COMMAND"}, "cmd/ps.txt"},
    {{"PID", "COMM"}, "cmd/ps.txt"},
    {{"PID", "WCHAN"}, "cmd/ps.txt"},
    {{"PID", "STAT"}, "cmd/ps.txt"},
    {{"NAME", "DESIRED", "UP-TO-DATE", "AVAILABLE"}, "k8s/daemonsets.txt"},
    {{"NAME", "DESIRED", "CURRENT", "READY"}, "k8s/replicasets.txt"},
    {{"NAME", "READY", "UP-TO-DATE", "AVAILABLE"}, "k8s/deployments.txt"},
    {{"NAME", "READY", "STATUS", "RESTARTS"}, "k8s/pods.txt"},
    {{"NAME", "STATUS", "ROLES", "VERSION"}, "k8s/nodes.txt"},
    {{"TYPE", "REASON", "OBJECT", "MESSAGE"}, "k8s/events.txt"},
    {{"IP", "Virtual", "Server", "version"}, "cmd/ipvsadm.txt"},
    {{"MemTotal:", "kB"}, "proc/meminfo"},
    {{"Inter-|", "Receive"}, "proc/net/dev"},
};

static bool holds_word(struct text text, const char *wanted)
{
    struct text word;
    while (text_word(&text, &word))
        if (text_is(word, wanted))
            return true;
    return false;
}

static bool is_table(struct text text, struct paste_line *line)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        size_t n = 0;
        while (n < 4 && tables[i].words[n] && holds_word(text, tables[i].words[n]))
            n++;
        if (n == 4 || !tables[i].words[n]) {
            line->path = text_of(tables[i].path);
            return true;
        }
    }
    return false;
}

static bool is_log(struct paste_reader *reader, struct text text, struct paste_line *line)
{
    struct log_line record;
    enum log_kind kind = log_line_parse(&reader->format, text, &record);
    line->kernel = kind == LOG_RECORD && record.kernel;
    return kind == LOG_RECORD || kind == LOG_BANNER || kind == LOG_REBOOT || kind == LOG_WALL;
}

static bool is_goroutine(struct text text)
{
    struct text rest = text;
    uint64_t id;
    return text_skip(&rest, "goroutine ") && text_take_u64(&rest, &id) && text_starts(rest, " [");
}

// ---- the line ----------------------------------------------------------------------------------

static enum paste_kind read_words(struct paste_reader *reader, struct text text, struct paste_line *line)
{
    if (paste_heading_read(reader, text, line))
        return line->kind;
    line->pid = line->tid = NO_ID;
    if (is_report(text))
        return PASTE_REPORT;
    if (is_table(text, line))
        return PASTE_TABLE;
    paste_named_pid(text, line);
    return PASTE_PROSE;
}

void paste_line_read(struct paste_reader *reader, struct text text, struct paste_line *line)
{
    struct text trimmed = text_trim(text);
    *line = (struct paste_line){.text = text, .pid = NO_ID, .tid = NO_ID};
    if (trimmed.len == 0) {
        line->kind = PASTE_BLANK;
    } else if (may_be_frame(trimmed) && is_frame(reader, trimmed, line)) {
        bool stamped = is_log(reader, trimmed, line);
        line->kind = stamped ? PASTE_LOG : PASTE_FRAME;
        if (!paste_proc_path(trimmed, line))
            paste_walker(trimmed, line);
    } else if (is_trailer(trimmed)) {
        line->kind = PASTE_TRAILER;
    } else if (is_listing(trimmed, line)) {
        line->kind = PASTE_LISTING;
    } else if (is_goroutine(trimmed)) {
        line->kind = PASTE_GOROUTINE;
    } else if (is_log(reader, text, line)) {
        line->kind = PASTE_LOG;
    } else {
        line->kind = read_words(reader, trimmed, line);
    }
}
