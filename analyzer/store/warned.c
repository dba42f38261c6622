// SPDX-License-Identifier: Apache-2.0
#include "store/warned.h"

#include "util/memory.h"

static int compare_key(const struct warned *warned, struct text member, const struct row_warning *row)
{
    int order = text_compare(member, buffer_text(&warned->member));
    if (order == 0)
        order = row->line < warned->line ? -1 : row->line > warned->line;
    return order ? order : text_compare(row->problem, buffer_text(&warned->problem));
}

bool warned_wants(const struct warned *warned, struct text member, const struct row_warning *row)
{
    return !warned->cut || member.len == 0 || compare_key(warned, member, row) < 0;
}

// The first row behind those that may stay. What is said of the bundle as a whole always stays: it is of us
// and is little.
static bool find_first(struct warned *warned, const struct limits *limits, struct db *db, bool *found,
                       struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(db,
                                             "SELECT member, line, problem FROM warning WHERE member <> '' "
                                             "ORDER BY member, line, problem LIMIT 1 OFFSET ?",
                                             err);
    if (!query)
        return false;
    bind_integer(query, 1, limits->warnings > INT64_MAX ? INT64_MAX : (int64_t)limits->warnings);
    enum step step = statement_step(query, err);
    *found = step == STEP_ROW;
    if (*found) {
        buffer_clear(&warned->member);
        buffer_clear(&warned->problem);
        buffer_add(&warned->member, column_text(query, 0));
        warned->line = column_integer(query, 1);
        buffer_add(&warned->problem, column_text(query, 2));
    }
    return step != STEP_FAILED;
}

static bool remove_from_first(const struct warned *warned, struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        db, "DELETE FROM warning WHERE (member, line, problem) >= (?, ?, ?) AND member <> ''", err);
    if (!query)
        return false;
    bind_text(query, 1, buffer_text(&warned->member));
    bind_integer(query, 2, warned->line);
    bind_text(query, 3, buffer_text(&warned->problem));
    return statement_run(query, err);
}

static bool say_so(struct db *db, struct error *err)
{
    return db_run(db,
                  "INSERT INTO warning(member, line, problem) "
                  "VALUES('', 0, 'further warnings are not shown (limit warnings)') ON CONFLICT DO NOTHING",
                  err);
}

bool warned_settle(struct warned *warned, const struct limits *limits, struct db *db, struct error *err)
{
    bool found;
    warned->since = 0;
    if (!find_first(warned, limits, db, &found, err))
        return false;
    warned->cut |= found;
    return !found || (remove_from_first(warned, db, err) && say_so(db, err));
}

bool warned_hold(struct warned *warned, const struct limits *limits, struct db *db, struct error *err)
{
    enum { LEAST = 100 }; // rows between two looks, so that they cost little
    uint64_t most = limits->warnings < LEAST ? LEAST : limits->warnings;
    return ++warned->since <= most || warned_settle(warned, limits, db, err);
}

void warned_release(struct warned *warned)
{
    buffer_release(&warned->member);
    buffer_release(&warned->problem);
}
