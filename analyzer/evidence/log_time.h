// SPDX-License-Identifier: Apache-2.0
//
// The timestamps that logs begin with. Each function reads one from the start of *rest and moves behind
// it; on false *rest is as it was. No C library: neither its zones nor its locales, and fast:
// neighbouring lines share all but seconds, so what stands before the seconds is looked up, not parsed.
#ifndef INQUEST_EVIDENCE_LOG_TIME_H
#define INQUEST_EVIDENCE_LOG_TIME_H

#include "evidence/clock.h"
#include "evidence/rows.h"

struct log_stamp {
    int64_t time;     // nanoseconds on `clock`
    enum clock clock; // CLOCK_NONE: a stamp, but of no known month
    int64_t zone_s;   // its offset from UTC where it says one in digits; ROW_NULL
};

// The last date, hour and minute read. A zeroed one is empty. One for each kind of stamp.
struct log_minute {
    char bytes[32];
    size_t length;
    int64_t time;
    enum clock clock;
};

// `2023-09-08T17:20:30[.655028][+0200|+02:00|Z]`, a blank for T, slashes for dashes, a comma for the dot, a
// blank before the offset. CLOCK_UTC with an offset, else CLOCK_LOCAL.
bool stamp_iso(struct text *rest, struct log_minute *minute, struct log_stamp *stamp);
// The same in its two parts: up to the fraction, as CLOCK_LOCAL; then the offset, if there is one.
bool stamp_iso_local(struct text *rest, struct log_minute *minute, struct log_stamp *stamp);
void stamp_zone(struct text *rest, struct log_stamp *stamp);

// `Mar 13 16:02:43[.050705]` in any of months.list's languages, `8月 22 19:25:27`, and `6 10 16:09:15` where
// a paste lost the 月. CLOCK_YEARLESS; CLOCK_NONE when the month is not known.
bool stamp_syslog(struct text *rest, struct log_minute *minute, struct log_stamp *stamp);

// klog's `0313 16:02:43.934473`: CLOCK_YEARLESS.
bool stamp_klog(struct text *rest, struct log_minute *minute, struct log_stamp *stamp);

// `Tue Nov 20 22:30:22 2018` (dmesg -T): CLOCK_LOCAL.
bool stamp_ctime(struct text *rest, struct log_stamp *stamp);

// `1414064436.567283`: seconds since 1970, CLOCK_UTC. At least nine digits before the dot.
bool stamp_epoch(struct text *rest, struct log_stamp *stamp);

// `60246.744069` with blanks before it: CLOCK_BOOT.
bool stamp_boot(struct text *rest, struct log_stamp *stamp);

// Seconds east of UTC of `CEST`, `+08`, `+0530`. False for names that are unknown or mean several zones.
bool zone_offset(struct text name, int64_t *zone_s);

// A time without a year placed four years on or back for every New Year since the last one (clock.h).
struct log_year {
    bool any;
    int64_t shift, last, latest; // years' worth in ns; the last and the latest time given
    uint64_t forth, back;        // steps from time to time
};
int64_t log_year_place(struct log_year *year, int64_t time);
// A time of 1972 in the year that brings it nearest to `near`, which was placed before; *ahead is how much
// later than that it really is (the calendar of clock.h has gaps of three years at New Year).
int64_t log_year_near(int64_t time, int64_t near, int64_t *ahead);

#endif
