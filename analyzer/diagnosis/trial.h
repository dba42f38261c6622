// SPDX-License-Identifier: Apache-2.0
//
// A rule's own tests: a small bundle written in the rule, read and diagnosed like any other, and what the
// rule must say of it.
#ifndef INQUEST_DIAGNOSIS_TRIAL_H
#define INQUEST_DIAGNOSIS_TRIAL_H

#include "bundle/limits.h"
#include "rule/rule.h"

// Runs one test with the rules of the book (wait rules may feed the rule). True when it holds; else *why
// says, in lines, what was expected and what came, in the arena.
bool trial_run(const struct rulebook *book, const struct rule *rule, const struct rule_test *test,
               const struct limits *limits, struct arena *arena, const char **why);

#endif
