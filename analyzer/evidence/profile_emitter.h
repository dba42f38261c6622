// SPDX-License-Identifier: Apache-2.0
//
// Inside of profile_rows.h: what the rows of one profile share.
#ifndef INQUEST_EVIDENCE_PROFILE_EMITTER_H
#define INQUEST_EVIDENCE_PROFILE_EMITTER_H

#include "evidence/profile_rows.h"

struct emitter {
    struct input *input;
    const struct profile *profile;
    struct text component;
    struct text *types;  // their names in the database: none empty, none twice
    uint32_t *as;        // by node: the first node of that name
    uint32_t *name;      // by node: number of its name
    int64_t *flat, *cum; // of all types and nodes (profile_sum); NULL where they are too many at once
    struct intern names; // as they go into the database: control bytes become blanks, so that a list of
                         // them can be split at its line ends
};

// Stacks that read alike added up, as numbers of nodes. Nodes that are not `shown` (NULL: all are) become a
// marker, a run of them one. False as soon as their rows take more than most_bytes. Released by the caller.
bool emitter_collect(const struct emitter *emitter, const bool *shown, uint64_t most_bytes,
                     struct stack_set *stacks);
// flat and cum of every node for one type; the caller frees own.
struct sums {
    const int64_t *flat, *cum;
    int64_t *own;
};
struct sums emitter_sums(const struct emitter *emitter, size_t type);
// The names of such a stack, one a line, leaf first.
void emitter_names(const struct emitter *emitter, struct text stack, struct buffer *names);
// Emits profile_stack rows, the largest first, as many as the limit profile_text lets through. Where they are
// too many, functions that are small in every sample type give way to a marker first, so that fewer stacks
// differ and what is left still adds up.
void emitter_stacks(const struct emitter *emitter);

#endif
