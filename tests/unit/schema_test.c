// SPDX-License-Identifier: Apache-2.0
// One truth: the tables of schema/ hold the columns of the rows that parsers emit, and every column says what
// it is.
#include "test.h"

#include <string.h>

#include "evidence/rows.h"
#include "store/db.h"
#include "store/schema.h"
#include "util/buffer.h"
#include "util/builtin.h"
#include "util/memory.h"

static void tables_hold_the_rows(void **state)
{
    (void)state;
    struct error err = {0};
    struct db *db;
    assert_true(db_create(&db, NULL, 8192, &err));
    for (int kind = 0; kind < ROW_KINDS; kind++) {
        if (kind == ROW_stack) // becomes thread.stack, thread.stack_2 and report_stack
            continue;
        const struct row_description *description = &row_table[kind];
        struct buffer sql = {0};
        buffer_puts(&sql, "SELECT ");
        for (size_t i = 0; i < description->columns; i++)
            buffer_printf(&sql, "\"%s\", ", description->column[i].name);
        buffer_printf(&sql, "%s FROM %s", kind == ROW_task ? "tid" : "member, line",
                      kind == ROW_task ? "thread" : description->name);
        // double quotes around an unknown name would be a text in SQLite, so the names are looked up too
        struct statement *columns = statement_open(db, "SELECT name FROM pragma_table_info(:table)", &err);
        assert_non_null(columns);
        for (size_t i = 0; i < description->columns; i++) {
            bind_text_named(columns, ":table", text_of(kind == ROW_task ? "thread" : description->name));
            bool found = false;
            while (statement_step(columns, &err) == STEP_ROW)
                found |= text_is(column_text(columns, 0), description->column[i].name);
            statement_reset(columns);
            if (!found)
                print_error("%s has no column %s\n", description->name, description->column[i].name);
            assert_true(found);
        }
        statement_release(&columns);
        struct statement *query = statement_open(db, sql.ptr, &err);
        assert_non_null(query);
        statement_release(&query);
        buffer_release(&sql);
    }
    db_close(&db);
}

// Lines of a CREATE TABLE that declare a column end in a comment.
static void columns_are_commented(void **state)
{
    (void)state;
    for (const struct builtin *file = builtin_files; file->path; file++) {
        if (!text_starts(text_of(file->path), "schema/"))
            continue;
        struct lines lines = {.rest = {file->content, file->length}};
        struct text line;
        bool inside = false;
        while (lines_next(&lines, &line)) {
            if (text_starts(line, "CREATE TABLE"))
                inside = true;
            else if (text_starts(line, ")"))
                inside = false;
            else if (inside && text_starts(line, "    ") && !text_contains(line, "PRIMARY KEY (") &&
                     !text_contains(line, " --")) {
                print_error("%s:%llu has no comment\n", file->path, (unsigned long long)lines.number);
                assert_true(text_contains(line, "-- "));
            }
        }
    }
}

static void the_image_is_the_schema(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP(buffer_release) struct buffer made = {0};
    assert_true(db_image(&made, &err));
    assert_true(made.len > 65536);
    assert_true(text_equal(buffer_text(&made), (struct text){builtin_schema.content, builtin_schema.length}));
}

static void every_view_can_be_asked(void **state)
{
    (void)state;
    struct error err = {0};
    struct db *db;
    assert_true(db_create(&db, NULL, 8192, &err));
    struct statement *names = statement_open(db, "SELECT name FROM sqlite_master WHERE type = 'view'", &err);
    assert_non_null(names);
    size_t count = 0;
    while (statement_step(names, &err) == STEP_ROW) {
        struct buffer sql = {0};
        buffer_puts(&sql, "SELECT * FROM ");
        buffer_add(&sql, column_text(names, 0));
        struct statement *query = statement_open(db, sql.ptr, &err);
        if (!query || statement_step(query, &err) == STEP_FAILED)
            print_error("%s: %s\n", sql.ptr, err.message);
        assert_non_null(query);
        assert_string_equal(err.message, "");
        statement_release(&query);
        buffer_release(&sql);
        count++;
    }
    assert_true(count >= 10);
    statement_release(&names);
    db_close(&db);
}

static void guarded_statements_only_read(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "DELETE FROM thread",
        "ATTACH 'x.db' AS x",
        "PRAGMA writable_schema=1",
        "CREATE TEMP TABLE t(a)",
        "SELECT load_extension('x')",
        "VACUUM INTO '/tmp/x'",
        "SELECT 1; SELECT 2",
        "SELECT zeroblob(1e9)",
        "INSERT INTO fact VALUES(1,2,3,4)",
        "DROP VIEW node",
        "",
    };
    struct error err = {0};
    struct db *db;
    assert_true(db_create(&db, NULL, 8192, &err));
    db_guard(db, 1000000);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct statement *query = statement_open(db, refused[i], &err);
        if (query)
            print_error("was allowed: %s\n", refused[i]);
        assert_null(query);
    }
    struct statement *endless = statement_open(
        db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", &err);
    assert_non_null(endless);
    assert_int_equal(statement_step(endless, &err), STEP_FAILED);
    assert_true(db_was_interrupted(db));
    statement_release(&endless);
    db_unguard(db);
    db_close(&db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_hold_the_rows),         cmocka_unit_test(columns_are_commented),
        cmocka_unit_test(the_image_is_the_schema),      cmocka_unit_test(every_view_can_be_asked),
        cmocka_unit_test(guarded_statements_only_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
