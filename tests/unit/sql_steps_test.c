// SPDX-License-Identifier: Apache-2.0
#include "rule/sql_steps.h"
#include "store/db.h"
#include "test.h"
#include "util/memory.h"

static void expect_steps(const char *sql, size_t count, const char *const *labels)
{
    struct arena arena = {0};
    struct sql_step *steps;
    assert_int_equal(sql_steps(text_of(sql), &arena, &steps), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(steps[i].label, labels[i]);
    arena_release(&arena);
}

static void joins_and_conditions(void **state)
{
    (void)state;
    static const char *const labels[] = {"FROM a",
                                         "LEFT JOIN b ON b.x = a.x AND b.y",
                                         ", c",
                                         "WHERE a.t BETWEEN 1 AND 2",
                                         "AND CASE WHEN b.x AND c.y THEN 1 ELSE 0 END",
                                         "AND a.s <> 'x AND y'",
                                         "GROUP BY a.x HAVING count(*) > 1"};
    expect_steps(
        "SELECT a.x, count(*) FROM a -- remark, AND so on\n LEFT JOIN b ON b.x = a.x AND b.y, c\n"
        "WHERE a.t BETWEEN 1 AND 2 AND CASE WHEN b.x AND c.y THEN 1 ELSE 0 END AND a.s <> 'x AND y'\n"
        "GROUP BY a.x HAVING count(*) > 1 ORDER BY 1 LIMIT 3",
        7, labels);
    static const char *const whole[] = {"FROM a", "WHERE x OR y AND z"};
    expect_steps("SELECT 1 FROM a WHERE x OR y AND z", 2, whole);
}

static void tables_of_with_and_unions(void **state)
{
    (void)state;
    static const char *const labels[] = {"p", "q", "FROM p", "FROM q", "WHERE n > 0", "SELECT 7"};
    expect_steps("WITH p AS MATERIALIZED (SELECT 1 AS n FROM x, y), q(n) AS (SELECT 2) SELECT n FROM p "
                 "UNION ALL SELECT n FROM q WHERE n > 0 UNION SELECT 7",
                 6, labels);
}

static void no_select_no_steps(void **state)
{
    (void)state;
    expect_steps("", 0, NULL);
    expect_steps("DELETE FROM x", 0, NULL);
    expect_steps("((((", 0, NULL);
    expect_steps("SELECT", 1, (const char *const[]){"SELECT"});
    expect_steps("))) 'open", 0, NULL);
}

// Each step is a statement of its own that counts.
static void steps_count(void **state)
{
    (void)state;
    CLEANUP(db_close) struct db *db = NULL;
    struct error err = {0};
    assert_true(db_create(&db, NULL, 1024, &err));
    assert_true(db_run(db, "CREATE TEMP TABLE a (x); INSERT INTO a VALUES (1), (2), (3)", &err));
    struct arena arena = {0};
    struct sql_step *steps;
    size_t count =
        sql_steps(TEXT("WITH two AS (SELECT x FROM a WHERE x > 1) SELECT a.x FROM a JOIN two ON "
                       "two.x = a.x WHERE a.x <> 2 AND a.x <> 3 UNION SELECT max(x) FROM a GROUP BY x % 2"),
                  &arena, &steps);
    static const int64_t wanted[] = {2, 3, 2, 1, 0, 3, 2};
    assert_int_equal(count, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(statement_release) struct statement *query = statement_open(db, steps[i].sql, &err);
        assert_non_null(query);
        assert_int_equal(statement_step(query, &err), STEP_ROW);
        assert_int_equal(column_integer(query, 0), wanted[i]);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_and_conditions),
        cmocka_unit_test(tables_of_with_and_unions),
        cmocka_unit_test(no_select_no_steps),
        cmocka_unit_test(steps_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
