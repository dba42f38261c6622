// SPDX-License-Identifier: Apache-2.0
//
// Splits JSON into the objects that matter while it streams in: the items of a list (`"items"` of kubectl and
// crictl,
// `"containers"` of crictl, in the top object), the elements of a top array, or each top object of several in
// a row. A list of 98 MB parsed whole takes 290 MB; one object at a time takes the largest object.
#ifndef INQUEST_EVIDENCE_JSON_ITEMS_H
#define INQUEST_EVIDENCE_JSON_ITEMS_H

#include "util/buffer.h"

struct json_items {
    uint64_t limit; // bytes of one object: set by the caller, the rest starts zeroed

    struct buffer object;       // being read, without the blanks between tokens
    struct buffer head;         // of a list: what stands round its items
    struct buffer key;          // the last string at depth 1
    unsigned depth, list_depth; // list_depth: inside the list's brackets, 0 outside of a list
    bool in_string, escaped;
    bool reading, of_list; // an object; it is one of a list
    bool cut;              // the object is over the limit
    char before;           // last byte that is no blank, outside of strings
    uint64_t line, object_line;
};

// Told of each object; `line` is where it starts. One over the limit comes cut, with `whole` false.
typedef void json_item(void *context, struct text object, uint64_t line, bool whole);

void json_items_feed(struct json_items *items, struct text piece, json_item *take, void *context);
// Frees it. Gives false where the text ended inside an object or a list.
bool json_items_end(struct json_items *items);

#endif
