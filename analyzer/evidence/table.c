// SPDX-License-Identifier: Apache-2.0
#include "evidence/table.h"

#include <string.h>

enum { HEADER_BYTES = 1024, HEADER_LINES = 10 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// The next cell: up to one blank, or in a wide table up to two or a tab.
static bool next_cell(struct text *rest, bool wide, struct text *cell)
{
    size_t start = 0;
    while (start < rest->len && is_blank(rest->ptr[start]))
        start++;
    size_t end = start;
    for (; end < rest->len; end++) {
        bool two = end + 1 >= rest->len || is_blank(rest->ptr[end + 1]) || rest->ptr[end] == '\t';
        if (is_blank(rest->ptr[end]) && (!wide || two))
            break;
    }
    *cell = text_slice(*rest, start, end - start);
    *rest = text_from(*rest, end);
    return cell->len > 0;
}

static unsigned split(struct text line, bool wide, struct text cells[static TABLE_COLUMNS])
{
    unsigned count = 0;
    while (count < TABLE_COLUMNS && next_cell(&line, wide, &cells[count]))
        count++;
    return count;
}

static bool has_lower_case(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'a' && text.ptr[i] <= 'z')
            return true;
    return false;
}

bool table_open(struct table *table, struct text header)
{
    header = text_trim(header);
    *table = (struct table){0};
    if (header.len > HEADER_BYTES || has_lower_case(header))
        return false;
    table->wide = text_contains(header, "  ") || text_contains(header, "\t");
    table->columns = split(header, table->wide, table->names);
    return table->columns >= 2;
}

bool table_find(struct table *table, struct text text, const char *column, const char *other,
                struct lines *rest)
{
    struct text line;
    *rest = (struct lines){.rest = text};
    for (int i = 0; i < HEADER_LINES && lines_next(rest, &line); i++)
        if (table_open(table, line) && table_column(table, column) >= 0 && table_column(table, other) >= 0)
            return true;
    return false;
}

int table_column(const struct table *table, const char *names)
{
    struct text rest = text_of(names), name;
    while (text_split(&rest, '|', &name))
        for (unsigned i = 0; i < table->columns; i++)
            if (text_equal(table->names[i], name))
                return (int)i;
    return -1;
}

unsigned table_cells(const struct table *table, struct text row, struct text cells[static TABLE_COLUMNS])
{
    memset(cells, 0, TABLE_COLUMNS * sizeof *cells);
    return split(row, table->wide, cells);
}

struct text table_cell(const struct table *table, const struct text *cells, const char *names)
{
    int column = table_column(table, names);
    struct text cell = column < 0 ? (struct text){NULL, 0} : cells[column];
    if (text_is(cell, "<none>") || text_is(cell, "<no value>") || text_is(cell, "-") || cell.len == 0)
        return (struct text){NULL, 0};
    return cell;
}
