// SPDX-License-Identifier: Apache-2.0
//
// Which of many extended regular expressions a line may match, told by the words that each needs: nearly all
// lines hold none of them, and then no expression runs.
#ifndef INQUEST_PRIVACY_TRIGGER_H
#define INQUEST_PRIVACY_TRIGGER_H

#include "util/array.h"
#include "util/text.h"

struct trigger_word {
    char text[24]; // in lower case
    size_t length;
    uint64_t expressions; // bits of those that need it, or another of theirs
};

struct trigger {
    struct trigger_word_list ARRAY_BODY(struct trigger_word) words;
    uint64_t always;    // bits of expressions of which no word is known
    uint8_t seen[8192]; // bits: hashes of the words' first three bytes
};

enum { TRIGGER_EXPRESSIONS = 64 };

// Adds an expression as its bit. From `source`, one of a set of words of three letters and more is derived
// that every match holds; where none can be it is always to be tried.
void trigger_add(struct trigger *trigger, unsigned expression, struct text source);
// The bits of the expressions that may match.
uint64_t trigger_find(const struct trigger *trigger, struct text line);
void trigger_release(struct trigger *trigger);

#endif
