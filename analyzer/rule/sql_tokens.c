// SPDX-License-Identifier: Apache-2.0
#include "rule/sql_tokens.h"

#include <string.h>

bool token_is_word(const struct token *token, const char *word)
{
    size_t i = 0;
    while (i < token->word.len && word[i] && byte_lower(token->word.ptr[i]) == byte_lower(word[i]))
        i++;
    return token->word.ptr && i == token->word.len && !word[i];
}

bool token_is_one_of(const struct token *token, const char *const *words)
{
    for (; *words; words++)
        if (token_is(token, *words))
            return true;
    return false;
}

size_t token_find(const struct token_list *tokens, size_t from, size_t to, size_t depth,
                  const char *const *words)
{
    for (size_t i = from; i < to; i++)
        if (tokens->items[i].depth == depth && tokens->items[i].initial &&
            token_is_one_of(&tokens->items[i], words))
            return i;
    return to;
}

static size_t behind(struct text sql, size_t at, struct text end)
{
    ptrdiff_t found = text_find(text_from(sql, at), end);
    return found < 0 ? sql.len : at + (size_t)found + end.len;
}

// Behind the blanks and remarks at `at`.
static size_t skip_blank(struct text sql, size_t at)
{
    for (; at < sql.len; at++) {
        char c = sql.ptr[at], next = at + 1 < sql.len ? sql.ptr[at + 1] : '\0';
        if (c == '-' && next == '-')
            at = behind(sql, at, TEXT("\n")) - 1;
        else if (c == '/' && next == '*')
            at = behind(sql, at + 2, TEXT("*/")) - 1;
        else if (c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\0')
            break;
    }
    return at;
}

// The end of the sign or the quoted text or name at `at`.
static size_t sign_end(struct text sql, size_t at)
{
    switch (sql.ptr[at]) {
    case '\'':
        return behind(sql, at + 1, TEXT("'"));
    case '"':
        return behind(sql, at + 1, TEXT("\""));
    case '`':
        return behind(sql, at + 1, TEXT("`"));
    case '[':
        return behind(sql, at + 1, TEXT("]"));
    default:
        return at + 1;
    }
}

static struct token token_at(struct text sql, size_t at)
{
    struct token token = {.start = at, .end = at};
    while (token.end < sql.len && byte_is_word(sql.ptr[token.end]))
        token.end++;
    if (token.end == at) {
        token.sign = sql.ptr[at];
        token.end = sign_end(sql, at);
        return token;
    }
    token.word = text_slice(sql, at, token.end - at);
    token.initial = byte_is_alpha(sql.ptr[at]) ? (char)(sql.ptr[at] & ~0x20) : sql.ptr[at];
    return token;
}

void sql_tokenize(struct text sql, struct token_list *tokens)
{
    size_t depth = 0;
    if (tokens->capacity - tokens->count < sql.len / 3) { // a token is hardly shorter, its blank counted
        tokens->capacity = tokens->count + sql.len / 3;
        tokens->items = mem_resize(tokens->items, tokens->capacity, sizeof *tokens->items);
    }
    for (size_t at = skip_blank(sql, 0); at < sql.len; at = skip_blank(sql, at)) {
        struct token token = token_at(sql, at);
        if (depth && (token.sign == ')' || token_is(&token, "END")))
            depth--;
        token.depth = depth;
        depth += token.sign == '(' || token_is(&token, "CASE");
        array_grow((void **)&tokens->items, tokens->count, &tokens->capacity, sizeof token);
        tokens->items[tokens->count++] = token;
        at = token.end;
    }
}
