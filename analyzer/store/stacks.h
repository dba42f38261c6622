// SPDX-License-Identifier: Apache-2.0
//
// Distinct stacks become rows of `stack` and `frame`, numbered in the byte order of their texts.
#ifndef INQUEST_STORE_STACKS_H
#define INQUEST_STORE_STACKS_H

#include "store/db.h"
#include "util/intern.h"

// By number in `stacks`: ids[] gets stack.id, 0 for the empty stack; exits[] gets 1 where do_exit stands on
// it.
bool stacks_write(const struct intern *stacks, struct db *db, uint32_t *ids, uint8_t *exits,
                  struct error *err);

#endif
