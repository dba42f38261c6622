// SPDX-License-Identifier: Apache-2.0
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool text_equal_nocase(struct text a, struct text b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && byte_lower(a.ptr[i]) == byte_lower(b.ptr[i]))
        i++;
    return a.len == b.len && i == a.len;
}

ptrdiff_t text_find(struct text a, struct text needle)
{
    if (needle.len == 0)
        return 0;
    if (a.len < needle.len)
        return -1;
    const char *hit = memmem(a.ptr, a.len, needle.ptr, needle.len);
    return hit ? hit - a.ptr : -1;
}

bool text_contains(struct text a, const char *needle)
{
    return text_find(a, text_of(needle)) >= 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text text_trim_end(struct text a)
{
    while (a.len && is_space(a.ptr[a.len - 1]))
        a.len--;
    return a;
}

struct text text_trim(struct text a)
{
    size_t start = 0;
    while (start < a.len && is_space(a.ptr[start]))
        start++;
    return text_trim_end(text_from(a, start));
}

bool text_split(struct text *rest, char separator, struct text *piece)
{
    if (!rest->ptr)
        return false;
    ptrdiff_t at = text_find_byte(*rest, separator);
    if (at < 0) {
        *piece = *rest;
        *rest = (struct text){NULL, 0};
        return true;
    }
    *piece = text_slice(*rest, 0, (size_t)at);
    *rest = text_from(*rest, (size_t)at + 1);
    return true;
}

bool text_word(struct text *rest, struct text *word)
{
    size_t start = 0;
    while (start < rest->len && (rest->ptr[start] == ' ' || rest->ptr[start] == '\t'))
        start++;
    size_t end = start;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t')
        end++;
    *word = text_slice(*rest, start, end - start);
    *rest = text_from(*rest, end);
    return end > start;
}

bool text_take_u64(struct text *rest, uint64_t *value)
{
    size_t n = 0;
    uint64_t sum = 0;
    for (; n < rest->len && byte_is_digit(rest->ptr[n]); n++)
        if (__builtin_mul_overflow(sum, 10u, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(rest->ptr[n] - '0'), &sum))
            return false;
    if (n == 0)
        return false;
    *rest = text_from(*rest, n);
    *value = sum;
    return true;
}

bool text_to_u64(struct text a, uint64_t *value)
{
    return text_take_u64(&a, value) && a.len == 0;
}

bool text_to_i64(struct text a, int64_t *value)
{
    bool negative = text_skip(&a, "-");
    uint64_t magnitude;
    if (!text_to_u64(a, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static unsigned hex_digit(char c)
{
    if (byte_is_digit(c))
        return (unsigned)(c - '0');
    return (unsigned)(byte_lower(c) - 'a') + 10;
}

bool text_to_hex(struct text a, uint64_t *value)
{
    if (text_starts(a, "0x") || text_starts(a, "0X"))
        a = text_from(a, 2);
    if (!text_all_hex(a) || a.len > 16)
        return false;
    *value = 0;
    for (size_t i = 0; i < a.len; i++)
        *value = *value << 4 | hex_digit(a.ptr[i]);
    return true;
}

bool text_to_double(struct text a, double *value)
{
    char digits[64];
    if (a.len == 0 || a.len >= sizeof digits)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (!byte_is_digit(a.ptr[i]) && !strchr("+-.eE", a.ptr[i]))
            return false;
    memcpy(digits, a.ptr, a.len);
    digits[a.len] = '\0';
    char *end;
    *value = strtod(digits, &end); // main() never calls setlocale, so this is the C locale
    return *end == '\0';
}

bool text_all_digits(struct text a)
{
    for (size_t i = 0; i < a.len; i++)
        if (!byte_is_digit(a.ptr[i]))
            return false;
    return a.len > 0;
}

bool text_all_hex(struct text a)
{
    for (size_t i = 0; i < a.len; i++)
        if (!byte_is_hex(a.ptr[i]))
            return false;
    return a.len > 0;
}

bool lines_next(struct lines *lines, struct text *line)
{
    if (lines->rest.len == 0)
        return false;
    (void)text_split(&lines->rest, '\n', line);
    if (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    lines->number++;
    return true;
}
