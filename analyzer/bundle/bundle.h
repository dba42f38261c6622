// SPDX-License-Identifier: Apache-2.0
//
// Reading a bundle: one pass over its members, nothing extracted to disk.
//
// A bundle is a directory, an archive (tar plain or with gzip, xz, zstd, bzip2; zip), one evidence
// file (possibly compressed), or one of the latter two on standard input ("-"). Other formats, other filters
// and nested compression of the bundle are refused by name. One layer of compression (gzip, zstd, xz) round a
// member is taken off. Members of a directory come in byte order of their paths; links are never
// followed; what is neither file nor link is a warning.
//
//     struct bundle *bundle;
//     if (!bundle_open(&bundle, path, &limits, warn, warn_context, err)) …
//     while (bundle_next(bundle, &member))
//         while (bundle_read(bundle, &chunk)) …
//     ok = bundle_close(bundle, &totals, err);
#ifndef INQUEST_BUNDLE_BUNDLE_H
#define INQUEST_BUNDLE_BUNDLE_H

#include "bundle/limits.h"
#include "bundle/member.h"
#include "util/error.h"

struct bundle;

// Told of damage that leaves something readable. `source` is the member's, or the bundle's own name.
typedef void bundle_warn(void *context, struct text source, uint64_t line, const char *problem);

struct bundle_totals {
    uint64_t entries; // members seen, links included
    uint64_t bytes;   // unpacked
    char sha256[65];  // of the file as it is on disk, hexadecimal; "" for a directory
};

// Opens the bundle. Fails with ERROR_BUNDLE where it is none (missing, a refused format, empty).
// limits must outlive the bundle.
bool bundle_open(struct bundle **bundle, const char *path, const struct limits *limits, bundle_warn *warn,
                 void *warn_context, struct error *err);

// The next member; its texts are valid until the next call. False at the end or after fatal damage
// (which bundle_close then reports when nothing at all was readable, else as a warning).
bool bundle_next(struct bundle *bundle, struct member *member);

// The next piece of the current member's bytes, valid until the next call. False at the member's
// end, at damage (told to warn) or at a limit (likewise). What is not read is skipped.
bool bundle_read(struct bundle *bundle, struct text *chunk);

// Looks at a block of the unpacked bundle, in the thread that unpacks, and puts what it finds into *notes.
// False when it cannot tell.
typedef bool bundle_look(void *context, struct text block, struct buffer *notes);
// Has the blocks that are unpacked from here on shown to `look` before their bytes are read; NULL for no
// more. Small bundles and those that nobody unpacks ahead come without. `context` must outlive the bundle.
void bundle_watch(struct bundle *bundle, bundle_look *look, void *context);
// What look noted of the block that the last piece was cut from; absent where there is nothing. The block is
// put into *block: whoever uses the notes checks that what he has lies in it. Valid until the next read.
struct text bundle_notes(const struct bundle *bundle, struct text *block);

// Whether the file is a database of SQLite, which unpack writes and analyze takes, and no bundle.
bool bundle_is_database(const char *path);

// Frees everything, fills *totals (may be NULL). Fails with ERROR_BUNDLE when not one member could be read.
bool bundle_close(struct bundle *bundle, struct bundle_totals *totals, struct error *err);

// Of libarchive, zstd and liblzma.
const char *bundle_library_version(void);
const char *bundle_zstd_version(void);
const char *bundle_xz_version(void);

#endif
