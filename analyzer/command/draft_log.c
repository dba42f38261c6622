// SPDX-License-Identifier: Apache-2.0
//
// A rule from a log record: the text that was asked for with its numbers and names left open.
#include <string.h>

#include "command/draft.h"
#include "util/memory.h"
#include "util/pattern.h"
#include "util/scrub.h"

enum { MESSAGE_BYTES = 1000, SCANNED = 300000, WORDS = 24 };

struct record {
    struct text unit, message; // message: its first line
};

static struct text first_line(struct text message)
{
    struct text line = {NULL, 0};
    (void)text_split(&message, '\n', &line);
    return text_slice(text_trim(line), 0, MESSAGE_BYTES);
}

// ---- the record ------------------------------------------------------------------------------

static bool find_record(const struct draft *draft, struct text wanted, struct arena *arena,
                        struct record *record, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        draft->db, "SELECT unit, message FROM log WHERE instr(message, ?) ORDER BY member, line LIMIT 1",
        err);
    if (!query)
        return false;
    bind_text(query, 1, wanted);
    enum step step = statement_step(query, err);
    if (step == STEP_DONE)
        return fail_kind(err, ERROR_USAGE, "no log record holds '%.*s'", TEXT_ARG(wanted));
    if (step != STEP_ROW)
        return false;
    struct text rest = column_text(query, 1), line;
    while (text_split(&rest, '\n', &line) && text_find(line, wanted) < 0)
        continue;
    record->unit = arena_copy(arena, column_text(query, 0));
    record->message = arena_copy(arena, text_slice(text_trim(line), 0, MESSAGE_BYTES));
    return text_find(record->message, wanted) >= 0 ||
           fail_kind(err, ERROR_USAGE, "'%.*s' stands too far behind in its record", TEXT_ARG(wanted));
}

// ---- the regex -------------------------------------------------------------------------------

static size_t run_of(struct text text, bool (*belongs)(char c))
{
    size_t length = 0;
    while (length < text.len && belongs(text.ptr[length]))
        length++;
    return length;
}

static bool is_digit(char c)
{
    return byte_is_digit(c);
}

static bool is_hex(char c)
{
    return byte_is_hex(c);
}

// What differs from incident to incident at the start of `rest`: its length, and what stands for it.
static size_t open_part(const struct scrubber *scrubber, struct text rest, const char **stands_for)
{
    size_t name = scrubbed_at(scrubber, rest), digits = run_of(rest, is_digit);
    size_t address = text_starts(rest, "0x") ? run_of(text_from(rest, 2), is_hex) : 0;
    *stands_for = name ? "\\S+" : address ? "0x[0-9a-f]+" : "[0-9]+";
    return name ? name : address ? address + 2 : digits;
}

static void write_regex(const struct scrubber *scrubber, struct text text, struct buffer *out)
{
    bool number = false; // a wrapped paste loses the blank between a number and its unit
    while (text.len) {
        const char *stands_for;
        size_t length = open_part(scrubber, text, &stands_for);
        if (length) {
            buffer_puts(out, stands_for);
        } else {
            length = 1;
            if (strchr("\\^$.|?*+()[]{}/", text.ptr[0]))
                buffer_putc(out, '\\');
            buffer_putc(out, text.ptr[0]);
            if (number && text.ptr[0] == ' ')
                buffer_putc(out, '?');
        }
        number = byte_is_digit(text.ptr[length - 1]);
        text = text_from(text, length);
    }
}

// ---- the look-alike --------------------------------------------------------------------------

// How many of the words of `wanted` a message holds.
static size_t shared_words(struct text wanted, struct text message)
{
    size_t shared = 0, seen = 0;
    struct text word;
    while (seen++ < WORDS && text_word(&wanted, &word))
        shared += word.len > 2 && text_find(message, word) >= 0;
    return shared;
}

// The record that says most nearly the same and that the regex does not match; one of the same unit first.
static bool find_lookalike(const struct draft *draft, const struct record *record, struct pattern *regex,
                           struct arena *arena, struct text *lookalike, struct error *err)
{
    enum { STEPS = 1000000 };
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        draft->db, "SELECT message FROM log WHERE unit IS ? AND message <> '' ORDER BY member, line LIMIT ?",
        err);
    if (!query)
        return false;
    bind_text(query, 1, record->unit);
    bind_integer(query, 2, SCANNED);
    size_t best = 0;
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        struct text message = first_line(column_text(query, 0));
        size_t shared = shared_words(record->message, message);
        if ((lookalike->ptr && shared <= best) || !message.len ||
            pattern_match(regex, message, STEPS) != PATTERN_MISS)
            continue;
        best = shared;
        *lookalike = arena_copy(arena, message);
    }
    if (!lookalike->ptr)
        *lookalike = TEXT("all is well");
    return step == STEP_DONE;
}

// ---- writing ---------------------------------------------------------------------------------

// A file's name in journal/ and a line's ident.
static struct text unit_word(struct text unit)
{
    for (size_t i = 0; i < unit.len; i++)
        if (!byte_is_word(unit.ptr[i]) && !strchr("-.@", unit.ptr[i]))
            return TEXT("app");
    return unit.len ? unit : TEXT("kernel");
}

static void write_test(struct buffer *out, const char *name, struct text unit, struct text message,
                       const char *expect)
{
    CLEANUP(buffer_release) struct buffer line = {0};
    bool kernel = text_is(unit, "kernel");
    buffer_printf(out, "  - name: %s\n    files:\n      journal/%.*s.log: |\n", name, TEXT_ARG(unit));
    buffer_printf(&line, "2024-03-12T06:40:00.000000+0000 node %.*s%s: ", TEXT_ARG(unit),
                  kernel ? "" : "[812]");
    buffer_add(&line, message);
    draft_block(out, 8, buffer_text(&line));
    buffer_printf(out, "    expect: %s\n", expect);
}

static void write_head(const struct draft *draft, struct text said, struct text regex, struct text unit)
{
    struct buffer *out = draft->out;
    CLEANUP(buffer_release) struct buffer title = {0};
    buffer_printf(out, "# SPDX-License-Identifier: Apache-2.0\nid: %.*s\ntitle: ",
                  TEXT_ARG(buffer_text(draft->chosen)));
    buffer_printf(&title, "The log of %.*s says: %.*s", TEXT_ARG(unit), TEXT_ARG(text_slice(said, 0, 100)));
    draft_quoted(out, buffer_text(&title));
    buffer_puts(out, "\nseverity: medium\ncause: draft # a word of rules/causes.txt that names the failure\n"
                     "patterns:\n  said:\n    log: ");
    draft_quoted(out, regex);
    buffer_printf(out, "\n    unit: %.*s\n", TEXT_ARG(unit));
    buffer_puts(out, "query: |\n"
                     "  SELECT unit, time, evidence FROM said ORDER BY time, evidence\n"
                     "summary: '{n} records of {unit} say so.'\n");
    draft_advice(out);
}

static bool write_draft(const struct draft *draft, const struct record *record, struct text wanted,
                        struct scrubber *scrubber, struct arena *arena, struct error *err)
{
    CLEANUP(buffer_release) struct buffer message = {0}, said = {0}, regex = {0}, other = {0};
    struct text lookalike = {NULL, 0}, unit = unit_word(record->unit);
    // the message first, so that the same name is made up for both
    scrub(scrubber, record->message, &message);
    scrub(scrubber, wanted, &said);
    write_regex(scrubber, buffer_text(&said), &regex);
    size_t offset;
    CLEANUP(pattern_release) struct pattern *pattern = pattern_compile(buffer_text(&regex), &offset, err);
    if (!pattern || !find_lookalike(draft, record, pattern, arena, &lookalike, err))
        return false;
    scrub(scrubber, lookalike, &other);
    draft_id(draft, buffer_text(&said));
    write_head(draft, buffer_text(&said), buffer_text(&regex), unit);
    buffer_puts(draft->out, "tests:\n");
    const char *expect = arena_printf(arena, "{unit: %.*s}", TEXT_ARG(unit));
    write_test(draft->out, "as it was found", unit, buffer_text(&message), expect);
    write_test(draft->out, "the record of the same log that comes nearest", unit, buffer_text(&other),
               "none");
    return true;
}

bool draft_of_log(const struct draft *draft, struct text wanted, struct error *err)
{
    struct arena arena = {0};
    struct record record = {0};
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open();
    bool ok = draft_scrubber(draft->db, scrubber, err) && find_record(draft, wanted, &arena, &record, err) &&
              write_draft(draft, &record, wanted, scrubber, &arena, err);
    arena_release(&arena);
    return ok;
}
