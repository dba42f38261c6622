// SPDX-License-Identifier: Apache-2.0
//
// How a line without a prefix belongs to the record before it.
#ifndef INQUEST_EVIDENCE_LOG_JOIN_H
#define INQUEST_EVIDENCE_LOG_JOIN_H

#include "util/text.h"

enum log_join {
    JOIN_NEWLINE, // a message of several lines: a stack dump, an object printed over lines
    JOIN_BLANK,   // a line that was wrapped, at a blank that is gone
    JOIN_NOTHING, // a line that was wrapped in the middle of a word, or at a blank that is still there
};

// `before`: the whole physical line before; `after`: the one that continues. Wrapped is what a terminal,
// mail or blog broke in two: the first half is long, the second is not indented and no line of a dump. Where
// it broke, quotes, commas and what kind of words stand there tell whether a blank was lost:
// `failed to exit within 30` + `seconds of signal`, but `remove /var/lib/kube` + `let/pods`.
enum log_join log_join_kind(struct text before, struct text after);

// Whether the line is one of a Go dump: a goroutine's head, a function, a file, a creator. Blank lines are
// not.
bool log_is_goroutine_line(struct text line);
bool log_is_goroutine_head(struct text line);

#endif
