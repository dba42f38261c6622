// SPDX-License-Identifier: Apache-2.0
//
// UTF-16 to UTF-8, piece by piece: what PowerShell's `>` writes of a log.
#ifndef INQUEST_UTIL_UTF16_H
#define INQUEST_UTIL_UTF16_H

#include "util/buffer.h"

struct utf16 {
    enum { UTF16_NONE, UTF16_LE, UTF16_BE } order;
    struct buffer odd, decoded; // half of a unit
};

// Whether a text is UTF-16 is said by the mark it begins with. Anything else is given back as it is.
void utf16_begin(struct utf16 *utf16, struct text head);
// The piece as UTF-8, the mark with it; valid until the next call. An odd byte at its end waits for the next
// piece. A half of a surrogate pair comes out as three bytes of its own.
struct text utf16_piece(struct utf16 *utf16, struct text piece);
void utf16_release(struct utf16 *utf16);

#endif
