// SPDX-License-Identifier: Apache-2.0
#include "rule/sql_steps.h"

#include <string.h>

#include "rule/sql_tokens.h"
#include "util/buffer.h"
#include "util/memory.h"

struct step_list ARRAY_BODY(struct sql_step);

struct taking {
    struct text sql;
    struct token_list tokens;
    size_t main; // the token of the first SELECT outside of WITH
    struct arena *arena;
    struct step_list steps;
};

// ---- steps -----------------------------------------------------------------------------------

// Blanks and line ends become one blank each, remarks are left out.
static const char *one_line(struct taking *taking, size_t from, size_t to)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    const struct token_list *tokens = &taking->tokens;
    for (size_t i = from; i < to; i++) {
        if (i > from && tokens->items[i].start > tokens->items[i - 1].end)
            buffer_putc(&line, ' ');
        buffer_add(&line, text_slice(taking->sql, tokens->items[i].start,
                                     tokens->items[i].end - tokens->items[i].start));
    }
    return arena_string(taking->arena, buffer_text(&line));
}

static struct text between(const struct taking *taking, size_t from, size_t to)
{
    size_t start = taking->tokens.items[from].start, end = taking->tokens.items[to - 1].end;
    return text_slice(taking->sql, start, end > start ? end - start : 0);
}

// The step that tokens [shown, to) add; it counts the rows of `FROM source`, which are tokens [from, to).
static void add_step(struct taking *taking, size_t select, size_t shown, size_t from, size_t to,
                     const char *before, const char *behind)
{
    if (shown >= to || from >= to)
        return;
    CLEANUP(buffer_release) struct buffer sql = {0};
    if (taking->main)
        buffer_add(&sql, between(taking, 0, taking->main));
    buffer_puts(&sql, before);
    buffer_add(&sql, between(taking, from, to));
    buffer_puts(&sql, behind);
    *array_add(&taking->steps) = (struct sql_step){one_line(taking, shown, to),
                                                   arena_string(taking->arena, buffer_text(&sql)), select};
}

static size_t find(const struct taking *taking, size_t from, size_t to, const char *const *words)
{
    return token_find(&taking->tokens, from, to, 0, words);
}

static void take_with(struct taking *taking)
{
    static const char *const before_names[] = {"WITH", "RECURSIVE", NULL};
    for (size_t i = 1; i < taking->main; i++) {
        const struct token *token = &taking->tokens.items[i], *before = token - 1;
        if (token->depth == 0 && token->word.ptr && !token_is(token, "RECURSIVE") &&
            (token_is_one_of(before, before_names) || (before->sign == ',' && before->depth == 0)))
            add_step(taking, 0, i, i, i + 1, " SELECT count(*) FROM ", "");
    }
}

static void take_joins(struct taking *taking, size_t select, size_t from, size_t to)
{
    static const char *const phrase[] = {"LEFT",  "RIGHT",   "FULL", "OUTER", "INNER",
                                         "CROSS", "NATURAL", "JOIN", NULL};
    size_t shown = from;
    for (size_t i = from + 1; i < to; i++) {
        const struct token *token = &taking->tokens.items[i];
        bool joins = token->depth == 0 && (token->sign == ',' || token_is_one_of(token, phrase)) &&
                     !(token_is_one_of(token - 1, phrase) && (token - 1)->depth == 0);
        if (!joins)
            continue;
        add_step(taking, select, shown, from, i, " SELECT count(*) ", "");
        shown = i;
    }
    add_step(taking, select, shown, from, to, " SELECT count(*) ", "");
}

// Conditions, unless an OR stands among them.
static void take_where(struct taking *taking, size_t select, size_t from, size_t where, size_t to)
{
    static const char *const or [] = {"OR", NULL};
    bool whole = find(taking, where, to, or) < to, between_open = false;
    size_t shown = where;
    for (size_t i = where + 1; i < to && !whole; i++) {
        const struct token *token = &taking->tokens.items[i];
        if (token->depth)
            continue;
        if (token_is(token, "AND") && !between_open) {
            add_step(taking, select, shown, from, i, " SELECT count(*) ", "");
            shown = i;
        }
        between_open = token_is(token, "BETWEEN") || (between_open && !token_is(token, "AND"));
    }
    add_step(taking, select, shown, from, to, " SELECT count(*) ", "");
}

static void take_select(struct taking *taking, size_t select, size_t start, size_t end)
{
    static const char *const from_word[] = {"FROM", NULL}, *const where_word[] = {"WHERE", NULL},
                             *const late_words[] = {"GROUP", "HAVING", "WINDOW", NULL};
    size_t from = find(taking, start, end, from_word);
    size_t late = find(taking, from, end, late_words), where = find(taking, from, late, where_word);
    if (from == end) {
        add_step(taking, select, start, start, end, " SELECT count(*) FROM (", ")");
        return;
    }
    take_joins(taking, select, from, where);
    if (where < late)
        take_where(taking, select, from, where, late);
    if (late == end)
        return;
    add_step(taking, select, late, start, end, " SELECT count(*) FROM (", ")");
}

static void take_selects(struct taking *taking)
{
    static const char *const compound[] = {"UNION", "INTERSECT", "EXCEPT", NULL}, *const tail[] = {
                                                                                      "ORDER", "LIMIT", NULL};
    size_t end = find(taking, taking->main, taking->tokens.count, tail), select = 1;
    for (size_t start = taking->main; start < end; select++) {
        size_t stop = find(taking, start, end, compound);
        take_select(taking, select, start, stop);
        start = stop + 1;
        if (start < end && token_is(&taking->tokens.items[start], "ALL"))
            start++;
    }
}

size_t sql_steps(struct text sql, struct arena *arena, struct sql_step **steps)
{
    static const char *const select_word[] = {"SELECT", NULL};
    struct taking taking = {.sql = sql, .arena = arena};
    sql_tokenize(sql, &taking.tokens);
    taking.main = find(&taking, 0, taking.tokens.count, select_word);
    if (taking.main < taking.tokens.count) {
        take_with(&taking);
        take_selects(&taking);
    }
    *steps = arena_alloc(arena, taking.steps.count, sizeof **steps);
    if (taking.steps.count)
        memcpy(*steps, taking.steps.items, taking.steps.count * sizeof **steps);
    size_t count = taking.steps.count;
    array_release(&taking.tokens);
    array_release(&taking.steps);
    return count;
}
