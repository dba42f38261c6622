// SPDX-License-Identifier: Apache-2.0
//
// A goroutine in a system call and the kernel stack of its thread are one wait seen from two sides (view
// goroutine_thread). Whatever rule found one side, the finding names the other too: in its summary, its
// evidence and its subjects.
#ifndef INQUEST_DIAGNOSIS_SAME_WAIT_H
#define INQUEST_DIAGNOSIS_SAME_WAIT_H

#include "diagnosis/finding.h"

// Joins findings to the other side of their waits; before findings_link, which then sees that what was found
// in the kernel explains what was found in Go. Goroutines of which more threads fit than there are goroutines
// are left alone, and threads that several calls may sit in are called probable.
bool same_waits_join(struct finding_list *findings, const struct finding_context *context, struct error *err);

// The same for what no rule knows: fills `goroutine` of each group of which a thread is such a wait.
bool same_waits_name(struct unexplained *groups, size_t count, const struct finding_context *context,
                     struct error *err);

#endif
