// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, whole or streamed. The only file that knows nettle is digest.c.
#ifndef INQUEST_UTIL_DIGEST_H
#define INQUEST_UTIL_DIGEST_H

#include "util/text.h"

enum { DIGEST_HEX = 65 }; // 64 hexadecimal digits and a NUL

struct digest;

// A running digest: open, add piece after piece, close. close writes the hexadecimal digest
// (lower case), frees the digest and clears the pointer; hex may be NULL to throw it away.
struct digest *digest_open(void);
void digest_add(struct digest *digest, struct text piece);
void digest_close(struct digest **digest, char *hex);

// Of one text.
void digest_of(struct text whole, char hex[static DIGEST_HEX]);

#endif
