// SPDX-License-Identifier: Apache-2.0
//
// Matching `stack:` patterns. A node has thousands of threads and a few dozen distinct stacks, so
// stacks are matched once each; what differs from thread to thread (state, comm) is asked afterwards.
//
//     for each distinct stack:
//         stack_canonical(frames, arena, &stack);
//         count = stack_matcher_run(matcher, &stack, &matches);
//         for each match, for each thread with that stack:
//             if (match_thread(match->pattern, state, comm, steps)) … a row
//
// What an item sees are the canonical frames (kernel/stack.h), top first. `top: true`: the first item's
// frame is the first of them; `above: true`: it is not. `>`: the next frame. `lock:`: the wait that was set
// apart at the top is of that kind, or the kernel hid it (no frame was set apart there, as in most of
// /proc/<pid>/stack); `lock: none`: no lock is seen. `not:` looks at the same frames.
//
// Cost: a pattern is tried only on stacks that hold one of its names, or a frame that one of its
// regexes matches; each distinct frame meets the regexes once.
#ifndef INQUEST_RULE_MATCH_STACK_H
#define INQUEST_RULE_MATCH_STACK_H

#include "bundle/limits.h"
#include "rule/rule.h"

struct stack_match {
    const struct rule_pattern *pattern;
    uint32_t depth;     // of the first item's frame among the canonical ones; 0: it is where the thread is
    uint32_t frame;     // the same frame's place among all frames of the stack
    struct text top;    // function where the thread is: the first canonical frame's
    struct text module; // of the first item's frame; "" for the kernel itself
    bool reliable;      // false: the kernel vouches for no frame of this stack
};

struct stack_matcher;

// Keeps pointers to the book and the limits.
struct stack_matcher *stack_matcher_open(const struct rulebook *book, const struct limits *limits);
// Every pattern that matches, in the book's order. *matches is valid until the next call and points
// into the stack.
size_t stack_matcher_run(struct stack_matcher *matcher, const struct stack *stack,
                         const struct stack_match **matches);
void stack_matcher_close(struct stack_matcher *matcher);

// One pattern on one stack, without the index: for `why` and tests. *match may be NULL.
bool stack_pattern_matches(const struct rule_pattern *pattern, const struct stack *stack, uint64_t steps,
                           struct stack_match *match);

// How far the items of a pattern got on a stack that it does not match: items matched before the
// first that found no place (for `rules test` and `why`: the nearest stack), and why it failed. *next is the
// canonical frame that the first item without a place was looked for from: the one below the last match.
enum stack_miss { STACK_HIT, STACK_ITEM, STACK_TOP, STACK_ABOVE, STACK_NOT, STACK_LOCK };
enum stack_miss stack_pattern_miss(const struct rule_pattern *pattern, const struct stack *stack,
                                   uint64_t steps, size_t *items_matched, size_t *next);

// `state:` and `comm:` of a stack or wchan pattern. state is one letter; absent texts pass only an absent
// key.
bool match_thread(const struct rule_pattern *pattern, struct text state, struct text comm, uint64_t steps);

// `wchan:` of a wchan pattern, over the symbol as /proc wrote it (compiler suffixes count nothing).
bool match_wchan(const struct rule_pattern *pattern, struct text wchan, uint64_t steps);

// `kind:` and `blank:` of a namespace pattern.
bool match_ns_link(const struct rule_pattern *pattern, struct text kind, bool blank, uint64_t steps);

#endif
