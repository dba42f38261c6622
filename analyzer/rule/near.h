// SPDX-License-Identifier: Apache-2.0
//
// What came near to a pattern and did not match it, in words, for `rules why` and for tests that fail:
// the nearest stack with the frame where it differs, log records that matched all but one part.
#ifndef INQUEST_RULE_NEAR_H
#define INQUEST_RULE_NEAR_H

#include "bundle/limits.h"
#include "rule/match_text.h"
#include "rule/rule.h"
#include "store/db.h"
#include "util/buffer.h"

struct near_view {
    struct db *db; // a finished store
    const struct limits *limits;
    struct text_matcher *hits; // may be NULL
};

// Appends lines, each indented by `indent` blanks; nothing where there is nothing to say. A scan of all
// stacks or log records, so only where somebody asks.
void near_write(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                struct buffer *out);

// near_stack.c: the same of a stack pattern.
void near_stack(const struct near_view *view, const struct rule_pattern *pattern, int indent,
                struct buffer *out);

#endif
