// SPDX-License-Identifier: Apache-2.0
//
// Reading a profile of any form as its bytes come.
//
//     enum profile_form form = profile_detect(member->head, false);
//     profile_init(&profile, limits, limits->profile_memory);
//     profile_reader_open(&reader, &profile, form);
//     profile_reader_feed(&reader, piece) …
//     profile_reader_close(&reader);
//     profile_finish(&profile);
#ifndef INQUEST_EVIDENCE_PROFILE_READ_H
#define INQUEST_EVIDENCE_PROFILE_READ_H

#include "evidence/goroutine_dump.h"
#include "evidence/profile_cpu.h"
#include "evidence/profile_proto.h"

// The form by the first bytes (4 KiB are enough), PROFILE_NONE where they are no profile's. `strict`: only
// what begins right away, so that no log or ticket that quotes one is taken for it.
enum profile_form profile_detect(struct text head, bool strict);

// Whether bytes are a Go execution trace, which is no profile and often lies beside them.
bool profile_is_trace(struct text head);

struct profile_reader {
    struct profile *profile;
    struct proto proto;
    struct legacy legacy;
    struct cpu cpu;
    struct goroutine_dump dump;
    goroutine_take *take_goroutine; // also called for each goroutine of a dump; may be NULL
    void *take_context;
    uint64_t bytes, most_bytes;
    struct buffer line; // the start of one
    bool line_cut;      // the rest of it is dropped
    uint64_t lines_cut;
};

// The profile must outlive the reader. most_bytes: limits->profile_bytes inside a bundle.
void profile_reader_open(struct profile_reader *reader, struct profile *profile, enum profile_form form,
                         uint64_t most_bytes);
void profile_reader_feed(struct profile_reader *reader, struct text piece);
void profile_reader_close(struct profile_reader *reader); // after the last piece; frees the reader

#endif
