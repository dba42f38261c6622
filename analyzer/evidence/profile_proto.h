// SPDX-License-Identifier: Apache-2.0
//
// Reading profile.proto (github.com/google/pprof proto/profile.proto) as its bytes come, without gzip.
//
// One field of the top level is looked at at a time, so no more than the longest (limit profile_message) is
// held. What the reference refuses as a whole is told apart here: a bad sample is dropped, a bad message
// counted, and where the structure itself breaks the reading ends with a warning that names the byte.
#ifndef INQUEST_EVIDENCE_PROFILE_PROTO_H
#define INQUEST_EVIDENCE_PROFILE_PROTO_H

#include "evidence/profile_model.h"

enum { PROTO_LABEL_KEYS = 16 };
struct proto_label_key {
    uint64_t key, count;
};

struct proto {
    struct profile *profile;
    struct buffer pending; // a field of which more is to come
    size_t need;           // bytes pending must hold before it is looked at again
    uint64_t offset;       // in the file, of the first byte that is not taken yet
    uint64_t skip;         // bytes of an oversized field that are still to come
    uint64_t groups;       // open ones
    bool in_varint;        // inside one that is too long
    bool stopped, settled; // settled: the sample types are all there
    uint64_t malformed, malformed_at, mismatched, twice;
    uint64_t functions, zero_ids, zero_locations; // functions in all, and those without an id, …
    struct profile_function without_id;           // … of which the first waits for a second
    uint64_t without_id_place;
    struct buffer stack; // scratch of one sample
    ARRAY(int64_t) values;
    struct proto_label_key label_key[PROTO_LABEL_KEYS];
    size_t label_keys;
};

void proto_init(struct proto *proto, struct profile *profile);
void proto_feed(struct proto *proto, struct text piece);
void proto_end(struct proto *proto); // after the last piece; says what was damaged
void proto_release(struct proto *proto);

// Whether bytes are the start of a profile: every field of the first ones is one that profile.proto
// has, with its wire type and, for messages, with fields that fit.
bool proto_looks_right(struct text head);

#endif
