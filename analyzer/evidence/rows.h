// SPDX-License-Identifier: Apache-2.0
//
// The rows that parsers emit: plain structs, generated from rows.list, and their columns for whoever
// writes them somewhere (the store, a printer).
//
// Start from the null row, fill what is known:
//
//     struct row_task row = row_task_null;
//     row.pid = member->pid;
//     row_emit(sink, ROW_TASK?, …) — see emit_task() in sink.h
//
// A NULL integer is ROW_NULL, a NULL text has ptr NULL. Texts point into the member's bytes or
// arena; a sink copies what it keeps.
#ifndef INQUEST_EVIDENCE_ROWS_H
#define INQUEST_EVIDENCE_ROWS_H

#include "util/text.h"

#define ROW_NULL INT64_MIN

enum row_kind {
#define ROW(name) ROW_##name,
#include "evidence/rows.list"
    ROW_KINDS
};

// Each starts with `line`: the line of the member it stands on, from 1; 0 for the member as a whole.
#define ROW(name) \
    struct row_##name { \
        int64_t line;
#define INT(row, column) int64_t column;
#define STR(row, column) struct text column;
#define END(name) \
    } \
    ;
#include "evidence/rows.list"

#define ROW(name) static const struct row_##name row_##name##_null __attribute__((unused)) = {
#define INT(row, column) .column = ROW_NULL,
#define STR(row, column) .column = {0},
#define END(name) \
    .line = 0, \
    } \
    ;
#include "evidence/rows.list"

// The position of each column in its row: COLUMN_task_pid …, COLUMNS_task.
#define ROW(name) enum {
#define INT(row, column) COLUMN_##row##_##column,
#define STR(row, column) COLUMN_##row##_##column,
#define END(name) \
    COLUMNS_##name \
    } \
    ;
#include "evidence/rows.list"

enum column_type { COLUMN_INT, COLUMN_TEXT };

struct row_column {
    const char *name;
    enum column_type type;
    size_t offset; // in the row's struct
};

struct row_description {
    const char *name; // also the table's
    size_t columns;
    const struct row_column *column; // without `line`
};

extern const struct row_description row_table[ROW_KINDS];

#endif
