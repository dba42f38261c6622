// SPDX-License-Identifier: Apache-2.0
//
// A member: one named piece of a bundle, whatever it came in (archive, directory, single file).
#ifndef INQUEST_BUNDLE_MEMBER_H
#define INQUEST_BUNDLE_MEMBER_H

#include "util/text.h"

enum member_type {
    MEMBER_FILE, // bytes follow
    MEMBER_LINK, // a symbolic link: data, never followed
};

#define NO_ID INT64_MIN // a pid or tid that the member's path does not give

struct member {
    enum member_type type;
    struct text node; // the node's prefix: what stands before the first known top name; "" for none
    struct text path; // below the prefix: proc/1/stack, journal/docker.log. What parsers claim by
    // What evidence is called in reports: prefix-less path, or for a piece of pasted text the path
    // of the whole file, with the piece's lines counted from line_base.
    struct text source;
    uint64_t line_base;      // number of the line before the member's first line (0 but for pieces)
    struct text link_target; // of a MEMBER_LINK
    struct text head;        // of a MEMBER_FILE: its first bytes, unpacked, up to MEMBER_HEAD_BYTES
    // Of a path under proc/<pid>/ or proc/<pid>/task/<tid>/; else NO_ID. tid is the pid for the
    // process level. A piece of pasted text without a pid has a negative one: minus its line.
    int64_t pid, tid;
    bool thread_level; // proc/<pid>/task/<tid>/…
    struct text leaf;  // below that folder: stack, ns/net, fdinfo/3; outside proc/<pid>: the path
    bool bare;         // the only member of a bundle that is no archive: only its content tells its kind
};

enum { MEMBER_HEAD_BYTES = 4096 };

// Fills node, path, source, pid, tid, thread_level and leaf from a raw archive path (with `./` and
// doubled slashes taken out). The texts point into `raw`. False for a path that can hold no
// evidence (empty, absolute after cleaning, or with `..`).
bool member_place(struct member *member, struct text raw);

// Fills pid, tid, thread_level and leaf from member->path.
void member_place_task(struct member *member);

#endif
