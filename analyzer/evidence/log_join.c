// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_join.h"

#include <string.h>

// Terminals and mails are not narrower than this; what is shorter was not wrapped.
enum { NARROWEST = 40 };

bool log_is_goroutine_head(struct text line)
{
    uint64_t id;
    if (!text_skip(&line, "goroutine ") || !text_take_u64(&line, &id))
        return false;
    ptrdiff_t state = text_find(line, TEXT(" ["));
    return state >= 0 && state < 64 && text_ends(text_trim_end(line), "]:");
}

// `runtime.gopark(0x55…, 0x0)`, `created by net/http.(*Server).Serve`, `\t/go/src/net/http/server.go:2795
// +0x327`
bool log_is_goroutine_line(struct text line)
{
    line = text_trim_end(line);
    if (log_is_goroutine_head(line) || text_starts(line, "created by ") ||
        text_starts(line, "...additional frames elided...") || text_starts(line, "panic: ") ||
        text_starts(line, "[originating from goroutine "))
        return true;
    if (text_starts(line, "\t") || text_starts(line, "    ")) // a tab may have come as blanks
        return text_contains(line, ".go:") || text_contains(line, ".s:") || text_contains(line, "_cgo_");
    ptrdiff_t open = text_find_byte(line, '(');
    return open > 0 && text_ends(line, ")") && text_find_byte(text_slice(line, 0, (size_t)open), ' ') < 0 &&
           text_find_byte(line, '.') > 0 && text_find_byte(line, '=') < 0;
}

// The run of non-blanks at the end, and at the start.
static struct text last_word(struct text line)
{
    size_t n = line.len;
    while (n && line.ptr[n - 1] != ' ')
        n--;
    return text_from(line, n);
}

static struct text first_word(struct text line)
{
    struct text word = {NULL, 0};
    (void)text_word(&line, &word);
    return word;
}

static bool all_letters(struct text word)
{
    size_t n = 0;
    while (n < word.len && byte_is_alpha(word.ptr[n]))
        n++;
    return n > 0 && n == word.len;
}

// Letters with a sign of speech behind them: `seconds.`, `skipping:`.
static bool is_plain_word(struct text word)
{
    while (word.len > 1 && memchr(".,;:!?)", word.ptr[word.len - 1], 7))
        word.len--;
    return all_letters(word);
}

static bool is_short_number(struct text word)
{
    return word.len <= 6 && text_all_digits(word);
}

// An opening quote is one with `=`, `(`, `[`, a blank or nothing before it.
static bool ends_in_opening_quote(struct text line)
{
    size_t n = line.len;
    if (line.ptr[n - 1] != '"' && line.ptr[n - 1] != '\'')
        return false;
    return n == 1 || memchr("=([ {\\", line.ptr[n - 2], 6) != NULL;
}

// Neither side has a blank at the break: was there one?
static bool blank_was_lost(struct text before, struct text after)
{
    char last = before.ptr[before.len - 1], first = after.ptr[0];
    struct text left = last_word(before), right = first_word(after);
    if (ends_in_opening_quote(before) || memchr("([{/=-_\\", last, 8) || memchr(")]},./=:;\"", first, 10))
        return false;
    if (memchr(",;:\"'])}", last, 8))
        return true;
    if (last == '.')
        return first >= 'A' && first <= 'Z';
    if (is_short_number(left))
        return is_plain_word(right);
    // words of a sentence; a path, an id or a key is cut anywhere
    return is_plain_word(left) &&
           (is_plain_word(right) || byte_is_digit(first) || first == '[' || first == '"');
}

enum log_join log_join_kind(struct text before, struct text after)
{
    if (!after.len || after.ptr[0] == '\t' || before.len < NARROWEST || log_is_goroutine_line(after) ||
        log_is_goroutine_line(before))
        return JOIN_NEWLINE;
    bool spaced = before.ptr[before.len - 1] == ' ';
    if (text_starts(after, "  ") || (after.ptr[0] == ' ' && spaced))
        return JOIN_NEWLINE; // indented: journalctl does so with the lines of one message
    if (after.ptr[0] == ' ' || spaced)
        return JOIN_NOTHING;
    return blank_was_lost(before, after) ? JOIN_BLANK : JOIN_NOTHING;
}
