// SPDX-License-Identifier: Apache-2.0
//
// Globs over member paths, as `file:` uses them.
#ifndef INQUEST_RULE_GLOB_H
#define INQUEST_RULE_GLOB_H

#include "util/text.h"

enum { GLOB_BYTES_MAX = 255 };

// `*` any run of bytes but `/`, `**` any run, `**/` also nothing, `?` one byte but `/`, `[a-z]` and
// `[!a-z]` one byte of a set; every other byte itself. A glob over GLOB_BYTES_MAX bytes matches nothing.
// Time: the product of both lengths at worst; a path that does not begin and end like the glob costs a
// comparison.
bool glob_matches(struct text glob, struct text path);

bool glob_has_wildcard(struct text glob);

// The bytes that every path has which the glob matches, and those that a path has, as sets of 64: a glob
// whose set is no part of the path's does not match it.
uint64_t glob_bytes(struct text glob);
uint64_t path_bytes(struct text path);

#endif
