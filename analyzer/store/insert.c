// SPDX-License-Identifier: Apache-2.0
#include "store/insert.h"

#include <string.h>

#include "util/buffer.h"
#include "util/memory.h"

struct statement *insert_open(struct db *db, enum row_kind kind, size_t rows, struct error *err)
{
    const struct row_description *description = &row_table[kind];
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_printf(&sql, "INSERT OR IGNORE INTO %s(member, line", description->name);
    for (size_t i = 0; i < description->columns; i++)
        buffer_printf(&sql, ", \"%s\"", description->column[i].name);
    buffer_puts(&sql, ") VALUES");
    for (size_t row = 0; row < rows; row++) {
        buffer_puts(&sql, row ? ", (?, ?" : "(?, ?");
        for (size_t i = 0; i < description->columns; i++)
            buffer_puts(&sql, ", ?");
        buffer_putc(&sql, ')');
    }
    if (kind == ROW_warning)
        buffer_puts(&sql, " ON CONFLICT DO UPDATE SET count = count + 1");
    return statement_open(db, sql.ptr, err);
}

void insert_bind(struct statement *insert, enum row_kind kind, size_t number, struct text member,
                 const void *row)
{
    const struct row_description *description = &row_table[kind];
    int at = (int)(number * (description->columns + 2)) + 1;
    int64_t line;
    memcpy(&line, row, sizeof line); // the first field of every row
    bind_text(insert, at++, member);
    bind_integer(insert, at++, line);
    for (size_t i = 0; i < description->columns; i++) {
        const char *field = (const char *)row + description->column[i].offset;
        if (description->column[i].type == COLUMN_TEXT) {
            struct text text;
            memcpy(&text, field, sizeof text);
            bind_text(insert, at++, text);
        } else {
            int64_t value;
            memcpy(&value, field, sizeof value);
            bind_integer(insert, at++, value);
        }
    }
}
