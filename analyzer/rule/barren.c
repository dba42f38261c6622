// SPDX-License-Identifier: Apache-2.0
#include "rule/barren.h"

#include "rule/sql_tokens.h"

enum { NESTING = 40 };

// A table expression of WITH, visible from its place on in its statement and in all within.
struct expression {
    struct text name;
    size_t from, to;           // its body
    const struct scope *scope; // where the body's names are looked up
    enum { UNKNOWN, BARREN, FERTILE } answer;
};
struct expression_list ARRAY_BODY(struct expression);

struct scope {
    const struct scope *outer;
    struct expression_list expressions;
};

struct asking {
    struct text sql;
    struct token_list tokens;
    relation_empty *empty;
    void *context;
    unsigned nesting;
};

static bool statement_is_barren(struct asking *asking, size_t from, size_t to, const struct scope *outer);

static const struct token *at(const struct asking *asking, size_t i)
{
    static const struct token none = {.sign = ';'};
    return i < asking->tokens.count ? &asking->tokens.items[i] : &none;
}

// The bracket that closes the one at `open`, or `to`.
static size_t closing(const struct asking *asking, size_t open, size_t to)
{
    for (size_t i = open + 1; i < to; i++)
        if (at(asking, i)->sign == ')' && at(asking, i)->depth == at(asking, open)->depth)
            return i;
    return to;
}

static bool starts_statement(const struct token *token)
{
    static const char *const words[] = {"SELECT", "WITH", "VALUES", NULL};
    return token_is_one_of(token, words);
}

// ---- names -----------------------------------------------------------------------------------

// An expression that is being asked for stands in its own body: WITH RECURSIVE, whose first rows come from
// elsewhere.
static bool expression_is_barren(struct asking *asking, struct expression *expression)
{
    if (expression->answer == UNKNOWN) {
        expression->answer = BARREN;
        bool barren = statement_is_barren(asking, expression->from, expression->to, expression->scope);
        expression->answer = barren ? BARREN : FERTILE;
    }
    return expression->answer == BARREN;
}

static bool name_is_barren(struct asking *asking, struct text name, const struct scope *scope)
{
    for (; scope; scope = scope->outer)
        for (size_t i = scope->expressions.count; i > 0; i--) {
            struct expression *expression = &scope->expressions.items[i - 1];
            if (text_equal_nocase(expression->name, name))
                return expression_is_barren(asking, expression);
        }
    return asking->empty(asking->context, name, false);
}

// ---- FROM ------------------------------------------------------------------------------------

// Whether what stands at [from, to), behind FROM, a comma or JOIN, has no row for certain.
static bool item_is_barren(struct asking *asking, size_t from, size_t to, const struct scope *scope)
{
    const struct token *first = at(asking, from), *next = at(asking, from + 1);
    if (from >= to)
        return false;
    if (first->sign == '(')
        return starts_statement(next) &&
               statement_is_barren(asking, from + 1, closing(asking, from, to), scope);
    if (!first->word.ptr || (from + 1 < to && next->sign == '('))
        return false; // a quoted name, a table-valued function
    if (from + 1 < to && next->sign == '.')
        return token_is(first, "MAIN") && from + 2 < to && at(asking, from + 2)->word.ptr &&
               at(asking, from + 3)->sign != '(' &&
               asking->empty(asking->context, at(asking, from + 2)->word, true);
    return name_is_barren(asking, first->word, scope);
}

// The items of a FROM, which commas and JOINs part.
struct items {
    size_t next, end, depth;
    size_t from, to;   // the item
    bool needed, left; // no right side of a LEFT JOIN; the next is one
};

static struct items items_of(const struct asking *asking, size_t from, size_t to)
{
    return (struct items){.next = from, .end = to, .depth = at(asking, from)->depth, .needed = true};
}

static bool next_item(const struct asking *asking, struct items *items)
{
    static const char *const joining[] = {"LEFT", "OUTER", "INNER", "CROSS", "NATURAL", "JOIN", NULL};
    if (items->next >= items->end)
        return false;
    items->needed = !items->left;
    items->left = false;
    items->from = items->to = items->next;
    for (; items->to < items->end; items->to++) {
        const struct token *token = at(asking, items->to);
        if (token->depth == items->depth && (token->sign == ',' || token_is_one_of(token, joining)))
            break;
    }
    size_t i = items->to;
    while (i < items->end && token_is_one_of(at(asking, i), joining))
        items->left |= token_is(at(asking, i++), "LEFT");
    items->next = i + (i == items->to && i < items->end); // behind the comma
    return true;
}

static bool from_is_barren(struct asking *asking, size_t from, size_t to, const struct scope *scope)
{
    static const char *const outer_joins[] = {"RIGHT", "FULL", NULL};
    struct items items = items_of(asking, from, to);
    if (token_find(&asking->tokens, from, to, items.depth, outer_joins) < to)
        return false;
    while (next_item(asking, &items))
        if (items.needed && item_is_barren(asking, items.from, items.to, scope))
            return true;
    return false;
}

// ---- SELECT ----------------------------------------------------------------------------------

// Whether the columns hold an aggregate of this SELECT. Those of a sub-SELECT are its own.
static bool aggregates(const struct asking *asking, size_t from, size_t to)
{
    static const char *const functions[] = {
        "COUNT", "SUM", "TOTAL", "AVG", "MIN", "MAX", "GROUP_CONCAT", "JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT",
        NULL};
    for (size_t i = from; i < to; i++) {
        if (at(asking, i)->sign == '(' && starts_statement(at(asking, i + 1)))
            i = closing(asking, i, to);
        else if (at(asking, i + 1)->sign == '(' && token_is_one_of(at(asking, i), functions) &&
                 !token_is(at(asking, closing(asking, i + 1, to) + 1), "OVER"))
            return true;
    }
    return false;
}

// Whether one of the conditions that all must hold is EXISTS of what is barren.
static bool where_is_barren(struct asking *asking, size_t from, size_t to, const struct scope *scope)
{
    static const char *const or [] = {"OR", NULL};
    size_t depth = at(asking, from)->depth;
    if (token_find(&asking->tokens, from, to, depth, or) < to)
        return false;
    for (size_t i = from; i + 1 < to; i++) {
        bool starts = i == from || (at(asking, i - 1)->depth == depth && token_is(at(asking, i - 1), "AND"));
        if (!starts || at(asking, i)->depth != depth || !token_is(at(asking, i), "EXISTS") ||
            at(asking, i + 1)->sign != '(')
            continue;
        size_t end = closing(asking, i + 1, to) + 1;
        bool alone = end >= to || token_is(at(asking, end), "AND"); // no part of a larger expression
        if (alone && item_is_barren(asking, i + 1, end, scope))
            return true;
    }
    return false;
}

static bool select_is_barren(struct asking *asking, size_t start, size_t end, const struct scope *scope)
{
    static const char *const from_word[] = {"FROM", NULL}, *const where_word[] = {"WHERE", NULL},
                             *const late[] = {"GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", NULL},
                             *const group[] = {"GROUP", NULL}, *const having[] = {"HAVING", NULL};
    const struct token_list *tokens = &asking->tokens;
    size_t depth = at(asking, start)->depth;
    if (!token_is(at(asking, start), "SELECT"))
        return false;
    size_t from = token_find(tokens, start, end, depth, from_word);
    while (from < end && token_is(at(asking, from - 1), "DISTINCT")) // a IS NOT DISTINCT FROM b
        from = token_find(tokens, from + 1, end, depth, from_word);
    size_t stop = token_find(tokens, from, end, depth, late);
    bool grouped = token_find(tokens, from, end, depth, group) < end;
    bool one_row = !grouped && (aggregates(asking, start, from) || aggregates(asking, stop, end) ||
                                token_find(tokens, from, end, depth, having) < end);
    if (from >= end || one_row)
        return false;
    size_t where = token_find(tokens, from, stop, depth, where_word);
    return from_is_barren(asking, from + 1, where, scope) ||
           (where < stop && where_is_barren(asking, where + 1, stop, scope));
}

// Compounds: without a row where no part of them has one, whatever combines them.
static bool selects_are_barren(struct asking *asking, size_t start, size_t end, const struct scope *scope)
{
    static const char *const compound[] = {"UNION", "INTERSECT", "EXCEPT", NULL};
    size_t depth = at(asking, start)->depth;
    while (start < end) {
        size_t stop = token_find(&asking->tokens, start, end, depth, compound);
        if (!select_is_barren(asking, start, stop, scope))
            return false;
        start = stop + 1;
        start += start < end && token_is(at(asking, start), "ALL");
    }
    return true;
}

// ---- WITH ------------------------------------------------------------------------------------

// `name [(columns)] AS [[NOT] MATERIALIZED] (body)`; the token behind it, or `to` where that is not so.
static size_t take_expression(const struct asking *asking, size_t i, size_t to, struct scope *scope)
{
    struct text name = at(asking, i)->word;
    while (i < to && !token_is(at(asking, i), "AS"))
        i++;
    while (i < to && at(asking, i)->sign != '(')
        i++;
    size_t end = closing(asking, i, to);
    if (!name.ptr || end >= to)
        return to;
    *array_add(&scope->expressions) =
        (struct expression){.name = name, .from = i + 1, .to = end, .scope = scope};
    return end + 1;
}

static size_t take_with(const struct asking *asking, size_t i, size_t to, struct scope *scope)
{
    i += 1 + token_is(at(asking, i + 1), "RECURSIVE");
    for (;;) {
        i = take_expression(asking, i, to, scope);
        if (i >= to || at(asking, i)->sign != ',')
            return i;
        i++;
    }
}

static bool statement_is_barren(struct asking *asking, size_t from, size_t to, const struct scope *outer)
{
    if (from >= to || asking->nesting >= NESTING)
        return false;
    asking->nesting++;
    struct scope scope = {.outer = outer};
    bool with = token_is(at(asking, from), "WITH");
    size_t start = with ? take_with(asking, from, to, &scope) : from;
    bool barren = start < to && selects_are_barren(asking, start, to, &scope);
    array_release(&scope.expressions);
    asking->nesting--;
    return barren;
}

// ---- nothing at all --------------------------------------------------------------------------

static bool is_expression(const struct scope *scope, struct text name)
{
    for (size_t i = 0; i < scope->expressions.count; i++)
        if (text_equal_nocase(scope->expressions.items[i].name, name))
            return true;
    return false;
}

// Where the FROM whose items start at `from` ends: at a word behind it, or with its brackets.
static size_t from_end(const struct asking *asking, size_t from, size_t depth)
{
    static const char *const words[] = {"WHERE", "GROUP", "HAVING",    "WINDOW", "ORDER",
                                        "LIMIT", "UNION", "INTERSECT", "EXCEPT", NULL};
    size_t end = from;
    while (end < asking->tokens.count && at(asking, end)->depth >= depth &&
           !(at(asking, end)->depth == depth && token_is_one_of(at(asking, end), words)))
        end++;
    return end;
}

// Whether every relation of every FROM is empty, and there is one.
static bool reads_nothing(struct asking *asking)
{
    struct scope with = {NULL, {0}}, none = {NULL, {0}};
    size_t count = asking->tokens.count;
    bool read = false, empty = true;
    for (size_t i = 0; i < count; i++)
        if (token_is(at(asking, i), "WITH"))
            (void)take_with(asking, i, count, &with);
        else
            empty &= !token_is(at(asking, i), "VALUES");
    for (size_t i = 0; i < count && empty; i++) {
        if (!token_is(at(asking, i), "FROM"))
            continue;
        struct items items = items_of(asking, i + 1, from_end(asking, i + 1, at(asking, i)->depth));
        while (empty && next_item(asking, &items)) {
            const struct token *first = at(asking, items.from);
            if (first->sign == '(' || is_expression(&with, first->word))
                continue; // what they read has a FROM of its own
            read = true;
            empty = item_is_barren(asking, items.from, items.to, &none);
        }
    }
    array_release(&with.expressions);
    return read && empty;
}

static bool ask(struct text sql, relation_empty *empty, void *context, bool (*question)(struct asking *))
{
    struct asking asking = {.sql = sql, .empty = empty, .context = context};
    sql_tokenize(sql, &asking.tokens);
    bool yes = question(&asking);
    array_release(&asking.tokens);
    return yes;
}

static bool is_barren(struct asking *asking)
{
    return statement_is_barren(asking, 0, asking->tokens.count, NULL);
}

static bool gives_nothing(struct asking *asking)
{
    return is_barren(asking) || reads_nothing(asking);
}

bool query_is_barren(struct text sql, relation_empty *empty, void *context)
{
    return ask(sql, empty, context, is_barren);
}

bool query_gives_nothing(struct text sql, relation_empty *empty, void *context)
{
    return ask(sql, empty, context, gives_nothing);
}
