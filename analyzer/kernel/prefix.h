// SPDX-License-Identifier: Apache-2.0
//
// What people's tools put before a kernel stack frame.
#ifndef INQUEST_KERNEL_PREFIX_H
#define INQUEST_KERNEL_PREFIX_H

#include "util/arena.h"
#include "util/text.h"

// How sure a line is to hold a frame.
enum prefix_address {
    ADDRESS_NONE,  // none in brackets
    ADDRESS_EMPTY, // `[]`, the copy of a page that hid what stood in it
    ADDRESS_GIVEN, // `[<0>]`, `[<ffffffffa0072807>]`, `[c00000000001b5d0]`
};

// Gives what follows the prefixes of a line: log times and hosts, priorities, mail quotes, line and
// frame numbers, list marks, shell comments, a path or name in front, and the frame's address.
// `&lt;` and its like are taken back to what they stand for (in the arena); no-break spaces are blanks.
struct text prefix_skip(struct text line, struct arena *arena, enum prefix_address *address);

#endif
