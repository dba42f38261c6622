// SPDX-License-Identifier: Apache-2.0
//
// A reader walks over the entries of an archive or a folder, once, in order. Entries are raw: their
// names are whatever somebody wrote there.
#ifndef INQUEST_BUNDLE_READER_H
#define INQUEST_BUNDLE_READER_H

#include "bundle/source.h"

enum entry_type {
    ENTRY_FILE,
    ENTRY_LINK,      // a symbolic link; target says where to
    ENTRY_HARD_LINK, // to another entry, or to a file of the machine that unpacks
    ENTRY_DEVICE,
    ENTRY_PIPE,
    ENTRY_SOCKET,
    ENTRY_ENCRYPTED,
    ENTRY_FOLDER,  // an archive's; a folder's reader goes into it
    ENTRY_CLOSED,  // may not be opened
    ENTRY_TOO_DEEP // a folder below the limit path_depth
};

struct entry {
    enum entry_type type;
    struct text path, target; // valid until the next entry
};

enum entry_result {
    ENTRY_FOUND,
    ENTRY_DAMAGED, // a header that is none was passed over; go on
    ENTRY_END,
};

struct reader {
    enum entry_result (*next)(struct reader *reader, struct entry *entry);
    // The next bytes of the entry, valid until the next call. False at its end or where it is damaged.
    bool (*read)(struct reader *reader, struct text *chunk);
    void (*close)(struct reader *reader);
    char damage[200];  // what ended the archive before its time; "" for a clean end
    char trouble[200]; // what ended the entry before its time, or is odd about it; set by read
};

// Tar or zip from a source. The source and the budget are not owned.
struct reader *reader_of_tar(struct source *source);
struct reader *reader_of_zip(struct source *source, struct budget *budget);
// Which of a zip's entries are symbolic links stands only at its end (zip.h).
struct zip_directory;
void reader_zip_directory(struct reader *zip, const struct zip_directory *directory);

// The files below a folder in byte order of their paths. Takes over the descriptor.
struct reader *reader_of_folder(int fd, const struct limits *limits);

#endif
