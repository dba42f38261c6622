// SPDX-License-Identifier: Apache-2.0
//
// One gzip member after another (RFC 1952), bytes in and bytes out, by ISA-L where it was there when this was
// built (inflate_isal.c), else by zlib (inflate_zlib.c). ISA-L takes 0.27 s for what zlib takes 0.62 s; of a
// damaged stream both give the same good bytes, but for the last one where it was cut.
#ifndef INQUEST_BUNDLE_INFLATE_H
#define INQUEST_BUNDLE_INFLATE_H

#include "util/text.h"

enum inflated {
    INFLATED_MORE,      // more input or more room is needed
    INFLATED_MEMBER,    // a member ended
    INFLATED_WRONG_SUM, // likewise, but its checksum or length is wrong
    INFLATED_NO_HEADER, // what begins here is no member
    INFLATED_DAMAGED,
};

struct inflater;

struct inflater *inflater_open(void);
void inflater_close(struct inflater *inflater);
// Before each member but the first.
void inflater_reset(struct inflater *inflater);
// Takes from *in and writes to *out, which has *room bytes: all move on by what was used.
enum inflated inflater_run(struct inflater *inflater, struct text *in, unsigned char **out, size_t *room);

#endif
