// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_digits.h"

// ---- ISO 8601 --------------------------------------------------------------------------------

enum { ISO_MINUTE = sizeof "2023-09-08T17:20" - 1 };

static bool iso_minute(struct text rest, struct log_minute *minute)
{
    const char *at = rest.ptr;
    if (rest.len <= ISO_MINUTE || (at[4] != '-' && at[4] != '/') || at[7] != at[4] ||
        (at[10] != 'T' && at[10] != ' ') || at[13] != ':')
        return false;
    int century = two(at), year = two(at + 2);
    int64_t time;
    // the years that 64 bits of nanoseconds hold
    if (century < 19 || century > 21 || year < 0 ||
        !minute_of(century * 100 + year, two(at + 5), two(at + 8), two(at + 11), two(at + 14), &time))
        return false;
    minute_keep(minute, text_slice(rest, 0, ISO_MINUTE), time, CLOCK_LOCAL);
    return true;
}

// `Z`, `+0200`, `+02:00`, ` +0200`, `+02` with nothing that goes on behind it. *zone_s stays where there is
// none.
static void take_zone(struct text *rest, bool *zulu, int64_t *zone_s)
{
    struct text at = *rest;
    *zulu = at.len && at.ptr[0] == 'Z';
    if (*zulu) {
        skip(rest, 1);
        return;
    }
    if (at.len > 1 && at.ptr[0] == ' ')
        skip(&at, 1);
    if (at.len < 3 || (at.ptr[0] != '+' && at.ptr[0] != '-'))
        return;
    int sign = at.ptr[0] == '-' ? -1 : 1, hours = two(at.ptr + 1), minutes = 0;
    skip(&at, 3);
    struct text behind = at;
    if (behind.len && behind.ptr[0] == ':')
        skip(&behind, 1);
    if (behind.len >= 2 && (minutes = two(behind.ptr)) >= 0) {
        at = behind;
        skip(&at, 2);
    }
    if (hours < 0 || hours > 15 || minutes > 59 || (at.len && (byte_is_digit(at.ptr[0]) || at.ptr[0] == ':')))
        return;
    *zone_s = sign * (hours * 3600 + (minutes < 0 ? 0 : minutes) * 60);
    *rest = at;
}

static inline bool iso_minute_known(const struct log_minute *minute, struct text rest)
{
    return minute->length == ISO_MINUTE && rest.len > ISO_MINUTE && load8(rest.ptr) == load8(minute->bytes) &&
           load8(rest.ptr + 8) == load8(minute->bytes + 8);
}

bool stamp_iso_local(struct text *rest, struct log_minute *minute, struct log_stamp *stamp)
{
    if (!iso_minute_known(minute, *rest) && !iso_minute(*rest, minute))
        return false;
    struct text at = text_from(*rest, ISO_MINUTE);
    if (!take_second(&at, minute->time, &stamp->time))
        return false;
    stamp->clock = CLOCK_LOCAL;
    stamp->zone_s = ROW_NULL;
    *rest = at;
    return true;
}

void stamp_zone(struct text *rest, struct log_stamp *stamp)
{
    bool zulu;
    take_zone(rest, &zulu, &stamp->zone_s);
    if (zulu || stamp->zone_s != ROW_NULL)
        stamp->clock = CLOCK_UTC;
    if (stamp->zone_s != ROW_NULL)
        stamp->time -= stamp->zone_s * NS_PER_S;
}

bool stamp_iso(struct text *rest, struct log_minute *minute, struct log_stamp *stamp)
{
    if (!stamp_iso_local(rest, minute, stamp))
        return false;
    stamp_zone(rest, stamp);
    return true;
}

// ---- seconds -----------------------------------------------------------------------------------

#define LAST_SECOND UINT64_C(7258118400) // 2200-01-01: 64 bits of nanoseconds end in 2262

static bool take_seconds(struct text *rest, size_t least, size_t most, int64_t *time)
{
    struct text at = *rest;
    uint64_t seconds;
    if (!text_take_u64(&at, &seconds))
        return false;
    size_t digits = rest->len - at.len;
    if (digits < least || digits > most || seconds > LAST_SECOND || at.len < 2 || at.ptr[0] != '.' ||
        !byte_is_digit(at.ptr[1]))
        return false;
    *time = (int64_t)seconds * NS_PER_S + take_fraction(&at);
    *rest = at;
    return true;
}

bool stamp_epoch(struct text *rest, struct log_stamp *stamp)
{
    stamp->clock = CLOCK_UTC;
    stamp->zone_s = ROW_NULL;
    struct text at = *rest;
    if (!take_seconds(&at, 9, 10, &stamp->time))
        return false;
    *rest = at;
    return true;
}

bool stamp_boot(struct text *rest, struct log_stamp *stamp)
{
    stamp->clock = CLOCK_BOOT;
    stamp->zone_s = ROW_NULL;
    struct text at = *rest;
    while (at.len && at.ptr[0] == ' ')
        skip(&at, 1);
    if (!take_seconds(&at, 1, 9, &stamp->time))
        return false;
    *rest = at;
    return true;
}

// ---- zones -------------------------------------------------------------------------------------

bool zone_offset(struct text name, int64_t *zone_s)
{
    static const struct {
        const char *name;
        int64_t zone_s;
    } zones[] = {
#define ZONE(name, zone_s) {name, zone_s},
#include "evidence/zones.list"
#undef ZONE
    };
    bool zulu;
    *zone_s = ROW_NULL;
    struct text rest = name;
    take_zone(&rest, &zulu, zone_s);
    if (zulu && !rest.len)
        *zone_s = 0;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (text_is(name, zones[i].name))
            *zone_s = zones[i].zone_s;
    return *zone_s != ROW_NULL;
}
