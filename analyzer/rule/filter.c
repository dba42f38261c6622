// SPDX-License-Identifier: Apache-2.0
#include "rule/filter.h"

#include <string.h>

// The kernel keeps 15 bytes of a name (TASK_COMM_LEN 16 with its NUL).
enum { COMM_BYTES = 15 };

// `*` any run, `?` one byte. Backtracks to the last `*` only, which is enough without classes.
static bool wildcard_matches(struct text glob, struct text name)
{
    size_t g = 0, n = 0, star = SIZE_MAX, resume = 0;
    while (n < name.len) {
        if (g < glob.len && glob.ptr[g] == '*') {
            star = g++;
            resume = n;
        } else if (g < glob.len && (glob.ptr[g] == '?' || glob.ptr[g] == name.ptr[n])) {
            g++;
            n++;
        } else if (star != SIZE_MAX) {
            g = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.len && glob.ptr[g] == '*')
        g++;
    return g == glob.len;
}

static bool item_passes(const struct filter_item *item, struct text name, uint64_t steps)
{
    if (item->regex)
        return pattern_match(item->regex, name, steps) == PATTERN_HIT;
    return item->glob ? wildcard_matches(item->name, name) : text_equal(item->name, name);
}

bool filter_passes(const struct filter *filter, struct text name, uint64_t steps)
{
    for (size_t i = 0; i < filter->count; i++)
        if (name.ptr && item_passes(&filter->items[i], name, steps))
            return true;
    return filter->count == 0;
}

bool filter_passes_comm(const struct filter *filter, struct text comm, uint64_t steps)
{
    if (filter_passes(filter, comm, steps))
        return true;
    for (size_t i = 0; i < filter->count; i++) {
        const struct filter_item *item = &filter->items[i];
        if (!item->regex && !item->glob && item->name.len > COMM_BYTES &&
            text_equal(text_slice(item->name, 0, COMM_BYTES), comm))
            return true;
    }
    return false;
}

static const struct {
    const char *unit, *written;
} aliases[] = {
#define ALIAS(unit, written) {unit, written},
#include "rule/unit.list"
#undef ALIAS
};

static struct text without_suffix(struct text unit)
{
    enum { SUFFIX = sizeof ".service" - 1 };
    return text_ends(unit, ".service") ? text_slice(unit, 0, unit.len - SUFFIX) : unit;
}

static bool unit_item_passes(const struct filter_item *item, struct text unit, uint64_t steps)
{
    if (item_passes(item, unit, steps))
        return true;
    if (item->regex || item->glob)
        return false;
    struct text wanted = without_suffix(item->name);
    if (text_equal(wanted, unit))
        return true;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (text_is(wanted, aliases[i].unit) && text_is(unit, aliases[i].written))
            return true;
    return false;
}

bool filter_passes_unit(const struct filter *filter, struct text unit, uint64_t steps)
{
    if (filter->count == 0 || !unit.ptr || unit.len == 0)
        return true;
    unit = without_suffix(unit);
    for (size_t i = 0; i < filter->count; i++)
        if (unit_item_passes(&filter->items[i], unit, steps))
            return true;
    return false;
}
