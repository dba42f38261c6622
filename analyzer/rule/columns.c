// SPDX-License-Identifier: Apache-2.0
#include "rule/rule.h"

#include <strings.h>

enum {
    IN_THREAD = 1 << MATCH_STACK | 1 << MATCH_WCHAN,
    IN_LOG = 1 << MATCH_LOG,
    IN_PROFILE = 1 << MATCH_PROFILE,
    IN_FILE = 1 << MATCH_FILE,
    IN_NAMESPACE = 1 << MATCH_NAMESPACE,
    IN_ALL = (1 << MATCH_KINDS) - 1,
};

static const struct {
    unsigned kinds;
    const char *name, *meaning;
    bool replace;
} fixed[] = {
#define COLUMN(kinds, name, replace, meaning) {kinds, #name, meaning, replace},
#include "rule/columns.list"
#undef COLUMN
};
enum { FIXED = sizeof fixed / sizeof *fixed };

static int group_named(const struct rule_pattern *pattern, const char *name)
{
    size_t count = pattern->regex ? pattern_group_count(pattern->regex) : 0;
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(pattern_group_name(pattern->regex, i), name) == 0)
            return (int)i;
    return -1;
}

static bool is_fixed(const struct rule_pattern *pattern, const char *name)
{
    for (size_t i = 0; i < FIXED; i++)
        if (fixed[i].kinds & 1u << pattern->kind && strcasecmp(fixed[i].name, name) == 0)
            return true;
    return false;
}

bool match_column(const struct rule_pattern *pattern, size_t index, struct match_column *column)
{
    for (size_t i = 0; i < FIXED; i++)
        if (fixed[i].kinds & 1u << pattern->kind && index-- == 0) {
            *column =
                (struct match_column){fixed[i].name, fixed[i].meaning, group_named(pattern, fixed[i].name)};
            return true;
        }
    size_t groups = pattern->regex ? pattern_group_count(pattern->regex) : 0;
    for (size_t i = 0; i < groups; i++) {
        const char *name = pattern_group_name(pattern->regex, i);
        if (!is_fixed(pattern, name) && index-- == 0) {
            *column = (struct match_column){name, NULL, (int)i};
            return true;
        }
    }
    return false;
}

bool match_column_reserved(const struct rule_pattern *pattern, const char *name)
{
    for (size_t i = 0; i < FIXED; i++)
        if (fixed[i].kinds & 1u << pattern->kind && strcasecmp(fixed[i].name, name) == 0)
            return !fixed[i].replace;
    return false;
}
