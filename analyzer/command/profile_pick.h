// SPDX-License-Identifier: Apache-2.0
//
// Finding the one profile that a command line means, in a file or among those of a bundle.
#ifndef INQUEST_COMMAND_PROFILE_PICK_H
#define INQUEST_COMMAND_PROFILE_PICK_H

#include "evidence/profile_model.h"

struct profile_wish {
    const struct limits *limits;
    const char *component, *member, *sample_type; // only such profiles; NULL: any
    const char *like;                             // of several, that of this member; NULL: none
    bool symbols;                                 // names from the comments of text forms
};

// A profile that fits the wish.
struct profile_offer {
    char *member, *component; // path with the node's prefix; "" where nothing tells
    char *types;              // "alloc_objects, alloc_space, inuse_objects, inuse_space"
    const char *form;
    uint64_t samples;
};
struct profile_offers ARRAY_BODY(struct profile_offer);

// Reads the file or bundle. Every profile that fits is offered; *profile is the one that is meant when there
// is just one (or one like wish->like), read but not finished, else empty. Release both. Fails with
// ERROR_BUNDLE where nothing can be read or nothing fits.
bool profile_pick(const char *path, const struct profile_wish *wish, struct profile *profile,
                  struct profile_offers *offers, bool *picked, struct error *err);
void profile_offers_release(struct profile_offers *offers); // fits CLEANUP()

#endif
