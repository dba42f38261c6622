// SPDX-License-Identifier: Apache-2.0
//
// Lines in a log that are no records, and what they tell.
#include "evidence/log_line.h"

#include <string.h>

#include "util/times.h"

// The last `2021-11-30 16:48:18 MSK` of a banner: the only place where journalctl's short output says its
// zone and year.
static void banner_learn(struct log_format *format, struct text line)
{
    struct log_minute minute = {0};
    struct log_stamp stamp;
    bool end = false;
    for (struct text at = line; at.len; at = text_from(at, 1)) {
        struct text rest = at, zone;
        if (!byte_is_digit(at.ptr[0]) || !stamp_iso(&rest, &minute, &stamp))
            continue;
        int64_t zone_s;
        if (text_word(&rest, &zone)) {
            if (text_ends(zone, ","))
                zone.len--;
            if (text_ends(zone, "."))
                zone.len--;
            if (zone_offset(zone, &zone_s))
                format->zone_s = zone_s;
        }
        if (end) // the first date is the begin, the second the end
            format->banner_end = stamp.time;
        end = true;
        at = rest;
        if (!at.len)
            break;
    }
}

static enum log_kind boot_mark(struct text line, struct log_line *out)
{
    struct text rest = line, word;
    if (text_starts(line, "-- Reboot --"))
        return LOG_REBOOT;
    if (!text_skip(&rest, "-- Boot ") || !text_word(&rest, &word) || word.len != 32 || !text_all_hex(word))
        return LOG_TEXT;
    out->boot = word;
    return LOG_REBOOT;
}

// journalctl's `-- … --`, and what `-x` adds (`-- Subject: …`, `-- Defined-By: systemd`). Other lines with
// two dashes are text.
static bool is_dashed(struct text line)
{
    static const char *const starts[] = {"-- Logs begin at ", "-- Journal begins at ", "-- No entries --",
                                         "-- Subject: ",      "-- Defined-By: ",       "-- Support: ",
                                         "-- Documentation: "};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (text_starts(line, starts[i]))
            return true;
    return text_ends(text_trim_end(line), " --");
}

// `Message from syslogd@fnl9b at Mar 22 21:40:42 ...`
static bool is_wall(struct log_format *format, struct text line, struct log_line *out)
{
    struct log_stamp stamp;
    struct text rest = line;
    if (!text_skip(&rest, "Message from syslogd@") || !text_word(&rest, &out->host) ||
        !text_skip(&rest, " at "))
        return false;
    if (stamp_syslog(&rest, &format->outer, &stamp) && stamp.clock == CLOCK_YEARLESS) {
        out->time = log_year_place(&format->year, stamp.time);
        out->clock = CLOCK_YEARLESS;
    }
    return true;
}

enum log_kind log_banner_parse(struct log_format *format, struct text line, struct log_line *out)
{
    if (line.ptr[0] == 'M')
        return is_wall(format, line, out) ? LOG_WALL : LOG_TEXT;
    if (line.ptr[0] == 'B')
        return text_starts(line, "Broadcast message from systemd-journald@") ? LOG_BANNER : LOG_TEXT;
    if (line.ptr[0] == '=') // kubectl cluster-info dump
        return text_starts(line, "==== START logs for ") || text_starts(line, "==== END logs for ")
                   ? LOG_BANNER
                   : LOG_TEXT;
    if (!text_starts(line, "-- "))
        return LOG_TEXT;
    enum log_kind kind = boot_mark(line, out);
    if (kind != LOG_TEXT || !is_dashed(line))
        return kind;
    if (text_starts(line, "-- Logs") || text_starts(line, "-- Journal"))
        banner_learn(format, line);
    return LOG_BANNER;
}
