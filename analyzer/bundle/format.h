// SPDX-License-Identifier: Apache-2.0
//
// What a stream of bytes is, by its first bytes and never by its name.
#ifndef INQUEST_BUNDLE_FORMAT_H
#define INQUEST_BUNDLE_FORMAT_H

#include "bundle/source.h"

enum format_kind {
    FORMAT_OTHER,  // no format that we know: text, a profile, noise
    FORMAT_PACKED, // gzip, xz, zstd or bzip2
    FORMAT_TAR,
    FORMAT_ZIP,
    FORMAT_DATABASE, // of SQLite
    FORMAT_REFUSED,  // known and not read
};

struct format {
    enum format_kind kind;
    enum packing packing; // of FORMAT_PACKED
    const char *name;     // "7-Zip archive"; NULL for FORMAT_OTHER
    size_t start;         // of FORMAT_TAR: offset of the first good header
};

// `head`: the first bytes, 33 KiB and more for all formats (CD001 of ISO 9660 stands at 32769).
struct format format_of(struct text head);

// False for nearly everything that is not FORMAT_PACKED, by its first two bytes: every member comes by.
bool format_may_be_packed(struct text head);

// Whether the block (512 bytes) has the checksum of a tar header.
bool format_is_tar_header(struct text block);

#endif
