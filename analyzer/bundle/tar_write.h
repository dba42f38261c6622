// SPDX-License-Identifier: Apache-2.0
//
// Writing a tar: pax (POSIX.1-2001), a header before each file whose size is known, modes 0600, no owners and
// no times, so that the same files give the same bytes.
#ifndef INQUEST_BUNDLE_TAR_WRITE_H
#define INQUEST_BUNDLE_TAR_WRITE_H

#include "util/buffer.h"

// Appends the header of a file of `bytes` bytes; they follow, and then tar_end_file's padding.
void tar_begin_file(struct buffer *out, struct text path, uint64_t bytes);
void tar_end_file(struct buffer *out, uint64_t bytes);
void tar_add_link(struct buffer *out, struct text path, struct text target);
void tar_end(struct buffer *out);

#endif
