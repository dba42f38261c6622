// SPDX-License-Identifier: Apache-2.0
#include "util/literal.h"

#include <string.h>

#include "util/buffer.h"
#include "util/memory.h"

enum { DEPTH_MAX = 32 };

struct reader {
    struct text rest;
    bool unknown; // met a construct that is not known: no literal at all
};

// What one branch must hold: the longest run that is not optional.
struct found {
    struct buffer best;
    bool alternation; // the branch is one of several: nothing is certain
};

// An atom is one thing that a quantifier may follow.
enum atom {
    ATOM_LITERAL, // one byte, in `byte`
    ATOM_OTHER,   // consumes something or nothing: breaks the run
    ATOM_GROUP,   // its own findings in `inner`
    ATOM_END,     // `|`, `)` or the end; not taken
};

static bool take(struct reader *reader, char c)
{
    if (reader->rest.len == 0 || reader->rest.ptr[0] != c)
        return false;
    reader->rest = text_from(reader->rest, 1);
    return true;
}

// ---- quantifiers -----------------------------------------------------------------------------

struct quantifier {
    bool given, may_be_zero;
};

// `{n}`, `{n,}`, `{n,m}`. Others are literal braces to PCRE2 10.42, and 10.43 reads some of those
// (`{,m}`, blanks inside) as quantifiers: they count as unknown.
static struct quantifier take_braces(struct reader *reader)
{
    struct text inside = text_from(reader->rest, 1);
    uint64_t least = 0, most;
    if (inside.len && strchr(" \t,", inside.ptr[0]))
        reader->unknown = true;
    if (!inside.len || !byte_is_digit(inside.ptr[0]))
        return (struct quantifier){0};
    if (!text_take_u64(&inside, &least))
        reader->unknown = true;
    if (text_skip(&inside, ","))
        (void)text_take_u64(&inside, &most);
    if (!text_skip(&inside, "}")) {
        reader->unknown = true;
        return (struct quantifier){0};
    }
    reader->rest = inside;
    return (struct quantifier){.given = true, .may_be_zero = least == 0};
}

static struct quantifier take_quantifier(struct reader *reader)
{
    struct quantifier quantifier = {0};
    if (take(reader, '*') || take(reader, '?'))
        quantifier = (struct quantifier){.given = true, .may_be_zero = true};
    else if (take(reader, '+'))
        quantifier.given = true;
    else if (reader->rest.len && reader->rest.ptr[0] == '{')
        quantifier = take_braces(reader);
    if (quantifier.given && !take(reader, '?')) // lazy
        (void)take(reader, '+');                // possessive
    return quantifier;
}

// ---- atoms -----------------------------------------------------------------------------------

// Behind a backslash.
static enum atom take_escape(struct reader *reader, char *byte)
{
    static const char control[] = "a\at\tn\nr\rf\fe\x1b";
    if (reader->rest.len == 0) {
        reader->unknown = true;
        return ATOM_OTHER;
    }
    char c = reader->rest.ptr[0];
    reader->rest = text_from(reader->rest, 1);
    *byte = c;
    if (!byte_is_digit(c) && !byte_is_alpha(c) && (unsigned char)c < 0x80)
        return ATOM_LITERAL;
    if (strchr("dDwWsShHvVbBAzZGNR", c) && !(c == 'N' && reader->rest.len && reader->rest.ptr[0] == '{'))
        return ATOM_OTHER;
    for (size_t i = 0; i + 1 < sizeof control; i += 2)
        if (control[i] == c) {
            *byte = control[i + 1];
            return ATOM_LITERAL;
        }
    reader->unknown = true; // references, \Q, \K, \x.., \0.., \p{..} and what is not known yet
    return ATOM_OTHER;
}

// `[:alpha:]` inside a class; other texts that begin with `[:`, `[.` or `[=` are unknown.
static void skip_posix_class(struct reader *reader)
{
    struct text inside = reader->rest;
    if (!text_skip(&inside, ":")) {
        reader->unknown = true;
        return;
    }
    (void)text_skip(&inside, "^");
    while (inside.len && byte_is_alpha(inside.ptr[0]))
        inside = text_from(inside, 1);
    if (text_skip(&inside, ":]"))
        reader->rest = inside;
    else
        reader->unknown = true;
}

// One member of a class behind its bracket. Gives false at its end.
static bool take_class_member(struct reader *reader, char *byte, bool *plain)
{
    if (reader->rest.len == 0) {
        reader->unknown = true;
        return false;
    }
    char c = reader->rest.ptr[0];
    reader->rest = text_from(reader->rest, 1);
    *byte = c;
    *plain = c != '\\' && c != '[';
    if (c == '\\' && reader->rest.len) {
        *byte = reader->rest.ptr[0];
        *plain = !byte_is_word(*byte) && (unsigned char)*byte < 0x80;
        if (strchr("cQEN", *byte))
            reader->unknown = true;
        reader->rest = text_from(reader->rest, 1);
    } else if (c == '[' && reader->rest.len && strchr(":.=", reader->rest.ptr[0]))
        skip_posix_class(reader);
    else if (c == '[')
        *plain = true;
    return c != ']';
}

// Behind `[`. A class of exactly one plain character is that character.
static enum atom take_class(struct reader *reader, char *byte)
{
    bool negated = take(reader, '^'), plain, only = true;
    char next;
    size_t members = 0;
    if (take(reader, ']')) { // the first `]` is a member
        *byte = ']';
        members = 1;
    }
    while (!reader->unknown && take_class_member(reader, &next, &plain)) {
        only = only && plain;
        *byte = next;
        members++;
    }
    return members == 1 && only && !negated ? ATOM_LITERAL : ATOM_OTHER;
}

static void read_alternatives(struct reader *reader, struct found *found, unsigned depth);

// Behind `(?`: what kind of group. `holds`: its literals stand in the match. `flags`: it was `(?s)`,
// already closed.
static void take_group_kind(struct reader *reader, bool *holds, bool *flags)
{
    static const char *const plain[] = {":", ">", NULL}, *const look[] = {"=", "!", "<=", "<!", NULL},
                             *const named[] = {"<", "P<", "'", NULL};
    for (size_t i = 0; plain[i]; i++)
        if (text_skip(&reader->rest, plain[i]))
            return;
    for (size_t i = 0; look[i]; i++)
        if (text_skip(&reader->rest, look[i])) {
            *holds = false;
            return;
        }
    for (size_t i = 0; named[i]; i++)
        if (text_skip(&reader->rest, named[i])) {
            while (reader->rest.len && byte_is_word(reader->rest.ptr[0]))
                reader->rest = text_from(reader->rest, 1);
            reader->unknown |= !take(reader, i == 2 ? '\'' : '>');
            return;
        }
    while (reader->rest.len && strchr("smJUn-", reader->rest.ptr[0]))
        reader->rest = text_from(reader->rest, 1);
    *flags = take(reader, ')');
    reader->unknown |= !*flags && !take(reader, ':');
}

// Behind `(`.
static enum atom take_group(struct reader *reader, struct found *inner, unsigned depth)
{
    bool holds = true, flags = false;
    if (depth >= DEPTH_MAX || text_starts(reader->rest, "*"))
        reader->unknown = true;
    else if (take(reader, '?'))
        take_group_kind(reader, &holds, &flags);
    if (reader->unknown || flags)
        return ATOM_OTHER;
    read_alternatives(reader, inner, depth + 1);
    reader->unknown |= !take(reader, ')');
    if (!holds)
        buffer_clear(&inner->best);
    return ATOM_GROUP;
}

static enum atom take_atom(struct reader *reader, char *byte, struct found *inner, unsigned depth)
{
    char c = reader->rest.len ? reader->rest.ptr[0] : '\0';
    if (reader->rest.len == 0 || c == '|' || c == ')')
        return ATOM_END;
    reader->rest = text_from(reader->rest, 1);
    *byte = c;
    switch (c) {
    case '\\':
        return take_escape(reader, byte);
    case '[':
        return take_class(reader, byte);
    case '(':
        return take_group(reader, inner, depth);
    case '.':
    case '^':
    case '$':
        return ATOM_OTHER;
    case '*':
    case '+':
    case '?':
        reader->unknown = true; // a quantifier of nothing: PCRE2 would have refused it
        return ATOM_OTHER;
    default:
        return ATOM_LITERAL;
    }
}

// ---- sequences -------------------------------------------------------------------------------

static void keep_longer(struct found *found, struct buffer *run)
{
    if (run->len > found->best.len) {
        buffer_clear(&found->best);
        buffer_add(&found->best, buffer_text(run));
    }
    buffer_clear(run);
}

// One branch, up to `|`, `)` or the end.
static void read_branch(struct reader *reader, struct found *found, unsigned depth)
{
    CLEANUP(buffer_release) struct buffer run = {0};
    while (!reader->unknown) {
        struct found inner = {0};
        char byte = '\0';
        enum atom atom = take_atom(reader, &byte, &inner, depth);
        struct quantifier quantifier = atom == ATOM_END ? (struct quantifier){0} : take_quantifier(reader);
        if (atom == ATOM_LITERAL && !quantifier.may_be_zero)
            buffer_putc(&run, byte);
        if (atom != ATOM_LITERAL || quantifier.given)
            keep_longer(found, &run);
        if (atom == ATOM_GROUP && !quantifier.may_be_zero)
            keep_longer(found, &inner.best);
        buffer_release(&inner.best);
        if (atom == ATOM_END)
            break;
    }
}

// Depth is bounded by take_group.
static void read_alternatives(struct reader *reader, struct found *found, unsigned depth)
{
    read_branch(reader, found, depth);
    while (!reader->unknown && take(reader, '|')) {
        read_branch(reader, found, depth);
        found->alternation = true;
    }
    if (found->alternation)
        buffer_clear(&found->best);
}

struct text literal_of(struct text source, struct arena *arena)
{
    struct reader reader = {.rest = source};
    struct found found = {0};
    read_alternatives(&reader, &found, 0);
    struct text literal = {NULL, 0};
    if (!reader.unknown && reader.rest.len == 0 && found.best.len)
        literal = arena_copy(arena, buffer_text(&found.best));
    buffer_release(&found.best);
    return literal;
}
