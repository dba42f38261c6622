// SPDX-License-Identifier: Apache-2.0
//
// The wait graph as a tree: who holds everybody up stands at the top, those who wait below, indented.
#ifndef INQUEST_REPORT_TREE_H
#define INQUEST_REPORT_TREE_H

#include "diagnosis/diagnosis.h"
#include "util/buffer.h"

// At most 80 columns; equal waiters are counted, long lists end in "and N more".
void tree_write(const struct wait_edge *edges, size_t count, struct buffer *out);

#endif
