// SPDX-License-Identifier: Apache-2.0
//
// The second look at a redacted bundle, which standard input gives.
#ifndef INQUEST_COMMAND_REDACT_CHECK_H
#define INQUEST_COMMAND_REDACT_CHECK_H

#include "bundle/limits.h"
#include "privacy/scrub.h"

// Appends a line for each place that still looks private, at most 100 of them, and how many there are.
// *suspects counts all. The scrubber is the one that redacted.
bool redact_check(struct scrubber *scrubber, const struct limits *limits, uint64_t *suspects,
                  struct buffer *out, struct error *err);

#endif
