// SPDX-License-Identifier: Apache-2.0
//
// A bound on memory that several holders share: each asks whether there is room before it keeps something
// new, and counts what it kept. The last thing kept may go over.
#ifndef INQUEST_UTIL_ROOM_H
#define INQUEST_UTIL_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct room {
    uint64_t held, most; // bytes
};

static inline struct room room_of_mb(uint64_t mb)
{
    return (struct room){0, mb > UINT64_MAX >> 20 ? UINT64_MAX : mb << 20};
}

static inline bool room_left(const struct room *room)
{
    return room->held < room->most;
}

static inline void room_hold(struct room *room, uint64_t bytes)
{
    room->held += bytes;
}

#endif
