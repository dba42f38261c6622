// SPDX-License-Identifier: Apache-2.0
//
// Inside of sight.h: what patterns match (sight.c) on its way to tables of rows (sight_rows.c,
// sight_profile.c).
#ifndef INQUEST_RULE_SIGHTS_H
#define INQUEST_RULE_SIGHTS_H

#include "rule/sight.h"
#include "util/array.h"

// Reports of kernel logs that show where a task waits.
#define SIGHTED_REPORTS "'hung-task', 'sysrq'"

// One distinct thing that a pattern matches: a stack, a wait channel, a kind of link, a profile's type.
struct sight {
    int64_t stack; // stack.id
    uint32_t depth, frame;
    bool reliable, blank;
    uint64_t weight;               // rows that it may give
    struct text top, module, lock; // of a stack
    struct text word;              // wait channel; link kind; profile's member
    struct text type;              // profile's sample type
};
struct sight_list {
    struct sight *items;
    size_t count, capacity;
    bool cut; // the table that was made of it is without some rows: limits.pattern_rows
};

struct sights {
    const struct rulebook *book;
    struct db *db;
    struct text_matcher *hits;
    const struct limits *limits;
    struct arena arena;
    struct sight_list *lists; // by pattern number
};

// Whether a thread in that state, with that name, is one for a stack or wchan pattern. A state nobody wrote
// down passes any `state:`: a pasted stack has none, and it is not evidence against.
bool sights_thread_passes(const struct sights *sights, const struct rule_pattern *pattern, struct text state,
                          struct text comm);

// sights_fill() of a profile pattern; `insert` is the statement that adds a row.
bool sights_fill_profiles(struct sights *sights, const struct rule_pattern *pattern, struct statement *insert,
                          uint64_t *added, struct error *err);

#endif
