// SPDX-License-Identifier: Apache-2.0
//
// Memory in small pieces that come and go by the ten thousand, for a library that lets its allocator be
// chosen: Debian's SQLite is built without its own pools, and preparing statements spends a quarter of its
// time in malloc(). What is given back is kept for the next of its size, by thread. Large pieces are
// malloc()'s, and all are where AddressSanitizer watches.
#ifndef INQUEST_UTIL_POOL_H
#define INQUEST_UTIL_POOL_H

#include <stddef.h>

void *pool_alloc(size_t size); // aligned for anything; NULL where there is no memory
void *pool_resize(void *piece, size_t size);
void pool_free(void *piece);
size_t pool_size(const void *piece); // bytes that may be used; at least what was asked for

#endif
