// SPDX-License-Identifier: Apache-2.0
//
// Inside of lint: what its parts share.
#ifndef INQUEST_RULE_LINTER_H
#define INQUEST_RULE_LINTER_H

#include "rule/lint.h"

struct linter {
    const struct rulebook *book;
    const struct rule *rule; // at hand
    const struct lint_options *options;
    const struct limits *limits;
    struct diagnostics *diagnostics;
};

// Something at the byte `offset` of a node of the rule at hand (NULL: the rule as a whole).
void lint_say(struct linter *linter, const struct yaml *node, size_t offset, enum diagnostic_level level,
              const char *check, const char *message, ...) __attribute__((format(printf, 6, 7)));
// The same at a node's key.
void lint_say_key(struct linter *linter, const struct yaml *node, enum diagnostic_level level,
                  const char *check, const char *message, ...) __attribute__((format(printf, 5, 6)));

void lint_patterns(struct linter *linter); // lint_pattern.c
void lint_queries(struct linter *linter);  // lint_query.c

#endif
