// SPDX-License-Identifier: Apache-2.0
//
// The forms of dmesg and of what reads /dev/kmsg.
#include "evidence/log_line.h"

#include "util/times.h"

// `[ T3470] ` of CONFIG_PRINTK_CALLER (5.1): a thread, or `[    C0] ` a cpu outside of any.
static void take_caller(struct text *rest, struct log_line *out)
{
    struct text at = *rest;
    uint64_t number;
    if (!text_skip(&at, "["))
        return;
    while (at.len && at.ptr[0] == ' ')
        at = text_from(at, 1);
    bool thread = text_starts(at, "T");
    if (!thread && !text_starts(at, "C"))
        return;
    at = text_from(at, 1);
    if (!text_take_u64(&at, &number) || number > INT32_MAX || !text_skip(&at, "]"))
        return;
    out->caller = thread ? (int64_t)number : -1 - (int64_t)number;
    (void)text_skip(&at, " ");
    *rest = at;
}

void log_printk_take(struct text *rest, struct log_line *out)
{
    struct log_stamp stamp;
    struct text at = *rest;
    if (text_skip(&at, "[") && stamp_boot(&at, &stamp) && text_skip(&at, "]")) {
        out->printk_ns = stamp.time;
        (void)text_skip(&at, " ");
        *rest = at;
    }
    take_caller(rest, out);
}

// `Jun26 19:24` and `  +0.001211` of dmesg -H: the second counts on from the line before.
static bool take_human(struct log_format *format, struct text *rest, struct log_stamp *stamp)
{
    struct text at = *rest;
    struct log_minute minute = {0};
    char spaced[] = "Jun 26 19:24:00";
    stamp->zone_s = ROW_NULL;
    while (at.len && at.ptr[0] == ' ')
        at = text_from(at, 1);
    if (text_skip(&at, "+")) {
        if (!stamp_boot(&at, stamp) || format->human_ns == ROW_NULL)
            return false;
        stamp->time += format->human_ns;
    } else {
        if (at.len < 11 || at.ptr[5] != ' ' || at.ptr[8] != ':')
            return false;
        for (size_t i = 0; i < 11; i++)
            spaced[i + (i >= 3)] = at.ptr[i];
        struct text text = {spaced, sizeof spaced - 1};
        if (!stamp_syslog(&text, &minute, stamp) || stamp->clock != CLOCK_YEARLESS)
            return false;
        at = text_from(at, 11);
    }
    format->human_ns = stamp->time;
    stamp->clock = CLOCK_YEARLESS;
    *rest = at;
    return true;
}

// journalctl -o short-monotonic looks like dmesg but for host and ident: the ident must have a pid or be the
// kernel's, as `usb 1-1: …` looks like one too.
static void take_monotonic_tag(struct log_format *format, struct text *rest, struct log_line *out)
{
    struct log_tag tag;
    struct text at = *rest;
    log_tag_take(&at, &format->tag, &tag);
    bool kernel = text_is(tag.ident, "kernel");
    if (!tag.host.ptr || (!kernel && tag.pid == ROW_NULL))
        return;
    out->host = tag.host;
    out->ident = tag.ident;
    out->pid = tag.pid;
    out->kernel = kernel;
    *rest = at;
}

// `[60246.744069] `, `[Tue Nov 20 22:30:22 2018] `, `[2025-06-10 20:14:17] `, `[Jun26 19:24] `
bool log_bracket_take(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                      struct log_line *out)
{
    struct text at = text_from(*rest, 1);
    bool ours = stamp_boot(&at, stamp) || stamp_ctime(&at, stamp) || take_human(format, &at, stamp);
    bool dated = !ours && stamp_iso(&at, &format->outer, stamp);
    if ((!ours && !dated) || !text_skip(&at, "]"))
        return false;
    (void)text_skip(&at, " ");
    out->kernel = ours;
    if (stamp->clock == CLOCK_BOOT) {
        take_caller(&at, out);
        take_monotonic_tag(format, &at, out);
    } else if (ours) {
        take_caller(&at, out);
    }
    if (out->kernel && stamp->clock == CLOCK_BOOT)
        out->printk_ns = stamp->time;
    *rest = at;
    return true;
}

// `<34>1 2003-10-11T22:14:15.003Z host app procid msgid [data] message`; *rest behind the `1 `.
static bool take_rfc5424(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                         struct log_line *out)
{
    struct text at = *rest, process, ignored;
    uint64_t pid;
    if (!stamp_iso(&at, &format->outer, stamp) || !text_word(&at, &out->host) ||
        !text_word(&at, &out->ident) || !text_word(&at, &process) || !text_word(&at, &ignored) ||
        !text_skip(&at, " "))
        return false;
    if (text_to_u64(process, &pid) && pid <= INT32_MAX)
        out->pid = (int64_t)pid;
    while (text_starts(at, "[") && text_find_byte(at, ']') > 0)
        at = text_from(at, (size_t)text_find_byte(at, ']') + 1);
    (void)text_skip(&at, "-");
    (void)text_skip(&at, " ");
    out->kernel = text_is(out->ident, "kernel");
    *rest = at;
    return true;
}

// `<6>[60246.744069] …` (dmesg -r), `<30>Oct 10 …` (syslog on the wire), RFC 5424
bool log_angle_take(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                    struct log_line *out)
{
    struct text at = text_from(*rest, 1);
    uint64_t priority;
    if (!text_take_u64(&at, &priority) || priority > 191 || !text_skip(&at, ">"))
        return false;
    bool found;
    if (text_starts(at, "[")) {
        found = log_bracket_take(format, &at, stamp, out);
    } else if (text_skip(&at, "1 ")) {
        found = take_rfc5424(format, &at, stamp, out);
    } else {
        found = stamp_syslog(&at, &format->outer, stamp) || stamp_iso(&at, &format->outer, stamp);
        if (found)
            log_tag_line(format, &at, out);
    }
    out->priority = (int64_t)(priority & 7);
    *rest = at;
    return found;
}

static struct text take_name(struct text *rest)
{
    size_t n = 0;
    while (n < rest->len && n < 9 && (byte_is_alpha(rest->ptr[n]) || byte_is_digit(rest->ptr[n])))
        n++;
    struct text name = text_slice(*rest, 0, n);
    *rest = text_from(*rest, n);
    return name;
}

static bool skip_colon(struct text *rest)
{
    while (rest->len && rest->ptr[0] == ' ')
        *rest = text_from(*rest, 1);
    if (!text_skip(rest, ":"))
        return false;
    while (rest->len && rest->ptr[0] == ' ')
        *rest = text_from(*rest, 1);
    return true;
}

static bool is_facility(struct text name)
{
    static const char *const names[] = {"kern", "user", "mail", "daemon", "auth",     "syslog",
                                        "lpr",  "news", "uucp", "cron",   "authpriv", "ftp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(name, names[i]))
            return true;
    return name.len == 6 && text_starts(name, "local");
}

// `kern  :info  : [    0.000000] …` (dmesg -x), `user: warning: [2026-01-12T20:27:31.913975631Z]: …` (Talos)
bool log_facility_take(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                       struct log_line *out)
{
    struct text at = *rest, facility = take_name(&at);
    if (!is_facility(facility) || !skip_colon(&at))
        return false;
    struct text level = take_name(&at);
    out->priority = log_priority_of(level);
    if (out->priority == ROW_NULL || !skip_colon(&at) || !text_starts(at, "[") ||
        !log_bracket_take(format, &at, stamp, out))
        return false;
    if (text_skip(&at, ": ") && text_is(facility, "kern"))
        out->kernel = true;
    *rest = at;
    return true;
}
