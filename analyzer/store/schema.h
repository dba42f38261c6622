// SPDX-License-Identifier: Apache-2.0
//
// The tables, views and indexes of schema/.
#ifndef INQUEST_STORE_SCHEMA_H
#define INQUEST_STORE_SCHEMA_H

#include "store/db.h"
#include "util/builtin.h"

// A new database with all tables and views, as the build made it (analyzer/bake.c). Absent from programs that
// are linked without it, which make it anew.
extern const struct builtin builtin_schema __attribute__((weak));

// Tables and views, into an empty database.
bool schema_create(struct db *db, struct error *err);

// The indexes, once the tables are full: cheaper than to keep them up row by row.
bool schema_index(struct db *db, struct error *err);

#endif
