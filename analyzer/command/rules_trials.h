// SPDX-License-Identifier: Apache-2.0
//
// Tests of rules, side by side: as many worker processes as there are processors.
#ifndef INQUEST_COMMAND_RULES_TRIALS_H
#define INQUEST_COMMAND_RULES_TRIALS_H

#include "bundle/limits.h"
#include "rule/rule.h"

struct rule_trial {
    const struct rule *rule;
    const struct rule_test *test;
    bool holds;
    const char *why; // lines, where it does not hold; in the arena
};

// Runs them all and fills in what came. A worker that dies costs the test it was at, which then says so.
// Fails where no process can be made, or memory or room for temporary files is lacking.
bool trials_run(const struct rulebook *book, const struct limits *limits, struct rule_trial *trials,
                size_t count, struct arena *arena, struct error *err);

#endif
