// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_wire.h"

#include <string.h>

static enum wire_result payload(struct wire *wire, struct wire_field *field)
{
    switch (field->type) {
    case WIRE_VARINT:
        return wire_varint(wire, &field->value);
    case WIRE_FIXED64:
        return wire_skip(wire, 8);
    case WIRE_FIXED32:
        return wire_skip(wire, 4);
    case WIRE_GROUP:
    case WIRE_GROUP_END:
        return WIRE_OK;
    case WIRE_BYTES:
        break;
    default:
        return WIRE_BAD;
    }
    enum wire_result result = wire_varint(wire, &field->value);
    if (result != WIRE_OK) {
        field->value = 0;
        return result;
    }
    field->body.at = wire->at;
    result = wire_skip(wire, field->value);
    field->body.end = wire->at;
    return result;
}

enum wire_result wire_next(struct wire *wire, struct wire_field *field)
{
    struct wire ahead = *wire;
    uint64_t tag;
    *field = (struct wire_field){0};
    enum wire_result result = wire_varint(&ahead, &tag);
    if (result != WIRE_OK)
        return result;
    field->number = tag >> 3;
    field->type = (enum wire_type)(tag & 7);
    result = payload(&ahead, field);
    if (result == WIRE_OK)
        *wire = ahead;
    return result;
}
