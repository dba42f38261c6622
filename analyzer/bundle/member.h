// SPDX-License-Identifier: Apache-2.0
//
// A member: one named piece of a bundle, whatever it came in (archive, directory, single file).
#ifndef INQUEST_BUNDLE_MEMBER_H
#define INQUEST_BUNDLE_MEMBER_H

#include "util/buffer.h"

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
    // Of the evidence that claimed it (evidence.h), set by the feeder; NULL before and for none.
    const char *kind;
    uint64_t serial; // likewise: of no other member or piece that it feeds; 0 for not known
    int packing;     // enum packing (source.h) that was taken off its content
    bool bare;       // the only member of a bundle that is no archive: only its content tells its kind
};

enum { MEMBER_HEAD_BYTES = 4096 };

// A member that is no part of a node's tree, because no known top name stands in its path, has an
// absent node and its whole path: it belongs to whatever node the bundle has.

// Appends the path with `.` components and doubled or closing slashes taken out.
void path_clean(struct text raw, struct buffer *out);

// Fills node, path, source, pid, tid, thread_level and leaf from a cleaned path; the texts point into
// it. Known top names: those of bundle-format.md, `sos_commands`, `var/log`, must-gather's, and `etc` and
// `run` in a tree whose folder is called so. False for a path that can hold no evidence (empty, absolute, or
// with `..`).
bool member_place(struct member *member, struct text clean);

// Fills pid, tid, thread_level and leaf from member->path.
void member_place_task(struct member *member);

// Whether the path is below a folder of proc/ that looks like a pid and is none: proc/0x10/comm.
bool member_has_odd_pid(const struct member *member);

#endif
