// SPDX-License-Identifier: Apache-2.0
#include "rule/filter.h"

#include "evidence/log_unit.h"

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
        return pattern_hits(item->regex, name, steps);
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

// Both names in the form that log rows have them in (evidence/log_unit.h).
static bool unit_item_passes(const struct filter_item *item, struct text unit, uint64_t steps)
{
    if (item_passes(item, unit, steps))
        return true;
    return !item->regex && !item->glob && text_equal(log_unit_of(item->name), log_unit_of(unit));
}

bool filter_passes_unit(const struct filter *filter, struct text unit, uint64_t steps)
{
    if (filter->count == 0 || !unit.ptr || unit.len == 0)
        return true;
    for (size_t i = 0; i < filter->count; i++)
        if (unit_item_passes(&filter->items[i], unit, steps))
            return true;
    return false;
}
