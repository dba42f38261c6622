// SPDX-License-Identifier: Apache-2.0
#include "store/loader.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"
#include "util/buffer.h"
#include "util/memory.h"

enum { RECORDS = 20000, LONG_BYTES = 600 * 1024 };

static int64_t number_of(struct db *db, const char *sql)
{
    struct error err = {0};
    CLEANUP(statement_release) struct statement *query = statement_open(db, sql, &err);
    assert_non_null(query);
    assert_int_equal(statement_step(query, &err), STEP_ROW);
    return column_integer(query, 0);
}

static struct row_log record(int64_t line, struct text message)
{
    struct row_log row = row_log_null;
    row.line = line;
    row.time = line * 1000;
    row.unit = line % 3 ? TEXT("kubelet") : (struct text){NULL, 0};
    row.host = TEXT("node-1");
    row.message = message;
    row.lines = 1;
    return row;
}

// Short and long messages, none, and lines that come twice, of which the first stays; events between them.
static void every_row_goes_in(void **state)
{
    (void)state;
    struct error err = {0};
    struct db *db;
    assert_true(db_create(&db, NULL, 8192, &err));
    struct loader *loader = loader_open(db);
    char *large = mem_alloc(LONG_BYTES, 1), message[64];
    memset(large, 'x', LONG_BYTES);
    for (int64_t i = 0; i < RECORDS; i++) {
        bool again = i % 1000 == 999;
        int length = snprintf(message, sizeof message, "message %lld", (long long)i);
        struct text text = i % 5000 == 7   ? (struct text){large, LONG_BYTES}
                           : i % 100 == 50 ? (struct text){NULL, 0}
                                           : (struct text){message, (size_t)length};
        struct row_log row = record(again ? i - 1 : i, text);
        loader_add(loader, i < RECORDS / 2 ? TEXT("journal/a.log") : TEXT("journal/b.log"), &row);
        memset(message, '#', sizeof message); // it was copied
        if (i % 777)
            continue;
        loader_lock(loader);
        assert_true(db_run(
            db, "INSERT INTO fact(member, line, key, value) VALUES('m', 0, 'k' || random(), 1)", &err));
        loader_unlock(loader);
    }
    assert_true(loader_finish(loader, &err));
    assert_int_equal(number_of(db, "SELECT count(*) FROM log"), RECORDS - RECORDS / 1000);
    assert_int_equal(number_of(db, "SELECT count(*) FROM log WHERE message = 'message ' || line AND time = "
                                   "line * 1000 AND host = 'node-1' AND lines = 1 AND pid IS NULL"),
                     RECORDS - RECORDS / 1000 - RECORDS / 100 - RECORDS / 5000);
    assert_int_equal(number_of(db, "SELECT count(*) FROM log WHERE message IS NULL"), RECORDS / 100);
    assert_int_equal(number_of(db, "SELECT count(*) FROM log WHERE length(message) = 614400"),
                     RECORDS / 5000);
    assert_int_equal(number_of(db, "SELECT count(*) FROM log WHERE (unit IS NULL) <> (line % 3 = 0)"), 0);
    assert_int_equal(
        number_of(db, "SELECT count(*) FROM log WHERE (member = 'journal/a.log') <> (line < 10000)"), 0);
    assert_int_equal(number_of(db, "SELECT count(*) FROM fact"), (RECORDS + 776) / 777);
    loader_close(&loader);
    assert_null(loader);
    db_close(&db);
    free(large);
}

static void what_sqlite_refuses_is_said_at_the_end(void **state)
{
    (void)state;
    struct error err = {0};
    struct db *db;
    assert_true(db_create(&db, NULL, 8192, &err));
    assert_true(db_run(db, "DROP TABLE log", &err));
    CLEANUP(loader_close) struct loader *loader = loader_open(db);
    for (int64_t i = 0; i < 50000; i++) {
        struct row_log row = record(i, TEXT("a message"));
        loader_add(loader, TEXT("journal/a.log"), &row);
    }
    assert_false(loader_finish(loader, &err));
    assert_non_null(strstr(err.message, "log"));
    loader_close(&loader);
    db_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_goes_in),
        cmocka_unit_test(what_sqlite_refuses_is_said_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
