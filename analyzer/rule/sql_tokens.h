// SPDX-License-Identifier: Apache-2.0
//
// SQL as words, signs and quotes, each with the brackets around it: as much as is needed to see the parts of
// a SELECT. It knows no grammar; what it is given was, or will be, judged by SQLite.
#ifndef INQUEST_RULE_SQL_TOKENS_H
#define INQUEST_RULE_SQL_TOKENS_H

#include "util/array.h"
#include "util/text.h"

struct token {
    size_t start, end, depth; // bytes [start, end); brackets and CASEs around it
    struct text word;         // absent for quotes and signs
    char sign;                // the first byte of a quote or sign; 0 for a word
    char initial;             // of a word, a capital; 0 for others
};
struct token_list ARRAY_BODY(struct token);

// Appends the tokens of the text, which they point into. Remarks and blanks are none.
void sql_tokenize(struct text sql, struct token_list *tokens);

// Whether the token is that word, whatever its case; `word` is written in capitals.
bool token_is_word(const struct token *token, const char *word);
static inline bool token_is(const struct token *token, const char *word)
{
    return token->initial == word[0] && token_is_word(token, word);
}
bool token_is_one_of(const struct token *token, const char *const *words); // ended by NULL

// The first of tokens [from, to) at that depth that is one of the words, or `to`.
size_t token_find(const struct token_list *tokens, size_t from, size_t to, size_t depth,
                  const char *const *words);

#endif
