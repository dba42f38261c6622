// SPDX-License-Identifier: Apache-2.0
//
// Times on a member's own clock (evidence/clock.h) become nanoseconds since 1970 UTC. Pure arithmetic.
//
// Who settles gathers for each member what its node and the member itself say, ROW_NULL where unknown:
// the member's own facts first, then the node's.
#ifndef INQUEST_STORE_SETTLE_H
#define INQUEST_STORE_SETTLE_H

#include "evidence/clock.h"
#include "evidence/rows.h"

struct settlement {
    int64_t collected_at_ns;  // UTC, of the manifest; else the latest CLOCK_UTC time of the node
    int64_t boot_time_ns;     // UTC: btime of proc/stat, or collected_at minus uptime
    int64_t zone_offset_s;    // facts zone_offset_s; unknown counts as UTC
    int64_t yearless_last_ns; // fact of the member
    int64_t yearless_year;    // fact of the member
};

static const struct settlement settlement_null
    __attribute__((unused)) = {ROW_NULL, ROW_NULL, ROW_NULL, ROW_NULL, ROW_NULL};

// The time in UTC; ROW_NULL where what it takes is unknown (boot time, the year) or it leaves 64 bits.
//
// A stamp without a year gets the year in which the member's last one falls at or before collected_at
// plus one day (clocks and zones differ by less); 29 February only fits a leap year. Without collected_at it
// takes yearless_year. Monotone in `raw` for one clock and settlement.
int64_t settle_time(const struct settlement *settlement, enum clock clock, int64_t raw);

// The same for a row that says its boot: a CLOCK_BOOT time of an earlier boot has no known
// start, so it is ROW_NULL. `newest` is the fact log_boot, absent where the member shows one boot.
int64_t settle_booted_time(const struct settlement *settlement, enum clock clock, int64_t raw,
                           struct text boot, struct text newest);

// Whether a row of this boot is of an earlier boot than the newest of its member. An absent `newest` says no.
bool settle_is_earlier_boot(struct text boot, struct text newest);

#endif
