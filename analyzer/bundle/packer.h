// SPDX-License-Identifier: Apache-2.0
//
// Packing a stream of bytes: gzip, xz, zstd, or as it is. libarchive's filters do it, without time stamps.
#ifndef INQUEST_BUNDLE_PACKER_H
#define INQUEST_BUNDLE_PACKER_H

#include "bundle/format.h"
#include "util/buffer.h"
#include "util/error.h"

struct packer;

// Takes packed bytes; false ends the packing (it keeps why).
typedef bool packer_sink(void *context, struct text bytes);

struct packer *packer_open(enum packing packing, packer_sink *sink, void *context);
// False where the sink, or the library, failed; everything after is ignored.
bool packer_add(struct packer *packer, struct text bytes);
bool packer_close(struct packer **packer); // writes what is left; frees

#endif
