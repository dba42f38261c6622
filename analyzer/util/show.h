// SPDX-License-Identifier: Apache-2.0
//
// Bytes of evidence, of a rule or of a file name on their way to a person: only visible text passes.
#ifndef INQUEST_UTIL_SHOW_H
#define INQUEST_UTIL_SHOW_H

#include "util/buffer.h"

// Appends text as valid UTF-8 without control bytes: C0, DEL, C1, bidirectional controls and other
// invisible format characters come as \xNN or \u{NNNN}, invalid UTF-8 as \xNN. Newline and tab too.
void show_line(struct buffer *out, struct text text);

// The same but newlines stay and tabs become blanks: for texts of several lines.
void show_lines(struct buffer *out, struct text text);

// Appends text as valid UTF-8, invalid bytes replaced by U+FFFD and nothing else changed: for
// formats that escape control characters themselves (JSON).
void show_valid_utf8(struct buffer *out, struct text text);

// Decodes the UTF-8 character at the start of text: its bytes (1 to 4) and code point; 0 when invalid.
size_t utf8_decode(struct text text, uint32_t *code);

// Whether a character shows nothing or changes how its neighbours are shown.
bool show_is_invisible(uint32_t code);

// Columns a terminal needs: CJK and other wide characters count two, combining ones none. `text` is
// what show_line gave.
size_t show_width(struct text text);

#endif
