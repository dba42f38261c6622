// SPDX-License-Identifier: Apache-2.0
#include "rule/barren.h"

#include <stdio.h>

#include "rule/relations.h"
#include "store/db.h"
#include "test.h"
#include "util/memory.h"

// Four relations, of which those in the mask have a row.
struct world {
    unsigned filled;
};

static bool world_empty(void *context, struct text name, bool qualified)
{
    const struct world *world = context;
    (void)qualified;
    return name.len == 1 && name.ptr[0] >= 'a' && name.ptr[0] <= 'd' &&
           !(world->filled >> (name.ptr[0] - 'a') & 1);
}

struct query {
    const char *sql;
    const char *needs; // relations each of which it cannot do without
};

static const struct query queries[] = {
    {"SELECT 1 FROM a", "a"},
    {"select x.n from a x join b on b.n = x.n, c ORDER BY x.n, d", "abc"},
    {"SELECT 1 FROM a LEFT JOIN b ON 1 LEFT OUTER JOIN c ON 1 CROSS JOIN d", "ad"},
    {"SELECT 1 FROM a NATURAL LEFT JOIN b", "a"},
    {"SELECT 1 FROM main.a", "a"},
    {"WITH p AS (SELECT n FROM a), q(m) AS MATERIALIZED (SELECT n FROM p JOIN b) SELECT m FROM q", "ab"},
    {"WITH RECURSIVE p(n) AS (SELECT n FROM a UNION ALL SELECT n + 1 FROM p WHERE n < 3) SELECT n FROM p",
     "a"},
    {"SELECT 1 FROM (SELECT n FROM a UNION SELECT n FROM a WHERE n = 2) x JOIN b", "ab"},
    {"SELECT n, count(*) FROM a GROUP BY n", "a"},
    {"SELECT count(*) OVER () FROM a", "a"},
    {"SELECT (SELECT max(n) FROM b) FROM a", "a"},
    {"SELECT 1 FROM a WHERE n = 1 AND EXISTS (SELECT 1 FROM b) AND NOT EXISTS (SELECT 1 FROM c)", "ab"},
    {"SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b) OR n = 1", "a"},
    {"SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b) = 0", "a"},
    {"SELECT 1 FROM a -- , b\n WHERE n /* FROM c */ = 1 AND 'FROM d' <> ''", "a"},
    {"SELECT 1 FROM a WHERE n IN (SELECT n FROM b)", "a"},
    {"SELECT CASE WHEN 1 THEN 2 END FROM a", "a"},
    {"SELECT a.n IS NOT DISTINCT FROM 1 FROM a", "a"},
    {"SELECT 1 FROM a EXCEPT SELECT 1 FROM a", "a"},
    {"SELECT count(*) FROM a JOIN json_each('[1]')", ""},
    {"SELECT max(n) FROM a UNION SELECT n FROM json_each('[]')", ""},
    {"SELECT 1", ""},
    {"VALUES (1)", ""},
    {"SELECT 1 FROM (VALUES (1)) LEFT JOIN a", ""},
    {"SELECT 1 FROM \"a\"", ""},
    {"SELECT 1 FROM a RIGHT JOIN b ON 1", ""},
    {"SELECT 1 FROM (a JOIN b)", ""},
    {"SELECT n FROM json_each('[]') ORDER BY count(*)", ""},
    {"", ""},
    {"SELECT", ""},
    {"SELECT 1 FROM", ""},
    {"WITH", ""},
    {"WITH p AS", ""},
    {")))((( FROM , JOIN", ""},
};

static void knows_what_a_query_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        for (unsigned filled = 0; filled < 16; filled++) {
            struct world world = {filled};
            bool lacks = false;
            for (const char *need = queries[i].needs; *need; need++)
                lacks |= !(filled >> (*need - 'a') & 1);
            bool barren = query_is_barren(text_of(queries[i].sql), world_empty, &world);
            if (barren != lacks)
                print_error("%s with %u\n", queries[i].sql, filled);
            assert_int_equal(barren, lacks);
        }
}

static struct db *open_world(unsigned filled)
{
    struct db *db = NULL;
    struct error err = {0};
    assert_true(db_create(&db, NULL, 1024, &err));
    for (unsigned i = 0; i < 4; i++) {
        char sql[64];
        (void)snprintf(sql, sizeof sql, "CREATE TABLE %c (n)", 'a' + (int)i);
        assert_true(db_run(db, sql, &err));
        (void)snprintf(sql, sizeof sql, "INSERT INTO %c VALUES (1)", 'a' + (int)i);
        assert_true(!(filled >> i & 1) || db_run(db, sql, &err));
    }
    assert_true(
        db_run(db,
               "CREATE VIEW v AS SELECT a.n FROM a JOIN b; CREATE VIEW w AS SELECT count(*) FROM v, a;"
               "CREATE VIEW x AS SELECT n FROM a WHERE n > 1",
               &err));
    return db;
}

// SQLite's own answer, for each relation empty or not: what is barren gives no row.
static void agrees_with_sqlite(void **state)
{
    (void)state;
    struct error err = {0};
    for (unsigned filled = 0; filled < 16; filled++) {
        struct world world = {filled};
        CLEANUP(db_close) struct db *db = open_world(filled);
        for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
            CLEANUP(statement_release) struct statement *query = statement_open(db, queries[i].sql, &err);
            if (!query || !query_is_barren(text_of(queries[i].sql), world_empty, &world))
                continue;
            assert_int_equal(statement_step(query, &err), STEP_DONE);
        }
    }
}

static void gives_nothing(void **state)
{
    (void)state;
    struct world none = {0}, some = {2};
    struct text counted = TEXT("WITH s AS (SELECT count(*) AS n FROM a), t AS (SELECT max(n) FROM b) "
                               "SELECT s.n FROM s LEFT JOIN t WHERE (SELECT count(*) FROM c) = 0");
    assert_true(query_gives_nothing(counted, world_empty, &none));
    assert_false(query_gives_nothing(counted, world_empty, &some));
    assert_false(query_gives_nothing(TEXT("SELECT 1"), world_empty, &none));
    assert_false(query_gives_nothing(TEXT("SELECT 1 FROM (VALUES (1)) LEFT JOIN a"), world_empty, &none));
    assert_false(query_gives_nothing(TEXT("SELECT count(*) FROM a, json_each('[1]')"), world_empty, &none));
    assert_false(query_gives_nothing(TEXT("SELECT count(*) FROM a, nowhere"), world_empty, &none));
}

static void relations_of_a_store(void **state)
{
    (void)state;
    struct error err = {0};
    for (unsigned filled = 0; filled < 4; filled++) {
        CLEANUP(db_close) struct db *db = open_world(filled);
        CLEANUP(relations_close) struct relations *relations = relations_open(db, &err);
        assert_non_null(relations);
        assert_int_equal(relations_empty(relations, TEXT("a")), !(filled & 1));
        assert_int_equal(relations_empty(relations, TEXT("V")), filled != 3);
        assert_int_equal(relations_empty(relations, TEXT("w")), 0); // it counts
        assert_true(relations_empty(relations, TEXT("x")));
        assert_false(relations_empty(relations, TEXT("nowhere")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_a_query_needs),
        cmocka_unit_test(agrees_with_sqlite),
        cmocka_unit_test(gives_nothing),
        cmocka_unit_test(relations_of_a_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
