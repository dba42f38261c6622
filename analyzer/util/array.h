// SPDX-License-Identifier: Apache-2.0
//
// Typed growing arrays: `ARRAY(struct frame) frames = {0}; *array_add(&frames) = frame;`
// The array owns its items' memory; array_release gives it back. Name a struct member's or a
// function's array type once with `struct frame_list ARRAY_BODY(struct frame);`.
#ifndef INQUEST_UTIL_ARRAY_H
#define INQUEST_UTIL_ARRAY_H

#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

#define ARRAY_BODY(type) \
    { \
        type *items; \
        size_t count, capacity; \
    }
#define ARRAY(type) struct ARRAY_BODY(type)

// A pointer to a new zeroed item at the end. Valid until the next add.
#define array_add(array) \
    (array_grow((void **)&(array)->items, (array)->count, &(array)->capacity, sizeof *(array)->items), \
     memset(&(array)->items[(array)->count], 0, sizeof *(array)->items), &(array)->items[(array)->count++])

#define array_clear(array) ((void)((array)->count = 0))
#define array_release(array) \
    (free((array)->items), (array)->items = NULL, (array)->count = 0, (array)->capacity = 0)
#define array_sort(array, compare) \
    ((array)->count ? qsort((array)->items, (array)->count, sizeof *(array)->items, compare) : (void)0)

// Makes room for one more item of `size` bytes.
static inline void array_grow(void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return;
    *capacity = *capacity ? *capacity * 2 : 8;
    *items = mem_resize(*items, *capacity, size);
}

#endif
