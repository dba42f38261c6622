// SPDX-License-Identifier: Apache-2.0
//
// The parts of timestamps, for the files evidence/log_time.c and log_date.c alone.
#ifndef INQUEST_EVIDENCE_LOG_DIGITS_H
#define INQUEST_EVIDENCE_LOG_DIGITS_H

#include <endian.h>
#include <string.h>

#include "evidence/log_time.h"
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

static inline void minute_keep(struct log_minute *minute, struct text bytes, int64_t time, enum clock clock)
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

static inline bool minute_of(int64_t year, int month, int day, int hour, int minute, int64_t *time)
{
    struct civil civil = {.year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    return time_of_civil(&civil, time);
}

#endif
