// SPDX-License-Identifier: Apache-2.0
//
// The built-in rules as they were loaded when the program was built, with what their regexes require: reading
// them takes a hundredth of what reading their YAML does. analyzer/bake.c writes the image, from the same
// loader; a test holds both against each other.
//
// An image is a sequence of numbers (seven bits a byte, the lowest first) and texts (their length and one, 0
// for an absent one; bytes; a NUL). It holds no trees of YAML and no tests: what looks for mistakes loads the
// files.
#ifndef INQUEST_RULE_IMAGE_H
#define INQUEST_RULE_IMAGE_H

#include "rule/rule.h"
#include "util/buffer.h"
#include "util/builtin.h"

// Made by the build; absent from programs that are linked without it, which read the YAML.
extern const struct builtin builtin_image __attribute__((weak));

// Appends the image of a book that holds the built-in rules alone.
void image_write(const struct rulebook *book, struct buffer *out);

// Adds the rules to a zeroed book. Their texts point into the image, which must outlive the book; an image
// that image_write() did not write ends the process.
void image_read(struct text image, struct rulebook *book);

#endif
