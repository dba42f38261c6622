// SPDX-License-Identifier: Apache-2.0
//
// Stamps that name the month and lack the year, or have it at the end; and which year they mean.
#include "evidence/log_digits.h"

// A month's name or number; 0 when it is none of months.list.
static int month_of(struct text name)
{
    static const struct {
        const char *name;
        int number;
    } months[] = {
#define MONTH(name, number) {name, number},
#include "evidence/months.list"
#undef MONTH
    };
    uint64_t number;
    struct text digits = name;
    if (text_take_u64(&digits, &number)) // `8月`, `6`
        return number >= 1 && number <= 12 && !(digits.len && (unsigned char)digits.ptr[0] < 128)
                   ? (int)number
                   : 0;
    if (text_ends(name, "."))
        name.len--;
    for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
        size_t length = strlen(months[i].name);
        if (name.len == length && byte_lower(name.ptr[0]) == months[i].name[0] &&
            memcmp(name.ptr + 1, months[i].name + 1, length - 1) == 0)
            return months[i].number;
    }
    return 0;
}

static bool take_two(struct text *rest, int *number)
{
    if (rest->len < 2 || (*number = two(rest->ptr)) < 0)
        return false;
    skip(rest, 2);
    return true;
}

// ` 13 16:02`, the day of one or two digits with blanks round it.
static bool take_day_and_minute(struct text *rest, int *day, int *hour, int *minute)
{
    uint64_t number;
    size_t blanks = 0;
    for (; rest->len && rest->ptr[0] == ' '; blanks++)
        skip(rest, 1);
    if (!blanks || blanks > 2 || !text_take_u64(rest, &number) || number < 1 || number > 31 ||
        !text_skip(rest, " "))
        return false;
    *day = (int)number;
    return take_two(rest, hour) && text_skip(rest, ":") && take_two(rest, minute) && *hour < 24 &&
           *minute < 60;
}

enum { MONTH_BYTES = 12 };

static bool syslog_minute(struct text rest, struct log_minute *minute)
{
    struct text at = rest;
    size_t length = 0;
    while (length < at.len && length <= MONTH_BYTES && at.ptr[length] != ' ')
        length++;
    if (!length || length > MONTH_BYTES)
        return false;
    struct text name = text_slice(at, 0, length);
    int day, hour, minutes;
    skip(&at, length);
    if (!take_day_and_minute(&at, &day, &hour, &minutes))
        return false;
    int month = month_of(name);
    int64_t time = 0;
    if (month && !minute_of(1972, month, day, hour, minutes, &time))
        return false;
    if (!month && !(byte_is_alpha(name.ptr[0]) || (unsigned char)name.ptr[0] > 127))
        return false; // any word may be a month in some language, but not any sign
    minute_keep(minute, text_slice(rest, 0, rest.len - at.len), time, month ? CLOCK_YEARLESS : CLOCK_NONE);
    return minute->length > 0;
}

bool stamp_syslog(struct text *rest, struct log_minute *minute, struct log_stamp *stamp)
{
    if (!minute_known(minute, *rest) && !syslog_minute(*rest, minute))
        return false;
    struct text at = text_from(*rest, minute->length);
    if (!take_second(&at, minute->time, &stamp->time))
        return false;
    stamp->clock = minute->clock;
    stamp->zone_s = ROW_NULL;
    *rest = at;
    return true;
}

enum { KLOG_MINUTE = sizeof "0313 16:02" - 1 };

bool stamp_klog(struct text *rest, struct log_minute *minute, struct log_stamp *stamp)
{
    const char *at = rest->ptr;
    if (rest->len <= KLOG_MINUTE || at[4] != ' ' || at[7] != ':')
        return false;
    if (minute->length != KLOG_MINUTE || load8(at) != load8(minute->bytes) ||
        memcmp(at + 8, minute->bytes + 8, KLOG_MINUTE - 8) != 0) {
        int64_t time;
        if (!minute_of(1972, two(at), two(at + 2), two(at + 5), two(at + 8), &time))
            return false;
        minute_keep(minute, text_slice(*rest, 0, KLOG_MINUTE), time, CLOCK_YEARLESS);
    }
    struct text behind = text_from(*rest, KLOG_MINUTE);
    if (!take_second(&behind, minute->time, &stamp->time))
        return false;
    stamp->clock = CLOCK_YEARLESS;
    stamp->zone_s = ROW_NULL;
    *rest = behind;
    return true;
}

bool stamp_ctime(struct text *rest, struct log_stamp *stamp)
{
    struct text at = *rest, name;
    if (!text_word(&at, &name) || !text_word(&at, &name))
        return false;
    int day, hour, minute, month = month_of(name);
    int64_t time;
    uint64_t year;
    if (!month || !take_day_and_minute(&at, &day, &hour, &minute) || !take_second(&at, 0, &stamp->time) ||
        !text_skip(&at, " ") || !text_take_u64(&at, &year) || year < 1970 || year > 2199 ||
        !minute_of((int64_t)year, month, day, hour, minute, &time))
        return false;
    stamp->time += time;
    stamp->clock = CLOCK_LOCAL;
    stamp->zone_s = ROW_NULL;
    *rest = at;
    return true;
}

// ---- New Years -------------------------------------------------------------------------------

#define LEAP_NS (1461 * 86400 * NS_PER_S) // four years
#define MONTH_NS (31 * 86400 * NS_PER_S)
#define HALF_NS (183 * 86400 * NS_PER_S) // half a leap year

// A step of more than half a year between lines: forth is a quiet time, or back over a New Year by a line or
// two that came late; in a log that runs backwards all is the other way round.
static int64_t year_step(const struct log_year *year, int64_t step)
{
    bool reversed = year->back > year->forth;
    int64_t direction = reversed ? -1 : 1;
    if (step * direction < -HALF_NS)
        return direction * LEAP_NS;
    if (step * direction > 2 * HALF_NS - MONTH_NS ||
        (step * direction > HALF_NS && !year->forth && !year->back))
        return -direction * LEAP_NS;
    return 0;
}

int64_t log_year_place(struct log_year *year, int64_t time)
{
    int64_t placed = time + year->shift;
    if (year->any) {
        int64_t step = year_step(year, placed - year->last), shift = year->shift + step;
        if (step && shift <= 31 * LEAP_NS && shift >= -17 * LEAP_NS) // 1904 to 2096 are all leap years
            year->shift = shift;
        placed = time + year->shift;
        year->forth += !step && placed > year->last;
        year->back += !step && placed < year->last;
    }
    if (!year->any || placed > year->latest)
        year->latest = placed;
    year->any = true;
    year->last = placed;
    return placed;
}

int64_t log_year_near(int64_t time, int64_t near, int64_t *ahead)
{
    const int64_t start = INT64_C(730) * 86400 * NS_PER_S; // of 1972
    int64_t years = (near - start) / LEAP_NS * LEAP_NS;
    if (near - start < 0 && (near - start) % LEAP_NS)
        years -= LEAP_NS;
    *ahead = time + years - near;
    if (*ahead > HALF_NS) { // December, seen from January
        *ahead -= 2 * HALF_NS;
        years -= LEAP_NS;
    } else if (*ahead < -HALF_NS) {
        *ahead += 2 * HALF_NS;
        years += LEAP_NS;
    }
    return time + years;
}
