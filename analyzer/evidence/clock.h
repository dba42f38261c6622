// SPDX-License-Identifier: Apache-2.0
//
// Which clock a time is on. Rows keep the member's own clock; what is only known at the end (year,
// zone, boot time: the manifest comes last) is settled after the last member (store/settle.h).
//
// What a log knows of its own clock it says in fact rows of line 0 at its end, with the member as source.
// A member's own facts outrank the node's:
//
//   zone_offset_s      seconds east of UTC of the stamps without a zone: from stamps that name their
//                      offset, from records with both an outer local and an inner zoned stamp, from
//                      the banner. Any member's is a good guess for the members of its node that have none
//   yearless_last_ns   the latest CLOCK_YEARLESS time of the member (its last year is the one that the
//                      manifest's collected_at ends)
//   yearless_year      the year that 1972 stands for in this member, where its records name one
//   log_boot           where the member shows more than one boot: `boot` of the rows of the newest
//                      one, "" where those have none. Rows with another `boot` are of earlier boots
//
// `boot` of log and event rows is the boot's id (32 hexadecimal digits) where the log names it, else "#2",
// "#3" … counted from the member's start, NULL before the first mark. Marks are `-- Reboot --`,
// `-- Boot <id> --`, a new _BOOT_ID, and printk's clock falling back to zero.
#ifndef INQUEST_EVIDENCE_CLOCK_H
#define INQUEST_EVIDENCE_CLOCK_H

#include <stdint.h>

enum clock {
    CLOCK_NONE,     // no time at all
    CLOCK_UTC,      // nanoseconds since 1970 UTC: nothing to settle
    CLOCK_LOCAL,    // date and time without a zone, counted as if it were UTC
    CLOCK_YEARLESS, // the same without a year, counted as if in 1972. A New Year inside the member counts
                    // four years on (1976, 1980 …; four back in a reversed log), so that every
                    // year is a leap year and 29 February has a place
    CLOCK_BOOT,     // nanoseconds since boot (dmesg)
};

#endif
