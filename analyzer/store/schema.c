// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include <string.h>

#include "util/buffer.h"
#include "util/memory.h"

// A view goes into the schema's table as SQLite itself would write it, and all are read together at the end:
// CREATE VIEW reads the schema anew each time, which took two thirds of what a new database costs.
static bool add_view(struct statement *insert, struct text sql, struct error *err)
{
    struct text rest = text_from(sql, strlen("CREATE VIEW ")), name;
    (void)text_word(&rest, &name);
    ptrdiff_t end = (ptrdiff_t)sql.len;
    while (end && sql.ptr[end - 1] != ';')
        end--;
    bind_text(insert, 1, name);
    bind_text(insert, 2, text_slice(sql, 0, end ? (size_t)end - 1 : sql.len));
    return statement_run(insert, err);
}

static bool create_views(struct db *db, struct error *err)
{
    CLEANUP(statement_release) struct statement *insert = NULL;
    if (!db_run(db, "PRAGMA writable_schema=ON", err) ||
        !(insert = statement_open(
              db,
              "INSERT INTO sqlite_schema(type, name, tbl_name, rootpage, sql) VALUES('view', ?1, ?1, 0, ?2)",
              err)))
        return false;
    for (const struct builtin *file = builtin_files; file->path; file++) {
        const char *view = strstr(file->content, "\nCREATE VIEW ");
        if (strncmp(file->path, "schema/", 7) == 0 && view && !add_view(insert, text_of(view + 1), err))
            return fail_context(err, "%s", file->path);
    }
    statement_release(&insert);
    return db_run(db, "PRAGMA writable_schema=RESET", err);
}

// Tables are there from the start; indexes are made when the tables are full, which is cheaper than to keep
// them up row by row.
static bool create_tables(struct db *db, bool indexes, struct error *err)
{
    for (const struct builtin *file = builtin_files; file->path; file++) {
        if (strncmp(file->path, "schema/", 7) != 0 || strstr(file->content, "\nCREATE VIEW "))
            continue;
        const char *index = strstr(file->content, "\nCREATE INDEX");
        CLEANUP(buffer_release) struct buffer sql = {0};
        if (!indexes)
            buffer_add(&sql,
                       (struct text){file->content, index ? (size_t)(index - file->content) : file->length});
        else
            buffer_puts(&sql, index ? index : "");
        if (sql.len && !db_run(db, sql.ptr, err))
            return fail_context(err, "%s", file->path);
    }
    return true;
}

bool schema_index(struct db *db, struct error *err)
{
    return create_tables(db, true, err);
}

bool schema_create(struct db *db, struct error *err)
{
    return create_tables(db, false, err) && create_views(db, err);
}
