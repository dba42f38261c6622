// SPDX-License-Identifier: Apache-2.0
//
// Values of a profile as engineers know them from `go tool pprof`: "77.19MB", "1.52s", "12.30%". The
// arithmetic and the rounding are google/pprof's internal/measurement.
#ifndef INQUEST_REPORT_PROFILE_UNITS_H
#define INQUEST_REPORT_PROFILE_UNITS_H

#include "util/buffer.h"

// Converts between units of memory, time and GCUs; anything else passes unchanged. `to` may be "minimum" or
// "auto": the largest unit that leaves at least 1. Gives the unit's short name, empty for counts.
double unit_scale(int64_t value, struct text from, struct text to, struct text *unit);

// Appends the value with its unit, at most two decimals. A unit of the profile's own is escaped as by
// show_line.
void unit_label(struct buffer *out, int64_t value, struct text from, struct text to);

// Appends value/total as "12.30%", seven columns wide or less, without a sign.
void unit_percentage(struct buffer *out, int64_t value, int64_t total);

#endif
