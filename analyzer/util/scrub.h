// SPDX-License-Identifier: Apache-2.0
//
// Takes what names a place out of evidence that is to be shown elsewhere: addresses, ids and host names
// become made-up ones, the same for the same, so that what belonged together still does.
//
// Found by their form: IPv4, IPv6 and MAC addresses, UUIDs, hexadecimal ids of 12 digits and more, host names
// of three labels and more. Names without a form (a node's short name, a pod) the caller tells beforehand.
// Made-up addresses are those that RFC 5737 and 3849 set apart for documents.
#ifndef INQUEST_UTIL_SCRUB_H
#define INQUEST_UTIL_SCRUB_H

#include "util/buffer.h"
#include "util/error.h"

struct scrubber;

struct scrubber *scrubber_open(void);
void scrubber_close(struct scrubber **scrubber); // fits CLEANUP()

// From now on the word, standing alone (no letter, digit or _ beside it), becomes `made_up`. Words of less
// than two bytes are left alone.
void scrubber_know(struct scrubber *scrubber, struct text word, const char *made_up);

// Appends the text without them. Valid for one line or many.
void scrub(struct scrubber *scrubber, struct text text, struct buffer *out);

// Length of a made-up name at the start of `rest`, 0 where none stands there: what a pattern should not
// take literally.
size_t scrubbed_at(const struct scrubber *scrubber, struct text rest);

#endif
