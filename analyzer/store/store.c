// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

#include "evidence/clock.h"
#include "store/clocks.h"
#include "store/insert.h"
#include "store/lines.h"
#include "store/loader.h"
#include "store/plain_line.h"
#include "store/schema.h"
#include "store/tasks.h"
#include "store/threads.h"
#include "store/units.h"
#include "store/warned.h"
#include "util/memory.h"

struct store {
    struct sink sink; // first: the sink is the store
    const struct limits *limits;
    struct db *db;
    bool plain;               // has a path: plain tables, members whole
    struct line_store *lines; // of a private store
    struct loader *loader;    // of a plain one, from its first log record on
    struct tasks tasks;
    struct statement *insert[ROW_KINDS];
    struct statement *insert_member, *insert_file;
    struct buffer text;      // the member whose lines are being kept, in a plain store
    struct arena text_path;  // its path
    struct text text_member; // likewise; absent when none is open
    struct text text_source; // what evidence calls it
    struct store_share *share;
    struct units units;
    uint32_t last_log_member; // of the record before
    uint64_t last_serial;     // of its member
    uint64_t log_count;
    bool log_cut, unit_cut, task_cut[TASK_LIMITS]; // the limit was reached, and it was said
    int64_t latest_utc_ns;
    struct clocks *clocks; // from store_finish on
    struct warned warned;
    bool has_evidence; // a row that is no warning came
    bool failed;
    struct error error; // the first that a row met
};

// A row cannot say that SQLite failed (the parser would not know what to do); store_finish does.
static void remember(struct store *store, const struct error *err)
{
    if (!store->failed)
        store->error = *err;
    store->failed = true;
}

// ---- plain rows ------------------------------------------------------------------------------

static void insert_row(struct store *store, const struct member *member, enum row_kind kind, const void *row)
{
    struct error err = {0};
    loader_lock(store->loader);
    if (!store->insert[kind])
        store->insert[kind] = insert_open(store->db, kind, 1, &err);
    if (store->insert[kind]) {
        insert_bind(store->insert[kind], kind, 0, member->source, row);
        (void)statement_run(store->insert[kind], &err);
    }
    loader_unlock(store->loader);
    if (err.message[0])
        remember(store, &err);
}

static void warn_limit(struct store *store, const struct member *member, const char *limit, const char *what)
{
    struct row_warning row = row_warning_null;
    char problem[160];
    (void)snprintf(problem, sizeof problem, "limit %s reached: further %s are left out", limit, what);
    row.problem = text_of(problem);
    insert_row(store, &(struct member){.source = member->source}, ROW_warning, &row);
}

static void add_warning(struct store *store, const struct member *member, const struct row_warning *row)
{
    if (!warned_wants(&store->warned, member->source, row))
        return;
    insert_row(store, member, ROW_warning, row);
    struct error err = {0};
    loader_lock(store->loader);
    if (!warned_hold(&store->warned, store->limits, store->db, &err))
        remember(store, &err);
    loader_unlock(store->loader);
}

// Says once that a limit was reached.
static void say_cut(struct store *store, const struct member *member, bool *said, const char *limit,
                    const char *what)
{
    if (!*said)
        warn_limit(store, member, limit, what);
    *said = true;
}

// The number of the member among the log members.
static uint32_t log_member(struct store *store, const struct member *member)
{
    if (!member->serial || member->serial != store->last_serial)
        store->last_log_member = lines_log_member(store->lines, member->source);
    store->last_serial = member->serial;
    return store->last_log_member;
}

static void add_log(struct store *store, const struct member *member, const struct row_log *row)
{
    if (!units_count(&store->units, row->unit, &store->share->names))
        say_cut(store, member, &store->unit_cut, "name_mb", "units");
    store->log_count++;
    if (row->clock == CLOCK_UTC && row->time > store->latest_utc_ns)
        store->latest_utc_ns = row->time;
    if (store->plain) {
        if (!store->loader)
            store->loader = loader_open(store->db);
        loader_add(store->loader, member->source, row);
        return;
    }
    uint32_t number = log_member(store, member);
    if (number == LINES_NO_MEMBER)
        say_cut(store, member, &store->log_cut, "log_members or name_mb", "logs");
    else
        lines_add_log(store->lines, number, row);
}

// Says once of each limit that it was reached, at the first member that it kept something from.
static void note_cut(struct store *store, const struct member *member)
{
    static const struct {
        const char *limit, *what;
    } limits[TASK_LIMITS] = {
        [TASKS_THREADS] = {"threads", "threads"},
        [TASKS_STACKS] = {"stacks", "stacks"},
        [TASKS_MEMORY] = {"task_mb", "threads, their texts and stacks"},
    };
    for (int i = 0; i < TASK_LIMITS; i++)
        if (store->tasks.reached[i])
            say_cut(store, member, &store->task_cut[i], limits[i].limit, limits[i].what);
}

// ---- the sink --------------------------------------------------------------------------------

static void take_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    struct store *store = (struct store *)sink;
    store->has_evidence |= kind != ROW_warning;
    switch (kind) {
    case ROW_task:
        tasks_add(&store->tasks, row);
        note_cut(store, member);
        break;
    case ROW_stack:
        tasks_add_stack(&store->tasks, member, row);
        note_cut(store, member);
        break;
    case ROW_ns_link:
        tasks_add_link(&store->tasks, row);
        note_cut(store, member);
        insert_row(store, member, kind, row);
        break;
    case ROW_log:
        add_log(store, member, row);
        break;
    case ROW_warning:
        add_warning(store, member, row);
        break;
    default:
        insert_row(store, member, kind, row);
    }
}

static void insert_member(struct store *store, const struct member *member, uint64_t bytes, bool kept)
{
    struct error err = {0};
    loader_lock(store->loader);
    if (!store->insert_member)
        store->insert_member = statement_open(
            store->db, "INSERT OR IGNORE INTO member(path, kind, bytes, kept, target) VALUES(?,?,?,?,?)",
            &err);
    if (store->insert_member) {
        bind_text(store->insert_member, 1, member->path);
        bind_text(store->insert_member, 2, text_of(member->kind));
        bind_integer(store->insert_member, 3, (int64_t)bytes);
        bind_integer(store->insert_member, 4, kept);
        bind_text(store->insert_member, 5, member->link_target);
        (void)statement_run(store->insert_member, &err);
    }
    loader_unlock(store->loader);
    if (err.message[0])
        remember(store, &err);
}

static void take_listed(struct sink *sink, const struct member *member, uint64_t bytes, const char *kind)
{
    (void)kind;
    insert_member((struct store *)sink, member, bytes, false);
}

static void insert_file(struct store *store, struct text path, struct text content)
{
    struct error err = {0};
    loader_lock(store->loader);
    if (!store->insert_file)
        store->insert_file =
            statement_open(store->db, "INSERT OR IGNORE INTO file(path, content) VALUES(?, ?)", &err);
    if (store->insert_file) {
        bind_text(store->insert_file, 1, path);
        bind_text(store->insert_file, 2, content);
        (void)statement_run(store->insert_file, &err);
    }
    loader_unlock(store->loader);
    if (err.message[0])
        remember(store, &err);
}

static void warn_unkept(struct store *store)
{
    struct row_warning row = row_warning_null;
    row.problem = TEXT("longer than limit keep_bytes: not in the table file, only its rows are kept");
    add_warning(store, &(struct member){.source = store->text_source}, &row);
}

// A plain store keeps members whole: what was gathered of the last one becomes a row of `file`.
static void close_text(struct store *store)
{
    if (!store->text_member.ptr)
        return;
    if (store->text.len <= store->limits->keep_bytes)
        insert_file(store, store->text_member, buffer_text(&store->text));
    else
        warn_unkept(store);
    buffer_clear(&store->text);
    arena_reset(&store->text_path);
    store->text_member = (struct text){NULL, 0};
}

static void take_lines(struct sink *sink, const struct member *member, struct text lines, uint64_t first_line)
{
    struct store *store = (struct store *)sink;
    if (member->kind && strcmp(member->kind, "log") == 0)
        return; // its records are kept
    if (!store->plain) {
        if (first_line == 1 && member->pid == NO_ID)
            insert_member(store, member, 0, true);
        lines_add_text(store->lines, member->source, first_line, lines);
        return;
    }
    if (!text_equal(store->text_member, member->path)) {
        close_text(store);
        store->text_member = arena_copy(&store->text_path, member->path);
        store->text_source = arena_copy(&store->text_path, member->source);
        insert_member(store, member, 0, true);
    }
    if (store->text.len <= store->limits->keep_bytes)
        buffer_add(&store->text, lines);
}

// ---- life ------------------------------------------------------------------------------------

// Of a sum that is the first store's: the second has a quarter, the third a ninth … All together less than
// two, and 64 times the least.
static uint64_t part_of(uint64_t kb, uint64_t number)
{
    enum { LEAST_KB = 256 };
    uint64_t part = kb / (number * number);
    return part < LEAST_KB ? LEAST_KB : part;
}

bool store_open(struct store **store, const char *path, const struct limits *limits,
                struct store_share *share, struct error *err)
{
    enum { PLAIN_CACHE_KB = 32 * 1024 };
    struct db *db;
    if (!share->stores) {
        share->tasks = room_of_mb(limits->task_mb);
        share->names = share->clocks = room_of_mb(limits->name_mb);
    }
    uint64_t number = ++share->stores;
    if (!db_create(&db, path, path ? PLAIN_CACHE_KB : part_of(limits->memory_mb * 64, number), err))
        return false;
    struct store *made = *store = mem_alloc(1, sizeof **store);
    made->sink = (struct sink){.row = take_row, .lines = take_lines, .listed = take_listed};
    made->limits = limits;
    made->share = share;
    made->db = db;
    made->plain = path != NULL;
    made->latest_utc_ns = ROW_NULL;
    tasks_init(&made->tasks, limits, &share->tasks);
    if (!made->plain && !share->pack)
        share->pack = pack_open(LINES_MEMORY_BYTES);
    if (!made->plain)
        made->lines = lines_open(limits, share->pack, &share->names);
    return true;
}

void store_share_close(struct store_share *share)
{
    pack_close(&share->pack);
}

void store_close(struct store **store)
{
    if (!*store)
        return;
    for (int i = 0; i < ROW_KINDS; i++)
        statement_release(&(*store)->insert[i]);
    statement_release(&(*store)->insert_member);
    statement_release(&(*store)->insert_file);
    loader_close(&(*store)->loader);
    db_close(&(*store)->db);
    lines_close(&(*store)->lines);
    clocks_close(&(*store)->clocks);
    units_release(&(*store)->units);
    tasks_release(&(*store)->tasks);
    buffer_release(&(*store)->text);
    warned_release(&(*store)->warned);
    arena_release(&(*store)->text_path);
    free(*store);
    *store = NULL;
}

struct sink *store_sink(struct store *store)
{
    return &store->sink;
}

struct db *store_db(struct store *store)
{
    return store->db;
}

void store_warn(struct store *store, struct text source, uint64_t line, const char *problem)
{
    struct row_warning row = row_warning_null;
    row.line = (int64_t)line;
    row.problem = text_of(problem);
    add_warning(store, &(struct member){.source = source}, &row);
}

// ---- the end ---------------------------------------------------------------------------------

// What the settled clocks change: rows that a parser put on its member's own clock.
static bool settle_tables(struct store *store, struct error *err)
{
    static const char sql[] =
        "UPDATE event SET time = settled(member, clock, time, boot) WHERE clock IS NOT 1;"
        "UPDATE report_stack SET time = settled(member, clock, time, NULL) WHERE clock IS NOT 1;";
    static const char log_sql[] =
        "UPDATE log SET time = settled(member, clock, time, boot) WHERE clock IS NOT 1;";
    return db_settle_with(store->db, clocks_settle, store->clocks, err) && db_run(store->db, sql, err) &&
           (!store->plain || db_run(store->db, log_sql, err));
}

static void settle_lines(struct store *store)
{
    struct text none = {NULL, 0};
    lines_settle_all(store->lines, clocks_node(store->clocks));
    for (size_t i = 0; i < clocks_members(store->clocks); i++) {
        const struct settlement *settlement;
        struct text newest = none;
        struct text member = clocks_member(store->clocks, i, &settlement, &newest);
        lines_settle(store->lines, member, settlement, newest);
    }
}

// collected_ns: the clock of the node's view, whatever it was taken from.
static bool note_collected(struct store *store, struct error *err)
{
    int64_t collected_ns = clocks_node(store->clocks)->collected_at_ns;
    if (collected_ns == ROW_NULL)
        return true;
    CLEANUP(statement_release)
    struct statement *insert = statement_open(
        store->db, "INSERT OR IGNORE INTO fact(member, line, key, value) VALUES('', 0, 'collected_ns', :ns)",
        err);
    if (!insert)
        return false;
    bind_integer_named(insert, ":ns", collected_ns);
    return statement_run(insert, err);
}

bool store_finish(struct store *store, struct error *err)
{
    close_text(store);
    if (store->failed) {
        *err = store->error;
        return false;
    }
    if (!loader_finish(store->loader, err) || !warned_settle(&store->warned, store->limits, store->db, err) ||
        !clocks_open(&store->clocks, store->db, store->latest_utc_ns, &store->share->clocks, err) ||
        !note_collected(store, err) || !threads_write(&store->tasks, store->db, err))
        return false;
    tasks_release(&store->tasks); // they are rows now
    if (!schema_index(store->db, err) || !units_write(&store->units, store->db, err) ||
        !settle_tables(store, err))
        return false;
    if (store->plain)
        return db_run(store->db, "COMMIT", err);
    settle_lines(store);
    return db_run(store->db, "COMMIT", err) && db_log_from(store->db, store->lines, err);
}

bool store_sound(const struct store *store, struct error *err)
{
    return db_sound(store->db, err) &&
           (store->plain || !lines_damaged(store->lines) || fail(err, "log lines were lost"));
}

// ---- reading back ----------------------------------------------------------------------------

bool store_line(struct store *store, struct text member, int64_t line, struct arena *arena, struct text *text)
{
    if (store->plain)
        return plain_line(store->db, member, line, arena, text);
    CLEANUP(buffer_release) struct buffer out = {0};
    if (!lines_text(store->lines, member, line, &out))
        return false;
    *text = arena_copy(arena, buffer_text(&out));
    return true;
}

bool store_has_evidence(const struct store *store)
{
    return store->has_evidence;
}

uint64_t store_log_count(const struct store *store)
{
    return store->log_count;
}

const struct clocks *store_clocks(const struct store *store)
{
    return store->clocks;
}
