// SPDX-License-Identifier: Apache-2.0
//
// What was odd about entries, counted by kind: one warning a kind at the end, under the first path in
// byte order, so that neither a flood nor the order of the archive changes a report.
#ifndef INQUEST_BUNDLE_TALLY_H
#define INQUEST_BUNDLE_TALLY_H

#include "bundle/bundle.h"
#include "util/buffer.h"

enum oddity {
#define ODDITY(name, problem) ODD_##name,
#include "bundle/oddity.list"
#undef ODDITY
    ODDITIES
};

struct tally {
    struct {
        uint64_t count;
        struct buffer first;
    } odd[ODDITIES];
};

void tally_add(struct tally *tally, enum oddity oddity, struct text path);
void tally_report(const struct tally *tally, bundle_warn *warn, void *context);
void tally_release(struct tally *tally);

// A set of hashes, to know paths that come twice; up to about 3 million, then it takes no more.
struct seen {
    uint64_t *slots;
    uint32_t count, capacity;
    bool full;
};

bool seen_before(struct seen *seen, struct text path); // and remembers it
void seen_release(struct seen *seen);

#endif
