// SPDX-License-Identifier: Apache-2.0
//
// The database explains the report: the diagnosis becomes rows beside the evidence it came from.
#ifndef INQUEST_DIAGNOSIS_SAVE_H
#define INQUEST_DIAGNOSIS_SAVE_H

#include "diagnosis/diagnosis.h"

// Writes the table wait, which finding rules may read.
bool save_waits(const struct wait_edge *edges, size_t count, struct db *db, struct error *err);
// Writes finding and its companions, unexplained and undecided.
bool save_findings(const struct diagnosis *diagnosis, struct db *db, struct error *err);

#endif
