// SPDX-License-Identifier: Apache-2.0
//
// The rule files below a path, in byte order of their paths.
#ifndef INQUEST_RULE_WALK_H
#define INQUEST_RULE_WALK_H

#include "bundle/limits.h"
#include "util/error.h"
#include "util/text.h"

// Called with each file; `content` is valid during the call.
typedef void walk_file(void *context, const char *path, struct text content);

// A file, whatever its name; or a directory, recursively: *.yaml, *.yml and *.json whose names do not
// begin with a dot. Links to files are followed, links to directories are not. Fails with ERROR_USAGE where
// the path or a file cannot be read, or a file is longer than limits->rule_bytes.
bool walk_rules(const char *path, const struct limits *limits, walk_file *file, void *context,
                struct error *err);

#endif
