// SPDX-License-Identifier: Apache-2.0
//
// Tables that commands print: a line of column names, then rows. Columns are known by name, whichever
// there are and in whatever order.
#ifndef INQUEST_EVIDENCE_TABLE_H
#define INQUEST_EVIDENCE_TABLE_H

#include "util/text.h"

enum { TABLE_COLUMNS = 40 };

struct table {
    struct text names[TABLE_COLUMNS];
    unsigned columns;
    bool wide; // cells stand two blanks or more apart, and may hold single ones
};

// Reads a header: at least two names, none with a lower-case letter.
bool table_open(struct table *table, struct text header);
// The first line of `text` that is a header with both columns; gives what follows it and its number.
bool table_find(struct table *table, struct text text, const char *column, const char *other,
                struct lines *rest);
// The position of a column, or -1. Any of `a|b|c` will do.
int table_column(const struct table *table, const char *names);
// Splits a row. Cells that are not there are absent.
unsigned table_cells(const struct table *table, struct text row, struct text cells[static TABLE_COLUMNS]);
// The cell of the column; absent where the column, the cell or its content is missing (`<none>`, `-`).
struct text table_cell(const struct table *table, const struct text *cells, const char *names);

#endif
