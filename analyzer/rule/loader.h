// SPDX-License-Identifier: Apache-2.0
//
// Inside of loading: one file on its way to a rule, and how values of each shape are read. Every
// function that finds a value wrong says so in the diagnostics and gives an absent or empty value.
#ifndef INQUEST_RULE_LOADER_H
#define INQUEST_RULE_LOADER_H

#include "rule/keys.h"
#include "rule/load.h"

enum { LOADER_ERRORS_MAX = 100 };

struct loader {
    struct rulebook *book;
    struct diagnostics *diagnostics;
    const struct limits *limits;
    struct rule *rule; // being filled
    bool with_tests;
    bool builtin;
    bool trusted;  // its regexes are known to compile
    size_t errors; // said; of those above LOADER_ERRORS_MAX nothing
};

// Says that something at the byte `offset` of the node is wrong (offset 0: the node itself).
void loader_error(struct loader *loader, const struct yaml *node, size_t offset, const char *check,
                  const char *message, ...) __attribute__((format(printf, 5, 6)));
// The same at the node's key.
void loader_error_key(struct loader *loader, const struct yaml *node, const char *check, const char *message,
                      ...) __attribute__((format(printf, 4, 5)));

// Checks the keys of a map against key_table: unknown ones, those of another kind of pattern, missing
// ones. `kinds` is the bit of the pattern's kind, or all. `what` names the map in messages. False when
// it is no map.
bool loader_check_keys(struct loader *loader, const struct yaml *map, enum key_where where, unsigned kinds,
                       const char *what);

struct text loader_line(struct loader *loader, const struct yaml *node);
struct text loader_text(struct loader *loader, const struct yaml *node); // without blanks at its end
struct text loader_word(struct loader *loader, const struct yaml *node);
struct text loader_id(struct loader *loader, const struct yaml *node);
struct text loader_column(struct loader *loader, const struct yaml *node);
bool loader_bool(struct loader *loader, const struct yaml *node);
// Index of the word among those that the shape allows; `fallback` for an absent node or a wrong word.
size_t loader_choice(struct loader *loader, const struct yaml *node, enum key_shape shape, size_t fallback);
// The nodes of a list, or the one text that stands for a list of one. *nodes lives in the book's arena.
size_t loader_list(struct loader *loader, const struct yaml *node, const struct yaml ***nodes);
size_t loader_texts(struct loader *loader, const struct yaml *node, bool words, struct text **texts);
struct pattern *loader_regex(struct loader *loader, const struct yaml *node, struct text source,
                             size_t start);
void loader_filter(struct loader *loader, const struct yaml *node, struct filter *filter);

// load_pattern.c: `patterns:`; load_test.c: `tests:`.
void load_patterns(struct loader *loader, const struct yaml *node);
void load_tests(struct loader *loader, const struct yaml *node);

#endif
