// SPDX-License-Identifier: Apache-2.0
#include "evidence/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/buffer.h"
#include "util/show.h"

void sink_warn(struct sink *sink, const struct member *member, uint64_t line, const char *problem, ...)
{
    char text[512];
    va_list args;
    va_start(args, problem);
    (void)vsnprintf(text, sizeof text, problem, args);
    va_end(args);
    struct row_warning row = row_warning_null;
    row.line = line ? (int64_t)(line + member->line_base) : 0;
    row.problem = text_of(text);
    emit_warning(sink, member, &row);
}

static void print_column(struct buffer *out, const struct row_column *column, const void *row)
{
    const char *at = (const char *)row + column->offset;
    if (column->type == COLUMN_INT) {
        int64_t number;
        memcpy(&number, at, sizeof number);
        if (number != ROW_NULL)
            buffer_printf(out, " %s=%lld", column->name, (long long)number);
        return;
    }
    struct text text;
    memcpy(&text, at, sizeof text);
    if (!text.ptr)
        return;
    buffer_printf(out, " %s='", column->name);
    show_line(out, text);
    buffer_putc(out, '\'');
}

static void print_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    struct buffer *out = ((struct printer *)sink)->out;
    const struct row_description *description = &row_table[kind];
    int64_t line;
    memcpy(&line, row, sizeof line); // the first field of every row
    show_line(out, member->source);
    buffer_printf(out, ":%lld %s", (long long)line, description->name);
    for (size_t i = 0; i < description->columns; i++)
        print_column(out, &description->column[i], row);
    buffer_putc(out, '\n');
}

void printer_init(struct printer *printer, struct buffer *out)
{
    *printer = (struct printer){.sink = {.row = print_row}, .out = out};
}
