// SPDX-License-Identifier: Apache-2.0
//
// A profile (profile.proto, unpacked) without what is private: function names, numbers and the shape of
// stacks stay; labels that hold text, comments, the documentation's address and unknown fields go; paths of
// sources and binaries are scrubbed. Strings keep their numbers: what nobody refers to any more is empty.
#ifndef INQUEST_PRIVACY_STRIP_H
#define INQUEST_PRIVACY_STRIP_H

#include "privacy/scrub.h"

// First pass: learns from the paths. Second pass (`out` not NULL): appends the profile as far as its bytes
// are whole; false where they are not to the end.
bool strip_profile(struct scrubber *scrubber, struct text profile, struct buffer *out);

#endif
