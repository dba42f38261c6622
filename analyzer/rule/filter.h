// SPDX-License-Identifier: Apache-2.0
//
// Filters over names (comm, unit, component, kind, wchan): one word or a list of them, each a name, a
// glob with `*` and `?` (`runc*`; `[` is itself: `runc:[2:INIT]` is a name) or a `/regex/`. Any of them
// passes.
#ifndef INQUEST_RULE_FILTER_H
#define INQUEST_RULE_FILTER_H

#include "util/pattern.h"
#include "util/text.h"

struct filter_item {
    struct text name; // a name or glob; absent for a regex
    bool glob;
    struct pattern *regex;
};

struct filter {
    struct filter_item *items; // none: everything passes
    size_t count;
};

// `steps` bounds a regex (limits.pattern_steps); a regex that gives up does not pass.
bool filter_passes(const struct filter *filter, struct text name, uint64_t steps);

// The same for a comm, which the kernel cuts to 15 bytes: a longer name is compared by its first 15.
bool filter_passes_comm(const struct filter *filter, struct text comm, uint64_t steps);

// The same for a log's unit, in whatever spelling the rule has it (dockerd, docker.service: docker, see
// evidence/log_unit.h). An unknown unit passes: a pasted line has none.
bool filter_passes_unit(const struct filter *filter, struct text unit, uint64_t steps);

#endif
