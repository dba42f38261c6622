// SPDX-License-Identifier: Apache-2.0
//
// Texts made to hurt a regular expression: for lint, which tries them.
#ifndef INQUEST_RULE_ATTACK_H
#define INQUEST_RULE_ATTACK_H

#include "util/text.h"

// For each part of the expression that may repeat often: a text of about `bytes` bytes that begins as a match
// would, repeats that part, and then fails. Calls try() with each until it says false. `walks` is how often
// the expression is walked through, each time with other choices (the same ones for the same number); a walk
// gives at most 128 texts. Parts behind a construct that is not known are left out. `source` must have
// compiled.
void attack_texts(struct text source, size_t bytes, unsigned walks,
                  bool (*try)(void *context, struct text text), void *context);

#endif
