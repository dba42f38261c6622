// SPDX-License-Identifier: Apache-2.0
//
// Tables of patterns and their rows.
#include "rule/sights.h"

#include <string.h>

#include "evidence/rows.h"
#include "rule/match_stack.h"
#include "util/memory.h"

// ---- tables ----------------------------------------------------------------------------------

static void quote(struct buffer *sql, struct text name)
{
    buffer_putc(sql, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"')
            buffer_putc(sql, '"');
        buffer_putc(sql, name.ptr[i]);
    }
    buffer_putc(sql, '"');
}

bool sights_create(struct db *db, const struct rule_pattern *pattern, struct error *err)
{
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_puts(&sql, "CREATE TEMP TABLE ");
    quote(&sql, pattern->name);
    struct match_column column;
    for (size_t i = 0; match_column(pattern, i, &column); i++) {
        buffer_puts(&sql, i ? ", " : "(");
        quote(&sql, text_of(column.name));
    }
    buffer_puts(&sql, ")");
    return db_run(db, sql.ptr, err);
}

bool sights_drop(struct db *db, const struct rule_pattern *pattern, struct error *err)
{
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_puts(&sql, "DROP TABLE temp.");
    quote(&sql, pattern->name);
    return db_run(db, sql.ptr, err);
}

static struct statement *open_insert(struct sights *sights, const struct rule_pattern *pattern,
                                     struct error *err)
{
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_puts(&sql, "INSERT INTO temp.");
    quote(&sql, pattern->name);
    struct match_column column;
    for (size_t i = 0; match_column(pattern, i, &column); i++)
        buffer_puts(&sql, i ? ", ?" : " VALUES(?");
    buffer_puts(&sql, ")");
    return statement_open(sights->db, sql.ptr, err);
}

// ---- rows of a thread ------------------------------------------------------------------------

struct row {
    int64_t tid;
    bool reported;
    struct text evidence;
    const struct sight *sight;
    // The columns of the view sighting, kept as text and number.
    int64_t pid, pidns, netns, moved_on, time, age_s;
    struct text comm, state, container, pod, seen;
};
struct row_list ARRAY_BODY(struct row);

// "proc/1/stack:1" and the third frame: "proc/1/stack:3".
static struct text evidence_at(struct arena *arena, struct text evidence, uint32_t frame)
{
    size_t colon = evidence.len;
    while (colon && evidence.ptr[colon - 1] != ':')
        colon--;
    uint64_t line;
    if (!colon || !text_to_u64(text_from(evidence, colon), &line))
        return arena_copy(arena, evidence);
    return text_of(arena_printf(arena, "%.*s%llu", TEXT_ARG(text_slice(evidence, 0, colon)),
                                (unsigned long long)line + frame));
}

// The rows are put in order when all are there.
static const char by_stack[] =
    "SELECT tid, pid, comm, state, container, pod, pidns, netns, moved_on, time, seen, evidence, age_s "
    "FROM sighting WHERE stack = :key AND (report IS NULL OR report IN (" SIGHTED_REPORTS "))";
static const char by_wchan[] =
    "SELECT tid, pid, comm, state, container, pod, pidns, netns, moved_on, NULL, 'now', "
    "CASE WHEN tid = pid THEN 'proc/' || pid || '/wchan:1' ELSE 'proc/' || pid || '/task/' || tid || "
    "'/wchan:1' END, age_s "
    "FROM thread WHERE wchan = :key";

static void take_thread(struct sights *sights, const struct rule_pattern *pattern, const struct sight *sight,
                        const struct statement *row, struct arena *arena, struct row_list *rows)
{
    if (!sights_thread_passes(sights, pattern, column_text(row, 3), column_text(row, 2)))
        return;
    *array_add(rows) = (struct row){
        .tid = column_integer_or(row, 0, ROW_NULL),
        .pid = column_integer_or(row, 1, ROW_NULL),
        .comm = arena_copy(arena, column_text(row, 2)),
        .state = arena_copy(arena, column_text(row, 3)),
        .container = arena_copy(arena, column_text(row, 4)),
        .pod = arena_copy(arena, column_text(row, 5)),
        .pidns = column_integer_or(row, 6, ROW_NULL),
        .netns = column_integer_or(row, 7, ROW_NULL),
        .moved_on = column_integer_or(row, 8, ROW_NULL),
        .time = column_integer_or(row, 9, ROW_NULL),
        .seen = arena_copy(arena, column_text(row, 10)),
        .reported = text_is(column_text(row, 10), "report"),
        .evidence = evidence_at(arena, column_text(row, 11), sight->frame),
        .age_s = column_integer_or(row, 12, ROW_NULL),
        .sight = sight,
    };
}

static int by_tid(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->tid != y->tid)
        return x->tid < y->tid ? -1 : 1;
    if (x->reported != y->reported)
        return x->reported - y->reported;
    return text_compare(x->evidence, y->evidence);
}

// All threads of the pattern, one row a thread and sighting, by tid. More than four times what is kept is not
// read.
static bool collect_threads(struct sights *sights, const struct rule_pattern *pattern, struct arena *arena,
                            struct row_list *rows, struct error *err)
{
    bool stacks = pattern->kind == MATCH_STACK;
    CLEANUP(statement_release)
    struct statement *query = statement_open(sights->db, stacks ? by_stack : by_wchan, err);
    if (!query)
        return false;
    struct sight_list *list = &sights->lists[pattern->number];
    for (size_t i = 0; i < list->count; i++) {
        const struct sight *sight = &list->items[i];
        if (stacks)
            bind_integer_named(query, ":key", sight->stack);
        else
            bind_text_named(query, ":key", sight->word);
        enum step step;
        while ((step = statement_step(query, err)) == STEP_ROW &&
               rows->count / 4 < sights->limits->pattern_rows)
            take_thread(sights, pattern, sight, query, arena, rows);
        if (step == STEP_FAILED)
            return false;
        statement_reset(query);
    }
    list->cut = rows->count > sights->limits->pattern_rows;
    array_sort(rows, by_tid);
    return true;
}

// Numbers and texts of a row by name, in the order of the arrays below.
static const char *const number_names[] = {"tid",      "pid",      "pidns", "netns", "depth",
                                           "reliable", "moved_on", "time",  "age_s"};
static const char *const text_names[] = {"comm", "state",    "container", "pod", "seen",
                                         "lock", "evidence", "module",    "top"};
enum {
    NUMBERS = sizeof number_names / sizeof *number_names,
    TEXTS = sizeof text_names / sizeof *text_names,
};

static void bind_row(struct statement *insert, const int *numbers_at, const int *texts_at,
                     const struct row *row)
{
    const struct sight *sight = row->sight;
    const int64_t numbers[NUMBERS] = {
        row->tid,        row->pid,      row->pidns, row->netns, (int64_t)sight->depth,
        sight->reliable, row->moved_on, row->time,  row->age_s,
    };
    const struct text texts[TEXTS] = {
        row->comm,     row->state,    row->container,
        row->pod,      row->seen,     sight->lock,
        row->evidence, sight->module, sight->top.ptr ? sight->top : sight->word,
    };
    for (size_t i = 0; i < NUMBERS; i++)
        bind_integer(insert, numbers_at[i], numbers[i]);
    for (size_t i = 0; i < TEXTS; i++)
        bind_text(insert, texts_at[i], texts[i]);
}

// Where the columns of those names stand in the pattern's table, from 1.
static void find_columns(const struct rule_pattern *pattern, const char *const *names, size_t count, int *at)
{
    struct match_column column;
    for (size_t i = 0; i < count; i++)
        for (int k = 1; match_column(pattern, (size_t)k - 1, &column); k++)
            if (strcmp(column.name, names[i]) == 0)
                at[i] = k;
}

static bool kept(const struct sights *sights, size_t index, size_t count)
{
    size_t half = (size_t)sights->limits->pattern_rows / 2;
    return index < half || index + half >= count;
}

static bool fill_threads(struct sights *sights, const struct rule_pattern *pattern, struct statement *insert,
                         uint64_t *added, struct error *err)
{
    struct arena arena = {0};
    struct row_list rows = {0};
    int numbers_at[NUMBERS] = {0}, texts_at[TEXTS] = {0};
    find_columns(pattern, number_names, NUMBERS, numbers_at);
    find_columns(pattern, text_names, TEXTS, texts_at);
    bool ok = collect_threads(sights, pattern, &arena, &rows, err);
    for (size_t i = 0; i < rows.count && ok; i++) {
        const struct row *row = &rows.items[i];
        // the same wait of the same task, now and in a report: one row, what is now
        bool repeated = row->reported && i && rows.items[i - 1].tid == row->tid && row->tid != ROW_NULL;
        if (repeated || !kept(sights, i, rows.count))
            continue;
        bind_row(insert, numbers_at, texts_at, row);
        ok = statement_run(insert, err);
        ++*added;
    }
    array_release(&rows);
    arena_release(&arena);
    return ok;
}

// ---- rows of logs and files ------------------------------------------------------------------

static void bind_hit_column(struct statement *insert, int at, const struct match_column *column,
                            const struct hit *hit, struct arena *arena)
{
    if (column->group >= 0 && hit->groups[column->group].ptr) {
        bind_text(insert, at, hit->groups[column->group]);
        return;
    }
    const char *name = column->name;
    if (strcmp(name, "evidence") == 0)
        bind_text(insert, at,
                  text_of(arena_printf(arena, "%.*s:%lld", TEXT_ARG(hit->source), (long long)hit->line)));
    else if (strcmp(name, "time") == 0)
        bind_integer(insert, at, hit->time);
    else if (strcmp(name, "pid") == 0)
        bind_integer(insert, at, hit->pid);
    else if (strcmp(name, "line") == 0)
        bind_integer(insert, at, hit->line);
    else if (strcmp(name, "unit") == 0)
        bind_text(insert, at, hit->unit);
    else if (strcmp(name, "host") == 0)
        bind_text(insert, at, hit->host);
    else if (strcmp(name, "path") == 0)
        bind_text(insert, at, hit->path);
}

static bool fill_hits(struct sights *sights, const struct rule_pattern *pattern, struct statement *insert,
                      uint64_t *added, struct error *err)
{
    struct hits hits = text_matcher_hits(sights->hits, pattern);
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; i < hits.kept && ok; i++) {
        struct match_column column;
        for (int at = 1; match_column(pattern, (size_t)at - 1, &column); at++)
            bind_hit_column(insert, at, &column, &hits.hits[i], &arena);
        ok = statement_run(insert, err);
        ++*added;
        arena_reset(&arena);
    }
    arena_release(&arena);
    return ok;
}

// ---- rows of links ---------------------------------------------------------------------------

static bool fill_links(struct sights *sights, const struct rule_pattern *pattern, struct statement *insert,
                       uint64_t *added, struct error *err)
{
    uint64_t most = sights->limits->pattern_rows; // one more is asked for, to know whether there is one
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(sights->db,
                       "SELECT l.pid, l.kind, l.inode, t.pidns, l.evidence FROM ns_link l LEFT JOIN thread t "
                       "ON t.tid = l.pid "
                       "WHERE l.kind = :kind AND (l.inode IS NULL) = :blank ORDER BY l.pid LIMIT :rows",
                       err);
    if (!query)
        return false;
    struct sight_list *list = &sights->lists[pattern->number];
    list->cut = false;
    for (size_t i = 0; i < list->count; i++) {
        uint64_t rows = 0;
        bind_text_named(query, ":kind", list->items[i].word);
        bind_integer_named(query, ":blank", list->items[i].blank);
        bind_integer_named(query, ":rows", most < INT64_MAX ? (int64_t)most + 1 : INT64_MAX);
        enum step step;
        while ((step = statement_step(query, err)) == STEP_ROW) {
            if (++rows > most) {
                list->cut = true;
                continue;
            }
            // the fixed columns of a namespace pattern, in match_column()'s order: pid kind inode pidns
            // evidence
            bind_integer(insert, 1, column_integer_or(query, 0, ROW_NULL));
            bind_text(insert, 2, column_text(query, 1));
            bind_integer(insert, 3, column_integer_or(query, 2, ROW_NULL));
            bind_integer(insert, 4, column_integer_or(query, 3, ROW_NULL));
            bind_text(insert, 5, column_text(query, 4));
            if (!statement_run(insert, err))
                return false;
            ++*added;
        }
        if (step == STEP_FAILED)
            return false;
        statement_reset(query);
    }
    return true;
}

// ---- a table ----------------------------------------------------------------------------------

bool sights_fill(struct sights *sights, const struct rule_pattern *pattern, uint64_t *added,
                 struct error *err)
{
    *added = 0;
    CLEANUP(statement_release) struct statement *insert = open_insert(sights, pattern, err);
    if (!insert)
        return false;
    switch (pattern->kind) {
    case MATCH_STACK:
    case MATCH_WCHAN:
        return fill_threads(sights, pattern, insert, added, err);
    case MATCH_NAMESPACE:
        return fill_links(sights, pattern, insert, added, err);
    case MATCH_PROFILE:
        return sights_fill_profiles(sights, pattern, insert, added, err);
    default:
        return !sights->hits || fill_hits(sights, pattern, insert, added, err);
    }
}
