// SPDX-License-Identifier: Apache-2.0
//
// Two stamps on one record: the journal's or syslog's outside, the program's own inside. The inner one is
// when it happened; the outer one is when the record arrived, minutes later where journald was stuck.
// The inner one may lack zone and year (klog) or have a zone that the outer one lacks (logfmt in a
// syslog file): then one completes the other.
#include "evidence/log_line.h"

#include "util/times.h"

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS (60 * MINUTE_NS)
#define DAY_NS (24 * HOUR_NS)

enum { LESSONS = 64 }; // records that may fail to teach zone and year before we stop asking

static inline bool is_soon(int64_t ahead)
{
    return ahead <= 15 * MINUTE_NS && ahead >= -15 * MINUTE_NS;
}

static int64_t round_to(int64_t value, int64_t unit)
{
    int64_t half = value < 0 ? -unit / 2 : unit / 2;
    return (value + half) / unit * unit;
}

// How much later than the outer stamp it happened, given the difference of two stamps that may be on clocks
// of different zones (journalctl --utc of a kubelet in +08:00). Zones differ by half hours at least, and
// records do not arrive before they happen. False when nothing fits: then the outer one stands.
static bool real_difference(int64_t ahead, int64_t *real)
{
    *real = ahead;
    if (is_soon(ahead))
        return true;
    int64_t zone = round_to(ahead, 30 * MINUTE_NS);
    if (zone >= -15 * HOUR_NS && zone <= 15 * HOUR_NS && ahead - zone <= 2 * MINUTE_NS &&
        ahead - zone >= -2 * MINUTE_NS) {
        *real = ahead - zone;
        return true;
    }
    return ahead < 0 && ahead >= -26 * HOUR_NS;
}

// A civil time counted as UTC, on the calendar of clock.h (1972). Days are looked up: a log has few.
static int64_t yearless_of(struct log_format *format, int64_t local)
{
    if (!format->yearless_day || local < format->day || local - format->day >= DAY_NS) {
        struct civil civil;
        civil_of_time(local, &civil);
        format->day = (local / DAY_NS - (local % DAY_NS < 0)) * DAY_NS;
        format->yearless_day = days_of_civil(1972, civil.month, civil.day) * DAY_NS;
        format->leap = days_of_civil(civil.year, 3, 1) - days_of_civil(civil.year, 2, 28) == 2;
    }
    return format->yearless_day + (local - format->day);
}

// How much later the stamp of 1972 is than another one on that calendar. Only in leap years lies 29 February
// between 28 February and 1 March.
static int64_t ahead_of(int64_t yearless, int64_t near, bool leap, int64_t *placed)
{
    static const int64_t leap_day = INT64_C(789) * DAY_NS, year_ns = INT64_C(1461) * DAY_NS; // four years
    int64_t ahead, in_year = (near % year_ns + year_ns) % year_ns;
    *placed = log_year_near(yearless, near, &ahead);
    if (!leap && yearless < leap_day && in_year >= leap_day + DAY_NS && ahead < 0 && ahead > -40 * DAY_NS)
        return ahead + DAY_NS;
    if (!leap && yearless >= leap_day + DAY_NS && in_year < leap_day && ahead > 0 && ahead < 40 * DAY_NS)
        return ahead - DAY_NS;
    return ahead;
}

static void note_delay(struct log_line *out, int64_t real)
{
    out->delay_s = real < 0 ? -real / NS_PER_S : 0;
}

static void keep_outer(const struct log_stamp *outer, struct log_line *out)
{
    out->time = outer->clock == CLOCK_NONE ? ROW_NULL : outer->time;
    out->clock = outer->clock;
}

// ---- learning --------------------------------------------------------------------------------

// The outer stamp in the year that brings it within a zone's distance of a time in UTC.
static bool year_of(const struct log_stamp *outer, int64_t utc, int64_t *local, int64_t *year)
{
    struct civil there, here;
    civil_of_time(utc, &there);
    civil_of_time(outer->time, &here);
    int64_t index = (here.year - 1972) / 4; // New Years before it in this member
    for (here.year = there.year - 1; here.year <= there.year + 1; here.year++)
        if (time_of_civil(&here, local) && *local - utc <= 15 * HOUR_NS && utc - *local <= 15 * HOUR_NS) {
            *year = here.year - index;
            return true;
        }
    return false;
}

// An outer stamp without a zone (and maybe year) beside an inner one in UTC.
static void learn(struct log_format *format, const struct log_stamp *outer, int64_t utc)
{
    bool yearless = outer->clock == CLOCK_YEARLESS;
    if ((format->zone_s != ROW_NULL && (!yearless || format->first_year != ROW_NULL)) ||
        format->lessons >= LESSONS)
        return;
    format->lessons++;
    int64_t local = outer->time, year = ROW_NULL;
    if (yearless && !year_of(outer, utc, &local, &year))
        return;
    int64_t east = local - utc, zone = round_to(east, 15 * MINUTE_NS), off = east - zone;
    if (zone < -15 * HOUR_NS || zone > 15 * HOUR_NS || off > 2 * MINUTE_NS || off < -2 * MINUTE_NS)
        return;
    if (format->zone_s == ROW_NULL)
        format->zone_s = zone / NS_PER_S;
    if (yearless)
        format->first_year = year;
}

// ---- merging ---------------------------------------------------------------------------------

static void merge_utc(struct log_format *format, int64_t utc, const struct log_stamp *outer,
                      struct log_line *out)
{
    int64_t ahead = 0, real;
    out->time = utc;
    out->clock = CLOCK_UTC;
    if (outer->clock == CLOCK_UTC)
        ahead = utc - outer->time;
    else if (outer->clock == CLOCK_YEARLESS || outer->clock == CLOCK_LOCAL)
        learn(format, outer, utc);
    if (outer->clock == CLOCK_YEARLESS && format->zone_s != ROW_NULL) {
        int64_t placed, yearless = yearless_of(format, utc + format->zone_s * NS_PER_S);
        ahead = ahead_of(yearless, outer->time, format->leap, &placed);
    } else if (outer->clock == CLOCK_LOCAL && format->zone_s != ROW_NULL) {
        ahead = utc + format->zone_s * NS_PER_S - outer->time;
    }
    if (real_difference(ahead, &real))
        note_delay(out, real);
    else if (outer->clock == CLOCK_UTC)
        keep_outer(outer, out); // it speaks of another time
}

static void merge_yearless(struct log_format *format, int64_t yearless, const struct log_stamp *outer,
                           struct log_line *out)
{
    int64_t real, placed, zone_s = outer->zone_s == ROW_NULL ? 0 : outer->zone_s;
    bool both = outer->clock == CLOCK_YEARLESS;
    int64_t near = both ? outer->time : yearless_of(format, outer->time + zone_s * NS_PER_S);
    placed = yearless + (both ? format->year.shift : 0);
    int64_t ahead = placed - near;
    // without a year: a day's delay over February's end is less likely than an ordinary year
    if (!is_soon(ahead))
        ahead = ahead_of(yearless, near, !both && format->leap, &placed);
    if (!real_difference(ahead, &real))
        return;
    out->time = both ? placed - (ahead - real) : outer->time + real;
    note_delay(out, real);
}

void log_inner_merge(struct log_format *format, const struct log_inner *inner, const struct log_stamp *outer,
                     struct log_line *out)
{
    bool bare = outer->clock == CLOCK_NONE || outer->clock == CLOCK_BOOT;
    keep_outer(outer, out);
    if (out->pid == ROW_NULL)
        out->pid = inner->pid;
    if (inner->priority != ROW_NULL)
        out->priority = inner->priority;
    if (inner->stamp.clock == CLOCK_UTC)
        merge_utc(format, inner->stamp.time, outer, out);
    else if (inner->stamp.clock == CLOCK_YEARLESS && !bare)
        merge_yearless(format, inner->stamp.time, outer, out);
    else if (bare && inner->stamp.clock != CLOCK_NONE) {
        out->clock = inner->stamp.clock;
        out->time = inner->stamp.clock == CLOCK_YEARLESS ? log_year_place(&format->year, inner->stamp.time)
                                                         : inner->stamp.time;
    }
}
