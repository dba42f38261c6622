// SPDX-License-Identifier: Apache-2.0
#include "util/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

char *buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more > SIZE_MAX / 2 - buffer->len - 1)
        mem_exhausted();
    size_t need = buffer->len + more + 1;
    if (need > buffer->capacity) {
        size_t grown = buffer->capacity ? buffer->capacity * 2 : 256;
        buffer->capacity = grown > need ? grown : need;
        buffer->ptr = mem_resize(buffer->ptr, buffer->capacity, 1);
    }
    return buffer->ptr + buffer->len;
}

void buffer_add(struct buffer *buffer, struct text text)
{
    char *end = buffer_reserve(buffer, text.len);
    if (text.len)
        memcpy(end, text.ptr, text.len);
    buffer->len += text.len;
    buffer->ptr[buffer->len] = '\0';
}

void buffer_puts(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, text_of(string));
}

void buffer_putc(struct buffer *buffer, char byte)
{
    buffer_add(buffer, (struct text){&byte, 1});
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length > 0) {
        char *end = buffer_reserve(buffer, (size_t)length);
        (void)vsnprintf(end, (size_t)length + 1, format, again);
        buffer->len += (size_t)length;
    }
    va_end(again);
}

void buffer_number(struct buffer *buffer, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        digits[--at] = '-';
    buffer_add(buffer, (struct text){digits + at, sizeof digits - at});
}

void buffer_hex(struct buffer *buffer, uint64_t number)
{
    char digits[16];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[number & 15];
        number >>= 4;
    } while (number);
    buffer_add(buffer, (struct text){digits + at, sizeof digits - at});
}

void buffer_varint(struct buffer *buffer, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        buffer_putc(buffer, (char)(number | 0x80));
    buffer_putc(buffer, (char)number);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buffer_vprintf(buffer, format, args);
    va_end(args);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->len = 0;
    if (buffer->ptr)
        buffer->ptr[0] = '\0';
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->ptr);
    *buffer = (struct buffer){0};
}

struct text buffer_text(const struct buffer *buffer)
{
    return (struct text){buffer->ptr ? buffer->ptr : "", buffer->len};
}
