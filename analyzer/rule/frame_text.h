// SPDX-License-Identifier: Apache-2.0
//
// Inside of stack matching: the text of a frame that a rule's regexes see, and one pattern on one stack.
#ifndef INQUEST_RULE_FRAME_TEXT_H
#define INQUEST_RULE_FRAME_TEXT_H

#include "kernel/frame.h"
#include "util/buffer.h"

// `function+0xoff/0xsize [module]`, the function normalised; without what the frame does not have.
// Replaces what is in the buffer.
struct text frame_text(const struct frame *frame, struct buffer *out);

#endif
