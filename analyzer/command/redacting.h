// SPDX-License-Identifier: Apache-2.0
//
// Reading a bundle without what is private in it (--redact): the members as `inquest redact` would write
// them.
#ifndef INQUEST_COMMAND_REDACTING_H
#define INQUEST_COMMAND_REDACTING_H

#include "bundle/bundle.h"
#include "command/command.h"
#include "command/progress.h"
#include "evidence/evidence.h"

// --redact, for the tables of commands.
#define REDACT_OPTION \
    { \
        "redact", 0, NULL, "show made-up names and addresses and no credentials, as inquest redact does", \
            false \
    }

struct redacting;

// Reads the bundle a first time, for its names. A bundle on standard input is then ready to be read again.
bool redacting_open(struct redacting **redacting, const char *path, const struct limits *limits, bool quiet,
                    struct error *err);
void redacting_close(struct redacting **redacting); // fits CLEANUP()

// The member as it is called when it is redacted; valid until the next.
void redacting_member(struct redacting *redacting, const struct member *member, struct member *as);
// Its content, redacted, to the feeder: begin to end.
void redacting_feed(struct redacting *redacting, struct bundle *bundle, const struct member *as,
                    struct feeder *feeder, struct progress *progress);
// Any other text that may hold names: a path, a warning.
void redacting_text(struct redacting *redacting, struct text text, struct buffer *out);

#endif
