// SPDX-License-Identifier: Apache-2.0
//
// Redacting takes two passes over a bundle: this reads it more than once, standard input, too.
#ifndef INQUEST_COMMAND_TWICE_H
#define INQUEST_COMMAND_TWICE_H

#include "bundle/bundle.h"
#include "command/progress.h"
#include "privacy/redactor.h"

// For "-": from now on descriptor 0 is a file with all that standard input gave. Nothing for other paths.
bool twice_prepare(const char *path, const struct limits *limits, struct error *err);
// For "-": the next bundle_open begins at its start.
bool twice_rewind(const char *path, struct error *err);

// The first pass: what is private in the bundle.
bool redactor_learn_bundle(struct redactor *redactor, const char *path, const struct limits *limits,
                           bool quiet, struct error *err);

#endif
