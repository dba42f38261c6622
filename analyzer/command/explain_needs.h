// SPDX-License-Identifier: Apache-2.0
//
// What else to collect, so that what was pasted can be decided: whether a wait lasts, who holds it, and what
// those rules lack that have to do with the ones that fired.
#ifndef INQUEST_COMMAND_EXPLAIN_NEEDS_H
#define INQUEST_COMMAND_EXPLAIN_NEEDS_H

#include "diagnosis/diagnosis.h"
#include "store/db.h"

// Appends the list under its heading; nothing where nothing is lacking.
bool explain_needs(const struct diagnosis *diagnosis, struct db *db, struct buffer *out, struct error *err);

#endif
