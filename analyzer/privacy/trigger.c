// SPDX-License-Identifier: Apache-2.0
#include "privacy/trigger.h"

enum { WORD_LEAST = 3, WORDS_MOST = 32, DEPTH_MOST = 8 };

// Words of which every match holds one; empty: not known.
struct needs {
    struct text words[WORDS_MOST];
    size_t count, shortest;
};

struct reader {
    struct text rest;
    char run[64]; // plain characters that stand in a row
    size_t length;
    struct arena_of_runs {
        char bytes[2048];
        size_t used;
    } * runs;
};

static void keep_better(struct needs *best, const struct needs *other)
{
    bool better = other->count && (!best->count || other->shortest > best->shortest ||
                                   (other->shortest == best->shortest && other->count < best->count));
    if (better)
        *best = *other;
}

// Ends the row of plain characters: it is something that a match needs.
static void end_run(struct reader *reader, struct needs *best)
{
    size_t length = reader->length;
    struct arena_of_runs *runs = reader->runs;
    reader->length = 0;
    if (length < WORD_LEAST || runs->used + length > sizeof runs->bytes)
        return;
    char *copy = memcpy(runs->bytes + runs->used, reader->run, length);
    runs->used += length;
    struct needs own = {.words = {{copy, length}}, .count = 1, .shortest = length};
    keep_better(best, &own);
}

static char peek(const struct reader *reader)
{
    return reader->rest.len ? reader->rest.ptr[0] : '\0';
}

static char take(struct reader *reader)
{
    char c = peek(reader);
    reader->rest = text_from(reader->rest, 1);
    return c;
}

static void pass_class(struct reader *reader)
{
    if (peek(reader) == '^')
        (void)take(reader);
    for (bool first = true; reader->rest.len; first = false) {
        if (text_starts(reader->rest, "[:")) {
            ptrdiff_t end = text_find(reader->rest, TEXT(":]"));
            reader->rest = text_from(reader->rest, end < 0 ? reader->rest.len : (size_t)end + 2);
        } else if (take(reader) == ']' && !first) {
            return;
        }
    }
}

// A quantifier: whether what stands before it may be absent, and whether it may stand more than once.
static bool take_quantifier(struct reader *reader, bool *optional)
{
    char c = peek(reader);
    *optional = c == '*' || c == '?';
    if (c == '{') {
        *optional = text_starts(reader->rest, "{0") || text_starts(reader->rest, "{,");
        while (reader->rest.len && take(reader) != '}') {
        }
        return true;
    }
    if (c != '*' && c != '?' && c != '+')
        return false;
    (void)take(reader);
    return true;
}

static struct needs alternatives(struct reader *reader, int depth);

static void plain(struct reader *reader, char c, struct needs *best)
{
    bool optional;
    if (reader->length == sizeof reader->run)
        end_run(reader, best);
    reader->run[reader->length++] = byte_lower(c);
    if (!take_quantifier(reader, &optional))
        return;
    reader->length -= optional;
    end_run(reader, best);
}

// One alternative, up to | or ) or the end.
static struct needs sequence(struct reader *reader, int depth)
{
    struct needs best = {0};
    bool optional;
    while (reader->rest.len && peek(reader) != '|' && peek(reader) != ')') {
        char c = take(reader);
        if (c == '(') {
            end_run(reader, &best);
            struct needs group = alternatives(reader, depth + 1);
            (void)take(reader); // )
            (void)take_quantifier(reader, &optional);
            if (!optional)
                keep_better(&best, &group);
        } else if (c == '[') {
            end_run(reader, &best);
            pass_class(reader);
            (void)take_quantifier(reader, &optional);
        } else if (c == '.' || c == '^' || c == '$') {
            end_run(reader, &best);
            (void)take_quantifier(reader, &optional);
        } else {
            plain(reader, c == '\\' ? take(reader) : c, &best);
        }
    }
    end_run(reader, &best);
    return best;
}

static struct needs alternatives(struct reader *reader, int depth)
{
    struct needs all = {0};
    bool known = depth <= DEPTH_MOST;
    for (;;) {
        struct needs one = known ? sequence(reader, depth) : (struct needs){0};
        known &= one.count > 0 && all.count + one.count <= WORDS_MOST;
        for (size_t i = 0; i < one.count && known; i++)
            all.words[all.count++] = one.words[i];
        if (known && (!all.shortest || one.shortest < all.shortest))
            all.shortest = one.shortest;
        if (!known && depth > DEPTH_MOST)
            reader->rest = (struct text){NULL, 0};
        if (peek(reader) != '|')
            break;
        (void)take(reader);
    }
    return known ? all : (struct needs){0};
}

static unsigned hash(const char *bytes)
{
    unsigned sum = (unsigned char)byte_lower(bytes[0]) | (unsigned)(unsigned char)byte_lower(bytes[1]) << 8 |
                   (unsigned)(unsigned char)byte_lower(bytes[2]) << 16;
    return (sum * 2654435761u) >> 16;
}

void trigger_add(struct trigger *trigger, unsigned expression, struct text source)
{
    struct arena_of_runs runs = {.used = 0};
    struct reader reader = {.rest = source, .runs = &runs};
    struct needs needs = alternatives(&reader, 0);
    uint64_t bit = UINT64_C(1) << (expression % TRIGGER_EXPRESSIONS);
    if (!needs.count || reader.rest.len) {
        trigger->always |= bit;
        return;
    }
    for (size_t i = 0; i < needs.count; i++) {
        struct trigger_word *word = array_add(&trigger->words);
        struct text text = text_slice(needs.words[i], 0, sizeof word->text);
        memcpy(word->text, text.ptr, text.len);
        word->length = text.len;
        word->expressions = bit;
        unsigned at = hash(word->text);
        trigger->seen[at / 8] |= (uint8_t)(1u << at % 8);
    }
}

static bool stands_at(const struct trigger_word *word, struct text rest)
{
    if (rest.len < word->length)
        return false;
    for (size_t i = 0; i < word->length; i++)
        if (byte_lower(rest.ptr[i]) != word->text[i])
            return false;
    return true;
}

uint64_t trigger_find(const struct trigger *trigger, struct text line)
{
    uint64_t found = trigger->always;
    for (size_t at = 0; at + WORD_LEAST <= line.len; at++) {
        unsigned sum = hash(line.ptr + at);
        if (!(trigger->seen[sum / 8] >> sum % 8 & 1))
            continue;
        for (size_t i = 0; i < trigger->words.count; i++)
            if (stands_at(&trigger->words.items[i], text_from(line, at)))
                found |= trigger->words.items[i].expressions;
    }
    return found;
}

void trigger_release(struct trigger *trigger)
{
    array_release(&trigger->words);
}
