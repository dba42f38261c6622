// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a rule and where: collected, so that one run of lint shows all of it.
#ifndef INQUEST_RULE_DIAGNOSTIC_H
#define INQUEST_RULE_DIAGNOSTIC_H

#include "util/arena.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/error.h"

struct place {
    const char *path;
    uint32_t line, column; // from 1; 0 for the file as a whole
};

enum diagnostic_level {
    DIAGNOSTIC_ERROR,   // the rule does not load: the program stops
    DIAGNOSTIC_MISTAKE, // it loads, but lint exits 1
    DIAGNOSTIC_ADVICE,  // lint says so and exits 0
};

struct diagnostic {
    struct place place;
    enum diagnostic_level level;
    const char *check; // a stable word for editors and tests: unknown-key, bad-regex …
    const char *message;
    const char *rule; // the rule's id, or NULL
};

// A zeroed one is ready. Messages and paths live in its arena.
struct diagnostics {
    struct arena arena;
    struct diagnostic_list ARRAY_BODY(struct diagnostic) list;
};

void diagnose(struct diagnostics *diagnostics, struct place place, enum diagnostic_level level,
              const char *rule, const char *check, const char *message, ...)
    __attribute__((format(printf, 6, 7)));

size_t diagnostics_count(const struct diagnostics *diagnostics, enum diagnostic_level level);

// Sorts by path, line, column, check and message and drops equal ones.
void diagnostics_sort(struct diagnostics *diagnostics);

// `path:line:column: level: message [check]`, one a line.
void diagnostics_text(const struct diagnostics *diagnostics, struct buffer *out);

// [{"path", "line", "column", "level", "check", "rule", "message"}, …]
void diagnostics_json(const struct diagnostics *diagnostics, struct buffer *out);

// The first error as `path:line:column: message` of kind ERROR_USAGE, and how many more there are.
// True when there is none.
bool diagnostics_pass(const struct diagnostics *diagnostics, struct error *err);

void diagnostics_release(struct diagnostics *diagnostics); // fits CLEANUP()

#endif
