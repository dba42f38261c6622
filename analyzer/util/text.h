// SPDX-License-Identifier: Apache-2.0
//
// Text is a pointer and a length: evidence is bytes from a hostile place and may hold NUL.
//
// A `struct text` owns nothing; what it points to lives in a member's buffer or in an arena.
// `{NULL, 0}` is "absent", which is not the same as empty (pointer set, length 0).
#ifndef INQUEST_UTIL_TEXT_H
#define INQUEST_UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
    const char *ptr;
    size_t len;
};

// A text of a string literal, usable in initialisers: TEXT("proc/").
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
// For printf's "%.*s"; lengths above INT_MAX are cut.
#define TEXT_ARG(t) ((int)((t).len > 0x7fffffff ? 0x7fffffff : (t).len)), ((t).ptr ? (t).ptr : "")

static inline struct text text_of(const char *string); // of a NUL-ended string; absent for NULL
bool text_equal_nocase(struct text a, struct text b);  // ASCII letters alone have a case
static inline bool text_equal(struct text a, struct text b);
// The same for short texts that mostly are equal: names that repeat from line to line cost no call.
static inline bool text_same(struct text a, struct text b);
static inline bool text_is(struct text a, const char *string);
int text_compare(struct text a, struct text b); // by bytes, the shorter first
static inline bool text_starts(struct text a, const char *prefix);
static inline bool text_ends(struct text a, const char *suffix);
bool text_contains(struct text a, const char *needle);
// The offset of needle in a, or -1.
ptrdiff_t text_find(struct text a, struct text needle);
static inline ptrdiff_t text_find_byte(struct text a, char byte);
// From `start` to the end; empty when start lies behind the end.
static inline struct text text_from(struct text a, size_t start);
static inline struct text text_slice(struct text a, size_t start, size_t length); // clamped to a
struct text text_trim(struct text a); // blanks, tabs, CR, LF at both ends
struct text text_trim_end(struct text a);
// If a starts with prefix, skips it in place and says true.
static inline bool text_skip(struct text *a, const char *prefix);

// Takes the next piece up to `separator` from *rest, and moves *rest behind it. False at the end.
bool text_split(struct text *rest, char separator, struct text *piece);
// Takes the next run of non-blank bytes (blank: space, tab). False when only blanks are left.
bool text_word(struct text *rest, struct text *word);

// Numbers: the whole text must be one, without sign (but to_i64), and in range.
bool text_to_u64(struct text a, uint64_t *value);
bool text_to_i64(struct text a, int64_t *value);
bool text_to_hex(struct text a, uint64_t *value);  // with or without 0x
bool text_to_double(struct text a, double *value); // in the C locale
// Digits at the start of *rest; moves behind them.
bool text_take_u64(struct text *rest, uint64_t *value);

bool text_all_digits(struct text a); // at least one
bool text_all_hex(struct text a);    // at least one
static inline bool byte_is_digit(char c);
static inline bool byte_is_hex(char c);
static inline bool byte_is_alpha(char c);
static inline bool byte_is_word(char c); // letters, digits, underscore
static inline char byte_lower(char c);

// Lines of a text with their numbers. Start with {.rest = whole, .number = 0}.
struct lines {
    struct text rest;
    uint64_t number; // of the line last given, from 1
};
// The next line without its LF (and without a CR before it). False at the end.
bool lines_next(struct lines *lines, struct text *line);

// ---- the short ones, here so that a literal's length and comparison cost nothing ---------------------

static inline bool byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool byte_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool byte_is_hex(char c)
{
    return byte_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool byte_is_word(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_';
}

static inline char byte_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline struct text text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline uint64_t text_eight(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static inline bool text_same(struct text a, struct text b)
{
    if (a.len != b.len)
        return false;
    if (a.ptr == b.ptr)
        return true;
    if (a.len < 8 || a.len > 16)
        return text_equal(a, b);
    size_t last = a.len - 8;
    return ((text_eight(a.ptr) ^ text_eight(b.ptr)) |
            (text_eight(a.ptr + last) ^ text_eight(b.ptr + last))) == 0;
}

static inline bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_of(string));
}

static inline ptrdiff_t text_find_byte(struct text a, char byte)
{
    const char *hit = a.len ? memchr(a.ptr, (unsigned char)byte, a.len) : NULL;
    return hit ? hit - a.ptr : -1;
}

static inline struct text text_from(struct text a, size_t start)
{
    if (start > a.len)
        start = a.len;
    return (struct text){a.ptr ? a.ptr + start : NULL, a.len - start};
}

static inline struct text text_slice(struct text a, size_t start, size_t length)
{
    struct text part = text_from(a, start);
    if (part.len > length)
        part.len = length;
    return part;
}

static inline bool text_starts(struct text a, const char *prefix)
{
    size_t n = strlen(prefix);
    return a.len >= n && (n == 0 || memcmp(a.ptr, prefix, n) == 0);
}

static inline bool text_ends(struct text a, const char *suffix)
{
    size_t n = strlen(suffix);
    return a.len >= n && (n == 0 || memcmp(a.ptr + a.len - n, suffix, n) == 0);
}

static inline bool text_skip(struct text *a, const char *prefix)
{
    if (!text_starts(*a, prefix))
        return false;
    *a = text_from(*a, strlen(prefix));
    return true;
}

#endif
