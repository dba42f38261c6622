// SPDX-License-Identifier: Apache-2.0
//
// Files compiled into the program: rules/*/*.yaml, rules/*.txt, schema/*.sql, and the styles and scripts of
// drawings beside their C (tests/tools/embed.sh writes build/builtin.c). In byte order of their paths.
#ifndef INQUEST_UTIL_BUILTIN_H
#define INQUEST_UTIL_BUILTIN_H

#include "util/text.h"

struct builtin {
    const char *path; // as in the repository: rules/ceph/….yaml
    const char *content;
    size_t length;
};

extern const struct builtin builtin_files[]; // ends with a NULL path

#endif
