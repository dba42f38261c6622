// SPDX-License-Identifier: Apache-2.0
//
// The messages inside profile.proto: each function takes the bytes of one and says whether all of
// them made sense.
#ifndef INQUEST_EVIDENCE_PROFILE_MESSAGE_H
#define INQUEST_EVIDENCE_PROFILE_MESSAGE_H

#include "evidence/profile_proto.h"
#include "evidence/profile_wire.h"

bool proto_take_type(struct proto *proto, struct wire body);
bool proto_take_period_type(struct proto *proto, struct wire body);
bool proto_take_sample(struct proto *proto, struct wire body);
bool proto_take_mapping(struct proto *proto, struct wire body);
bool proto_take_location(struct proto *proto, struct wire body);
bool proto_take_function(struct proto *proto, struct wire body);
void proto_end_functions(struct proto *proto); // after the last message

void proto_add_comment(struct profile *profile, uint64_t string);

// A string number from the file: what no table can hold becomes one that is in none.
static inline uint32_t proto_string(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

#endif
