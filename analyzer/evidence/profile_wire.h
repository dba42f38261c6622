// SPDX-License-Identifier: Apache-2.0
//
// The protobuf wire format, checked: nothing is read beyond `end`, no length is trusted, no recursion.
// https://protobuf.dev/programming-guides/encoding/
#ifndef INQUEST_EVIDENCE_PROFILE_WIRE_H
#define INQUEST_EVIDENCE_PROFILE_WIRE_H

#include "util/text.h"

struct wire {
    const unsigned char *at, *end;
};

enum wire_result {
    WIRE_OK,
    WIRE_SHORT, // the bytes end first: more may come
    WIRE_BAD,   // a varint of more than ten bytes, a reserved wire type
};

enum wire_type { WIRE_VARINT, WIRE_FIXED64, WIRE_BYTES, WIRE_GROUP, WIRE_GROUP_END, WIRE_FIXED32 };

struct wire_field {
    uint64_t number;
    enum wire_type type;
    uint64_t value;   // of a varint or fixed number; of WIRE_BYTES the length
    struct wire body; // of WIRE_BYTES
};

static inline struct wire wire_of(struct text text)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    return (struct wire){at, at + text.len};
}

static inline enum wire_result wire_varint(struct wire *wire, uint64_t *value)
{
    if (wire->at < wire->end && *wire->at < 128) {
        *value = *wire->at++;
        return WIRE_OK;
    }
    uint64_t sum = 0;
    const unsigned char *at = wire->at;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (at == wire->end)
            return WIRE_SHORT;
        sum |= (uint64_t)(*at & 127) << shift;
        if (*at++ < 128) {
            wire->at = at;
            *value = sum;
            return WIRE_OK;
        }
    }
    return WIRE_BAD;
}

static inline enum wire_result wire_skip(struct wire *wire, uint64_t bytes)
{
    if (bytes > (uint64_t)(wire->end - wire->at))
        return WIRE_SHORT;
    wire->at += bytes;
    return WIRE_OK;
}

// The next field; groups come as their bare start and end. On SHORT the wire stands where it stood, but
// the field's number, type and (for WIRE_BYTES, once its length is there) value are filled in.
enum wire_result wire_next(struct wire *wire, struct wire_field *field);

#endif
