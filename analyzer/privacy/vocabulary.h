// SPDX-License-Identifier: Apache-2.0
//
// Words that name nobody: what the built-in rules look for (their patterns and queries, causes.txt, idle.txt)
// and known.list. A pod called `ceph` must not turn every `ceph` of a kernel log into another word.
#ifndef INQUEST_PRIVACY_VOCABULARY_H
#define INQUEST_PRIVACY_VOCABULARY_H

#include "util/text.h"

struct vocabulary;

struct vocabulary *vocabulary_open(void);
void vocabulary_close(struct vocabulary **vocabulary); // fits CLEANUP()

// Whether the lower-case name is such a word, or several with dashes, dots or underscores between. One with a
// digit is only where known.list has it as a whole.
bool vocabulary_has(const struct vocabulary *vocabulary, struct text name);
// Only known.list, which also holds for names whose place tells that they are one (`/home/root`).
bool vocabulary_is_common(const struct vocabulary *vocabulary, struct text name);

// A public domain of known.list, or below one.
bool domain_is_public(struct text domain);

#endif
