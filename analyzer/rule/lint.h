// SPDX-License-Identifier: Apache-2.0
//
// What can be said against a rule that loads. The check words that diagnostics carry:
//
//   identical-id unknown-key bad-value missing-key bad-regex bad-yaml   (loading, load.h)
//   catastrophic-regex    runs out of steps on a short text made to hurt it; slow-regex: on a long one
//   matches-empty         the regex matches the empty string
//   matches-idle          a stack or wchan pattern matches an idle daemon (rules/idle.txt)
//   no-literal            a log regex without a literal runs on every line
//   blank-before-unit     a literal blank between a number and its unit: wrapped pastes lose it
//   never-matches         a stack item that canonical stacks never hold (lock, sleep and entry frames)
//   unknown-cause         not in rules/causes.txt
//   draft                 a rule that `rules new` wrote and nobody finished: advice
//   explains-nothing      no rule of the book has that cause
//   unused-pattern        the query does not name it
//   bad-summary           braces that are no field
//   bad-query             SQL that does not prepare; missing-column: group, summary or a wait column
//   no-tests no-miss      no test; none that the rule must not hit
//   no-remedy             a finding without remedy; no-prevention no-references: advice
//   control-byte          in a text that is shown
//   file-name             not <id>.yaml
#ifndef INQUEST_RULE_LINT_H
#define INQUEST_RULE_LINT_H

#include "bundle/limits.h"
#include "rule/diagnostic.h"
#include "rule/rule.h"

// Prepares the rule's query against the schema with its patterns as tables. True: *columns is the list of
// the result's column names (ends with NULL, valid until the next call). False: the message says why and
// *offset is the byte of the query it points at, or -1.
typedef bool lint_query(void *context, const struct rule *rule, const char *const **columns, int *offset,
                        struct error *err);

struct lint_options {
    const struct limits *limits; // NULL: the defaults
    lint_query *query;           // NULL: queries are not checked
    void *context;
};

// Checks every rule of the book (`only` NULL) or one. The book must be loaded with tests. Sorts *diagnostics.
void lint_rules(const struct rulebook *book, const struct rule *only, const struct lint_options *options,
                struct diagnostics *diagnostics);

// Whether the vocabulary of causes (rules/causes.txt, built in) has the word.
bool cause_known(struct text word);

#endif
