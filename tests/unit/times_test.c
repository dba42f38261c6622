// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <time.h>

#include "util/times.h"

static void civil_time_both_ways(void **state)
{
    (void)state;
    // the C library's timegm as the yardstick, every 37 hours over four centuries
    for (int64_t second = -5000000000; second < 7000000000; second += 133200 + second % 7) {
        struct civil civil;
        int64_t time_ns;
        time_t there = (time_t)second;
        struct tm wanted;
        assert_non_null(gmtime_r(&there, &wanted));
        civil_of_time(second * NS_PER_S + 5, &civil);
        assert_int_equal(civil.year, wanted.tm_year + 1900);
        assert_int_equal(civil.month, wanted.tm_mon + 1);
        assert_int_equal(civil.day, wanted.tm_mday);
        assert_int_equal(civil.hour * 3600 + civil.minute * 60 + civil.second,
                         wanted.tm_hour * 3600 + wanted.tm_min * 60 + wanted.tm_sec);
        assert_true(time_of_civil(&civil, &time_ns) && time_ns == second * NS_PER_S + 5);
    }
}

static void impossible_dates_are_refused(void **state)
{
    (void)state;
    static const struct civil bad[] = {
        {2023, 2, 29, 0, 0, 0, 0}, {2024, 13, 1, 0, 0, 0, 0},    {2024, 0, 1, 0, 0, 0, 0},
        {2024, 1, 0, 0, 0, 0, 0},  {2024, 4, 31, 0, 0, 0, 0},    {2024, 1, 1, 24, 0, 0, 0},
        {2024, 1, 1, 0, 60, 0, 0}, {2024, 1, 1, 0, 0, 61, 0},    {2024, 1, 1, 0, 0, 0, NS_PER_S},
        {3000, 1, 1, 0, 0, 0, 0},  {INT64_MAX, 1, 1, 0, 0, 0, 0}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t time_ns;
        if (time_of_civil(&bad[i], &time_ns))
            fail_msg("case %zu was taken", i);
    }
}

static void rfc3339_in_its_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *utc; // NULL: no time
        bool zoned;
    } cases[] = {
        {"2021-06-10T16:09:15.458629778+08:00", "2021-06-10T08:09:15.458629778Z", true},
        {"2021-06-10T08:09:15Z", "2021-06-10T08:09:15Z", true},
        {"2021-06-10 08:09:15", "2021-06-10T08:09:15Z", false},
        {"2021-06-10T16:09:15+0800", "2021-06-10T08:09:15Z", true},
        {"2021-06-10 16:09:15.5 +0800", "2021-06-10T08:09:15.500Z", true},
        {"2020-12-31T23:30:00-01:00", "2021-01-01T00:30:00Z", true},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", true},
        {"2023-11-14T22:13:20.999999999999Z", "2023-11-14T22:13:20.999999999Z", true},
        {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z", true},
        {"2021-06-10", NULL, false},
        {"2021-6-10T08:09:15Z", NULL, false},
        {"2021-02-30T08:09:15Z", NULL, false},
        {"2021-06-10T08:09:15+08", NULL, false},
        {"2021-06-10T08:09:15Zx", NULL, false},
        {"2021-06-10T08:09:15.Z", NULL, false},
        {"9999-06-10T08:09:15Z", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t time_ns;
        bool zoned = false;
        bool is_time = time_parse_rfc3339(text_of(cases[i].text), &time_ns, &zoned);
        if (is_time != (cases[i].utc != NULL))
            fail_msg("%s: %d", cases[i].text, is_time);
        if (!is_time)
            continue;
        struct buffer out = {0};
        time_write(&out, time_ns);
        assert_text(buffer_text(&out), cases[i].utc);
        assert_int_equal(zoned, cases[i].zoned);
        buffer_release(&out);
    }
}

static void durations_read_well(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {1500, "1 us"},
        {250 * INT64_C(1000000), "250 ms"},
        {45 * NS_PER_S, "45 s"},
        {12000 * NS_PER_S, "3 h 20 min"},
        {7200 * NS_PER_S, "2 h"},
        {(2 * 86400 + 4 * 3600) * NS_PER_S, "2 d 4 h"},
        {(2 * 86400 + 59) * NS_PER_S, "2 d"},
        {-90 * NS_PER_S, "-1 min 30 s"},
        {INT64_MIN, "-106751 d 23 h"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        duration_write(&out, cases[i].ns);
        assert_text(buffer_text(&out), cases[i].text);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil_time_both_ways),
        cmocka_unit_test(impossible_dates_are_refused),
        cmocka_unit_test(rfc3339_in_its_spellings),
        cmocka_unit_test(durations_read_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
