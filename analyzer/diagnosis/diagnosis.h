// SPDX-License-Identifier: Apache-2.0
//
// What happened: findings in order, who waits for whom, what nobody knows, and what could not be decided.
//
// Made from a finished store and a rulebook; everything lives in the diagnosis' arena. The same rows
// give the same diagnosis, whatever their order of arrival.
#ifndef INQUEST_DIAGNOSIS_DIAGNOSIS_H
#define INQUEST_DIAGNOSIS_DIAGNOSIS_H

#include "bundle/limits.h"
#include "rule/run.h"
#include "store/store.h"
#include "util/arena.h"
#include "util/array.h"

// A place in the bundle that a reader can check by hand.
struct evidence_line {
    struct text source;   // member; of a profile its path
    int64_t line;         // 0 for the member as a whole
    struct text text;     // what stands there; absent where it was not kept
    struct text function; // of a profile; absent else
};

struct subject {
    const char *kind; // pid tid container pod pidns netns device mount superblock component unit node
    struct text value;
};

struct finding {
    const struct rule *rule;
    const struct rule_result *result;
    size_t *rows; // of the result, in order
    size_t row_count;
    const char *summary;
    const char *said; // what must be said of its evidence ("an earlier boot"), or NULL
    enum severity severity;
    enum confidence confidence;
    int score;                           // 0 to 100, see rank.h
    int64_t first_seen_ns, last_seen_ns; // ROW_NULL unknown
    int ongoing;                         // 1, 0; -1 unknown
    bool seen_now;                       // evidence of how it was when collected
    bool seen_from_go;                   // of a goroutine whose thread is known, see same_wait.h
    struct subject *subjects;
    size_t subject_count;
    struct evidence_line *evidence;
    size_t evidence_count, evidence_more; // more: places that were left out
    int64_t *tids;                        // threads it is about, sorted
    size_t tid_count;
    uint64_t blocks;                 // threads that wait for them, directly or not, each once
    size_t *explains, *explained_by; // places in diagnosis->findings
    size_t explain_count, explained_count;
};

struct wait_edge {
    int64_t waiter, holder; // tids; holder ROW_NULL where `what` is set
    struct text waiter_comm, holder_comm;
    struct text what, on; // what absent where the holder is a thread
    bool proved;
    size_t one_of; // candidates for this wait
    struct text rule, evidence, holder_evidence;
};

struct unexplained {
    struct text signature, place;
    uint64_t tasks;
    int64_t example_tid;
    struct text example_comm;
    struct text frames;    // normal form, one a line
    const char *goroutine; // that is the same wait, in a sentence; NULL: none known
};

struct undecided {
    const struct rule *rule;
    const char *needs;
};

struct warning_line {
    struct text source, problem;
    int64_t line;
    uint64_t count;
};

struct counts {
    uint64_t tasks, threads, stacks, blocked, passing, log_lines, profiles, rules, rules_hit;
};

struct diagnosis {
    struct arena arena;
    struct finding *findings; // in rank order
    size_t finding_count;
    struct wait_edge *waits;
    size_t wait_count;
    struct unexplained *unexplained;
    size_t unexplained_count;
    struct undecided *undecided;
    size_t undecided_count;
    struct warning_line *warnings;
    size_t warning_count;
    struct counts counts;
    const struct rule_result *results;     // by rule number: what each rule came to
    struct text hostname, kernel, os;      // absent unknown
    int64_t collected_at_ns, boot_time_ns; // ROW_NULL unknown
    const char **units;                    // of the logs that the bundle holds, NULL-ended
    const char **lacks; // what the bundle does not hold though a collector brings it, NULL-ended
};

// Runs the rules and fills a zeroed diagnosis; saves it in the store's tables too (wait, finding …).
// hits may be NULL. Release it either way.
bool diagnosis_make(struct diagnosis *diagnosis, const struct rulebook *book, struct store *store,
                    struct text_matcher *hits, const struct limits *limits, struct error *err);
void diagnosis_release(struct diagnosis *diagnosis); // fits CLEANUP()

#endif
