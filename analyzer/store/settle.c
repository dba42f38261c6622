// SPDX-License-Identifier: Apache-2.0
#include "store/settle.h"

#include "util/times.h"

#define DAY_NS (86400 * NS_PER_S)

static int64_t minus(int64_t a, int64_t b)
{
    int64_t difference;
    return __builtin_sub_overflow(a, b, &difference) ? ROW_NULL : difference;
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? ROW_NULL : sum;
}

static int64_t settle_local(const struct settlement *settlement, int64_t local)
{
    int64_t zone_s = settlement->zone_offset_s, zone_ns;
    if (zone_s == ROW_NULL)
        return local;
    return __builtin_mul_overflow(zone_s, NS_PER_S, &zone_ns) ? ROW_NULL : minus(local, zone_ns);
}

// The civil time in another year, in UTC. False for 29 February of a year that has none.
static bool in_year(const struct settlement *settlement, struct civil civil, int64_t year, int64_t *time_ns)
{
    int64_t local;
    civil.year = year;
    if (!time_of_civil(&civil, &local))
        return false;
    *time_ns = settle_local(settlement, local);
    return *time_ns != ROW_NULL;
}

// The year of the member's last stamp: the latest that does not lie behind the collection. Leap years
// are at most eight years apart (1896 to 1904, 2096 to 2104).
static bool last_year(const struct settlement *settlement, const struct civil *last, int64_t *year)
{
    if (settlement->yearless_year != ROW_NULL) {
        *year = settlement->yearless_year;
        bool sane = *year > 0 && *year < 10000;
        *year += sane ? (last->year - 1972) / 4 : 0;
        return sane;
    }
    int64_t end = plus(settlement->collected_at_ns, DAY_NS), time_ns;
    if (settlement->collected_at_ns == ROW_NULL || end == ROW_NULL)
        return false;
    struct civil civil;
    civil_of_time(end, &civil);
    for (int64_t back = -1; back <= 8; back++)
        if (in_year(settlement, *last, civil.year - back, &time_ns) && time_ns <= end) {
            *year = civil.year - back;
            return true;
        }
    return false;
}

static int64_t settle_yearless(const struct settlement *settlement, int64_t raw)
{
    struct civil civil, last;
    civil_of_time(raw, &civil);
    last = civil;
    if (settlement->yearless_last_ns != ROW_NULL)
        civil_of_time(settlement->yearless_last_ns, &last);
    int64_t year, time_ns;
    if (!last_year(settlement, &last, &year))
        return ROW_NULL;
    year -= (last.year - civil.year) / 4; // clock.h: four years on for each New Year
    return in_year(settlement, civil, year, &time_ns) ? time_ns : ROW_NULL;
}

int64_t settle_time(const struct settlement *settlement, enum clock clock, int64_t raw)
{
    if (raw == ROW_NULL)
        return ROW_NULL;
    switch (clock) {
    case CLOCK_UTC:
        return raw;
    case CLOCK_LOCAL:
        return settle_local(settlement, raw);
    case CLOCK_YEARLESS:
        return settle_yearless(settlement, raw);
    case CLOCK_BOOT:
        return settlement->boot_time_ns == ROW_NULL ? ROW_NULL : plus(settlement->boot_time_ns, raw);
    case CLOCK_NONE:
        break;
    }
    return ROW_NULL;
}

bool settle_is_earlier_boot(struct text boot, struct text newest)
{
    return newest.ptr && !text_equal(boot, newest);
}

int64_t settle_booted_time(const struct settlement *settlement, enum clock clock, int64_t raw,
                           struct text boot, struct text newest)
{
    if (clock == CLOCK_BOOT && settle_is_earlier_boot(boot, newest))
        return ROW_NULL;
    return settle_time(settlement, clock, raw);
}
