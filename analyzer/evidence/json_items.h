// SPDX-License-Identifier: Apache-2.0
//
// Splits JSON into the objects that matter while it streams in: the items of a list (`"items"` of kubectl
// and crictl, `"containers"` of crictl, in the top object), the elements of a top array, or each top object
// of several in a row. A list of 98 MB parsed whole takes 290 MB; one object at a time takes the largest
// object. The state of a parser that is built on it is a `struct json_items`.
#ifndef INQUEST_EVIDENCE_JSON_ITEMS_H
#define INQUEST_EVIDENCE_JSON_ITEMS_H

#include "evidence/evidence.h"
#include "util/buffer.h"
#include "util/json.h"

struct json_items {
    struct buffer object;       // being read, without the blanks between tokens
    struct buffer head;         // of a list: what stands round its items, at most some 4 KiB of it
    struct buffer key;          // the last string at depth 1
    unsigned depth, list_depth; // list_depth: inside the list's brackets, 0 outside of a list
    bool in_string, escaped;
    bool reading, of_list; // an object; it is one of a list
    bool cut;              // the object is over the limit
    char before;           // last byte that is no blank, outside of strings
    uint64_t line, object_line;
    uint64_t over, first_over; // objects over the limit object_bytes, and the line of the first
    uint64_t odd, first_odd;   // pieces that are no JSON or that the parser could not use
    char why[128];             // what the parser said of the first such that is no JSON
};

// Takes an object: parsed, as its text, and the line where it starts. False where it is not what the
// parser looks for.
typedef bool json_item(struct input *input, const struct json *object, struct text text, uint64_t line);

// feed() and end() of such a parser. end warns of what was too large, odd or cut; `what` names the objects.
void json_items_feed(struct input *input, json_item *take);
void json_items_end(struct input *input, const char *what);

#endif
