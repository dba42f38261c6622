// SPDX-License-Identifier: Apache-2.0
//
// Many fixed texts searched for in one pass: what keeps hundreds of regexes off the lines that cannot
// match. Wu and Manber's method (S. Wu, U. Manber, "A fast algorithm for multi-pattern searching", TR 94-17):
// a table says for the last two bytes of a window how far no text can end, so most bytes are
// never looked at. Long and short texts are searched apart, for the shortest one sets the pace.
#ifndef INQUEST_RULE_LITERALS_H
#define INQUEST_RULE_LITERALS_H

#include "util/text.h"

struct literals;

// Finds each of `texts` (at least two bytes long; equal ones count as one). Copies nothing: the texts must
// outlive it.
struct literals *literals_open(const struct text *texts, size_t count);

// Numbers of the texts that stand in `subject`, each once, in no order that means anything; valid
// until the next call. Gives their count. Time is linear in the subject unless it repeats what most texts
// begin with; no worse than its length times the texts'.
size_t literals_find(struct literals *literals, struct text subject, const uint32_t **numbers);

void literals_close(struct literals *literals);

#endif
