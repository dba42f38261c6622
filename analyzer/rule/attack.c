// SPDX-License-Identifier: Apache-2.0
//
// Walks through an expression and writes down a text that it matches, as far as it is understood. Each
// quantifier that may repeat often gives two attacks: what was written so far, its part many times, and a
// byte that nothing expects; and the same with a whole match behind it.
//
// That is the first walk. The others are drawn by lot, always the same ones: which alternative, which byte of
// a class, how often; what is repeated (this part, or more of what stands before it) and how many times; what
// stands behind it. A part that matches one text in several ways (`(?:a|ab)(?:bc|c)`) shows when the text
// happens to be that one.
#include "rule/attack.h"

#include <string.h>

#include "util/buffer.h"

enum {
    DEPTH_MAX = 16,
    ATTACKS_MAX = 64, // of one walk
    REPEAT_MAX = 20,
    OFTEN = 8,  // a quantifier up to so many is not worth an attack
    STARTS = 8, // that are remembered
    PADDING_BYTES =
        5100 // PCRE2 looks for a byte that every match needs in no more (REQ_CU_MAX, 5000 in 10.42)
};

struct walker {
    struct text rest;
    struct buffer sample; // what matches the expression up to here
    struct text whole;    // what matches all of it
    size_t bytes;         // 0: no attacks, only the sample is wanted
    bool (*try)(void *context, struct text text);
    void *context;
    unsigned attacks;
    uint64_t lot;          // 0: the first walk
    size_t starts[STARTS]; // of the last parts, in the sample
    size_t start_count;
    bool blanks; // (?x): blanks say nothing
    bool stop;   // an unknown construct, or try() has seen enough
};

// One of `count`, by lot; the first where nothing is drawn. (Knuth's MMIX generator, the high bits.)
static size_t draw(struct walker *walker, size_t count)
{
    if (!walker->lot || !count)
        return 0;
    walker->lot = walker->lot * 6364136223846793005u + 1442695040888963407u;
    return (size_t)((walker->lot >> 33) % count);
}

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

static void add_reversed(struct buffer *out, struct text text)
{
    for (size_t i = text.len; i > 0; i--)
        buffer_putc(out, text.ptr[i - 1]);
}

// What the expression may need but not in this order, and a byte that ends most repetitions before it.
static void add_ending(struct walker *walker, struct buffer *text)
{
    static const char *const barriers[] = {"\x01", "\n", " ", ",", "0", "x", ""};
    buffer_puts(text, barriers[draw(walker, sizeof barriers / sizeof *barriers)]);
    if (draw(walker, 3))
        add_reversed(text, walker->whole);
    else
        buffer_add(text, walker->whole);
}

static void attack_by_lot(struct walker *walker, size_t start)
{
    static const size_t shares[] = {1, 1, 2, 4, 8, 16};
    size_t from = walker->start_count ? walker->starts[draw(walker, walker->start_count)] : start;
    struct text part =
        text_from(buffer_text(&walker->sample), from < start && draw(walker, 2) ? from : start);
    size_t bytes = walker->bytes / shares[draw(walker, sizeof shares / sizeof *shares)];
    struct buffer text = {0};
    buffer_add(&text, buffer_text(&walker->sample));
    while (text.len < bytes)
        buffer_add(&text, part);
    add_ending(walker, &text);
    walker->stop = !walker->try(walker->context, buffer_text(&text));
    buffer_release(&text);
}

static void attack(struct walker *walker, size_t start)
{
    struct text part = text_from(buffer_text(&walker->sample), start);
    if (!part.len || !walker->bytes || walker->attacks++ >= ATTACKS_MAX)
        return;
    if (walker->lot) {
        attack_by_lot(walker, start);
        return;
    }
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

// The sample's last part, `times` times instead of once.
static void repeat(struct walker *walker, size_t start, uint64_t times)
{
    struct buffer part = {0};
    buffer_add(&part, text_from(buffer_text(&walker->sample), start));
    if (!times)
        walker->sample.len = start;
    for (uint64_t i = 1; i < times && i < REPEAT_MAX && part.len; i++)
        buffer_add(&walker->sample, buffer_text(&part));
    buffer_release(&part);
}

struct range {
    uint64_t least, most;
    bool any; // a quantifier stands there
};

static struct range take_range(struct walker *walker)
{
    struct text inside = text_from(walker->rest, 1);
    struct range range = {0, UINT64_MAX, true};
    char c = peek(walker);
    if (c == '{' && text_take_u64(&inside, &range.least)) {
        range.most = range.least;
        if (text_skip(&inside, ",") && !text_take_u64(&inside, &range.most))
            range.most = UINT64_MAX;
        range.any = text_skip(&inside, "}"); // else a brace like any other
        walker->rest = range.any ? inside : walker->rest;
        return range;
    }
    range.any = c == '*' || c == '+' || c == '?';
    range.least = c == '+';
    range.most = c == '?' ? 1 : UINT64_MAX;
    if (range.any)
        (void)next(walker);
    return range;
}

static void walk_quantifier(struct walker *walker, size_t start)
{
    while (walker->blanks && (peek(walker) == ' ' || peek(walker) == '\n'))
        (void)next(walker);
    struct range range = take_range(walker);
    if (!range.any)
        return;
    bool possessive = peek(walker) == '+'; // gives nothing back, so it cannot hurt
    if (possessive || peek(walker) == '?')
        (void)next(walker);
    if (range.most > OFTEN && !possessive)
        attack(walker, start);
    walker->starts[walker->start_count++ % STARTS] = start;
    walker->start_count = walker->start_count < STARTS ? walker->start_count : STARTS;
    uint64_t more = range.most - range.least < 2 ? range.most - range.least : 2;
    uint64_t least = walker->lot || range.least ? range.least : 1;
    repeat(walker, start, least + draw(walker, (size_t)more + 1));
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

static char pick(struct walker *walker, const bool *set)
{
    static const char likely[] = "a0 A-./:_=\"',b[]x1";
    size_t skip = draw(walker, 2) ? draw(walker, sizeof likely - 1) : 0;
    for (size_t i = 0; i < sizeof likely - 1; i++) {
        char c = likely[(i + skip) % (sizeof likely - 1)];
        if (set[(unsigned char)c])
            return c;
    }
    for (unsigned c = 1; c < 256; c++)
        if (set[c])
            return (char)c;
    return 'a';
}

// \x41, \x{41}, \p{L}: what stands behind the letter.
static void walk_long_escape(struct walker *walker, char letter)
{
    uint64_t code = 'a';
    struct text inside = text_slice(walker->rest, 0, 1);
    if (peek(walker) == '{') {
        ptrdiff_t end = text_find_byte(walker->rest, '}');
        inside = text_slice(walker->rest, 1, end > 0 ? (size_t)end - 1 : 0);
        (void)next(walker);
        walker->rest = text_from(walker->rest, inside.len + 1);
    } else {
        if (letter == 'x')
            inside = text_slice(walker->rest, 0, 2);
        walker->rest = text_from(walker->rest, inside.len);
    }
    if (letter == 'x' && (!text_to_hex(inside, &code) || code > UINT8_MAX))
        code = 'a';
    if (letter == 'p' && text_starts(inside, "N"))
        code = '0';
    buffer_putc(&walker->sample, (char)code);
}

static void walk_escape(struct walker *walker)
{
    char letter = next(walker);
    bool set[256] = {false};
    if (letter && strchr("dDwWsShNR", letter)) {
        for (unsigned c = 0; c < 256; c++)
            set[c] = letter == 'R' ? c == '\n' : in_class_letter(letter, (unsigned char)c);
        buffer_putc(&walker->sample, pick(walker, set));
    } else if (letter && strchr("bBAzZGKE", letter)) {
        return; // a place, not a byte
    } else if (letter && strchr("xpP", letter)) {
        walk_long_escape(walker, letter);
    } else if (byte_is_digit(letter)) {
        buffer_putc(&walker->sample, 'a'); // what a group matched
    } else {
        walker->stop |= byte_is_alpha(letter) && letter == control_of(letter);
        buffer_putc(&walker->sample, control_of(letter));
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
    buffer_putc(&walker->sample, pick(walker, set));
}

// Behind `(?`, of a group that is no lookaround: its name, options or condition. False where nothing follows:
// `(?i)`.
static bool walk_group_kind(struct walker *walker)
{
    ptrdiff_t end = text_find_byte(walker->rest, '>');
    (void)text_skip(&walker->rest, "P");
    if (peek(walker) == '<' && end > 0) {
        walker->rest = text_from(walker->rest, (size_t)end + 1);
        return true;
    }
    if (text_skip(&walker->rest, ">") || text_skip(&walker->rest, "|"))
        return true;
    bool off = false;
    while (byte_is_alpha(peek(walker)) || peek(walker) == '-' || peek(walker) == '^') {
        char option = next(walker);
        off |= option == '-';
        walker->blanks = option == 'x' ? !off : walker->blanks;
    }
    if (text_skip(&walker->rest, ":"))
        return true;
    walker->stop |= peek(walker) != ')'; // conditions, comments, calls …
    return false;
}

// Behind `(`. What a lookaround matches is no part of the text.
static void walk_group(struct walker *walker, unsigned depth)
{
    static const char *const looks[] = {"?=", "?!", "?<=", "?<!", NULL};
    bool look = false, inside = true;
    if (depth >= DEPTH_MAX || peek(walker) == '*') {
        walker->stop = true;
        return;
    }
    if (text_skip(&walker->rest, "?(")) { // a condition: what it looks at, then yes | no
        walk_group(walker, depth + 1);
        walk_alternatives(walker, depth + 1);
        (void)next(walker);
        return;
    }
    for (size_t i = 0; looks[i] && !look; i++)
        look = text_skip(&walker->rest, looks[i]);
    if (!look && text_skip(&walker->rest, "?"))
        inside = walk_group_kind(walker);
    size_t start = walker->sample.len;
    if (!walker->stop && inside)
        walk_alternatives(walker, depth + 1);
    (void)next(walker);
    if (look)
        walker->sample.len = start;
}

static void walk_dot(struct walker *walker)
{
    bool set[256];
    for (unsigned c = 0; c < 256; c++)
        set[c] = c != '\n';
    buffer_putc(&walker->sample, pick(walker, set));
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
        walk_dot(walker);
    else if (c != '^' && c != '$' && !(walker->blanks && (c == ' ' || c == '\n')))
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

// Each alternative is walked behind what came before; one of them goes into the sample. Depth is bounded by
// walk_group.
static void walk_alternatives(struct walker *walker, unsigned depth)
{
    size_t start = walker->sample.len, count = 1;
    walk_branch(walker, depth);
    struct buffer kept = {0};
    buffer_add(&kept, text_from(buffer_text(&walker->sample), start));
    while (!walker->stop && peek(walker) == '|') {
        (void)next(walker);
        walker->sample.len = start;
        walk_branch(walker, depth);
        if (walker->lot && draw(walker, ++count) == 0) {
            buffer_clear(&kept);
            buffer_add(&kept, text_from(buffer_text(&walker->sample), start));
        }
    }
    walker->sample.len = start;
    buffer_add(&walker->sample, buffer_text(&kept));
    buffer_release(&kept);
}

void attack_texts(struct text source, size_t bytes, unsigned walks,
                  bool (*try)(void *context, struct text text), void *context)
{
    struct walker scout = {.rest = source};
    buffer_puts(&scout.sample, "");
    walk_alternatives(&scout, 0);
    bool go_on = true;
    for (unsigned i = 0; i < walks && go_on; i++) {
        struct walker walker = {.rest = source,
                                .whole = buffer_text(&scout.sample),
                                .bytes = bytes,
                                .try = try,
                                .context = context,
                                .lot = i};
        buffer_puts(&walker.sample, "");
        for (unsigned warm = 0; warm < 4; warm++) // near seeds begin alike
            (void)draw(&walker, 2);
        walk_alternatives(&walker, 0);
        go_on = !walker.stop || walker.rest.len;
        buffer_release(&walker.sample);
    }
    buffer_release(&scout.sample);
}
