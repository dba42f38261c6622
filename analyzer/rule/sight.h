// SPDX-License-Identifier: Apache-2.0
//
// Which rows each pattern has, once the store is finished: by distinct stack, wait channel, link and profile.
#ifndef INQUEST_RULE_SIGHT_H
#define INQUEST_RULE_SIGHT_H

#include "bundle/limits.h"
#include "rule/match_text.h"
#include "rule/rule.h"
#include "store/db.h"

struct sights;

struct sights *sights_open(const struct rulebook *book, struct db *db, struct text_matcher *hits,
                           const struct limits *limits, struct error *err);
void sights_close(struct sights **sights);

// Whether the pattern has any row at all. Cheap: no rows are made.
bool sights_any(const struct sights *sights, const struct rule_pattern *pattern);

// About how many rows the pattern may have, before states and names are asked. As cheap.
uint64_t sights_weight(const struct sights *sights, const struct rule_pattern *pattern);

// Fills the temporary table of that name, whose columns are those of match_column(). `added` counts.
// At most limits.pattern_rows rows, the first and the last half by tid or place.
bool sights_fill(struct sights *sights, const struct rule_pattern *pattern, uint64_t *added,
                 struct error *err);

// CREATE TEMP TABLE for the pattern, and DROP. The name is quoted.
bool sights_create(struct db *db, const struct rule_pattern *pattern, struct error *err);
bool sights_drop(struct db *db, const struct rule_pattern *pattern, struct error *err);

#endif
