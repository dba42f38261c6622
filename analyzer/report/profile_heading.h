// SPDX-License-Identifier: Apache-2.0
//
// What the listings of a profile share: the lines above the table and its columns.
#ifndef INQUEST_REPORT_PROFILE_HEADING_H
#define INQUEST_REPORT_PROFILE_HEADING_H

#include "report/profile_report.h"

// The unit all values of the listing are shown in.
struct text heading_unit(const struct graph *graph, size_t type);
// File, build id, comments, type, time, duration, filters, and what share is shown.
void heading_write(struct buffer *out, const struct profile_report *report, const struct graph *graph,
                   struct text unit);
// A value right-aligned in `width` columns.
void heading_value(struct buffer *out, int width, int64_t value, struct text from, struct text to);
// Takes the blanks at `start` out.
void heading_unpad(struct buffer *out, size_t start);

#endif
