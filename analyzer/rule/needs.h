// SPDX-License-Identifier: Apache-2.0
//
// What a rule that did not fire lacked. A rule is undecided when evidence of the kind a required pattern
// looks at is missing or unreadable, or a view its query reads has no row; else it did not fire.
#ifndef INQUEST_RULE_NEEDS_H
#define INQUEST_RULE_NEEDS_H

#include "bundle/limits.h"
#include "rule/relations.h"
#include "rule/rule.h"
#include "store/db.h"

struct needs;

// Looks once at what the bundle holds. Keeps db, relations and limits.
struct needs *needs_open(struct db *db, struct relations *relations, const struct limits *limits,
                         struct error *err);
void needs_close(struct needs **needs);

// What the pattern's kind lacks ("proc/*/stack of 3 tasks in D: permission denied; collect as root"), or
// NULL.
const char *needs_of_pattern(struct needs *needs, const struct rule_pattern *pattern, struct arena *arena);

// What the rule's query reads that has no row, or NULL. Looks at the words behind FROM and JOIN: preparing
// every rule's query only to learn its tables costs more than the analysis.
const char *needs_of_query(struct needs *needs, const struct rule *rule, struct arena *arena);

#endif
