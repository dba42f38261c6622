// SPDX-License-Identifier: Apache-2.0
//
// Which texts a regular expression requires: every match contains at least one of them. More than
// util/literal.h, which knows one text that stands in every match: alternatives
// (`a is down|b is lost`, `^(deactivate_super|vfs_get_tree)`) give one text each.
#ifndef INQUEST_RULE_REQUIRE_H
#define INQUEST_RULE_REQUIRE_H

#include "util/arena.h"

enum {
    REQUIRE_MAX = 256,   // texts of one expression; more alternatives count as none
    REQUIRE_IN_LOGS = 4, // bytes: a shorter text stands in too many lines to be worth looking for
    REQUIRE_IN_FRAMES = 3,
};

// Fills texts[REQUIRE_MAX] and gives their number; 0 where there is none, one is shorter than
// `least` bytes, or the expression holds what is not known for certain. `source` must have compiled.
// Texts live in the arena.
size_t required_texts(struct text source, size_t least, struct arena *arena, struct text *texts);

// The same of a regex of the rulebook, each taken apart once. *texts lives as long as the book.
struct rulebook;
size_t rulebook_required(const struct rulebook *book, struct text source, size_t least,
                         const struct text **texts);
// Says what the source of that number requires; the texts must outlive the book.
void rulebook_requires(struct rulebook *book, uint32_t number, const struct text *texts, size_t count);
struct requirements;
void requirements_close(struct requirements **requirements);

#endif
