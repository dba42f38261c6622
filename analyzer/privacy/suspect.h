// SPDX-License-Identifier: Apache-2.0
//
// The second look: what in a redacted text still looks private. It does not trust the first: it looks for
// credentials, for forms that are no made-up words, for long random words, and for the names themselves
// inside other words, where they are not replaced.
#ifndef INQUEST_PRIVACY_SUSPECT_H
#define INQUEST_PRIVACY_SUSPECT_H

#include "privacy/scrub.h"

struct suspecter;

// `scrubber` has made the words, and outlives this.
struct suspecter *suspecter_open(struct scrubber *scrubber);
void suspecter_close(struct suspecter **suspecter); // fits CLEANUP()

// What the line holds: "a credential", "an address" …; NULL for nothing. *where is the place, or absent for
// the line as a whole.
const char *suspect_line(struct suspecter *suspecter, struct text line, struct text *where);

// A profile (profile.proto): its strings, of which only credentials and names count, since functions have
// paths that look like hosts.
const char *suspect_profile(struct suspecter *suspecter, struct text profile, struct text *where);

#endif
