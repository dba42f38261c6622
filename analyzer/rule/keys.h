// SPDX-License-Identifier: Apache-2.0
//
// The keys of a rule as a table (keys.list): one truth for the loader, the JSON schema and the docs.
#ifndef INQUEST_RULE_KEYS_H
#define INQUEST_RULE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key_where { KEY_RULE, KEY_PATTERN, KEY_TEST };
enum key_need { NEED_MAY, NEED_MUST, NEED_FINDING };

enum key_shape {
    SHAPE_ID,         // lower-case letters, digits, dashes
    SHAPE_LINE,       // a text of one line, not empty
    SHAPE_TEXT,       // a text, not empty
    SHAPE_WORD,       // a text without blanks
    SHAPE_WORDS,      // a list of them, or one
    SHAPE_TEXTS,      // a list of texts, or one
    SHAPE_COLUMN,     // a name as SQL has them
    SHAPE_BOOL,       // true, false
    SHAPE_KIND,       // key_words() has the choice of these
    SHAPE_SEVERITY,   //
    SHAPE_CONFIDENCE, //
    SHAPE_LOCK,       //
    SHAPE_STATE,      // letters of states, one text or a list
    SHAPE_ITEMS,      // a list of stack items, or one
    SHAPE_FILTER,     // a name, glob or /regex/, or a list of them
    SHAPE_REGEX,      // PCRE2
    SHAPE_REGEXES,    // a list of them, or one
    SHAPE_GLOB,       // over paths
    SHAPE_NAMESPACE,  // a kind (filter), or nothing for any
    SHAPE_PATTERNS,   // a map of names to patterns
    SHAPE_TESTS,      // a list of tests
    SHAPE_FILES,      // a map of paths to contents
    SHAPE_EXPECT,     // none, undecided, a map or a list of maps
};

struct key {
    enum key_where where;
    const char *name;
    enum key_shape shape;
    enum key_need need;
    unsigned kinds; // of a pattern's key: bit 1 << enum match_kind for each kind it goes with
    const char *help;
};

extern const struct key key_table[]; // ends with a NULL name

// The words that a shape allows (ends with NULL), or NULL where it is not a choice.
const char *const *key_words(enum key_shape shape);

// The keys that `expect` may name (ends with NULL).
extern const char *const expect_keys[];

#endif
