// SPDX-License-Identifier: Apache-2.0
#include "rule/sql_tokens.h"

#include <string.h>

bool token_is(const struct token *token, const char *word)
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
        if (tokens->items[i].depth == depth && token_is_one_of(&tokens->items[i], words))
            return i;
    return to;
}

// Behind what is no syntax: a remark or a quoted text or name. `at` where none stands there.
static size_t skip_quiet(struct text sql, size_t at)
{
    struct text rest = text_from(sql, at);
    char open = rest.ptr[0];
    ptrdiff_t end = -1;
    if (text_starts(rest, "--"))
        end = text_find_byte(rest, '\n');
    else if (text_starts(rest, "/*"))
        end = text_find(rest, TEXT("*/")), end += end >= 0;
    else if (open == '\'' || open == '"' || open == '`' || open == '[')
        end = text_find_byte(text_from(rest, 1), open == '[' ? ']' : open), end += end >= 0;
    else
        return at;
    return end < 0 ? sql.len : at + (size_t)end + 1;
}

static bool is_remark(struct text sql, size_t at)
{
    return text_starts(text_from(sql, at), "--") || text_starts(text_from(sql, at), "/*");
}

static size_t word_end(struct text sql, size_t at)
{
    while (at < sql.len && byte_is_word(sql.ptr[at]))
        at++;
    return at;
}

void sql_tokenize(struct text sql, struct token_list *tokens)
{
    size_t depth = 0;
    for (size_t at = 0; at < sql.len;) {
        size_t quiet = skip_quiet(sql, at), end = word_end(sql, at);
        if (is_remark(sql, at) || strchr(" \t\r\n", sql.ptr[at])) {
            at = quiet > at ? quiet : at + 1;
            continue;
        }
        struct token token = {.start = at, .end = quiet > at ? quiet : end > at ? end : at + 1};
        if (quiet == at && end > at)
            token.word = text_slice(sql, at, end - at);
        else
            token.sign = sql.ptr[at];
        if (depth && (token.sign == ')' || token_is(&token, "END")))
            depth--;
        token.depth = depth;
        depth += token.sign == '(' || token_is(&token, "CASE");
        *array_add(tokens) = token;
        at = token.end;
    }
}
