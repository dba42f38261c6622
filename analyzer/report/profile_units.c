// SPDX-License-Identifier: Apache-2.0
#include "report/profile_units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/show.h"

struct unit {
    const char *name;
    const char *aliases; // words, lower case, without a plural s
    double factor;
};

static const struct unit memory[] = {
    {"B", "b byte", 1},
    {"kB", "kb kbyte kilobyte", 1024.0},
    {"MB", "mb mbyte megabyte", 1048576.0},
    {"GB", "gb gbyte gigabyte", 1073741824.0},
    {"TB", "tb tbyte terabyte", 1099511627776.0},
    {"PB", "pb pbyte petabyte", 1125899906842624.0},
    {NULL, NULL, 0},
};
static const struct unit times[] = {
    {"ns", "ns nanosecond", 1},    {"us", "\u03bcs us microsecond", 1e3},
    {"ms", "ms millisecond", 1e6}, {"s", "s sec second", 1e9},
    {"hrs", "hour hr", 3600e9},    {NULL, NULL, 0},
};
static const struct unit compute[] = {
    {"n*GCU", "nanogcu", 1e-9},  {"u*GCU", "microgcu", 1e-6},
    {"m*GCU", "milligcu", 1e-3}, {"GCU", "gcu", 1},
    {"k*GCU", "kilogcu", 1e3},   {"M*GCU", "megagcu", 1e6},
    {"G*GCU", "gigagcu", 1e9},   {"T*GCU", "teragcu", 1e12},
    {"P*GCU", "petagcu", 1e15},  {NULL, NULL, 0},
};

static const struct dimension {
    const struct unit *units;
    const char *name; // what a value too small for any unit is given in
    double factor;
} dimensions[] = {{memory, "B", 1}, {times, "s", 1e9}, {compute, "GCU", 1}};

static bool has_alias(const struct unit *unit, struct text word)
{
    struct text rest = text_of(unit->aliases), alias;
    while (text_word(&rest, &alias))
        if (text_equal(alias, word))
            return true;
    return false;
}

static const struct unit *find_unit(const struct dimension *dimension, struct text name)
{
    char lower[32];
    if (name.len == 0 || name.len >= sizeof lower)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = byte_lower(name.ptr[i]);
    struct text word = {lower, name.len};
    if (word.len > 2 && lower[word.len - 1] == 's')
        word.len--;
    for (const struct unit *unit = dimension->units; unit->name; unit++)
        if (has_alias(unit, word))
            return unit;
    return NULL;
}

static double auto_scale(const struct dimension *dimension, double value, struct text *unit)
{
    const struct unit *best = NULL;
    for (const struct unit *each = dimension->units; each->name; each++)
        if ((!best || each->factor >= best->factor) && value / each->factor >= 1.0)
            best = each;
    *unit = text_of(best ? best->name : dimension->name);
    return value / (best ? best->factor : dimension->factor);
}

static bool is_auto(struct text to)
{
    return text_is(to, "minimum") || text_is(to, "auto");
}

double unit_scale(int64_t value, struct text from, struct text to, struct text *unit)
{
    if (value < 0 && value != INT64_MIN)
        return -unit_scale(-value, from, to, unit);
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++) {
        const struct unit *source = find_unit(&dimensions[i], from);
        if (!source)
            continue;
        double base = (double)value * source->factor;
        if (is_auto(to))
            return auto_scale(&dimensions[i], base, unit);
        const struct unit *target = find_unit(&dimensions[i], to);
        *unit = text_of(target ? target->name : dimensions[i].name);
        return base / (target ? target->factor : dimensions[i].factor);
    }
    bool plain = is_auto(to) || text_is(to, "count") || text_is(to, "sample") || text_is(to, "unit");
    *unit = plain ? TEXT("") : to;
    return (double)value;
}

void unit_label(struct buffer *out, int64_t value, struct text from, struct text to)
{
    struct text unit;
    char digits[400];
    int length = snprintf(digits, sizeof digits, "%.2f", unit_scale(value, from, to, &unit));
    struct text number = {digits, (size_t)length};
    if (text_ends(number, ".00"))
        number.len -= 3;
    if (text_is(number, "0") || text_is(number, "-0")) {
        buffer_putc(out, '0');
        return;
    }
    buffer_add(out, number);
    show_line(out, unit); // one that is none of ours is the profile's own word
}

void unit_percentage(struct buffer *out, int64_t value, int64_t total)
{
    double ratio = total == 0 ? 0 : fabs((double)value / (double)total) * 100;
    if (ratio >= 99.95 && ratio <= 100.05)
        buffer_puts(out, "  100%");
    else if (ratio >= 1.0)
        buffer_printf(out, "%5.2f%%", ratio);
    else
        buffer_printf(out, "%5.2g%%", ratio);
}
