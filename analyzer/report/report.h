// SPDX-License-Identifier: Apache-2.0
//
// A diagnosis becomes text. One file per format, ending in one const descriptor that format.list names.
#ifndef INQUEST_REPORT_REPORT_H
#define INQUEST_REPORT_REPORT_H

#include "bundle/bundle.h"
#include "diagnosis/diagnosis.h"
#include "util/buffer.h"

struct report {
    const struct diagnosis *diagnosis;
    struct text path; // of the bundle, as the user gave it
    struct text node; // the node's prefix inside it; "" for the only one
    struct bundle_totals totals;
    bool color;           // text: escape sequences of our own
    bool one_line;        // json: several reports follow one another, one a line
    size_t number, nodes; // the number of the node, from 0, of all that the bundle has
};

struct format {
    const char *name;
    const char *help;
    // Appends the report of one node; those of a bundle are written in their order, and together are whole.
    // Nothing of the evidence reaches it but as visible text.
    void (*write)(const struct report *report, struct buffer *out);
};

extern const struct format *const format_table[];   // ends with NULL
const struct format *format_find(const char *name); // NULL for none

#endif
