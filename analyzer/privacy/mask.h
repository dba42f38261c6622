// SPDX-License-Identifier: Apache-2.0
//
// What looks like a credential becomes ***. The patterns are the collector's own: the lines between
// `# mask-patterns: begin` and `end` of collector/inquest-collect, a script for `sed -E`, of which this runs
// the commands s, n, t, b, labels, blocks and addresses. A test holds it against sed itself.
#ifndef INQUEST_PRIVACY_MASK_H
#define INQUEST_PRIVACY_MASK_H

#include "util/buffer.h"
#include "util/error.h"

struct mask;

enum mask_kind {
    MASK_LINES,     // any text
    MASK_ARGUMENTS, // a command's arguments, one a line; a value may be the next line. Before MASK_LINES
};

// Of the collector's script. The process ends where this does not understand it: a test would have seen that.
struct mask *mask_open(enum mask_kind kind);
// Of any script.
bool mask_open_script(struct mask **mask, struct text script, struct error *err);
void mask_close(struct mask **mask); // fits CLEANUP()

// Appends the line without its credentials. Lines come in order: a private key has several. A line on which
// the patterns give up becomes *** as a whole.
void mask_line(struct mask *mask, struct text line, struct buffer *out);
// The next line begins another text.
void mask_restart(struct mask *mask);
// Whether the line, alone, holds what looks like a credential that is not masked yet.
bool mask_would(struct mask *mask, struct text line);

#endif
