// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_time.h"

#include <endian.h>
#include <string.h>

#include "util/times.h"

enum { NO_NUMBER = -1 };

// Two digits, or a negative number.
static inline int two(const char *at)
{
    unsigned tens = (unsigned)(at[0] - '0'), ones = (unsigned)(at[1] - '0');
    return tens > 9 || ones > 9 ? NO_NUMBER : (int)(tens * 10 + ones);
}

static inline void skip(struct text *rest, size_t bytes)
{
    rest->ptr += bytes;
    rest->len -= bytes;
}

// Eight bytes, the first one lowest.
static inline uint64_t load8(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return le64toh(bytes);
}

// Of the eight bytes at `at`, how many at the start are digits, and their number.
static inline unsigned take_digits(const char *at, uint64_t *number)
{
    uint64_t digits = load8(at) ^ 0x3030303030303030u; // 0 to 9 for digits, else above
    uint64_t others = ((digits + 0x7676767676767676u) | digits) & 0x8080808080808080u;
    unsigned count = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
    if (!count)
        return 0;
    digits <<= 64 - 8 * count; // leading zeros
    digits = digits * 10 + (digits >> 8);
    *number = ((digits & 0x000000ff000000ffu) * 0x000f424000000064u +
               (digits >> 16 & 0x000000ff000000ffu) * 0x0000271000000001u) >>
              32;
    return count;
}

// `.458629778`: digits behind the ninth are dropped; no digits, no fraction.
static inline int64_t take_fraction(struct text *rest)
{
    static const int64_t scale[] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                    10000,      1000,      100,      10,      1};
    if (rest->len < 2 || (rest->ptr[0] != '.' && rest->ptr[0] != ',') || !byte_is_digit(rest->ptr[1]))
        return 0;
    size_t n = 1;
    uint64_t number = 0;
    if (rest->len >= 10) // most lines go on
        n += take_digits(rest->ptr + 1, &number);
    int64_t value = (int64_t)number;
    for (; n < rest->len && n <= 9 && byte_is_digit(rest->ptr[n]); n++)
        value = value * 10 + (rest->ptr[n] - '0');
    value *= scale[n - 1];
    while (n < rest->len && byte_is_digit(rest->ptr[n]))
        n++;
    skip(rest, n);
    return value;
}

// Date, hour and minute as in the cache: *time of the minute.
static inline bool minute_known(const struct log_minute *minute, struct text rest)
{
    return minute->length && rest.len > minute->length &&
           memcmp(rest.ptr, minute->bytes, minute->length) == 0;
}

static void minute_keep(struct log_minute *minute, struct text bytes, int64_t time, enum clock clock)
{
    minute->length = 0;
    if (bytes.len > sizeof minute->bytes)
        return;
    memcpy(minute->bytes, bytes.ptr, bytes.len);
    minute->length = bytes.len;
    minute->time = time;
    minute->clock = clock;
}

// `:43.934473` behind the minute. *rest stands behind the minute's digits.
static inline bool take_second(struct text *rest, int64_t minute, int64_t *time)
{
    if (rest->len < 3 || rest->ptr[0] != ':')
        return false;
    int second = two(rest->ptr + 1);
    if (second < 0 || second > 60)
        return false;
    skip(rest, 3);
    *time = minute + second * NS_PER_S + take_fraction(rest);
    return true;
}

static bool minute_of(int64_t year, int month, int day, int hour, int minute, int64_t *time)
{
    struct civil civil = {.year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    return time_of_civil(&civil, time);
}

// ---- ISO 8601 --------------------------------------------------------------------------------

enum { ISO_MINUTE = sizeof "2023-09-08T17:20" - 1 };

static bool iso_minute(struct text rest, struct log_minute *minute)
{
    const char *at = rest.ptr;
    if (rest.len <= ISO_MINUTE || (at[4] != '-' && at[4] != '/') || at[7] != at[4] ||
        (at[10] != 'T' && at[10] != ' ') || at[13] != ':')
        return false;
    int century = two(at), year = two(at + 2);
    int64_t time;
    // the years that 64 bits of nanoseconds hold
    if (century < 19 || century > 21 || year < 0 ||
        !minute_of(century * 100 + year, two(at + 5), two(at + 8), two(at + 11), two(at + 14), &time))
        return false;
    minute_keep(minute, text_slice(rest, 0, ISO_MINUTE), time, CLOCK_LOCAL);
    return true;
}

// `Z`, `+0200`, `+02:00`, ` +0200`, `+02` with nothing that goes on behind it. *zone_s stays where there is
// none.
static void take_zone(struct text *rest, bool *zulu, int64_t *zone_s)
{
    struct text at = *rest;
    *zulu = at.len && at.ptr[0] == 'Z';
    if (*zulu) {
        skip(rest, 1);
        return;
    }
    if (at.len > 1 && at.ptr[0] == ' ')
        skip(&at, 1);
    if (at.len < 3 || (at.ptr[0] != '+' && at.ptr[0] != '-'))
        return;
    int sign = at.ptr[0] == '-' ? -1 : 1, hours = two(at.ptr + 1), minutes = 0;
    skip(&at, 3);
    struct text behind = at;
    if (behind.len && behind.ptr[0] == ':')
        skip(&behind, 1);
    if (behind.len >= 2 && (minutes = two(behind.ptr)) >= 0) {
        at = behind;
        skip(&at, 2);
    }
    if (hours < 0 || hours > 15 || minutes > 59 || (at.len && (byte_is_digit(at.ptr[0]) || at.ptr[0] == ':')))
        return;
    *zone_s = sign * (hours * 3600 + (minutes < 0 ? 0 : minutes) * 60);
    *rest = at;
}

static inline bool iso_minute_known(const struct log_minute *minute, struct text rest)
{
    return minute->length == ISO_MINUTE && rest.len > ISO_MINUTE && load8(rest.ptr) == load8(minute->bytes) &&
           load8(rest.ptr + 8) == load8(minute->bytes + 8);
}

bool stamp_iso_local(struct text *rest, struct log_minute *minute, struct log_stamp *stamp)
{
    if (!iso_minute_known(minute, *rest) && !iso_minute(*rest, minute))
        return false;
    struct text at = text_from(*rest, ISO_MINUTE);
    if (!take_second(&at, minute->time, &stamp->time))
        return false;
    stamp->clock = CLOCK_LOCAL;
    stamp->zone_s = ROW_NULL;
    *rest = at;
    return true;
}

void stamp_zone(struct text *rest, struct log_stamp *stamp)
{
    bool zulu;
    take_zone(rest, &zulu, &stamp->zone_s);
    if (zulu || stamp->zone_s != ROW_NULL)
        stamp->clock = CLOCK_UTC;
    if (stamp->zone_s != ROW_NULL)
        stamp->time -= stamp->zone_s * NS_PER_S;
}

bool stamp_iso(struct text *rest, struct log_minute *minute, struct log_stamp *stamp)
{
    if (!stamp_iso_local(rest, minute, stamp))
        return false;
    stamp_zone(rest, stamp);
    return true;
}

// ---- without a year --------------------------------------------------------------------------

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

// ---- the others ------------------------------------------------------------------------------

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

#define LAST_SECOND UINT64_C(7258118400) // 2200-01-01: 64 bits of nanoseconds end in 2262

static bool take_seconds(struct text *rest, size_t least, size_t most, int64_t *time)
{
    struct text at = *rest;
    uint64_t seconds;
    if (!text_take_u64(&at, &seconds))
        return false;
    size_t digits = rest->len - at.len;
    if (digits < least || digits > most || seconds > LAST_SECOND || at.len < 2 || at.ptr[0] != '.' ||
        !byte_is_digit(at.ptr[1]))
        return false;
    *time = (int64_t)seconds * NS_PER_S + take_fraction(&at);
    *rest = at;
    return true;
}

bool stamp_epoch(struct text *rest, struct log_stamp *stamp)
{
    stamp->clock = CLOCK_UTC;
    stamp->zone_s = ROW_NULL;
    struct text at = *rest;
    if (!take_seconds(&at, 9, 10, &stamp->time))
        return false;
    *rest = at;
    return true;
}

bool stamp_boot(struct text *rest, struct log_stamp *stamp)
{
    stamp->clock = CLOCK_BOOT;
    stamp->zone_s = ROW_NULL;
    struct text at = *rest;
    while (at.len && at.ptr[0] == ' ')
        skip(&at, 1);
    if (!take_seconds(&at, 1, 9, &stamp->time))
        return false;
    *rest = at;
    return true;
}

bool zone_offset(struct text name, int64_t *zone_s)
{
    static const struct {
        const char *name;
        int64_t zone_s;
    } zones[] = {
#define ZONE(name, zone_s) {name, zone_s},
#include "evidence/zones.list"
#undef ZONE
    };
    bool zulu;
    *zone_s = ROW_NULL;
    struct text rest = name;
    take_zone(&rest, &zulu, zone_s);
    if (zulu && !rest.len)
        *zone_s = 0;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (text_is(name, zones[i].name))
            *zone_s = zones[i].zone_s;
    return *zone_s != ROW_NULL;
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
