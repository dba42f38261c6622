// SPDX-License-Identifier: Apache-2.0
//
// What text patterns found, bounded: exact counts, and of the rows the first and the last.
//
// A pattern keeps at most `rows` of them. Which ones does not depend on the order of the members: a row's
// rank is how far it stands from the nearer end of its member's rows, and the lowest ranks stay (then
// by source and line). So every row stays while there are no more than that, and of a single member its
// first and last half do. Above `all_rows` over all patterns the bound is halved until they fit, which
// depends on the counts alone.
#ifndef INQUEST_RULE_HITS_H
#define INQUEST_RULE_HITS_H

#include "rule/match_text.h"

struct hit_keeper;

struct hit_keeper *hit_keeper_open(size_t patterns, uint64_t rows, uint64_t all_rows, uint64_t group_bytes);
// One row; rows of a pattern come in the order of their member's lines. Everything is copied, the texts
// of groups cut at group_bytes.
void hit_keeper_add(struct hit_keeper *keeper, uint32_t pattern, const struct hit *hit, size_t groups);
// The member ended: ranks are known now.
void hit_keeper_end_member(struct hit_keeper *keeper);
// Forgets a pattern's rows and its count.
void hit_keeper_forget(struct hit_keeper *keeper, uint32_t pattern);
// After the last member. The rows by source and line; valid until close. Fills hits, kept and count.
struct hits hit_keeper_hits(struct hit_keeper *keeper, uint32_t pattern);
void hit_keeper_close(struct hit_keeper *keeper);

#endif
