// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a place that a rule's query named ("member:line"): of what kind of evidence it is, when
// it was seen, and what it says.
#ifndef INQUEST_DIAGNOSIS_WITNESS_H
#define INQUEST_DIAGNOSIS_WITNESS_H

#include "diagnosis/diagnosis.h"

enum seen {
    SEEN_STACK = 1,      // of a thread as collected
    SEEN_TWICE = 2,      // the same in both samples
    SEEN_REPORT = 4,     // a stack in a kernel log
    SEEN_LOG = 8,        // a log record
    SEEN_PROFILE = 16,   // a profile
    SEEN_NAMESPACE = 32, // a namespace listing
    SEEN_OTHER = 64,     // any other file: numbers, objects
};

struct witness {
    struct text source;
    int64_t line;
    unsigned kind;   // enum seen
    int64_t time_ns; // of a record, report or profile; ROW_NULL for what is as collected
    int64_t tid;     // of a stack; ROW_NULL
    bool moved_on;   // a thread that no longer stands there
    bool running;    // its state is R: the stack may be garbage
    bool gone;       // a report whose task is gone or over it, or whose pid was reused
    bool there;      // a report whose task was there when collected
    bool earlier_boot;
    struct text text; // the line; absent where it was not kept
};

// "member:line": its source (not copied) and line. False for a text that is no place.
bool witness_split(struct text evidence, struct witness *witness);

// Looks places up in a store that is finished: keeps what every look needs. Keeps the pointer.
struct witnesses;
struct witnesses *witnesses_open(struct store *store, struct error *err);
void witnesses_close(struct witnesses **witnesses);

// "member:line" → its place. False for a text that is no place.
bool witness_look(struct witnesses *witnesses, struct text evidence, struct arena *arena,
                  struct witness *witness);

#endif
