// SPDX-License-Identifier: Apache-2.0
//
// Rewriting every stack of a profile: for what the reference does to samples after reading them.
#ifndef INQUEST_EVIDENCE_PROFILE_EDIT_H
#define INQUEST_EVIDENCE_PROFILE_EDIT_H

#include "evidence/profile_model.h"

struct profile_numbers ARRAY_BODY(uint32_t); // locations of one stack, leaf first

// Changes the stack in place; false drops its samples.
typedef bool profile_edit(struct profile *profile, struct profile_numbers *stack, void *context);

// Stacks that become equal (under equal labels) are added up.
void profile_edit_stacks(struct profile *profile, profile_edit *edit, void *context);

// Takes a stack apart.
void profile_numbers_of(struct text stack, struct profile_numbers *numbers);

#endif
