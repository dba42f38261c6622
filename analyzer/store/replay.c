// SPDX-License-Identifier: Apache-2.0
//
// A database that unpack wrote is another way to hold a bundle: its rows are emitted again, so that all that
// follows (matching, settling, diagnosing) is the same. It is a stranger's file: only plain tables are
// read, by the columns we know, and none of its views or triggers is run.
#include <string.h>

#include "evidence/clock.h"
#include "store/store.h"
#include "util/buffer.h"
#include "util/memory.h"

struct replay {
    struct db *db;
    const struct limits *limits;
    struct sink *sink;
};

static bool has_table(struct db *db, const char *name, bool *has, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name", err);
    if (!query)
        return false;
    bind_text_named(query, ":name", text_of(name));
    enum step step = statement_step(query, err);
    *has = step == STEP_ROW;
    return step != STEP_FAILED;
}

// The member of a row: what a parser's sink would have been given.
static struct member member_of(struct text path)
{
    struct member member = {.type = MEMBER_FILE, .node = TEXT("")};
    if (!member_place(&member, path)) {
        member.pid = member.tid = NO_ID;
        member.leaf = path;
    }
    member.path = member.source = path;
    return member;
}

static void fill_row(const struct statement *query, enum row_kind kind, char *row)
{
    const struct row_description *description = &row_table[kind];
    int64_t line = column_integer(query, 1);
    memcpy(row, &line, sizeof line);
    for (size_t i = 0; i < description->columns; i++) {
        char *at = row + description->column[i].offset;
        if (description->column[i].type == COLUMN_TEXT) {
            struct text text = column_text(query, (int)i + 2);
            memcpy(at, &text, sizeof text);
        } else {
            int64_t number = column_integer_or(query, (int)i + 2, ROW_NULL);
            memcpy(at, &number, sizeof number);
        }
    }
}

// Rows go out one by one; a type that a stranger changed is read as the column's own.
static bool replay_query(struct replay *replay, enum row_kind kind, const char *sql, struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(replay->db, sql, err);
    if (!query)
        return false;
    union {
#define ROW(name) struct row_##name name;
#include "evidence/rows.list"
    } row;
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        struct text path = column_text(query, 0);
        struct member member = member_of(path.ptr ? path : TEXT(""));
        if (kind == ROW_log)
            member.kind = "log";
        fill_row(query, kind, (char *)&row);
        replay->sink->row(replay->sink, &member, kind, &row);
    }
    return step == STEP_DONE;
}

static bool replay_table(struct replay *replay, enum row_kind kind, struct error *err)
{
    const struct row_description *description = &row_table[kind];
    bool has;
    if (!has_table(replay->db, description->name, &has, err) || !has)
        return !err->message[0];
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_puts(&sql, "SELECT member, line");
    for (size_t i = 0; i < description->columns; i++) {
        // a time that was settled is UTC now
        bool clock = strcmp(description->column[i].name, "clock") == 0;
        buffer_printf(&sql, clock ? ", CASE WHEN time IS NULL THEN %s ELSE 1 END" : ", \"%s\"",
                      description->column[i].name);
    }
    buffer_printf(&sql, " FROM main.\"%s\"", description->name);
    return replay_query(replay, kind, sql.ptr, err);
}

// Threads go out as the merged row they are, under the member that their evidence names.
static bool replay_threads(struct replay *replay, struct error *err)
{
    const struct row_description *description = &row_table[ROW_task];
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_puts(&sql, "SELECT 'proc/' || pid || '/status', 1");
    for (size_t i = 0; i < description->columns; i++) {
        // a container that came from elsewhere is found again
        bool container = strcmp(description->column[i].name, "container") == 0;
        buffer_puts(&sql, container ? ", CASE container_from WHEN 'cgroup' THEN container END" : ", ");
        if (!container)
            buffer_printf(&sql, "\"%s\"", description->column[i].name);
    }
    buffer_puts(&sql, " FROM main.thread");
    return replay_query(replay, ROW_task, sql.ptr, err);
}

// The place of a stack, "member:line", split in SQL's way: the line stands behind the last colon.
#define PLACE_MEMBER "rtrim(rtrim(t.evidence, '0123456789'), ':')"
#define PLACE_LINE "CAST(substr(t.evidence, length(rtrim(t.evidence, '0123456789')) + 1) AS INTEGER)"
#define NO_REPORT "NULL, NULL, NULL, NULL, NULL, NULL"

static bool replay_stacks(struct replay *replay, struct error *err)
{
    // pid tid origin frames time clock comm state report ppid, as in rows.list
    return replay_query(replay, ROW_stack,
                        "SELECT " PLACE_MEMBER ", " PLACE_LINE ", t.pid, t.tid, 'proc', s.frames, " NO_REPORT
                        " FROM main.thread t JOIN main.stack s ON s.id = t.stack",
                        err) &&
           replay_query(
               replay, ROW_stack,
               "SELECT 'proc/' || t.pid || '/task/' || t.tid || '/stack.2', 1, t.pid, t.tid, 'proc.2', "
               "coalesce(s.frames, ''), " NO_REPORT
               " FROM main.thread t LEFT JOIN main.stack s ON s.id = t.stack_2 WHERE t.moved_on IS NOT NULL",
               err) &&
           replay_query(replay, ROW_stack,
                        "SELECT r.member, r.line, r.tid, r.tid, 'report', s.frames, r.time, CASE WHEN r.time "
                        "IS NULL THEN NULL ELSE 1 END, r.comm, r.state, r.report, r.ppid"
                        " FROM main.report_stack r JOIN main.stack s ON s.id = r.stack",
                        err);
}

// Kept members pass by the rules' file patterns again.
static bool replay_files(struct replay *replay, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(replay->db, "SELECT path, content FROM main.file", err);
    if (!query)
        return false;
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        struct text path = column_text(query, 0), content = column_text(query, 1);
        struct member member = member_of(path.ptr ? path : TEXT(""));
        if (content.len && content.len <= replay->limits->keep_bytes && replay->sink->lines)
            replay->sink->lines(replay->sink, &member, content, 1);
    }
    return step == STEP_DONE;
}

bool store_replay(struct db *database, const struct limits *limits, struct sink *sink, struct error *err)
{
    struct replay replay = {database, limits, sink};
    bool thread, stack, file;
    if (!has_table(database, "thread", &thread, err) || !has_table(database, "stack", &stack, err) ||
        !has_table(database, "file", &file, err))
        return false;
    if (!thread || !stack || !file)
        return fail_kind(err, ERROR_BUNDLE, "not a database that inquest unpack wrote");
    bool ok = replay_threads(&replay, err) && replay_stacks(&replay, err) && replay_files(&replay, err);
    for (int kind = 0; kind < ROW_KINDS && ok; kind++)
        if (kind != ROW_task && kind != ROW_stack)
            ok = replay_table(&replay, (enum row_kind)kind, err);
    if (!ok)
        err->kind = ERROR_BUNDLE;
    return ok;
}
