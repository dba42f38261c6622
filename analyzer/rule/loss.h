// SPDX-License-Identifier: Apache-2.0
//
// What limits took from the patterns of a rule: rows, texts of groups, searches that gave up.
#ifndef INQUEST_RULE_LOSS_H
#define INQUEST_RULE_LOSS_H

#include "rule/sight.h"

// Before the first bundle's patterns are matched against names and frames: what earlier ones cost is
// forgotten.
void loss_begin(const struct rulebook *book);

// What the pattern lost, as one line for a warning; NULL for nothing. `whole`: also what is missing from its
// rows, which matters once they are looked at.
const char *loss_of(const struct sights *sights, const struct rule_pattern *pattern, bool whole,
                    struct arena *arena);

#endif
