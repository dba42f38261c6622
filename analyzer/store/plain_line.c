// SPDX-License-Identifier: Apache-2.0
#include "store/plain_line.h"

#include "util/memory.h"

static bool query_text(struct db *db, const char *sql, struct text member, int64_t line, struct arena *arena,
                       struct text *text)
{
    struct error ignored = {0};
    CLEANUP(statement_release) struct statement *query = statement_open(db, sql, &ignored);
    if (!query)
        return false;
    bind_text(query, 1, member);
    bind_integer(query, 2, line);
    if (statement_step(query, &ignored) != STEP_ROW || column_is_null(query, 0))
        return false;
    *text = arena_copy(arena, column_text(query, 0));
    return true;
}

static bool line_of(struct text content, int64_t line, struct text *text)
{
    struct lines lines = {.rest = content};
    while (lines_next(&lines, text))
        if ((int64_t)lines.number == line)
            return true;
    return false;
}

bool plain_line(struct db *db, struct text member, int64_t line, struct arena *arena, struct text *text)
{
    struct text content;
    return query_text(db, "SELECT message FROM log WHERE member = ? AND line = ?", member, line, arena,
                      text) ||
           (query_text(db, "SELECT content FROM file WHERE path = ? AND ? IS NOT NULL", member, line, arena,
                       &content) &&
            line_of(content, line, text));
}
