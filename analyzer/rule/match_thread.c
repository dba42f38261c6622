// SPDX-License-Identifier: Apache-2.0
//
// What patterns ask of one thread, link or profile.
#include "rule/match_profile.h"
#include "rule/match_stack.h"

bool match_thread(const struct rule_pattern *pattern, struct text state, struct text comm, uint64_t steps)
{
    if (pattern->state.len && (state.len != 1 || text_find_byte(pattern->state, state.ptr[0]) < 0))
        return false;
    return filter_passes_comm(&pattern->comm, comm, steps);
}

bool match_wchan(const struct rule_pattern *pattern, struct text wchan, uint64_t steps)
{
    struct arena arena = {0};
    bool passes = filter_passes(&pattern->wchan, wchan, steps) ||
                  (wchan.len && filter_passes(&pattern->wchan, frame_function(wchan, &arena), steps));
    arena_release(&arena);
    return passes;
}

bool match_ns_link(const struct rule_pattern *pattern, struct text kind, bool blank, uint64_t steps)
{
    if (pattern->blank != BLANK_ANY && (pattern->blank == BLANK_YES) != blank)
        return false;
    return filter_passes(&pattern->ns_kind, kind, steps);
}

bool match_profile(const struct rule_pattern *pattern, struct text component, struct text type,
                   uint64_t steps)
{
    return text_equal(pattern->sample_type, type) && filter_passes(&pattern->component, component, steps);
}

bool match_profile_function(const struct rule_pattern *pattern, struct text function, uint64_t steps)
{
    for (size_t i = 0; i < pattern->function_count; i++)
        if (pattern_hits(pattern->functions[i], function, steps))
            return true;
    return pattern->function_count == 0;
}

bool match_profile_stack(const struct rule_pattern *pattern, struct text functions, uint64_t steps,
                         bool *flat)
{
    struct lines lines = {.rest = functions};
    struct text function;
    bool any = false;
    *flat = false;
    while (lines_next(&lines, &function) && !any) {
        any = match_profile_function(pattern, function, steps);
        *flat = any && lines.number == 1;
    }
    return any;
}
