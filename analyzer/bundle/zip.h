// SPDX-License-Identifier: Apache-2.0
//
// The central directory at the end of a zip file, as PKWARE's APPNOTE.TXT 4.3 describes it.
//
// A zip is read through its local headers, since one damaged central entry or a bad 64-bit size
// makes readers of the directory lose every member. What only the directory knows (that an entry is a
// symbolic link, how many there are) is taken from here.
#ifndef INQUEST_BUNDLE_ZIP_H
#define INQUEST_BUNDLE_ZIP_H

#include "util/intern.h"

struct zip_directory {
    bool whole;          // it is there and every entry reads
    uint64_t entries;    // that read
    struct intern links; // names of symbolic links, at most a few thousand
};

// Reads the directory with pread() from a regular file of `size` bytes.
void zip_directory_read(struct zip_directory *directory, int fd, uint64_t size);
void zip_directory_release(struct zip_directory *directory);

#endif
