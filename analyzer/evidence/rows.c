// SPDX-License-Identifier: Apache-2.0
#include "evidence/rows.h"

#define ROW(name) static const struct row_column name##_columns[] = {
#define INT(row, column) {#column, COLUMN_INT, offsetof(struct row_##row, column)},
#define STR(row, column) {#column, COLUMN_TEXT, offsetof(struct row_##row, column)},
#define END(name) \
    } \
    ;
#include "evidence/rows.list"

const struct row_description row_table[ROW_KINDS] = {
#define ROW(name) {#name, sizeof name##_columns / sizeof *name##_columns, name##_columns},
#include "evidence/rows.list"
};
