// SPDX-License-Identifier: Apache-2.0
//
// Lines of at most 80 columns with a hanging indent. Nothing is ever cut: a word too long for a line is
// broken where the line ends. Wide (CJK) characters count two columns.
#ifndef INQUEST_REPORT_WRAP_H
#define INQUEST_REPORT_WRAP_H

#include "util/buffer.h"

enum { WRAP_COLUMNS = 80 };

// Appends `text` (made visible by show_line) after `first`, further lines after `hang` blanks. `first` is
// written as it is and takes first_width columns.
void wrap(struct buffer *out, const char *first, size_t first_width, size_t hang, struct text text);

// The same for a text of several lines: each paragraph line wraps on its own, indented by `indent` blanks; a
// line that begins with blanks or a list mark keeps its own indent.
void wrap_lines(struct buffer *out, size_t indent, struct text text);

#endif
