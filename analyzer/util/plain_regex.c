// SPDX-License-Identifier: Apache-2.0
//
// What PCRE2 10.42 takes, and later versions too, is written down in pcre2pattern(3).
#include "util/plain_regex.h"

#include <string.h>

enum {
    SOURCE_MAX = 4096,
    DEPTH_MAX = 32,    // PCRE2 allows 250
    REPEATS_MAX = 400, // all `{n}` together: code grows with them, and has 64 KiB
    NAME_MAX_BYTES = 32,
};

struct reader {
    const char *at, *end;
    unsigned depth;
    uint64_t repeats;
    struct plain_regex *plain;
};

static char peek(const struct reader *reader, size_t ahead)
{
    return (size_t)(reader->end - reader->at) > ahead ? reader->at[ahead] : '\0';
}

static bool take(struct reader *reader, char c)
{
    bool there = reader->at < reader->end && *reader->at == c;
    reader->at += there;
    return there;
}

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

// With a backslash before it, it stands for itself.
static bool is_sign(char c)
{
    return c >= ' ' && c <= '~' && !byte_is_alpha(c) && !byte_is_digit(c);
}

// ---- classes ---------------------------------------------------------------------------------

// A member of a class. *single: it is one character, which may begin or end a range.
static bool take_member(struct reader *reader, unsigned char *byte, bool *single)
{
    char c = *reader->at++;
    *byte = (unsigned char)c;
    *single = true;
    if (c == '[')
        return !is_one_of(peek(reader, 0), ":.=");
    if (c != '\\')
        return true;
    char escaped = peek(reader, 0);
    *byte = (unsigned char)escaped;
    *single = is_sign(escaped);
    reader->at++;
    return *single || is_one_of(escaped, "dDwWsShHvVtnrfea");
}

// At `[`.
static bool take_class(struct reader *reader)
{
    reader->at++;
    if (is_one_of(peek(reader, 0), ":.=")) // a POSIX class without its class
        return false;
    (void)take(reader, '^');
    for (bool first = true; reader->at < reader->end; first = false) {
        unsigned char from, to;
        bool single, ends;
        if (!first && take(reader, ']'))
            return true;
        if (first && peek(reader, 0) == ']') // a member for PCRE2
            return false;
        if (!take_member(reader, &from, &single) || reader->at > reader->end)
            return false;
        if (peek(reader, 0) != '-' || peek(reader, 1) == ']')
            continue;
        reader->at++;
        if (!single || reader->at >= reader->end || !take_member(reader, &to, &ends) || !ends || to < from)
            return false;
    }
    return false;
}

// ---- atoms -----------------------------------------------------------------------------------

// At `\`. *repeatable: it takes a character.
static bool take_escape(struct reader *reader, bool *repeatable)
{
    char c = peek(reader, 1);
    if (reader->end - reader->at < 2)
        return false;
    reader->at += 2;
    *repeatable = !is_one_of(c, "bBAzZ");
    return is_sign(c) || is_one_of(c, "dDwWsShHvVtnrfeabBAzZ");
}

static bool take_name(struct reader *reader)
{
    const char *start = reader->at;
    while (reader->at < reader->end && byte_is_word(*reader->at))
        reader->at++;
    struct text name = {start, (size_t)(reader->at - start)};
    struct plain_regex *plain = reader->plain;
    if (!name.len || name.len >= NAME_MAX_BYTES || byte_is_digit(name.ptr[0]) ||
        plain->name_count == PLAIN_NAMES_MAX)
        return false;
    plain->names[plain->name_count++] = name;
    return take(reader, '>');
}

// At `(`.
static bool open_group(struct reader *reader)
{
    reader->at++;
    if (++reader->depth > DEPTH_MAX)
        return false;
    if (!take(reader, '?'))
        return true;
    if (take(reader, ':'))
        return true;
    (void)take(reader, 'P');
    return take(reader, '<') && peek(reader, 0) != '=' && peek(reader, 0) != '!' && take_name(reader);
}

// ---- quantifiers -----------------------------------------------------------------------------

static bool take_number(struct reader *reader, uint64_t *number)
{
    const char *start = reader->at;
    for (*number = 0; reader->at < reader->end && byte_is_digit(*reader->at); reader->at++)
        if ((*number = *number * 10 + (uint64_t)(*reader->at - '0')) > REPEATS_MAX)
            return false;
    return reader->at > start;
}

// At `{`: {n}, {n,} and {n,m}; other braces are characters to some versions and none to others.
static bool take_braces(struct reader *reader)
{
    uint64_t least, most;
    reader->at++;
    if (!take_number(reader, &least))
        return false;
    most = least;
    if (take(reader, ',') && peek(reader, 0) != '}' && !take_number(reader, &most))
        return false;
    reader->repeats += most;
    return take(reader, '}') && least <= most && reader->repeats <= REPEATS_MAX;
}

// What may follow an atom. A group is not counted out: `(…){9}` compiles its body nine times.
static bool take_quantifier(struct reader *reader, bool repeatable, bool group)
{
    if (!is_one_of(peek(reader, 0), "*+?{"))
        return true;
    if (!repeatable || (group && peek(reader, 0) == '{'))
        return false;
    if (peek(reader, 0) != '{')
        reader->at++;
    else if (!take_braces(reader))
        return false;
    if (!take(reader, '?')) // lazy
        (void)take(reader, '+');
    return true;
}

bool plain_regex(struct text source, struct plain_regex *plain)
{
    struct reader reader = {.at = source.ptr, .end = source.ptr + source.len, .plain = plain};
    plain->name_count = 0;
    if (!source.len || source.len > SOURCE_MAX)
        return false;
    while (reader.at < reader.end) {
        char c = *reader.at;
        bool repeatable = true, fine = true;
        if (c == '(' || c == '|') {
            if (c == '|')
                reader.at++;
            else if (!open_group(&reader))
                return false;
            repeatable = false;
        } else if (c == '\\') {
            fine = take_escape(&reader, &repeatable);
        } else if (c == '[') {
            fine = take_class(&reader);
        } else {
            fine = !is_one_of(c, "*+?{") && (c != ')' || reader.depth-- > 0);
            repeatable = !is_one_of(c, "^$");
            reader.at++;
        }
        if (!fine || !take_quantifier(&reader, repeatable, c == ')'))
            return false;
    }
    return reader.depth == 0;
}
