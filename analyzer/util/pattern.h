// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions: PCRE2 over bytes, bounded. The only file that knows pcre2.h is pattern.c.
#ifndef INQUEST_UTIL_PATTERN_H
#define INQUEST_UTIL_PATTERN_H

#include "util/arena.h"
#include "util/error.h"

struct pattern;

enum pattern_result { PATTERN_MISS, PATTERN_HIT, PATTERN_BUDGET };

enum { PATTERN_SUBJECT_BYTES = 65536 }; // of a subject that are looked at

// Bounds of every search in the process, besides its steps. Set once, before the first match.
struct pattern_bounds {
    uint64_t steps;   // of a search that is given 0
    uint64_t depth;   // nested backtracks. JIT has a stack of 32 KiB instead; where that ends the interpreter
                      // goes on, which counts them
    uint64_t giveups; // of pattern_hits()
};
void pattern_bound(const struct pattern_bounds *bounds);

// Compiles (?J) byte-wise (no UTF mode). On failure the message is PCRE2's and *offset the byte of
// the pattern it points at. The source must outlive the pattern.
struct pattern *pattern_compile(struct text source, size_t *offset, struct error *err);
// The same of a source that is known to compile, which it does at its first use: a pack of rules has
// hundreds, and most bundles need a few. The process ends where it does not compile.
struct pattern *pattern_defer(struct text source);
struct text pattern_source(const struct pattern *pattern); // as it was given
void pattern_release(struct pattern **pattern);            // fits CLEANUP()
// When patterns are compiled to machine code, which takes as long as a hundred short subjects: for all
// patterns, before their first match. Results do not depend on it but for pairs near the budget.
enum pattern_jit { PATTERN_JIT_LATER, PATTERN_JIT_ALWAYS, PATTERN_JIT_NEVER };
void pattern_use_jit(
    enum pattern_jit use); // LATER, once a pattern met a few subjects, where it is not called

// Searches `subject`, at most the first PATTERN_SUBJECT_BYTES of it, in windows of start offsets so that
// the step budget holds for hostile pairs (PCRE2 restarts its count at each start offset). `steps` is the
// match limit of one attempt (at least four a byte of the subject); all attempts that need more than a
// few hundred steps may take 32 times that together. PATTERN_BUDGET: gave up. No clock is read, so the result
// is the same on any machine; with and without JIT it is the same but for pairs near the budget, as the two
// count steps differently.
enum pattern_result pattern_match(struct pattern *pattern, struct text subject, uint64_t steps);

// The same for one of very many names or frames: once the pattern gave up on as many as its bound says it
// misses without looking, so that a bad one cannot cost its budget on each. pattern_giveups() counts those.
bool pattern_hits(struct pattern *pattern, struct text subject, uint64_t steps);
uint64_t pattern_giveups(const struct pattern *pattern);
void pattern_forget_giveups(struct pattern *pattern);

// Of the last hit: the whole match, and the named groups in the order of their names.
struct text pattern_matched(const struct pattern *pattern);
size_t pattern_group_count(const struct pattern *pattern); // distinct names
const char *pattern_group_name(const struct pattern *pattern, size_t index);
struct text pattern_group(const struct pattern *pattern, size_t index);       // absent when it took no part
struct text pattern_numbered(const struct pattern *pattern, unsigned number); // of any group, from 1

// A text that every subject with a match contains, the longest found (case-sensitive), or absent when
// the extractor (literal.h) meets a construct it does not know. Lives as long as the pattern.
struct text pattern_literal(struct pattern *pattern);

// Whether the pattern can match the empty string.
bool pattern_matches_empty(const struct pattern *pattern);

// Of PCRE2.
const char *pattern_library_version(void);

#endif
