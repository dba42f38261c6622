// SPDX-License-Identifier: Apache-2.0
//
// Civil time and nanoseconds since 1970 UTC, without the C library's zones and locales.
#ifndef INQUEST_UTIL_TIMES_H
#define INQUEST_UTIL_TIMES_H

#include "util/buffer.h"

#define NS_PER_S INT64_C(1000000000)

struct civil {
    int64_t year;
    int month, day, hour, minute, second; // month and day from 1
    int64_t ns;
};

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (H. Hinnant's algorithm).
int64_t days_of_civil(int64_t year, int month, int day);
// False when a part is out of range or the result does not fit 64 bits of nanoseconds.
bool time_of_civil(const struct civil *civil, int64_t *time_ns);
void civil_of_time(int64_t time_ns, struct civil *civil);

// RFC 3339: `2021-06-10T16:09:15.458629778+08:00`, Z or no zone (*zoned false, counted as UTC), `+0800` and a
// blank for T too. The whole text must be one.
bool time_parse_rfc3339(struct text text, int64_t *time_ns, bool *zoned);
// Appends `2021-06-10T08:09:15Z`, with fraction only where there is one (milli-, micro- or nanoseconds).
void time_write(struct buffer *out, int64_t time_ns);
// Appends "3 h 20 min", "45 s", "2 d 4 h".
void duration_write(struct buffer *out, int64_t ns);

#endif
