// SPDX-License-Identifier: Apache-2.0
//
// Cause and symptom, and the order of the report.
//
// A explains B when A's rule says so of B's cause and they share a subject, or when A's threads hold up B's
// in the wait graph (and not the other way round), or when A saw in the kernel what B saw in Go
// (same_wait.h).
//
// Score, 0 to 100 = (severity + held + brought) × confidence
//   severity    critical 70, high 55, medium 40, low 25, info 10
//   held        threads it holds up: 4 for the first, 2 for each doubling, at most 15
//   brought     findings it explains: 5 each, at most 15
//   confidence  high 1, medium 0.85, low 0.5; of what is over: half of that again
//
// Order: by score, but what explains stands above what it explains when its confidence is at least
// medium, and directly below it (a possible cause) when it is low.
#ifndef INQUEST_DIAGNOSIS_RANK_H
#define INQUEST_DIAGNOSIS_RANK_H

#include "diagnosis/finding.h"

// Fills explains, explained_by and blocks of each finding.
void findings_link(struct finding_list *findings, const struct wait_edge *edges, size_t edge_count,
                   const struct finding_context *context);

// Fills the scores, sorts the findings and renumbers their links.
void findings_rank(struct finding_list *findings, struct arena *arena);

#endif
