// SPDX-License-Identifier: Apache-2.0
//
// A line of evidence read back from the plain tables `log` and `file`.
#ifndef INQUEST_STORE_PLAIN_LINE_H
#define INQUEST_STORE_PLAIN_LINE_H

#include "store/db.h"
#include "util/arena.h"
#include "util/text.h"

// The message of a log's line, or the line of a text member; *text is put into the arena. False where neither
// is kept.
bool plain_line(struct db *db, struct text member, int64_t line, struct arena *arena, struct text *text);

#endif
