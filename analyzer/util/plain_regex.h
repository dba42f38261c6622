// SPDX-License-Identifier: Apache-2.0
//
// Which regular expressions compile for certain, seen without compiling them: a thousand rules are checked as
// they are loaded, and of most a run needs none.
#ifndef INQUEST_UTIL_PLAIN_REGEX_H
#define INQUEST_UTIL_PLAIN_REGEX_H

#include <stdbool.h>

#include "util/text.h"

enum { PLAIN_NAMES_MAX = 16 };

struct plain_regex {
    struct text names[PLAIN_NAMES_MAX]; // of its named groups, as they come; they point into the source
    size_t name_count;
};

// Whether pattern_compile() takes `source` for certain. Known: characters, `.`, anchors, classes,
// alternatives, groups (plain, `(?:`, named), quantifiers, and escapes of one letter; of all that only what
// stays far from PCRE2's limits. False says nothing. Fills *plain where it is true.
bool plain_regex(struct text source, struct plain_regex *plain);

#endif
