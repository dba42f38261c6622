// SPDX-License-Identifier: Apache-2.0
//
// Why a rule fired or did not: each pattern's rows and what came near to an empty one, then the rows left
// after each step of its query, then what evidence is lacking. For `rules why` and for tests that fail.
#ifndef INQUEST_RULE_WHY_H
#define INQUEST_RULE_WHY_H

#include "rule/run.h"
#include "util/buffer.h"

struct why_options {
    int indent;  // blanks before each line
    size_t rows; // of each pattern that are shown
    bool needs;  // say what evidence the rule lacks
};

// Appends lines for a person; all of them are visible text.
void why_write(struct rule_run *run, const struct rule *rule, const struct why_options *options,
               struct buffer *out);

#endif
