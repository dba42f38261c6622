// SPDX-License-Identifier: Apache-2.0
//
// What lint knows of the world, from files built in: the words for causes (rules/causes.txt) and the
// stacks of idle threads (rules/idle.txt).
#ifndef INQUEST_RULE_VOCABULARY_H
#define INQUEST_RULE_VOCABULARY_H

#include "util/text.h"

// Every word for a cause, one call after the other; start with {0}. False behind the last.
struct cause_words {
    struct text rest;
    bool open;
    struct text word, meaning;
};
bool cause_next(struct cause_words *causes);

// Every idle thread likewise. label: what kind of rest (idle-epoll); frames: one a line, as kernel/stack.h
// takes them.
struct idle_threads {
    struct text rest;
    bool open;
    struct text label, state, comm, frames;
};
bool idle_next(struct idle_threads *idle);

#endif
