// SPDX-License-Identifier: Apache-2.0
//
// Summaries of findings: text with fields in braces, filled from the rows of the rule's query.
//
//   {column}            of the first row; unknown values are "?", an unknown {comm} is "a task"
//   {n} {n-1}           rows, rows less one; of one row the whole phrase " and {n-1} more" is left out
//   " ({pid})"          is left out where the id is unknown (a pasted stack has a negative one); likewise tid
//   {column*}           up to three distinct values and "N more"
//   {column|bytes}      1536 → 1.5 KiB · {column|percent} 0.423 → 42.3 % · {column|duration} seconds → 3 h 20
//   min
//   {{ }}               a brace
#ifndef INQUEST_RULE_SUMMARY_H
#define INQUEST_RULE_SUMMARY_H

#include "util/buffer.h"
#include "util/error.h"

struct summary_value {
    enum { SUMMARY_NULL, SUMMARY_INTEGER, SUMMARY_REAL, SUMMARY_TEXT } kind;
    int64_t integer;
    double real;
    struct text text; // valid until the next call of value()
};

struct summary_rows {
    uint64_t rows; // at least one
    // The value of a column in a row from 0. False: no such column.
    bool (*value)(void *context, uint64_t row, struct text column, struct summary_value *value);
    void *context;
};

// Appends the filled summary. A column that is not there is written as `{column}` (lint finds it).
void summary_write(struct buffer *out, struct text summary, const struct summary_rows *rows);

// Whether the braces are well-formed and every column is one of `columns` (ends with NULL; NULL: not
// checked). On failure *offset is the byte of the summary and the message says what, with a did-you-mean.
bool summary_check(struct text summary, const char *const *columns, size_t *offset, struct error *err);

#endif
