// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "store/settle.h"
#include "util/times.h"

static int64_t at(const char *rfc3339)
{
    int64_t time_ns;
    bool zoned;
    if (!time_parse_rfc3339(text_of(rfc3339), &time_ns, &zoned))
        fail_msg("%s is no time", rfc3339);
    return time_ns;
}

static void assert_settles(const struct settlement *settlement, enum clock clock, int64_t raw,
                           const char *wanted)
{
    struct buffer out = {0};
    int64_t got = settle_time(settlement, clock, raw);
    if (got != ROW_NULL)
        time_write(&out, got);
    if (!text_is(buffer_text(&out), wanted ? wanted : ""))
        fail_msg("settled to '%s', wanted '%s'", buffer_text(&out).ptr, wanted ? wanted : "");
    buffer_release(&out);
}

static void clocks_with_a_date(void **state)
{
    (void)state;
    struct settlement s = settlement_null;
    int64_t noon = at("2021-06-10T12:00:00Z");
    assert_settles(&s, CLOCK_UTC, noon, "2021-06-10T12:00:00Z");
    assert_settles(&s, CLOCK_LOCAL, noon, "2021-06-10T12:00:00Z"); // no zone known: UTC
    s.zone_offset_s = 28800;
    assert_settles(&s, CLOCK_UTC, noon, "2021-06-10T12:00:00Z");
    assert_settles(&s, CLOCK_LOCAL, noon, "2021-06-10T04:00:00Z");
    s.zone_offset_s = -12600;
    assert_settles(&s, CLOCK_LOCAL, noon, "2021-06-10T15:30:00Z");
    assert_settles(&s, CLOCK_NONE, noon, NULL);
    assert_settles(&s, CLOCK_LOCAL, ROW_NULL, NULL);
}

static void time_since_boot(void **state)
{
    (void)state;
    struct settlement s = settlement_null;
    assert_settles(&s, CLOCK_BOOT, 60 * NS_PER_S, NULL);
    s.boot_time_ns = at("2021-06-10T12:00:00Z");
    s.zone_offset_s = 28800; // has no say here
    assert_settles(&s, CLOCK_BOOT, 60 * NS_PER_S, "2021-06-10T12:01:00Z");
}

static void years_are_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *collected, *raw;
        int64_t zone_s;
        const char *wanted;
    } cases[] = {
        {"2021-06-11T00:00:00Z", "1972-06-10T16:09:15Z", 28800, "2021-06-10T08:09:15Z"},
        {"2021-06-11T00:00:00Z", "1972-06-12T07:59:00Z", 28800, "2021-06-11T23:59:00Z"}, // one day of grace
        {"2021-06-11T00:00:00Z", "1972-06-12T08:01:00Z", 28800, "2020-06-12T00:01:00Z"}, // and not more
        {"2021-01-02T00:00:00Z", "1972-12-31T23:00:00Z", 0, "2020-12-31T23:00:00Z"},
        {"2020-12-31T20:00:00Z", "1972-01-01T01:00:00Z", 28800,
         "2020-12-31T17:00:00Z"}, // New Year came first
        {"2024-03-01T00:00:00Z", "1972-02-29T12:00:00Z", 0, "2024-02-29T12:00:00Z"},
        {"2025-03-01T00:00:00Z", "1972-02-29T12:00:00Z", 0, "2024-02-29T12:00:00Z"},
        {"2023-03-01T00:00:00Z", "1972-02-29T12:00:00Z", 0, "2020-02-29T12:00:00Z"},
        {"1903-03-01T00:00:00Z", "1972-02-29T12:00:00Z", 0, "1896-02-29T12:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settlement s = settlement_null;
        s.collected_at_ns = at(cases[i].collected);
        s.zone_offset_s = cases[i].zone_s;
        assert_settles(&s, CLOCK_YEARLESS, at(cases[i].raw), cases[i].wanted);
    }
}

static void years_pass_inside_a_member(void **state)
{
    (void)state;
    struct settlement s = settlement_null;
    s.collected_at_ns = at("2024-01-04T00:00:00Z");
    s.yearless_last_ns = at("1980-01-03T10:00:00Z"); // two New Years after its first stamp
    assert_settles(&s, CLOCK_YEARLESS, at("1972-11-05T10:00:00Z"), "2022-11-05T10:00:00Z");
    assert_settles(&s, CLOCK_YEARLESS, at("1976-11-05T10:00:00Z"), "2023-11-05T10:00:00Z");
    assert_settles(&s, CLOCK_YEARLESS, at("1980-01-03T10:00:00Z"), "2024-01-03T10:00:00Z");
    assert_settles(&s, CLOCK_YEARLESS, at("1976-02-29T10:00:00Z"), NULL); // 2023 has none
    s.yearless_last_ns = at("1972-01-03T10:00:00Z");                      // a reversed log counts down
    assert_settles(&s, CLOCK_YEARLESS, at("1968-12-30T10:00:00Z"), "2023-12-30T10:00:00Z");
}

static void the_log_may_name_its_year(void **state)
{
    (void)state;
    struct settlement s = settlement_null;
    assert_settles(&s, CLOCK_YEARLESS, at("1972-06-10T10:00:00Z"), NULL);
    s.yearless_year = 2019;
    assert_settles(&s, CLOCK_YEARLESS, at("1972-06-10T10:00:00Z"), "2019-06-10T10:00:00Z");
    assert_settles(&s, CLOCK_YEARLESS, at("1976-01-10T10:00:00Z"), "2020-01-10T10:00:00Z");
    s.collected_at_ns = at("2024-01-04T00:00:00Z"); // an old log in a new bundle
    assert_settles(&s, CLOCK_YEARLESS, at("1972-06-10T10:00:00Z"), "2019-06-10T10:00:00Z");
}

static void hostile_numbers(void **state)
{
    (void)state;
    static const int64_t odd[] = {INT64_MIN + 1, INT64_MIN + 2, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    enum { ODD = sizeof odd / sizeof *odd };
    for (size_t i = 0; i < ODD * ODD * ODD; i++)
        for (int clock = CLOCK_NONE; clock <= CLOCK_BOOT; clock++) {
            struct settlement s = {odd[i % ODD], odd[i / ODD % ODD], odd[i / ODD / ODD], odd[i % ODD],
                                   i % 2 ? odd[i / ODD % ODD] : ROW_NULL};
            for (size_t j = 0; j < ODD; j++)
                (void)settle_time(&s, (enum clock)clock, odd[j]); // no overflow: the sanitizer looks on
        }
}

static void earlier_boots(void **state)
{
    (void)state;
    struct text none = {NULL, 0};
    assert_false(settle_is_earlier_boot(none, none));
    assert_false(settle_is_earlier_boot(TEXT("#2"), none));
    assert_true(settle_is_earlier_boot(none, TEXT("#2")));
    assert_false(settle_is_earlier_boot(TEXT("#2"), TEXT("#2")));
    assert_true(settle_is_earlier_boot(TEXT("#2"), TEXT(""))); // a reversed log: the newest has no mark
    assert_false(settle_is_earlier_boot(none, TEXT("")));
    struct settlement s = settlement_null;
    s.boot_time_ns = 0;
    assert_true(settle_booted_time(&s, CLOCK_BOOT, 5, none, TEXT("#2")) == ROW_NULL);
    assert_true(settle_booted_time(&s, CLOCK_BOOT, 5, TEXT("#2"), TEXT("#2")) == 5);
    assert_true(settle_booted_time(&s, CLOCK_UTC, 5, none, TEXT("#2")) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_with_a_date),
        cmocka_unit_test(time_since_boot),
        cmocka_unit_test(years_are_chosen),
        cmocka_unit_test(years_pass_inside_a_member),
        cmocka_unit_test(the_log_may_name_its_year),
        cmocka_unit_test(hostile_numbers),
        cmocka_unit_test(earlier_boots),
    };
    return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
