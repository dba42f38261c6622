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
#include "util/buffer.h"

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
    uint64_t count;      // matched, exactly
    uint64_t gave_up;    // messages on which the regex ran out of steps
    bool out;            // too often: the pattern has no rows
    uint64_t cut_groups; // rows with a text that limits.group_bytes cut
};

struct text_matcher;

// Keeps pointers to book, limits and next. next may be NULL (nothing is handed on).
struct text_matcher *text_matcher_open(const struct rulebook *book, const struct limits *limits,
                                       bool prefilter, struct sink *next);
// Where the evidence goes: rows, lines, listed.
struct sink *text_matcher_sink(struct text_matcher *matcher);
bool text_matcher_prefilters(const struct text_matcher *matcher);

// What patterns require can be looked for in whole blocks ahead, in a thread of its own: text_scan_block (a
// bundle_look, of one thread) notes it, text_matcher_known says it to the matcher before rows and lines are
// made of the block. It holds until the next call, for what lies in the block; with absent notes nothing is
// known. The matcher must outlive its scan.
struct text_scan;
struct text_scan *text_scan_open(const struct text_matcher *matcher);
void text_scan_close(struct text_scan *scan); // harmless for NULL
bool text_scan_block(void *scan, struct text block, struct buffer *notes);
void text_matcher_known(struct text_matcher *matcher, struct text block, struct text notes);

// After the last member: what the pattern found. Valid until close.
struct hits text_matcher_hits(struct text_matcher *matcher, const struct rule_pattern *pattern);
void text_matcher_close(struct text_matcher *matcher);

#endif
