// SPDX-License-Identifier: Apache-2.0
#include "rule/relations.h"

#include <stdlib.h>

#include "rule/barren.h"
#include "rule/sql_tokens.h"
#include "util/array.h"
#include "util/buffer.h"

struct relation {
    struct text name, select; // of a view: what stands behind AS
    enum { UNKNOWN, ASKING, EMPTY, FILLED } answer;
};

struct relations {
    struct db *db;
    struct arena arena;
    struct relation_list ARRAY_BODY(struct relation) list;
};

// CREATE VIEW name AS SELECT …, as SQLite keeps it.
static struct text select_of(struct text sql)
{
    ptrdiff_t as = text_find(sql, TEXT(" AS"));
    return as < 0 ? (struct text){NULL, 0} : text_from(sql, (size_t)as + 3);
}

struct relations *relations_open(struct db *db, struct error *err)
{
    struct relations *relations = mem_alloc(1, sizeof *relations);
    relations->db = db;
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        db, "SELECT name, type, sql FROM main.sqlite_schema WHERE type IN ('table', 'view')", err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW) {
        struct relation *relation = array_add(&relations->list);
        relation->name = arena_copy(&relations->arena, column_text(query, 0));
        if (text_is(column_text(query, 1), "view"))
            relation->select = select_of(arena_copy(&relations->arena, column_text(query, 2)));
    }
    if (step == STEP_FAILED)
        relations_close(&relations);
    return relations;
}

void relations_close(struct relations **relations)
{
    if (!*relations)
        return;
    array_release(&(*relations)->list);
    arena_release(&(*relations)->arena);
    free(*relations);
    *relations = NULL;
}

static bool has_no_row(struct db *db, struct text name)
{
    struct error ignored = {0};
    CLEANUP(buffer_release) struct buffer sql = {0};
    buffer_printf(&sql, "SELECT EXISTS (SELECT 1 FROM main.\"%.*s\")", TEXT_ARG(name));
    CLEANUP(statement_release) struct statement *query = statement_open(db, sql.ptr, &ignored);
    return query && statement_step(query, &ignored) == STEP_ROW && !column_integer(query, 0);
}

// One SELECT and nothing inside: its first row is found, or not, in one pass at most.
static bool is_simple(struct text select)
{
    struct token_list tokens = {0};
    sql_tokenize(select, &tokens);
    size_t selects = 0;
    for (size_t i = 0; i < tokens.count; i++)
        selects += token_is(&tokens.items[i], "SELECT");
    array_release(&tokens);
    return selects == 1;
}

static bool joined_is_empty(void *context, struct text name, bool qualified)
{
    (void)qualified; // a view sees nothing else
    return relations_empty(context, name);
}

bool relations_empty(struct relations *relations, struct text name)
{
    struct relation *relation = NULL;
    for (size_t i = 0; i < relations->list.count && !relation; i++)
        if (text_equal_nocase(relations->list.items[i].name, name))
            relation = &relations->list.items[i];
    if (!relation || relation->answer == ASKING)
        return false;
    if (relation->answer == UNKNOWN) {
        relation->answer = ASKING;
        bool empty = relation->select.ptr && query_is_barren(relation->select, joined_is_empty, relations);
        if (!empty && (!relation->select.ptr || is_simple(relation->select)))
            empty = has_no_row(relations->db, relation->name);
        relation->answer = empty ? EMPTY : FILLED;
    }
    return relation->answer == EMPTY;
}
