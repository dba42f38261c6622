// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean …?" for a key, option or column that nobody knows.
#ifndef INQUEST_UTIL_SUGGEST_H
#define INQUEST_UTIL_SUGGEST_H

#include "util/text.h"

// The candidate nearest to `word` by edits (insert, delete, replace, swap of neighbours; case counts
// nothing), the first of equals; NULL when even that one is far: more than a third of the longer
// word, at least one edit. `candidates` ends with NULL. Words over 64 bytes have no suggestion.
const char *suggest(struct text word, const char *const *candidates);

#endif
