// SPDX-License-Identifier: Apache-2.0
#include "store/db.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/extend.h"
#include "store/schema.h"
#include "util/buffer.h"
#include "util/memory.h"
#include "util/pool.h"

struct db {
    sqlite3 *handle;
    bool guarded, interrupted;
    bool json_ready;   // json_each is connected
    char trouble[120]; // the first failure of its file or of a temporary one; "" for none
    uint64_t steps_left;
};

struct statement {
    sqlite3_stmt *handle;
    struct db *db;
};

enum { STEPS_PER_PROGRESS = 1000 };
#define PRIVATE_PAGE "16384" // bytes, of a database without a path

// What has nothing to do with the statement at hand: the disk.
static void note_trouble(struct db *db)
{
    int code = db->handle ? sqlite3_errcode(db->handle) & 0xff : SQLITE_OK;
    const char *what = code == SQLITE_FULL       ? "No space left on device"
                       : code == SQLITE_CANTOPEN ? "a temporary file cannot be made" // its own file is open
                       : code == SQLITE_IOERR    ? sqlite3_errmsg(db->handle)
                                                 : NULL;
    if (code == SQLITE_NOMEM)
        mem_exhausted();
    if (what && !db->trouble[0])
        (void)snprintf(db->trouble, sizeof db->trouble, "%s", what);
}

bool db_sound(const struct db *db, struct error *err)
{
    return !db->trouble[0] || fail(err, "%s", db->trouble);
}

static bool sqlite_failed(struct db *db, const char *what, struct error *err)
{
    note_trouble(db);
    return fail(err, "%s: %s", what, db->handle ? sqlite3_errmsg(db->handle) : "cannot open");
}

bool db_run(struct db *db, const char *sql, struct error *err)
{
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return sqlite_failed(db, "database", err);
}

// Limits that a rule or a stranger's file could use to hurt: see sqlite.org/security.html.
static void lower_limits(sqlite3 *handle)
{
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, 64 << 20},
        {SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
        {SQLITE_LIMIT_COLUMN, 200},
        {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_COMPOUND_SELECT, 50},
        {SQLITE_LIMIT_VDBE_OP, 250000},
        {SQLITE_LIMIT_FUNCTION_ARG, 16},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(handle, limits[i][0], limits[i][1]);
}

static void harden(sqlite3 *handle)
{
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    lower_limits(handle);
}

static void *memory_alloc(int size)
{
    return pool_alloc((size_t)size);
}

static void *memory_resize(void *bytes, int size)
{
    return pool_resize(bytes, (size_t)size);
}

static int memory_size(void *bytes)
{
    return (int)pool_size(bytes);
}

static int memory_roundup(int size)
{
    return (size + 15) & ~15;
}

static int memory_init(void *context)
{
    (void)context;
    return SQLITE_OK;
}

// One thread has to do with SQLite: no locks, and no statistics of memory, which lock too. Settings are
// refused, and that is harmless, once a database was opened.
static void configure(void)
{
    static const sqlite3_mem_methods methods = {memory_alloc,   pool_free,   memory_resize, memory_size,
                                                memory_roundup, memory_init, NULL,          NULL};
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

static bool open_handle(struct db **db, const char *path, int flags, struct error *err)
{
    *db = mem_alloc(1, sizeof **db);
    configure();
    flags |= SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &(*db)->handle, flags, NULL) == SQLITE_OK && extend_functions((*db)->handle))
        return true;
    sqlite_failed(*db, path[0] ? path : "database", err);
    db_close(db);
    return false;
}

// Copies the empty database that the build made, page by page: making one takes forty times as long. False,
// and nothing done, where this SQLite cannot.
static bool copy_image(struct db *db)
{
    sqlite3 *image = NULL;
    unsigned char *bytes = (unsigned char *)(uintptr_t)builtin_schema.content; // only read
    sqlite3_int64 length = (sqlite3_int64)builtin_schema.length;
    bool copied = false;
    if (sqlite3_open_v2(":memory:", &image, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        sqlite3_deserialize(image, "main", bytes, length, length, SQLITE_DESERIALIZE_READONLY) == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(db->handle, "main", image, "main");
        copied = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;
        copied = sqlite3_backup_finish(backup) == SQLITE_OK && copied;
        note_trouble(db);
    }
    sqlite3_close_v2(image);
    return copied;
}

bool db_image(struct buffer *out, struct error *err)
{
    struct db *db;
    sqlite3_int64 length;
    if (!open_handle(&db, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err))
        return false;
    bool ok = db_run(db, "PRAGMA page_size=" PRIVATE_PAGE "; BEGIN", err) && schema_create(db, err) &&
              db_run(db, "COMMIT", err);
    unsigned char *bytes = ok ? sqlite3_serialize(db->handle, "main", &length, 0) : NULL;
    if (bytes)
        buffer_add(out, (struct text){(const char *)bytes, (size_t)length});
    sqlite3_free(bytes);
    db_close(&db);
    return bytes || (ok && fail(err, "no image of the schema"));
}

bool db_create(struct db **db, const char *path, uint64_t cache_kb, struct error *err)
{
    if (!open_handle(db, path ? path : "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err))
        return false;
    char pragmas[256];
    // An exclusive private file: no journal to roll back to, nothing to sync, it is renamed when whole.
    (void)snprintf(
        pragmas, sizeof pragmas,
        "PRAGMA page_size=%s; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE;"
        "PRAGMA cache_size=-%llu;",
        path ? "65536" : PRIVATE_PAGE, (unsigned long long)cache_kb);
    bool copied = !path && &builtin_schema && db_run(*db, pragmas, err) && copy_image(*db);
    if (!db_sound(*db, err) || (!copied && !db_run(*db, pragmas, err)) || !db_run(*db, "BEGIN", err) ||
        (!copied && !schema_create(*db, err))) {
        db_close(db);
        return false;
    }
    harden((*db)->handle);
    return true;
}

bool db_open_foreign(struct db **db, const char *path, struct error *err)
{
    return open_handle(db, path, SQLITE_OPEN_READONLY, err);
}

bool db_check_foreign(struct db *db, const char *path, struct error *err)
{
    harden(db->handle);
    struct error reason = {0};
    CLEANUP(statement_release) struct statement *check = NULL;
    if (!db_run(db, "PRAGMA cell_size_check=1; PRAGMA mmap_size=0;", &reason) ||
        !(check = statement_open(db, "PRAGMA quick_check(1)", &reason)) ||
        statement_step(check, &reason) != STEP_ROW || !text_is(column_text(check, 0), "ok"))
        return fail_kind(err, ERROR_BUNDLE, "%s: damaged database%s%s", path, reason.message[0] ? ": " : "",
                         reason.message);
    return true;
}

void db_close(struct db **db)
{
    if (!*db)
        return;
    sqlite3_close_v2((*db)->handle);
    free(*db);
    *db = NULL;
}

bool db_settle_with(struct db *db, db_settle *settle, void *context, struct error *err)
{
    return extend_settle(db->handle, settle, context) || sqlite_failed(db, "settled()", err);
}

bool db_log_from(struct db *db, struct line_store *lines, struct error *err)
{
    return extend_log(db->handle, lines) || sqlite_failed(db, "log", err);
}

// ---- statements ------------------------------------------------------------------------------

struct statement *statement_open(struct db *db, const char *sql, struct error *err)
{
    sqlite3_stmt *handle = NULL;
    const char *tail = "";
    if (sqlite3_prepare_v2(db->handle, sql, -1, &handle, &tail) != SQLITE_OK || !handle) {
        note_trouble(db);
        (void)fail(err, "%s",
                   handle || sqlite3_errcode(db->handle) ? sqlite3_errmsg(db->handle) : "no statement");
        return NULL;
    }
    bool alone = tail[strspn(tail, " \t\r\n;")] == '\0'; // nothing but blanks behind it
    if (!alone || (db->guarded && !sqlite3_stmt_readonly(handle))) {
        sqlite3_finalize(handle);
        (void)fail(err, "%s", alone ? "only reading is allowed" : "one statement is expected");
        return NULL;
    }
    struct statement *statement = mem_alloc(1, sizeof *statement);
    *statement = (struct statement){.handle = handle, .db = db};
    return statement;
}

void statement_release(struct statement **statement)
{
    if (!*statement)
        return;
    sqlite3_finalize((*statement)->handle);
    free(*statement);
    *statement = NULL;
}

void bind_text(struct statement *statement, int position, struct text text)
{
    if (!text.ptr)
        sqlite3_bind_null(statement->handle, position);
    else
        sqlite3_bind_text64(statement->handle, position, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

void bind_integer(struct statement *statement, int position, int64_t number)
{
    if (number == INT64_MIN)
        sqlite3_bind_null(statement->handle, position);
    else
        sqlite3_bind_int64(statement->handle, position, number);
}

void bind_real(struct statement *statement, int position, double number)
{
    sqlite3_bind_double(statement->handle, position, number);
}

static int position_of(struct statement *statement, const char *name)
{
    int position = sqlite3_bind_parameter_index(statement->handle, name);
    if (position == 0)
        abort();
    return position;
}

void bind_text_named(struct statement *statement, const char *name, struct text text)
{
    bind_text(statement, position_of(statement, name), text);
}

void bind_integer_named(struct statement *statement, const char *name, int64_t number)
{
    bind_integer(statement, position_of(statement, name), number);
}

enum step statement_step(struct statement *statement, struct error *err)
{
    int code = sqlite3_step(statement->handle);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return code == SQLITE_ROW ? STEP_ROW : STEP_DONE;
    (void)sqlite_failed(statement->db, "query", err);
    return STEP_FAILED;
}

void statement_reset(struct statement *statement)
{
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
}

bool statement_run(struct statement *statement, struct error *err)
{
    enum step step;
    while ((step = statement_step(statement, err)) == STEP_ROW)
        ;
    statement_reset(statement);
    return step == STEP_DONE;
}

int statement_columns(const struct statement *statement)
{
    return sqlite3_column_count(statement->handle);
}

const char *statement_column_name(const struct statement *statement, int column)
{
    return sqlite3_column_name(statement->handle, column);
}

bool column_is_null(const struct statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

int64_t column_integer(const struct statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

int64_t column_integer_or(const struct statement *statement, int column, int64_t otherwise)
{
    return column_is_null(statement, column) ? otherwise : column_integer(statement, column);
}

double column_double(const struct statement *statement, int column)
{
    return sqlite3_column_double(statement->handle, column);
}

struct text column_text(const struct statement *statement, int column)
{
    if (column_is_null(statement, column))
        return (struct text){NULL, 0};
    const void *bytes = sqlite3_column_type(statement->handle, column) == SQLITE_BLOB
                            ? sqlite3_column_blob(statement->handle, column)
                            : (const void *)sqlite3_column_text(statement->handle, column);
    int length = sqlite3_column_bytes(statement->handle, column);
    return (struct text){bytes ? bytes : "", bytes ? (size_t)length : 0};
}

enum column_kind column_kind(const struct statement *statement, int column)
{
    int type = sqlite3_column_type(statement->handle, column);
    return type == SQLITE_NULL      ? COLUMN_IS_NULL
           : type == SQLITE_INTEGER ? COLUMN_IS_INTEGER
           : type == SQLITE_FLOAT   ? COLUMN_IS_REAL
                                    : COLUMN_IS_TEXT;
}

// ---- strangers' SQL --------------------------------------------------------------------------

// Functions that only serve to fill memory or to reach outside; the rest of SQLite's are pure.
static bool function_refused(const char *name)
{
    static const char *const refused[] = {"load_extension", "zeroblob", "randomblob", "printf",    "format",
                                          "fts3_tokenizer", "random",   "readfile",   "writefile", "edit"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (sqlite3_stricmp(name, refused[i]) == 0)
            return true;
    return false;
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger)
{
    (void)context, (void)first, (void)database, (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
    case SQLITE_READ:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return second && function_refused(second) ? SQLITE_DENY : SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

static int progress(void *context)
{
    struct db *db = context;
    db->interrupted = db->steps_left < STEPS_PER_PROGRESS;
    db->steps_left -= db->interrupted ? 0 : STEPS_PER_PROGRESS;
    return db->interrupted;
}

void db_guard(struct db *db, uint64_t steps)
{
    // views split lists with json_each, whose declaration an authorizer would refuse: connected before it
    if (!db->json_ready)
        (void)sqlite3_exec(db->handle, "SELECT 1 FROM json_each('[]')", NULL, NULL, NULL);
    db->json_ready = true;
    db->guarded = true;
    db->interrupted = false;
    db->steps_left = steps;
    sqlite3_set_authorizer(db->handle, authorize, NULL);
    sqlite3_progress_handler(db->handle, STEPS_PER_PROGRESS, progress, db);
}

void db_unguard(struct db *db)
{
    db->guarded = false;
    sqlite3_set_authorizer(db->handle, NULL, NULL);
    sqlite3_progress_handler(db->handle, 0, NULL, NULL);
}

int db_error_offset(const struct db *db)
{
    return sqlite3_error_offset(db->handle);
}

bool db_was_interrupted(const struct db *db)
{
    return db->interrupted;
}

const char *db_library_version(void)
{
    return sqlite3_libversion();
}
