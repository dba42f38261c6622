// SPDX-License-Identifier: Apache-2.0
//
// Matching `log:` and `file:` patterns while the bundle streams in: a sink that stands before the
// store's and hands everything on. The same matcher runs over a stored log (feed it the rows).
//
// A log regex is tried only on messages that hold a literal it requires; all literals are looked
// for together (literals.h). Without the prefilter every regex meets every message and the result is
// the same. A file regex is tried on the lines of the members that its glob names.
//
// A pattern keeps at most limits.pattern_rows rows, all patterns together limits.match_rows, and the
// exact count. Kept are the first and the last of each member, as evenly over the members as it goes,
// so what is kept does not depend on the order of members (hits.h).
//
// A regex that gives up on a message (limits.pattern_steps) misses there; one that gave up
// limits.pattern_giveups times is out: it has no rows then, and its rule deserves a warning.
#ifndef INQUEST_RULE_MATCH_TEXT_H
#define INQUEST_RULE_MATCH_TEXT_H

#include "bundle/limits.h"
#include "evidence/sink.h"
#include "rule/rule.h"

// One matched log record or line.
struct hit {
    struct text source; // the member, as evidence names it
    int64_t line;
    struct text path; // file: the member's path
    // log: as the row had them; time is on the member's own clock
    int64_t time, clock, pid;
    struct text unit, host, boot;
    struct text *groups; // by pattern_group(); absent where one took no part; cut at limits.group_bytes
};

struct hits {
    const struct hit *hits; // kept, by source and line
    size_t kept;
    uint64_t count;   // matched, exactly
    uint64_t gave_up; // messages on which the regex ran out of steps
    bool out;         // too often: the pattern has no rows
};

struct text_matcher;

// Keeps pointers to book, limits and next. next may be NULL (nothing is handed on).
struct text_matcher *text_matcher_open(const struct rulebook *book, const struct limits *limits,
                                       bool prefilter, struct sink *next);
// Where the evidence goes: rows, lines, listed.
struct sink *text_matcher_sink(struct text_matcher *matcher);
bool text_matcher_prefilters(const struct text_matcher *matcher);
// After the last member: what the pattern found. Valid until close.
struct hits text_matcher_hits(struct text_matcher *matcher, const struct rule_pattern *pattern);
void text_matcher_close(struct text_matcher *matcher);

#endif
