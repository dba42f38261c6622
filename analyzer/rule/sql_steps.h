// SPDX-License-Identifier: Apache-2.0
//
// A rule's query taken apart, so that `why` can say where its rows were lost: each table expression of WITH,
// and each SELECT joined table by table and narrowed condition by condition.
//
//     WITH x AS (…) SELECT … FROM a JOIN x ON … WHERE c AND d
//     x                     WITH x AS (…) SELECT count(*) FROM x
//     FROM a                WITH x AS (…) SELECT count(*) FROM a
//     JOIN x ON …           WITH x AS (…) SELECT count(*) FROM a JOIN x ON …
//     WHERE c               WITH x AS (…) SELECT count(*) FROM a JOIN x ON … WHERE c
//     AND d                 WITH x AS (…) SELECT count(*) FROM a JOIN x ON … WHERE c AND d
//
// It knows words, brackets, quotes and CASE … END, not the language: a step may not prepare (a condition that
// names a column of the result); then that step cannot be shown. Steps only ever count.
#ifndef INQUEST_RULE_SQL_STEPS_H
#define INQUEST_RULE_SQL_STEPS_H

#include "util/arena.h"

struct sql_step {
    const char *label; // the part that the step adds, on one line
    const char *sql;   // gives one number: the rows so far
    size_t select;     // which SELECT of a UNION it belongs to, from 1; 0 for a table of WITH
};

// Steps of one statement; everything lives in the arena. Gives their number, 0 for what is no SELECT.
size_t sql_steps(struct text sql, struct arena *arena, struct sql_step **steps);

#endif
