// SPDX-License-Identifier: Apache-2.0
//
// The inside of a bundle, shared by open.c (what it is) and bundle.c (what is in it).
#ifndef INQUEST_BUNDLE_INSIDE_H
#define INQUEST_BUNDLE_INSIDE_H

#include "bundle/bundle.h"
#include "bundle/format.h"
#include "bundle/reader.h"
#include "bundle/tally.h"
#include "bundle/zip.h"
#include "util/array.h"

struct bundle {
    const struct limits *limits;
    bundle_warn *warn;
    void *warn_context;
    char *path; // as it was given

    struct source *file;     // the bytes on disk; NULL for a folder
    struct source *unpacked; // what they unpack to; the file itself when they are not packed
    struct source *ahead;    // the same, read ahead: what members come from; NULL for a zip or a folder
    struct reader *reader;   // of an archive or folder; NULL for a single file
    const char *format;      // "tar", "zip"; for messages
    struct budget budget;    // of the bundle's own packing
    struct zip_directory directory;
    bool is_zip, is_regular;

    // the present member
    struct member member;
    struct buffer name, head, packed_head;
    struct text pending;   // read for the head and not yet given out
    struct source *inner;  // what its content unpacks to, when that is packed
    struct source *packed; // its content as a source, for `inner`
    struct budget inner_budget;
    uint64_t member_bytes;
    bool reading, single_given;

    bool stopped; // by a limit
    struct tally tally;
    struct seen seen;
    struct intern nodes;
    ARRAY(bool) manifests; // by node: whether its manifest came
    uint64_t readable;     // members given out
    uint64_t troubles;
    uint64_t zip_entries; // headers that were met, folders too
    struct bundle_totals totals;
};

enum { MEMBER_TROUBLES = 100 }; // warnings of single members; the others are counted

void bundle_release(struct bundle *bundle);

#endif
