// SPDX-License-Identifier: Apache-2.0
//
// Many fixed texts searched for in one pass: what keeps hundreds of regexes off the lines that cannot
// match.
//
// Each text gives a few grams, four of its bytes that follow one another, and of every so many places of the
// subject the four bytes there are looked up among them: of a text of seven bytes, four grams stand one byte
// apart, so one of them lies at a place that is a multiple of four. What is looked up does not depend on what
// was found before, so the processor overlaps it. Which of its bytes a text gives is chosen by how rare they
// are: in logs at large first, then in the subjects that came by, where too many places look like a text and
// are none. That changes how long it takes and nothing else. Long and short texts are searched apart, for the
// shortest sets the pace.
#ifndef INQUEST_RULE_LITERALS_H
#define INQUEST_RULE_LITERALS_H

#include "util/text.h"

struct literals;

// Finds each of `texts` (at least two bytes long; equal ones count as one). Copies nothing: the texts must
// outlive it.
struct literals *literals_open(const struct text *texts, size_t count);

// Numbers of the texts that stand in `subject`, each once, in no order that means anything; valid
// until the next call. Gives their count. Time is linear in the subject unless it repeats what most texts
// hold; no worse than its length times the texts'.
size_t literals_find(struct literals *literals, struct text subject, const uint32_t **numbers);

// Every place where one of the texts stands whole, by its first byte: of one text, several. Fills `places`
// and gives their count, or most + 1 where there are more than `most`.
struct literal_place {
    uint32_t at, number;
};
size_t literals_places(struct literals *literals, struct text subject, struct literal_place *places,
                       size_t most);

void literals_close(struct literals *literals);

#endif
