// SPDX-License-Identifier: Apache-2.0
//
// Rows of rows.list into the plain tables of the same names.
#ifndef INQUEST_STORE_INSERT_H
#define INQUEST_STORE_INSERT_H

#include "evidence/rows.h"
#include "store/db.h"

// An INSERT of so many rows of the kind, with a parameter for each value: of each row its member, its line,
// and the columns in their order. Rows whose keys are there already are left out.
struct statement *insert_open(struct db *db, enum row_kind kind, size_t rows, struct error *err);
// Binds one of the rows, from 0. Nothing is copied: all must live until the step.
void insert_bind(struct statement *insert, enum row_kind kind, size_t number, struct text member,
                 const void *row);

#endif
