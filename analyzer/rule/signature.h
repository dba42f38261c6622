// SPDX-License-Identifier: Apache-2.0
//
// What a rule asks, apart from what it says about it: rules of one book with the same signature have the same
// patterns by the same names and the same query, so they get the same rows of the same bundle.
#ifndef INQUEST_RULE_SIGNATURE_H
#define INQUEST_RULE_SIGNATURE_H

#include "rule/rule.h"
#include "util/buffer.h"

// Appends bytes that mean something in this run only.
void rule_signature(const struct rule *rule, struct buffer *out);

#endif
