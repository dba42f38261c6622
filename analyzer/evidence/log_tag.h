// SPDX-License-Identifier: Apache-2.0
//
// What stands between the stamp and the message of a syslog or journal line: ` host ident[pid]: `.
#ifndef INQUEST_EVIDENCE_LOG_TAG_H
#define INQUEST_EVIDENCE_LOG_TAG_H

#include "evidence/rows.h"

struct log_tag {
    struct text host, ident; // absent where there is none
    int64_t pid;             // ROW_NULL
};

// The last tag read: neighbouring lines mostly have the same one.
struct log_tag_cache {
    char bytes[160];
    size_t length;
    size_t host, host_length, ident, ident_length; // places in bytes; length 0 for absent
    int64_t pid;
};

// What a cache holds, if *rest begins with it: moves *rest behind it. And putting something there: `length`
// bytes from `start`, which hold the tag's texts; other bytes that always go with it may stand before them.
bool log_tag_known(struct text *rest, const struct log_tag_cache *cache, struct log_tag *tag);
void log_tag_keep(struct log_tag_cache *cache, const char *start, size_t length, const struct log_tag *tag);

// Reads from the byte behind the stamp (the blank before the host, or the host itself where a paste lost the
// blank) and leaves the message in *rest. Idents may hold blanks, slashes and brackets (`container
// target1[3470]`, `gdm-password][123]`); without a pid they are one word. A line without an ident has no host
// either: all of it is the message.
void log_tag_take(struct text *rest, struct log_tag_cache *cache, struct log_tag *tag);

#endif
