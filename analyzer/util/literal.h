// SPDX-License-Identifier: Apache-2.0
//
// The text that whatever matches a regular expression must hold: what a log line is looked through
// for before the expression itself runs.
#ifndef INQUEST_UTIL_LITERAL_H
#define INQUEST_UTIL_LITERAL_H

#include "util/arena.h"

// The longest literal (the first of equals) that stands in every subject the PCRE2 pattern matches,
// byte-wise and case-sensitive; absent where there is none or a construct is not known for certain.
// `source` must have compiled. The text lives in the arena.
//
// Known: plain and escaped characters, `.`, classes (one of one character is a literal), anchors,
// quantifiers, groups (plain, named, atomic, lookaround), the inline flags s m J U n.
// Not known, and then absent: top-level alternation, (?i) (?x), back references, recursion,
// conditions, verbs, callouts, \Q…\E, \K, numbered escapes.
struct text literal_of(struct text source, struct arena *arena);

#endif
