// SPDX-License-Identifier: Apache-2.0
//
// A log pattern out of what one record says: its words stay, numbers and names are left open.
#ifndef INQUEST_COMMAND_DRAFT_REGEX_H
#define INQUEST_COMMAND_DRAFT_REGEX_H

#include "privacy/scrub.h"
#include "util/buffer.h"

// Appends a PCRE2 expression that matches `text`, and what the scrubber's made-up names in it stood for.
void draft_regex(const struct scrubber *scrubber, struct text text, struct buffer *out);

// Appends the text without what the expression leaves open, its words parted by single blanks: what can name
// a rule.
void draft_words(const struct scrubber *scrubber, struct text text, struct buffer *out);

#endif
