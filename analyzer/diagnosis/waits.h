// SPDX-License-Identifier: Apache-2.0
//
// The wait graph: edges from waiting threads to what holds them up.
#ifndef INQUEST_DIAGNOSIS_WAITS_H
#define INQUEST_DIAGNOSIS_WAITS_H

#include "diagnosis/diagnosis.h"

struct edge_list ARRAY_BODY(struct wait_edge);

enum { WAIT_CANDIDATES_MAX = 8 };

// Adds the rows of a wait rule: waiter, holder or what, on, certainty, evidence, holder_evidence.
void waits_add(struct edge_list *edges, const struct rule_result *result);

// Sorts, drops repeats (the proved one stays) and the guesses about a thread of which something is proved,
// counts the candidates of each wait, drops waits with more than eight and says so in *crowded (their
// number).
void waits_settle(struct edge_list *edges, size_t *crowded);

// Marks every thread that waits, directly or not, for one of `tids`: calls `reach` once for each, not for
// those of `tids` themselves.
void waits_behind(const struct wait_edge *edges, size_t count, const int64_t *tids, size_t tid_count,
                  void (*reach)(void *context, int64_t tid), void *context);

#endif
