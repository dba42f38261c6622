// SPDX-License-Identifier: Apache-2.0
//
// What equal texts were parsed to before. A node has thousands of threads and a few dozen distinct stacks:
// each is taken apart once.
#ifndef INQUEST_EVIDENCE_RECALL_H
#define INQUEST_EVIDENCE_RECALL_H

#include <stdbool.h>
#include <stdint.h>

#include "util/text.h"

struct recall;

struct recall *recall_open(void);
void recall_close(struct recall *recall);

// Whether the text was kept before, and what it became: *result lives as long as the recall. A recall that
// is NULL knows nothing.
bool recall_find(const struct recall *recall, struct text text, struct text *result, uint64_t *number);

// Keeps copies of both texts, unless it is full: then what comes later is parsed each time.
void recall_keep(struct recall *recall, struct text text, struct text result, uint64_t number);

#endif
