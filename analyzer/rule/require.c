// SPDX-License-Identifier: Apache-2.0
//
// An expression is split into variants that together match whatever it matches: its top-level
// alternatives, and in each of those the alternatives of one group. Each variant must have a literal.
#include "rule/require.h"

#include <string.h>

#include "util/buffer.h"
#include "util/literal.h"

enum {
    GOOD_BYTES = 8,    // one text of this length is worth more than several
    CLASS_LETTERS = 2, // of a class that stands for its letters: the cases of one
};

// What stands at `at`: the bytes that one escape or class takes, else one byte.
static size_t token_length(struct text source, size_t at)
{
    if (source.ptr[at] == '\\')
        return at + 1 < source.len ? 2 : 1;
    if (source.ptr[at] != '[')
        return 1;
    size_t i = at + 1;
    if (i < source.len && source.ptr[i] == '^')
        i++;
    size_t first = i; // a `]` there is one of the set
    while (i < source.len && (source.ptr[i] != ']' || i == first)) {
        ptrdiff_t end = -1;
        if (text_starts(text_from(source, i), "[:"))
            end = text_find(text_from(source, i), TEXT(":]"));
        i += end > 0 ? (size_t)end + 2 : source.ptr[i] == '\\' ? 2 : 1;
    }
    return i < source.len ? i + 1 - at : source.len - at;
}

// How a group begins: the length of `(`, `(?:`, `(?<name>` or `(?P<name>`; 0 for every other kind.
static size_t group_start(struct text at)
{
    if (!text_starts(at, "(?"))
        return 1;
    if (text_starts(at, "(?:"))
        return 3;
    struct text rest = text_from(at, 2);
    (void)text_skip(&rest, "P");
    if (!text_skip(&rest, "<") || !rest.len || !(byte_is_word(rest.ptr[0])))
        return 0;
    ptrdiff_t end = text_find_byte(rest, '>');
    return end < 0 ? 0 : (size_t)(rest.ptr + end + 1 - at.ptr);
}

// Options change what follows them, `\Q` hides what looks like syntax, verbs and conditions do anything.
static bool is_plain(struct text source)
{
    static const char *const lookarounds[] = {"(?=", "(?!", "(?<=", "(?<!", "(?>", NULL};
    for (size_t at = 0; at < source.len; at += token_length(source, at)) {
        struct text rest = text_from(source, at);
        bool known = source.ptr[at] != '(' || group_start(rest) > 0;
        for (const char *const *start = lookarounds; *start && !known; start++)
            known = text_starts(rest, *start);
        if (!known || text_starts(rest, "(*") || text_starts(rest, "\\Q") || text_starts(rest, "\\E"))
            return false;
    }
    return true;
}

// The end of the alternative that starts at `at`: its `|`, its group's `)`, or the end of the source.
static size_t alternative_end(struct text source, size_t at)
{
    size_t depth = 0;
    for (; at < source.len; at += token_length(source, at)) {
        char c = source.ptr[at];
        if (depth == 0 && (c == '|' || c == ')'))
            return at;
        depth += c == '(';
        depth -= c == ')';
    }
    return source.len;
}

struct found {
    struct text texts[REQUIRE_MAX];
    size_t count;
    size_t shortest; // 0: none
};

static void add_text(struct found *found, struct text text)
{
    if (!text.len || found->count == REQUIRE_MAX) {
        found->shortest = 0;
        found->count = REQUIRE_MAX; // and nothing more
        return;
    }
    if (found->count == 0 || text.len < found->shortest)
        found->shortest = text.len;
    found->texts[found->count++] = text;
}

static void add_all(struct found *found, const struct found *more)
{
    if (!more->shortest)
        add_text(found, (struct text){0});
    for (size_t i = 0; i < more->count && more->shortest; i++)
        add_text(found, more->texts[i]);
}

// The letters of a class like `[Dd]` that takes exactly one byte; 0 where something else stands there.
static size_t class_letters(struct text at)
{
    size_t end = 1;
    if (at.len < 4 || at.ptr[0] != '[')
        return 0;
    while (end < at.len && end <= CLASS_LETTERS && byte_is_word(at.ptr[end]))
        end++;
    bool whole = end > 2 && end < at.len && at.ptr[end] == ']';
    bool repeated = end + 1 < at.len && strchr("?*+{", at.ptr[end + 1]);
    return whole && !repeated ? end - 1 : 0;
}

// One text per letter of the class at `open`.
static struct found of_class(struct text branch, size_t open, size_t letters, struct arena *arena)
{
    struct found found = {0};
    for (size_t i = 1; i <= letters; i++) {
        struct buffer variant = {0};
        buffer_add(&variant, text_slice(branch, 0, open));
        buffer_putc(&variant, branch.ptr[open + i]);
        buffer_add(&variant, text_from(branch, open + letters + 2));
        add_text(&found, literal_of(buffer_text(&variant), arena));
        buffer_release(&variant);
    }
    return found;
}

// What a branch whose group was chosen requires: `[Ll]ink [Dd]own` has short literals, with one letter put
// for a class they are longer.
static struct found of_variant(struct text branch, struct arena *arena)
{
    struct found best = {0};
    add_text(&best, literal_of(branch, arena));
    size_t depth = 0;
    for (size_t at = 0; at < branch.len && best.shortest < GOOD_BYTES; at += token_length(branch, at)) {
        depth += branch.ptr[at] == '(';
        depth -= branch.ptr[at] == ')';
        size_t letters = depth ? 0 : class_letters(text_from(branch, at));
        struct found found = {0};
        if (letters)
            found = of_class(branch, at, letters, arena);
        if (found.shortest > best.shortest)
            best = found;
    }
    return best;
}

// One text or more per alternative of the group at `open`, each searched in the whole branch with that
// alternative in the group's place.
static struct found of_group(struct text branch, size_t open, size_t body, struct arena *arena)
{
    struct found found = {0};
    size_t close = alternative_end(branch, body);
    while (close < branch.len && branch.ptr[close] == '|')
        close = alternative_end(branch, close + 1);
    struct text rest = text_from(branch, close + 1);
    if (rest.len && strchr("?*+{", rest.ptr[0]))
        return found; // may be left out or come again
    for (size_t at = body; at <= close;) {
        size_t end = alternative_end(branch, at);
        struct buffer variant = {0};
        buffer_add(&variant, text_slice(branch, 0, open));
        buffer_add(&variant, text_slice(branch, at, end - at));
        buffer_add(&variant, rest);
        struct found texts = of_variant(buffer_text(&variant), arena);
        add_all(&found, &texts);
        buffer_release(&variant);
        at = end + 1;
    }
    return found;
}

// The best of what a branch without alternatives of its own requires.
static struct found of_branch(struct text branch, struct arena *arena)
{
    struct found best = of_variant(branch, arena);
    size_t depth = 0;
    for (size_t at = 0; at < branch.len && best.shortest < GOOD_BYTES; at += token_length(branch, at)) {
        char c = branch.ptr[at];
        size_t start = c == '(' && depth == 0 ? group_start(text_from(branch, at)) : 0;
        depth += c == '(';
        depth -= c == ')';
        if (!start)
            continue;
        struct found found = of_group(branch, at, at + start, arena);
        if (found.shortest > best.shortest)
            best = found;
    }
    return best;
}

size_t required_texts(struct text source, size_t least, struct arena *arena, struct text *texts)
{
    struct found found = {0};
    if (!is_plain(source)) {
        add_text(&found, literal_of(source, arena));
    } else {
        for (size_t at = 0; at <= source.len;) {
            size_t end = alternative_end(source, at);
            struct found branch = of_branch(text_slice(source, at, end - at), arena);
            add_all(&found, &branch);
            at = end + 1;
        }
    }
    if (found.shortest < least)
        return 0;
    memcpy(texts, found.texts, found.count * sizeof *texts);
    return found.count;
}
