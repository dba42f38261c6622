// SPDX-License-Identifier: Apache-2.0
//
// Queries that cannot give a row because something that they join is empty: they need not be prepared, which
// costs more than all else of a rule that finds nothing.
//
//     SELECT … FROM a JOIN b LEFT JOIN c WHERE EXISTS (SELECT 1 FROM d)    barren when a, b or d is empty
//     SELECT … FROM a UNION SELECT … FROM b                                barren when a and b are
//     SELECT count(*) FROM a                                               never: it gives its one row
//
// Expressions of WITH and sub-SELECTs in FROM are followed. What it does not know for certain counts as
// fertile: a wrong answer would lose a finding.
#ifndef INQUEST_RULE_BARREN_H
#define INQUEST_RULE_BARREN_H

#include <stdbool.h>

#include "util/text.h"

// Says whether a relation that the query does not define itself has no row. `qualified`: it is written
// `main.name`.
typedef bool relation_empty(void *context, struct text name, bool qualified);

bool query_is_barren(struct text sql, relation_empty *empty, void *context);

// Whether it is barren, or every relation that it reads anywhere is empty (and there is one): then it may
// give a row even so (`count(*)`), but no evidence.
bool query_gives_nothing(struct text sql, relation_empty *empty, void *context);

#endif
