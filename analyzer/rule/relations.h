// SPDX-License-Identifier: Apache-2.0
//
// Which tables and views of a store have no row, as far as that is cheap to know.
#ifndef INQUEST_RULE_RELATIONS_H
#define INQUEST_RULE_RELATIONS_H

#include "store/db.h"

struct relations;

struct relations *relations_open(struct db *db, struct error *err);
void relations_close(struct relations **relations);

// A table without rows; a view that joins one (barren.h), or that is one plain SELECT and gives none. Each is
// looked at once. False for a name that is neither.
bool relations_empty(struct relations *relations, struct text name);

#endif
