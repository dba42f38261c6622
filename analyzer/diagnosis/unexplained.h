// SPDX-License-Identifier: Apache-2.0
//
// What is blocked and no rule knows: threads in D without a finding, grouped by the signature of their
// stack, the most first. Threads that had moved on in the second sample are passing and not listed.
#ifndef INQUEST_DIAGNOSIS_UNEXPLAINED_H
#define INQUEST_DIAGNOSIS_UNEXPLAINED_H

#include "diagnosis/diagnosis.h"

// Fills diagnosis->unexplained from the findings' tids.
bool unexplained_collect(struct diagnosis *diagnosis, struct db *db, struct error *err);

#endif
