// SPDX-License-Identifier: Apache-2.0
//
// Errors of the world: a bundle that cannot be opened, a rule that is wrong.
//
// A function that can fail so returns bool and takes the caller's `struct error *` last. On the way
// up each floor adds its context once. Evidence that is damaged is not an error but a warning row,
// and running out of memory ends the process (memory.h).
#ifndef INQUEST_UTIL_ERROR_H
#define INQUEST_UTIL_ERROR_H

#include <stdbool.h>

// Why the world said no: decides the exit status.
enum error_kind {
    ERROR_OTHER,  // exit 4: disk full, a library that refuses
    ERROR_USAGE,  // exit 2: wrong usage, rules that do not load
    ERROR_BUNDLE, // exit 3: the bundle cannot be read as one
};

// One line, without a trailing newline. The caller owns it, usually on its stack: `struct error err = {0};`
struct error {
    enum error_kind kind;
    char message[1024];
};

// Sets the message and returns false, so that a failing function ends in `return fail(err, …)`.
bool fail(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The same with a kind that is not ERROR_OTHER.
bool fail_kind(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Puts "context: " before the message, keeps the kind and returns false.
bool fail_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
