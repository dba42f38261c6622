// SPDX-License-Identifier: Apache-2.0
#include "util/times.h"

// http://howardhinnant.github.io/date_algorithms.html: eras of 400 years that begin in March.
int64_t days_of_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_of_days(int64_t days, struct civil *civil)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153; // month from March
    civil->day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    civil->month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    civil->year = year_of_era + era * 400 + (civil->month <= 2);
}

static int days_of_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

// A second of 60 is a leap second: it counts as the first of the next minute.
static bool civil_is_sane(const struct civil *civil)
{
    if (civil->year < -1000000 || civil->year > 1000000 || civil->month < 1 || civil->month > 12)
        return false;
    if (civil->day < 1 || civil->day > days_of_month(civil->year, civil->month))
        return false;
    return civil->hour >= 0 && civil->hour <= 23 && civil->minute >= 0 && civil->minute <= 59 &&
           civil->second >= 0 && civil->second <= 60 && civil->ns >= 0 && civil->ns < NS_PER_S;
}

bool time_of_civil(const struct civil *civil, int64_t *time_ns)
{
    if (!civil_is_sane(civil))
        return false;
    int64_t seconds = days_of_civil(civil->year, civil->month, civil->day) * 86400 + civil->hour * 3600 +
                      civil->minute * 60 + civil->second;
    int64_t ns;
    if (__builtin_mul_overflow(seconds, NS_PER_S, &ns) || __builtin_add_overflow(ns, civil->ns, &ns))
        return false;
    *time_ns = ns;
    return true;
}

// Quotient towards minus infinity; the remainder is then never negative.
static int64_t floor_divide(int64_t value, int64_t by, int64_t *remainder)
{
    *remainder = value % by;
    int64_t quotient = value / by;
    if (*remainder < 0) {
        *remainder += by;
        quotient--;
    }
    return quotient;
}

void civil_of_time(int64_t time_ns, struct civil *civil)
{
    int64_t second_of_day;
    int64_t seconds = floor_divide(time_ns, NS_PER_S, &civil->ns);
    civil_of_days(floor_divide(seconds, 86400, &second_of_day), civil);
    civil->hour = (int)(second_of_day / 3600);
    civil->minute = (int)(second_of_day / 60 % 60);
    civil->second = (int)(second_of_day % 60);
}

// Exactly `digits` digits at the start of *rest.
static bool take_number(struct text *rest, size_t digits, int *value)
{
    struct text part = text_slice(*rest, 0, digits);
    uint64_t number;
    if (part.len != digits || !text_to_u64(part, &number))
        return false;
    *value = (int)number;
    *rest = text_from(*rest, digits);
    return true;
}

// `.458629778`: digits behind the ninth are dropped.
static bool take_fraction(struct text *rest, int64_t *ns)
{
    size_t n = 0;
    for (; n < rest->len && byte_is_digit(rest->ptr[n]); n++)
        if (n < 9)
            *ns = *ns * 10 + (rest->ptr[n] - '0');
    for (size_t i = n; i < 9; i++)
        *ns *= 10;
    *rest = text_from(*rest, n);
    return n > 0;
}

static bool take_date_and_time(struct text *rest, struct civil *civil)
{
    int year;
    if (!take_number(rest, 4, &year) || !text_skip(rest, "-") || !take_number(rest, 2, &civil->month) ||
        !text_skip(rest, "-") || !take_number(rest, 2, &civil->day))
        return false;
    civil->year = year;
    if (!text_skip(rest, "T") && !text_skip(rest, "t") && !text_skip(rest, " "))
        return false;
    if (!take_number(rest, 2, &civil->hour) || !text_skip(rest, ":") ||
        !take_number(rest, 2, &civil->minute) || !text_skip(rest, ":") ||
        !take_number(rest, 2, &civil->second))
        return false;
    if (text_skip(rest, ".") || text_skip(rest, ","))
        return take_fraction(rest, &civil->ns);
    return true;
}

// `Z`, `+08:00`, `+0800`, ` +0800` or nothing.
static bool take_zone(struct text rest, int64_t *east_s, bool *zoned)
{
    *east_s = 0;
    *zoned = rest.len > 0;
    if (rest.len == 0 || text_is(rest, "Z") || text_is(rest, "z"))
        return true;
    (void)text_skip(&rest, " ");
    bool west = text_starts(rest, "-");
    int hours, minutes;
    if (!text_skip(&rest, west ? "-" : "+") || !take_number(&rest, 2, &hours))
        return false;
    (void)text_skip(&rest, ":");
    if (!take_number(&rest, 2, &minutes) || rest.len || hours > 23 || minutes > 59)
        return false;
    *east_s = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

bool time_parse_rfc3339(struct text text, int64_t *time_ns, bool *zoned)
{
    struct civil civil = {0};
    int64_t east_s, local;
    if (!take_date_and_time(&text, &civil) || !take_zone(text, &east_s, zoned))
        return false;
    return time_of_civil(&civil, &local) && !__builtin_sub_overflow(local, east_s * NS_PER_S, time_ns);
}

void time_write(struct buffer *out, int64_t time_ns)
{
    struct civil civil;
    civil_of_time(time_ns, &civil);
    buffer_printf(out, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)civil.year, civil.month, civil.day,
                  civil.hour, civil.minute, civil.second);
    if (civil.ns == 0)
        buffer_puts(out, "Z");
    else if (civil.ns % 1000000 == 0)
        buffer_printf(out, ".%03lldZ", (long long)(civil.ns / 1000000));
    else if (civil.ns % 1000 == 0)
        buffer_printf(out, ".%06lldZ", (long long)(civil.ns / 1000));
    else
        buffer_printf(out, ".%09lldZ", (long long)civil.ns);
}

// The two largest units of a number of seconds, the smaller one only where it is not 0.
static void write_units(struct buffer *out, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } unit[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;
    while (i < 3 && seconds < unit[i].seconds)
        i++;
    buffer_printf(out, "%llu %s", (unsigned long long)(seconds / unit[i].seconds), unit[i].name);
    uint64_t rest = i < 3 ? seconds % unit[i].seconds / unit[i + 1].seconds : 0;
    if (rest)
        buffer_printf(out, " %llu %s", (unsigned long long)rest, unit[i + 1].name);
}

void duration_write(struct buffer *out, int64_t ns)
{
    uint64_t magnitude = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    if (ns < 0)
        buffer_putc(out, '-');
    if (magnitude >= (uint64_t)NS_PER_S || magnitude == 0)
        write_units(out, magnitude / (uint64_t)NS_PER_S);
    else if (magnitude >= 1000000)
        buffer_printf(out, "%llu ms", (unsigned long long)(magnitude / 1000000));
    else
        buffer_printf(out, "%llu us", (unsigned long long)(magnitude / 1000));
}
