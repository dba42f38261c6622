// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "rule/summary.h"

struct row {
    const char *comm;
    int64_t pid;
    double share;
};

static bool value(void *context, uint64_t row, struct text column, struct summary_value *value)
{
    const struct row *rows = context;
    if (text_is(column, "comm")) {
        if (rows[row].comm)
            *value = (struct summary_value){.kind = SUMMARY_TEXT, .text = text_of(rows[row].comm)};
    } else if (text_is(column, "pid")) {
        *value = (struct summary_value){.kind = SUMMARY_INTEGER, .integer = rows[row].pid};
    } else if (text_is(column, "share")) {
        *value = (struct summary_value){.kind = SUMMARY_REAL, .real = rows[row].share};
    } else {
        return false;
    }
    return true;
}

static void assert_summary(const char *summary, const struct row *rows, size_t count, const char *wanted)
{
    struct buffer out = {0};
    struct summary_rows all = {count, value, (void *)(uintptr_t)rows};
    summary_write(&out, text_of(summary), &all);
    assert_text(out.ptr ? buffer_text(&out) : TEXT(""), wanted);
    buffer_release(&out);
}

static void fields_are_filled(void **state)
{
    (void)state;
    static const struct row rows[] = {{"sync", 12, 0.423}, {"umount", 13, 1}, {NULL, 14, 0.0001}};
    assert_summary("{comm} ({pid}) and {n-1} more of {n}", rows, 3, "sync (12) and 2 more of 3");
    assert_summary("{share|percent}, {share}", rows, 1, "42.3 %, 0.423");
    assert_summary("{share|percent}", rows + 1, 1, "100 %");
    assert_summary("{share|percent}", rows + 2, 1, "under 0.1 %");
    assert_summary("{comm} waits", rows + 2, 1, "A task waits");
    assert_summary("{n}: {comm}. {comm}", rows + 2, 1, "1: a task. A task");
    assert_summary("{n-5}", rows, 3, "0");
    assert_summary("{other} {{}} {comm|bytes}", rows, 1, "{other} {} sync");
    assert_summary("", rows, 1, "");
}

static void a_pasted_task_has_no_number(void **state)
{
    (void)state;
    static const struct row rows[] = {{NULL, -1, 0}, {NULL, -2, 0}, {"dd", 7, 0}};
    assert_summary("{comm} ({pid}) and {n-1} more wait", rows, 1, "A task wait");
    assert_summary("{comm} ({pid}) and {n-1} more wait", rows, 2, "A task and 1 more wait");
    assert_summary("{comm} ({pid}) waits for {comm} ({pid}), pid {pid}", rows + 2, 1,
                   "dd (7) waits for dd (7), pid 7");
}

static void lists_name_three(void **state)
{
    (void)state;
    static const struct row rows[] = {{"a", 1, 0}, {"b", 2, 0}, {"a", 3, 0},
                                      {"c", 4, 0}, {"d", 5, 0}, {NULL, 6, 0}};
    assert_summary("{comm*}", rows, 2, "a, b");
    assert_summary("{comm*}", rows, 3, "a, b");
    assert_summary("{comm*}", rows, 4, "a, b, c");
    assert_summary("{comm*}", rows, 6, "a, b, c and 1 more");
    assert_summary("{comm*}", rows + 5, 1, "unnamed tasks");
    assert_summary("{pid*|bytes}", rows, 2, "1 byte, 2 bytes");
}

static void numbers_read_well(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *bytes, *duration;
    } cases[] = {
        {0, "0 bytes", NULL},
        {512, "512 bytes", NULL},
        {1023, "1023 bytes", NULL},
        {1024, "1 KiB", NULL},
        {1536, "1.5 KiB", NULL},
        {1048575, "1 MiB", NULL},
        {107374182400, "100 GiB", NULL},
        {INT64_MAX, "8 EiB", NULL},
        {-2048, "-2 KiB", NULL},
        {45, "45 bytes", "45 s"},
        {12000, "11.7 KiB", "3 h 20 min"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct row row = {NULL, cases[i].number, 0};
        assert_summary("{pid|bytes}", &row, 1, cases[i].bytes);
        if (cases[i].duration)
            assert_summary("{pid|duration}", &row, 1, cases[i].duration);
    }
    struct row row = {"1536", 1, 1e300};
    assert_summary("{comm|bytes}", &row, 1, "1.5 KiB"); // a named group is text
    struct buffer out = {0};
    struct summary_rows rows = {1, value, &row};
    summary_write(&out, TEXT("{share|duration}"), &rows); // no overflow
    assert_true(out.len > 0);
    buffer_release(&out);
}

static void mistakes_are_found(void **state)
{
    (void)state;
    static const char *const columns[] = {"comm", "container", NULL};
    static const struct {
        const char *summary;
        size_t offset;
        const char *message;
    } cases[] = {
        {"a {comm", 2, "without its `}`"},
        {"a } b", 2, "without its `{`"},
        {"{contaner}", 1, "mean `container`?"},
        {"{comm|byte}", 6, "mean `bytes`?"},
        {"{}", 1, "no field"},
        {"x {a b}", 3, "no field"},
        {"{comm} {pid*}", 8, "no column `pid`"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        size_t offset = 99;
        assert_false(summary_check(text_of(cases[i].summary), columns, &offset, &err));
        if (offset != cases[i].offset || !text_contains(text_of(err.message), cases[i].message))
            fail_msg("%s: %zu %s", cases[i].summary, offset, err.message);
    }
    struct error err = {0};
    size_t offset;
    assert_true(summary_check(TEXT("{comm*} {n} {n-1} {container|bytes} {{x}}"), columns, &offset, &err));
    assert_true(summary_check(TEXT("{anything}"), NULL, &offset, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_filled),  cmocka_unit_test(a_pasted_task_has_no_number),
        cmocka_unit_test(lists_name_three),   cmocka_unit_test(numbers_read_well),
        cmocka_unit_test(mistakes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
