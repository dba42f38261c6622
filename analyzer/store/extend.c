// SPDX-License-Identifier: Apache-2.0
#include "store/extend.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "store/lines.h"
#include "util/memory.h"
#include "util/pattern.h"
#include "util/times.h"

static struct text text_value(sqlite3_value *value)
{
    const void *bytes = sqlite3_value_blob(value);
    int length = sqlite3_value_bytes(value);
    return (struct text){bytes ? bytes : "", bytes ? (size_t)length : 0};
}

static void result_buffer(sqlite3_context *context, struct buffer *out)
{
    sqlite3_result_text64(context, out->ptr ? out->ptr : "", out->len, SQLITE_TRANSIENT, SQLITE_UTF8);
    buffer_release(out);
}

// ---- functions -------------------------------------------------------------------------------

static void free_pattern(void *pattern)
{
    struct pattern *compiled = pattern;
    pattern_release(&compiled);
}

static void sql_regexp(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_type(values[1]) == SQLITE_NULL)
        return;
    struct pattern *pattern = sqlite3_get_auxdata(context, 0); // compiled once for a constant pattern
    bool fresh = !pattern;
    if (fresh) {
        struct error err = {0};
        size_t offset;
        pattern = pattern_compile(text_value(values[0]), &offset, &err);
        if (!pattern) {
            sqlite3_result_error(context, err.message, -1);
            return;
        }
    }
    enum pattern_result result = pattern_match(pattern, text_value(values[1]), 0);
    if (result == PATTERN_BUDGET)
        sqlite3_result_error(context, "regexp: out of steps (limits pattern_steps and pattern_depth)", -1);
    else
        sqlite3_result_int(context, result == PATTERN_HIT);
    if (fresh)
        sqlite3_set_auxdata(context, 0, pattern, free_pattern);
}

static void sql_iso(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct buffer out = {0};
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    time_write(&out, sqlite3_value_int64(values[0]));
    result_buffer(context, &out);
}

static void sql_duration(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct buffer out = {0};
    double seconds = sqlite3_value_double(values[0]);
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || seconds > 9e9 || seconds < -9e9)
        return;
    duration_write(&out, (int64_t)(seconds * 1e9));
    result_buffer(context, &out);
}

static void sql_bytes(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    double number = sqlite3_value_double(values[0]);
    size_t unit = 0;
    while ((number >= 1024 || number <= -1024) && unit + 1 < sizeof units / sizeof *units) {
        number /= 1024;
        unit++;
    }
    struct buffer out = {0};
    buffer_printf(&out, unit ? "%.1f %s" : "%.0f %s", number, units[unit]);
    result_buffer(context, &out);
}

bool extend_functions(sqlite3 *handle)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {
        {"regexp", 2, sql_regexp},
        {"iso", 1, sql_iso},
        {"duration", 1, sql_duration},
        {"bytes", 1, sql_bytes},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sqlite3_create_function_v2(handle, functions[i].name, functions[i].arguments,
                                       SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                       functions[i].run, NULL, NULL, NULL) != SQLITE_OK)
            return false;
    return true;
}

struct settling {
    db_settle *settle;
    void *context;
};

static void sql_settled(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    const struct settling *settling = sqlite3_user_data(context);
    if (sqlite3_value_type(values[2]) == SQLITE_NULL)
        return;
    struct text boot =
        sqlite3_value_type(values[3]) == SQLITE_NULL ? (struct text){NULL, 0} : text_value(values[3]);
    int64_t time = settling->settle(settling->context, text_value(values[0]), sqlite3_value_int(values[1]),
                                    sqlite3_value_int64(values[2]), boot);
    if (time != ROW_NULL)
        sqlite3_result_int64(context, time);
}

bool extend_settle(sqlite3 *handle, db_settle *settle, void *context)
{
    struct settling *settling = mem_alloc(1, sizeof *settling);
    *settling = (struct settling){settle, context};
    return sqlite3_create_function_v2(handle, "settled", 4, SQLITE_UTF8 | SQLITE_INNOCUOUS, settling,
                                      sql_settled, NULL, NULL, free) == SQLITE_OK;
}

// ---- the virtual table log -------------------------------------------------------------------

static const char log_declaration[] = "CREATE TABLE log(member TEXT, line INTEGER, time INTEGER, clock "
                                      "INTEGER, unit TEXT, pid INTEGER, priority INTEGER, "
                                      "host TEXT, message TEXT, lines INTEGER, boot TEXT, evidence TEXT)";
enum log_column {
    LOG_MEMBER,
    LOG_LINE,
    LOG_TIME,
    LOG_CLOCK,
    LOG_UNIT,
    LOG_PID,
    LOG_PRIORITY,
    LOG_HOST,
    LOG_MESSAGE,
    LOG_LINES,
    LOG_BOOT,
    LOG_EVIDENCE
};

struct log_table {
    sqlite3_vtab base;
    struct line_store *lines;
};

struct log_cursor {
    sqlite3_vtab_cursor base;
    struct lines_cursor *cursor;
    struct buffer member, unit; // copies that the filter points to
    struct text unit_text;
};

static int log_connect(sqlite3 *handle, void *lines, int count, const char *const *arguments,
                       sqlite3_vtab **table, char **message)
{
    (void)count;
    (void)arguments;
    (void)message;
    int status = sqlite3_declare_vtab(handle, log_declaration);
    if (status != SQLITE_OK)
        return status;
    sqlite3_vtab_config(handle, SQLITE_VTAB_INNOCUOUS);
    struct log_table *made = sqlite3_malloc(sizeof *made);
    if (!made)
        return SQLITE_NOMEM;
    *made = (struct log_table){.lines = lines};
    *table = &made->base;
    return SQLITE_OK;
}

static int log_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

// What the keeper can skip by: bit by bit in idxNum, values in this order.
enum {
    BY_MEMBER = 1,
    BY_UNIT = 2,
    BY_LINE = 4,
    BY_TIME_FROM = 8,
    BY_TIME_TO = 16,
    BY_LINE_FROM = 32,
    BY_LINE_TO = 64,
    HINTS = 128, // behind the last
};

static int hint_of_bound(unsigned char operator, int from, int to)
{
    if (operator== SQLITE_INDEX_CONSTRAINT_GE || operator== SQLITE_INDEX_CONSTRAINT_GT)
        return from;
    return operator== SQLITE_INDEX_CONSTRAINT_LE || operator== SQLITE_INDEX_CONSTRAINT_LT ? to : 0;
}

static int hint_of(const struct sqlite3_index_constraint *constraint)
{
    bool equal = constraint->op == SQLITE_INDEX_CONSTRAINT_EQ;
    switch (constraint->iColumn) {
    case LOG_MEMBER:
        return equal ? BY_MEMBER : 0;
    case LOG_UNIT:
        return equal ? BY_UNIT : 0;
    case LOG_LINE:
        return equal ? BY_LINE : hint_of_bound(constraint->op, BY_LINE_FROM, BY_LINE_TO);
    case LOG_TIME:
        return hint_of_bound(constraint->op, BY_TIME_FROM, BY_TIME_TO);
    default:
        return 0;
    }
}

// A scan of all logs unpacks every block, so SQLite must take another table first wherever that leaves less
// of them to read; it thinks of a table it knows nothing about that it has a million rows.
static double cost_of(int hints)
{
    double cost = 1e12;
    bool some_lines = (hints & BY_LINE) || ((hints & BY_LINE_FROM) && (hints & BY_LINE_TO));
    if (hints & BY_MEMBER)
        cost /= some_lines ? 1e10 : 1e3;
    if (hints & BY_UNIT)
        cost /= 2;
    if (hints & BY_TIME_FROM)
        cost /= 10;
    if (hints & BY_TIME_TO)
        cost /= 10;
    return cost < 10 ? 10 : cost;
}

static int log_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    int arguments = 0;
    for (int hint = BY_MEMBER; hint < HINTS; hint <<= 1)
        for (int i = 0; i < info->nConstraint; i++) {
            if (!info->aConstraint[i].usable || (info->idxNum & hint) ||
                hint_of(&info->aConstraint[i]) != hint)
                continue;
            info->idxNum |= hint;
            info->aConstraintUsage[i].argvIndex = ++arguments; // SQLite checks it again: types may differ
        }
    info->estimatedCost = cost_of(info->idxNum);
    info->estimatedRows = (sqlite3_int64)(info->estimatedCost / 10);
    return SQLITE_OK;
}

static int log_open(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    struct log_cursor *made = mem_alloc(1, sizeof *made);
    made->cursor = lines_cursor_open(((struct log_table *)table)->lines);
    *cursor = &made->base;
    return SQLITE_OK;
}

static int log_close(sqlite3_vtab_cursor *base)
{
    struct log_cursor *cursor = (struct log_cursor *)base;
    lines_cursor_close(&cursor->cursor);
    buffer_release(&cursor->member);
    buffer_release(&cursor->unit);
    free(cursor);
    return SQLITE_OK;
}

static struct text keep(struct buffer *buffer, sqlite3_value *value)
{
    buffer_clear(buffer);
    buffer_add(buffer, text_value(value));
    return buffer_text(buffer);
}

// A bound that is no integer (1.5, a text) bounds nothing here; SQLite compares again.
static int64_t bound(sqlite3_value *value, int64_t otherwise)
{
    return sqlite3_value_type(value) == SQLITE_INTEGER ? sqlite3_value_int64(value) : otherwise;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int log_filter(sqlite3_vtab_cursor *base, int hints, const char *text, int count,
                      sqlite3_value **values)
{
    (void)text;
    (void)count;
    struct log_cursor *cursor = (struct log_cursor *)base;
    struct lines_query query = lines_query_all;
    if (hints & BY_MEMBER)
        query.member = keep(&cursor->member, *values++);
    if (hints & BY_UNIT) {
        cursor->unit_text = keep(&cursor->unit, *values++);
        query.units = &cursor->unit_text;
        query.unit_count = 1;
    }
    if (hints & BY_LINE) {
        query.first_line = bound(*values, INT64_MIN);
        query.last_line = bound(*values++, INT64_MAX);
    }
    if (hints & BY_TIME_FROM)
        query.first_time = bound(*values++, INT64_MIN);
    if (hints & BY_TIME_TO)
        query.last_time = bound(*values++, INT64_MAX);
    if (hints & BY_LINE_FROM)
        query.first_line = larger(query.first_line, bound(*values++, INT64_MIN));
    if (hints & BY_LINE_TO)
        query.last_line = smaller(query.last_line, bound(*values++, INT64_MAX));
    lines_cursor_filter(cursor->cursor, &query);
    return SQLITE_OK;
}

static int log_next(sqlite3_vtab_cursor *base)
{
    lines_cursor_next(((struct log_cursor *)base)->cursor);
    return SQLITE_OK;
}

static int log_eof(sqlite3_vtab_cursor *base)
{
    return lines_cursor_eof(((struct log_cursor *)base)->cursor);
}

static int log_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = lines_cursor_rowid(((struct log_cursor *)base)->cursor);
    return SQLITE_OK;
}

static void result_integer(sqlite3_context *context, int64_t number)
{
    if (number != ROW_NULL)
        sqlite3_result_int64(context, number);
}

static void result_text(sqlite3_context *context, struct text text)
{
    if (text.ptr)
        sqlite3_result_text64(context, text.ptr, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static int log_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct lines_cursor *cursor = ((struct log_cursor *)base)->cursor;
    const struct row_log *row = lines_cursor_row(cursor);
    struct buffer evidence = {0};
    switch ((enum log_column)column) {
    case LOG_MEMBER:
        result_text(context, lines_cursor_member(cursor));
        break;
    case LOG_LINE:
        result_integer(context, row->line);
        break;
    case LOG_TIME:
        result_integer(context, lines_cursor_time(cursor));
        break;
    case LOG_CLOCK:
        result_integer(context, row->clock);
        break;
    case LOG_UNIT:
        result_text(context, row->unit);
        break;
    case LOG_PID:
        result_integer(context, row->pid);
        break;
    case LOG_PRIORITY:
        result_integer(context, row->priority);
        break;
    case LOG_HOST:
        result_text(context, row->host);
        break;
    case LOG_MESSAGE:
        result_text(context, row->message);
        break;
    case LOG_LINES:
        result_integer(context, row->lines);
        break;
    case LOG_BOOT:
        result_text(context, row->boot);
        break;
    case LOG_EVIDENCE:
        buffer_add(&evidence, lines_cursor_member(cursor));
        buffer_printf(&evidence, ":%lld", (long long)row->line);
        result_buffer(context, &evidence);
        break;
    }
    return SQLITE_OK;
}

static const sqlite3_module log_module = {
    .xConnect = log_connect, // no xCreate: only eponymous, so no saved schema ever needs the module
    .xBestIndex = log_best_index,
    .xDisconnect = log_disconnect,
    .xOpen = log_open,
    .xClose = log_close,
    .xFilter = log_filter,
    .xNext = log_next,
    .xEof = log_eof,
    .xColumn = log_column,
    .xRowid = log_rowid,
};

bool extend_log(sqlite3 *handle, struct line_store *lines)
{
    return sqlite3_exec(handle, "DROP TABLE main.log", NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_module_v2(handle, "log", &log_module, lines, NULL) == SQLITE_OK &&
           // connected here and now: later an authorizer would refuse the declaration
           sqlite3_exec(handle, "SELECT 1 FROM log LIMIT 0", NULL, NULL, NULL) == SQLITE_OK;
}
