// SPDX-License-Identifier: Apache-2.0
//
// Takes what names a place or a person out of evidence that is to be shown elsewhere, and what looks like a
// credential: the same made-up word for the same name (names.h), *** for a credential (mask.h).
//
// Two passes over the same lines. The first, scrub_learn, finds the names: by their form (form.h), by what
// stands before them (known.list: `hostname=`, `/home/`), and from whoever knows them (scrubber_learn). The
// second, scrub_line, replaces them. With only the second, names without a form that it was not told stay.
#ifndef INQUEST_PRIVACY_SCRUB_H
#define INQUEST_PRIVACY_SCRUB_H

#include "privacy/names.h"
#include "util/error.h"

struct scrubber;

// A name takes up to 600 bytes with its word.
enum { SCRUB_NAMES_MOST = 200000 };
struct scrubber *scrubber_open(uint64_t most_names);
void scrubber_close(struct scrubber **scrubber); // fits CLEANUP()
struct names *scrubber_names(struct scrubber *scrubber);

// ---- the first pass --------------------------------------------------------------------------
// A name of that kind: a host's short or full name, `namespace/pod`, `registry:5000/team/image:tag` …
void scrubber_learn(struct scrubber *scrubber, enum name_kind kind, struct text name);
void scrub_learn(struct scrubber *scrubber, struct text line);
void scrub_restart(struct scrubber *scrubber);   // the next line begins another text
void scrubber_settle(struct scrubber *scrubber); // after the last

// ---- the second pass -------------------------------------------------------------------------
// Appends the line without names; credentials are mask.h's.
void scrub_line(struct scrubber *scrubber, struct text line, struct buffer *out);
// The same for texts of several lines, credentials too.
void scrub(struct scrubber *scrubber, struct text text, struct buffer *out);

// What of a form stands in a scrubbed line and is no made-up word: its kind, or NAME_KINDS for nothing.
enum name_kind scrub_unknown(struct scrubber *scrubber, struct text line, struct text *where);

// From now on the word, standing alone (no letter, digit or _ beside it), becomes `made_up`. Words of less
// than two bytes are left alone.
void scrubber_know(struct scrubber *scrubber, struct text word, const char *made_up);

// Length of a made-up name at the start of `rest`, 0 where none stands there: what a pattern should not
// take literally.
size_t scrubbed_at(const struct scrubber *scrubber, struct text rest);

#endif
