// SPDX-License-Identifier: Apache-2.0
//
// Matching `profile:` patterns over the rows profile_type and profile_stack of one profile.
//
//     if (match_profile(pattern, component, type, steps)) {
//         for each stack of that type:
//             if (match_profile_stack(pattern, functions, steps, &flat)) { cum += number; if (flat) … }
//     }
#ifndef INQUEST_RULE_MATCH_PROFILE_H
#define INQUEST_RULE_MATCH_PROFILE_H

#include "rule/rule.h"

// Whether the pattern looks at this sample type of this component's profile.
bool match_profile(const struct rule_pattern *pattern, struct text component, struct text type,
                   uint64_t steps);

// Whether one function has a name that `function:` matches; without `function:` every one has.
bool match_profile_function(const struct rule_pattern *pattern, struct text function, uint64_t steps);

// Whether any of a sample's functions (one a line, leaf first) does, so that the sample counts once
// for cum; *flat says whether the leaf does.
bool match_profile_stack(const struct rule_pattern *pattern, struct text functions, uint64_t steps,
                         bool *flat);

#endif
