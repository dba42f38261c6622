// SPDX-License-Identifier: Apache-2.0
//
// SQLite behind a few verbs. db.c and extend.c are the only files that know sqlite3.h.
//
// A database is ours (created here, private, deleted when closed unless it was given a path) or a
// stranger's file that is only read. Statements of rules run guarded: read-only, without ATTACH, PRAGMA,
// load_extension or writable schema, and within a budget of steps.
#ifndef INQUEST_STORE_DB_H
#define INQUEST_STORE_DB_H

#include "util/arena.h"
#include "util/buffer.h"
#include "util/error.h"

struct db;

// A new database with the whole schema but its indexes. path NULL: private, spills to a temporary file, gone
// at close. cache_kb bounds its page cache.
bool db_create(struct db **db, const char *path, uint64_t cache_kb, struct error *err);
// The bytes of such a private database, empty (schema.h).
bool db_image(struct buffer *out, struct error *err);
// A stranger's database, read-only. Nothing of it may be asked before the check.
bool db_open_foreign(struct db **db, const char *path, struct error *err);
// Distrusts it: quick check, no triggers, views or functions of its are run.
bool db_check_foreign(struct db *db, const char *path, struct error *err);
void db_close(struct db **db); // fits CLEANUP()

// False, with the reason, once its file or a temporary one failed (a full disk): whatever was read from it
// since may be incomplete, also where nobody asked whether a statement failed.
bool db_sound(const struct db *db, struct error *err);

// Runs our own SQL, several statements. Fails with SQLite's message.
bool db_run(struct db *db, const char *sql, struct error *err);

// Gives SQL the function settled(member, clock, raw, boot) → nanoseconds since 1970 UTC or NULL.
typedef int64_t db_settle(void *context, struct text member, int clock, int64_t raw, struct text boot);
bool db_settle_with(struct db *db, db_settle *settle, void *context, struct error *err);

// Replaces the table `log` by a virtual table of the same columns over `lines`, which must outlive the
// database.
struct line_store;
bool db_log_from(struct db *db, struct line_store *lines, struct error *err);

// ---- statements ------------------------------------------------------------------------------
struct statement;

enum step { STEP_ROW, STEP_DONE, STEP_FAILED };

// One statement; text behind it fails. The caller releases it.
struct statement *statement_open(struct db *db, const char *sql, struct error *err);
void statement_release(struct statement **statement); // fits CLEANUP()

// By position from 1. Absent text and ROW_NULL (INT64_MIN) become NULL. Text is not copied: it must live
// until the step.
void bind_text(struct statement *statement, int position, struct text text);
void bind_integer(struct statement *statement, int position, int64_t number);
void bind_real(struct statement *statement, int position, double number);
// By name, with the colon: ":pid". Ends the program when the statement has no such name (our own bug).
void bind_text_named(struct statement *statement, const char *name, struct text text);
void bind_integer_named(struct statement *statement, const char *name, int64_t number);

enum step statement_step(struct statement *statement, struct error *err);
void statement_reset(struct statement *statement); // for the next run, bindings cleared
// Steps to the end and resets. For INSERT and the like.
bool statement_run(struct statement *statement, struct error *err);

int statement_columns(const struct statement *statement);
const char *statement_column_name(const struct statement *statement, int column); // from 0
bool column_is_null(const struct statement *statement, int column);
int64_t column_integer(const struct statement *statement, int column);                       // 0 for NULL
int64_t column_integer_or(const struct statement *statement, int column, int64_t otherwise); // for NULL
double column_double(const struct statement *statement, int column);
struct text column_text(const struct statement *statement,
                        int column); // until the next step; absent for NULL
enum column_kind { COLUMN_IS_NULL, COLUMN_IS_INTEGER, COLUMN_IS_REAL, COLUMN_IS_TEXT };
enum column_kind column_kind(const struct statement *statement, int column); // blobs count as text

// ---- strangers' SQL --------------------------------------------------------------------------
// Guards what is prepared and run until db_unguard: read only, `steps` virtual machine steps for each
// statement.
void db_guard(struct db *db, uint64_t steps);
void db_unguard(struct db *db);
// Where in its SQL the last failed statement_open stumbled, in bytes; -1 unknown.
int db_error_offset(const struct db *db);
// Whether the last failure was the step budget.
bool db_was_interrupted(const struct db *db);

// Of SQLite.
const char *db_library_version(void);

#endif
