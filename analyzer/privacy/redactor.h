// SPDX-License-Identifier: Apache-2.0
//
// Takes what is private out of the members of a bundle. Two passes over the same members in the same order:
//
//     redactor = redactor_open(&limits);
//     for each member: redactor_begin(redactor, &member, NULL) … redactor_piece … redactor_end
//     redactor_settle(redactor);
//     for each member: redactor_begin(redactor, &member, &as) … redactor_piece … redactor_end
//
// Text streams, line by line; profiles are held whole (REDACTOR_PROFILE_BYTES); what is binary and no
// profile.proto cannot be looked into and is left out.
#ifndef INQUEST_PRIVACY_REDACTOR_H
#define INQUEST_PRIVACY_REDACTOR_H

#include "bundle/limits.h"
#include "bundle/member.h"
#include "privacy/scrub.h"
#include "util/error.h"

enum { REDACTOR_PROFILE_BYTES = 40 * 1024 * 1024 };

enum redactor_fate {
    REDACTOR_TAKES,
    REDACTOR_LEAVES_OUT, // binary: nothing comes
};

struct redactor;
struct redactor *redactor_open(const struct limits *limits);
void redactor_close(struct redactor **redactor); // fits CLEANUP()
struct scrubber *redactor_scrubber(struct redactor *redactor);

void redactor_settle(struct redactor *redactor); // between the passes
// Whether the first met evidence of any known kind, and no manifest of a format that is to come.
bool redactor_accepts(const struct redactor *redactor, struct error *err);

// Begins a member. In the second pass its path, and the target of a link, without what is private are in
// *path and *target until the next call.
enum redactor_fate redactor_begin(struct redactor *redactor, const struct member *member, struct text *path,
                                  struct text *target);
// How the content of the member begins when it is given out: its head, or that as UTF-8 where it becomes so.
// Valid until the next member.
struct text redactor_head(struct redactor *redactor, const struct member *member);
// Appends to *out what can be said by now of the member (second pass; NULL in the first).
void redactor_piece(struct redactor *redactor, struct text piece, struct buffer *out);
// The rest. False where the member could not be redacted to its end (a damaged profile, one that is too
// large): then *why says so.
bool redactor_end(struct redactor *redactor, struct buffer *out, const char **why);

// Any other text with names of the bundle in it: a warning, a path. Second pass.
void redactor_text(struct redactor *redactor, struct text text, struct buffer *out);

#endif
