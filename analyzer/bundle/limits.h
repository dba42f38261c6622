// SPDX-License-Identifier: Apache-2.0
//
// The limits on what the input controls, with their reasons, in limits.list. Set by `--limit
// NAME=VALUE`, printed by `inquest --limits`. Over a limit the rest is left out and a warning names
// the member and the limit.
#ifndef INQUEST_BUNDLE_LIMITS_H
#define INQUEST_BUNDLE_LIMITS_H

#include "util/error.h"
#include "util/text.h"

struct limits {
#define LIMIT(name, value, reason) uint64_t name;
#include "bundle/limits.list"
#undef LIMIT
};

struct limit_info {
    const char *name, *reason;
    uint64_t value; // the default
};

extern const struct limits limits_default;
extern const struct limit_info limit_table[]; // ends with a NULL name

// Takes "NAME=VALUE"; an unknown name or a value that is no number fails with ERROR_USAGE.
bool limits_set(struct limits *limits, const char *assignment, struct error *err);

#endif
