// SPDX-License-Identifier: Apache-2.0
//
// A growing string of bytes. A zeroed `struct buffer` is empty and ready. `ptr` always has a NUL
// behind `len` once something was added, and may be NULL before.
#ifndef INQUEST_UTIL_BUFFER_H
#define INQUEST_UTIL_BUFFER_H

#include <stdarg.h>

#include "util/text.h"

struct buffer {
    char *ptr;
    size_t len, capacity;
};

void buffer_add(struct buffer *buffer, struct text text);
void buffer_puts(struct buffer *buffer, const char *string);
void buffer_putc(struct buffer *buffer, char byte);
// Decimal and hexadecimal numbers, for what comes by too often for printf.
void buffer_number(struct buffer *buffer, int64_t number);
void buffer_hex(struct buffer *buffer, uint64_t number); // without 0x
// Seven bits a byte, the lowest first, as protobuf has it.
void buffer_varint(struct buffer *buffer, uint64_t number);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
// Room for `more` bytes behind the end; gives the place to write them, the caller adds to len.
char *buffer_reserve(struct buffer *buffer, size_t more);
void buffer_clear(struct buffer *buffer);   // keeps the memory
void buffer_release(struct buffer *buffer); // fits CLEANUP()
struct text buffer_text(const struct buffer *buffer);

#endif
