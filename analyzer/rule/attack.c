// SPDX-License-Identifier: Apache-2.0
//
// Walks through an expression and writes down a text that it matches, as far as it is understood. Each
// quantifier without an upper bound gives two attacks: what was written so far, its part many times, and a
// byte that nothing expects; and the same with a whole match behind it.
#include "rule/attack.h"

#include <string.h>

#include "util/buffer.h"

enum { DEPTH_MAX = 16, ATTACKS_MAX = 64, REPEAT_MAX = 20 };

struct walker {
    struct text rest;
    struct buffer sample; // what matches the expression up to here
    struct text whole;    // what matches all of it
    size_t bytes;         // 0: no attacks, only the sample is wanted
    bool (*try)(void *context, struct text text);
    void *context;
    unsigned attacks;
    bool stop; // an unknown construct, or try() has seen enough
};

static void walk_alternatives(struct walker *walker, unsigned depth);

static char peek(const struct walker *walker)
{
    return walker->rest.len ? walker->rest.ptr[0] : '\0';
}

static char next(struct walker *walker)
{
    char c = peek(walker);
    walker->rest = text_from(walker->rest, 1);
    return c;
}

// ---- attacks ---------------------------------------------------------------------------------

static void attack(struct walker *walker, size_t start)
{
    struct text part = text_from(buffer_text(&walker->sample), start);
    if (!part.len || !walker->bytes || walker->attacks++ >= ATTACKS_MAX)
        return;
    struct buffer text = {0};
    buffer_add(&text, buffer_text(&walker->sample));
    while (text.len < walker->bytes)
        buffer_add(&text, part);
    buffer_putc(&text, '\x01');
    walker->stop = !walker->try(walker->context, buffer_text(&text));
    // PCRE2 gives up at once where a byte that every match needs is missing: here none is.
    buffer_add(&text, walker->whole);
    walker->stop = walker->stop || !walker->try(walker->context, buffer_text(&text));
    buffer_release(&text);
}

static void repeat(struct walker *walker, size_t start, uint64_t times)
{
    struct buffer part = {0};
    buffer_add(&part, text_from(buffer_text(&walker->sample), start));
    for (uint64_t i = 1; i < times && i < REPEAT_MAX && part.len; i++)
        buffer_add(&walker->sample, buffer_text(&part));
    buffer_release(&part);
}

static void walk_quantifier(struct walker *walker, size_t start)
{
    struct text inside = text_from(walker->rest, 1);
    uint64_t least = 0, most = 0;
    bool endless = false;
    if (peek(walker) == '*' || peek(walker) == '+') {
        (void)next(walker);
        endless = true;
    } else if (peek(walker) == '?') {
        (void)next(walker);
    } else if (peek(walker) == '{' && text_take_u64(&inside, &least)) {
        endless = text_skip(&inside, ",") && !text_take_u64(&inside, &most);
        if (!text_skip(&inside, "}"))
            return; // a brace like any other
        walker->rest = inside;
        repeat(walker, start, least);
    } else {
        return;
    }
    bool possessive = peek(walker) == '+'; // gives nothing back, so it cannot hurt
    if (possessive || peek(walker) == '?')
        (void)next(walker);
    if (endless && !possessive)
        attack(walker, start);
}

// ---- what one atom matches ------------------------------------------------------------------------

// Bytes that a class letter behind a backslash stands for.
static bool in_class_letter(char letter, unsigned char c)
{
    bool space = c == ' ' || (c >= '\t' && c <= '\r');
    switch (letter) {
    case 'd':
        return byte_is_digit((char)c);
    case 'D':
        return !byte_is_digit((char)c);
    case 'w':
        return byte_is_word((char)c);
    case 'W':
        return !byte_is_word((char)c);
    case 's':
        return space;
    case 'S':
        return !space;
    case 'h':
        return c == ' ' || c == '\t';
    default:
        return c != '\n';
    }
}

static char control_of(char letter)
{
    static const char pairs[] = "n\nt\tr\rf\fa\ae\x1b";
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
        if (pairs[i] == letter)
            return pairs[i + 1];
    return letter;
}

static char pick(const bool *set)
{
    static const char likely[] = "a0 A-./:_=\"'";
    for (const char *c = likely; *c; c++)
        if (set[(unsigned char)*c])
            return *c;
    for (unsigned c = 1; c < 256; c++)
        if (set[c])
            return (char)c;
    return 'a';
}

static void walk_escape(struct walker *walker)
{
    char letter = next(walker);
    bool set[256] = {false};
    if (letter && strchr("dDwWsShN", letter)) {
        for (unsigned c = 0; c < 256; c++)
            set[c] = in_class_letter(letter, (unsigned char)c);
        buffer_putc(&walker->sample, pick(set));
    } else if (letter && strchr("bBAzZG", letter)) {
        return; // a place, not a byte
    } else if (byte_is_alpha(letter) || byte_is_digit(letter)) {
        walker->stop = letter != control_of(letter) ? walker->stop : true;
        buffer_putc(&walker->sample, control_of(letter));
    } else {
        buffer_putc(&walker->sample, letter);
    }
}

static void add_posix(struct walker *walker, bool *set)
{
    ptrdiff_t end = text_find(walker->rest, TEXT(":]"));
    struct text name = text_slice(walker->rest, 1, end > 1 ? (size_t)end - 1 : 0);
    char letter = text_is(name, "digit") ? 'd' : text_is(name, "space") ? 's' : 'w';
    for (unsigned c = 0; c < 256; c++)
        set[c] |= in_class_letter(letter, (unsigned char)c);
    walker->rest = end > 0 ? text_from(walker->rest, (size_t)end + 2) : walker->rest;
}

// Behind `[`.
static void walk_class(struct walker *walker)
{
    bool set[256] = {false}, negated = peek(walker) == '^', first = true;
    if (negated)
        (void)next(walker);
    for (; walker->rest.len && (first || peek(walker) != ']'); first = false) {
        char c = next(walker);
        if (c == '[' && peek(walker) == ':') {
            add_posix(walker, set);
            continue;
        }
        if (c == '\\') {
            c = next(walker);
            if (c && strchr("dDwWsSh", c)) {
                for (unsigned byte = 0; byte < 256; byte++)
                    set[byte] |= in_class_letter(c, (unsigned char)byte);
                continue;
            }
            c = control_of(c);
        }
        char high = c;
        if (peek(walker) == '-' && walker->rest.len > 1 && walker->rest.ptr[1] != ']') {
            (void)next(walker);
            high = next(walker);
        }
        for (unsigned byte = (unsigned char)c; byte <= (unsigned char)high; byte++)
            set[byte] = true;
    }
    (void)next(walker);
    for (unsigned c = 0; c < 256 && negated; c++)
        set[c] = !set[c];
    buffer_putc(&walker->sample, pick(set));
}

// Behind `(`. What a lookaround matches is no part of the text.
static void walk_group(struct walker *walker, unsigned depth)
{
    static const char *const looks[] = {"?=", "?!", "?<=", "?<!", NULL};
    bool look = false;
    if (depth >= DEPTH_MAX || peek(walker) == '*') {
        walker->stop = true;
        return;
    }
    for (size_t i = 0; looks[i] && !look; i++)
        look = text_skip(&walker->rest, looks[i]);
    if (!look && text_skip(&walker->rest, "?")) {
        (void)text_skip(&walker->rest, "P");
        struct text name = walker->rest;
        ptrdiff_t end = text_find_byte(name, '>');
        if (text_skip(&name, "<") && end > 0)
            walker->rest = text_from(walker->rest, (size_t)end + 1);
        else if (!text_skip(&walker->rest, ":") && !text_skip(&walker->rest, ">"))
            walker->stop = true; // options, conditions, comments …
    }
    size_t start = walker->sample.len;
    if (!walker->stop)
        walk_alternatives(walker, depth + 1);
    (void)next(walker);
    if (look)
        walker->sample.len = start;
}

static void walk_atom(struct walker *walker, unsigned depth)
{
    char c = next(walker);
    if (c == '\\')
        walk_escape(walker);
    else if (c == '[')
        walk_class(walker);
    else if (c == '(')
        walk_group(walker, depth);
    else if (c == '.')
        buffer_putc(&walker->sample, 'a');
    else if (c != '^' && c != '$')
        buffer_putc(&walker->sample, c);
}

static void walk_branch(struct walker *walker, unsigned depth)
{
    while (!walker->stop && walker->rest.len && peek(walker) != '|' && peek(walker) != ')') {
        size_t start = walker->sample.len;
        walk_atom(walker, depth);
        if (!walker->stop)
            walk_quantifier(walker, start);
    }
}

// Each alternative is walked behind what came before; the first one goes into the sample. Depth is bounded by
// walk_group.
static void walk_alternatives(struct walker *walker, unsigned depth)
{
    size_t start = walker->sample.len;
    walk_branch(walker, depth);
    struct buffer first = {0};
    buffer_add(&first, text_from(buffer_text(&walker->sample), start));
    while (!walker->stop && peek(walker) == '|') {
        (void)next(walker);
        walker->sample.len = start;
        walk_branch(walker, depth);
    }
    walker->sample.len = start;
    buffer_add(&walker->sample, buffer_text(&first));
    buffer_release(&first);
}

void attack_texts(struct text source, size_t bytes, bool (*try)(void *context, struct text text),
                  void *context)
{
    struct walker scout = {.rest = source};
    buffer_puts(&scout.sample, "");
    walk_alternatives(&scout, 0);
    struct walker walker = {
        .rest = source, .whole = buffer_text(&scout.sample), .bytes = bytes, .try = try, .context = context};
    buffer_puts(&walker.sample, "");
    walk_alternatives(&walker, 0);
    buffer_release(&walker.sample);
    buffer_release(&scout.sample);
}
