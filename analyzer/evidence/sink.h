// SPDX-License-Identifier: Apache-2.0
//
// Where parsers put their rows. The store is one sink, a printer of rows another, the rules' matcher
// a third that stands before the store's. A sink takes copies: a row's texts may die after the call.
#ifndef INQUEST_EVIDENCE_SINK_H
#define INQUEST_EVIDENCE_SINK_H

#include "bundle/member.h"
#include "evidence/rows.h"

struct sink {
    // One row of the member. `row` points to the struct of that kind (rows.h).
    void (*row)(struct sink *sink, const struct member *member, enum row_kind kind, const void *row);
    // Lines of a text member, claimed by a parser or not, as they pass; `first_line` is the number of
    // the first. Ends at a line's end but for the last call of a member. May be NULL.
    void (*lines)(struct sink *sink, const struct member *member, struct text lines, uint64_t first_line);
    // A link member, or a file that no parser took and that was not kept. May be NULL.
    void (*listed)(struct sink *sink, const struct member *member, uint64_t bytes, const char *kind);
    struct sink *next; // what a sink in between hands on to
};

// emit_task(sink, member, &row), emit_stack(…), … one for each row of rows.list.
#define ROW(name) \
    static inline void emit_##name(struct sink *sink, const struct member *member, \
                                   const struct row_##name *row) \
    { \
        sink->row(sink, member, ROW_##name, row); \
    }
#include "evidence/rows.list"

// A warning row: damage that leaves the rest readable. `problem` is printf-like, one line.
void sink_warn(struct sink *sink, const struct member *member, uint64_t line, const char *problem, ...)
    __attribute__((format(printf, 4, 5)));

// A sink that writes each row as one line of text: "member:line table column=value …", NULL columns
// left out, control bytes escaped. For golden tests and for people.
struct buffer;
struct printer {
    struct sink sink;
    struct buffer *out;
};
void printer_init(struct printer *printer, struct buffer *out);

#endif
