// SPDX-License-Identifier: Apache-2.0
//
// Log records into the plain table `log`, by the million: they are gathered in blocks, which a thread of its
// own inserts, several rows to a statement, while the log is read on. Where no thread can be had they are
// inserted in place. Which of both does not show: rows go in as they came.
//
// A connection to SQLite serves one thread at a time: from the first loader_add on, whoever else uses the
// database locks the loader.
#ifndef INQUEST_STORE_LOADER_H
#define INQUEST_STORE_LOADER_H

#include "evidence/rows.h"
#include "store/db.h"

struct loader;

struct loader *loader_open(struct db *db); // which must outlive it
// Copies the row. One whose member and line are there already is left out.
void loader_add(struct loader *loader, struct text member, const struct row_log *row);
// Between them the database is the caller's. Harmless for NULL.
void loader_lock(struct loader *loader);
void loader_unlock(struct loader *loader);
// All rows are in the table when it returns, and the database is the caller's again. Fails where SQLite did;
// harmless for NULL.
bool loader_finish(struct loader *loader, struct error *err);
void loader_close(struct loader **loader); // whether it was finished or not; fits CLEANUP()

#endif
