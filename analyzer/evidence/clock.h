// SPDX-License-Identifier: Apache-2.0
//
// Which clock a time is on. Rows keep the member's own clock; what is only known at the end (year,
// zone, boot time: the manifest comes last) is settled after the last member (store/settle.h).
#ifndef INQUEST_EVIDENCE_CLOCK_H
#define INQUEST_EVIDENCE_CLOCK_H

#include <stdint.h>

enum clock {
    CLOCK_NONE,     // no time at all
    CLOCK_UTC,      // nanoseconds since 1970 UTC: nothing to settle
    CLOCK_LOCAL,    // date and time without a zone, counted as if it were UTC
    CLOCK_YEARLESS, // the same without a year, counted as if in 1972 (a leap year); a step back over
                    // New Year inside a member counts on into 1973 …
    CLOCK_BOOT,     // nanoseconds since boot (dmesg)
};

#endif
