// SPDX-License-Identifier: Apache-2.0
//
// A rule from a log record: the text that was asked for with its numbers and names left open.
#include <string.h>

#include "command/draft.h"
#include "command/draft_regex.h"
#include "privacy/scrub.h"
#include "util/memory.h"
#include "util/pattern.h"

enum {
    SHOWN_BYTES = 1000,  // of a record in a test
    BEFORE_BYTES = 200,  // of them before what was asked for
    SCANNED = 300000,    // records that may come near
    WORDS = 24,          // that are compared
    PREFIXES = 12,       // words that a log format may put before the message
    WANTED_BYTES_MIN = 4 // as a log pattern needs
};
enum { STEPS = 1000000 };

struct record {
    struct text unit, message;
    struct text said; // in the message: what was asked for
};

struct logged {
    const struct draft *draft;
    struct scrubber *scrubber;
    unsigned threads; // that the scrubber knows
    struct arena arena;
    struct record record;
    struct text unit;                   // for the rule to ask for; absent for none
    struct buffer message, said, regex; // made-up names in them
    struct pattern *pattern;
};

// ---- the record ------------------------------------------------------------------------------

// The line of a record that holds the text, and the text in it.
static bool take_line(struct logged *logged, struct text message, struct text wanted,
                      ptrdiff_t (*find)(struct text, struct text))
{
    struct text line;
    while (text_split(&message, '\n', &line)) {
        ptrdiff_t at = find(line, wanted);
        if (at < 0 || (size_t)at + wanted.len > PATTERN_SUBJECT_BYTES)
            continue;
        struct record *record = &logged->record;
        record->message = arena_copy(&logged->arena, text_slice(line, 0, PATTERN_SUBJECT_BYTES));
        record->said = text_slice(record->message, (size_t)at, wanted.len);
        return true;
    }
    return false;
}

static ptrdiff_t find_in_any_case(struct text text, struct text wanted)
{
    for (size_t at = 0; at + wanted.len <= text.len; at++) {
        size_t same = 0;
        while (same < wanted.len && byte_lower(text.ptr[at + same]) == byte_lower(wanted.ptr[same]))
            same++;
        if (same == wanted.len)
            return (ptrdiff_t)at;
    }
    return -1;
}

static enum step look_up(struct logged *logged, const char *sql, struct text wanted,
                         ptrdiff_t (*find)(struct text, struct text), struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(logged->draft->db, sql, err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    if (query)
        bind_text(query, 1, wanted);
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW) {
        if (!take_line(logged, column_text(query, 1), wanted, find))
            continue;
        logged->record.unit = arena_copy(&logged->arena, column_text(query, 0));
        return STEP_ROW;
    }
    return step;
}

// As it was given; then with capitals as they come, and without what stands before the message in a log.
static bool find_record(struct logged *logged, struct text wanted, struct error *err)
{
    enum step step =
        look_up(logged, "SELECT unit, message FROM log WHERE instr(message, ?) ORDER BY member, line", wanted,
                text_find, err);
    struct text rest = wanted, word;
    for (int i = 0; i < PREFIXES && step == STEP_DONE && rest.len; i++) {
        step = look_up(logged,
                       "SELECT unit, message FROM log WHERE instr(lower(message), lower(?)) "
                       "ORDER BY member, line",
                       rest, find_in_any_case, err);
        if (!text_word(&rest, &word) || text_trim(rest).len < 2 * WANTED_BYTES_MIN)
            break;
        rest = text_trim(rest);
    }
    if (step == STEP_DONE)
        return fail_kind(err, ERROR_USAGE, "no log record holds '%.*s'", TEXT_ARG(wanted));
    return step == STEP_ROW;
}

// ---- names and numbers -----------------------------------------------------------------------

static bool in_name(char c)
{
    return byte_is_word(c) || c == '.' || c == ':' || c == '-' || c == '/';
}

// Half an address or id would not be known as one: takes the whole, where there is one.
static void take_whole_names(struct logged *logged)
{
    struct record *record = &logged->record;
    const char *start = record->said.ptr, *end = start + record->said.len;
    const char *first = record->message.ptr, *last = first + record->message.len;
    while (start > first && in_name(start[-1]) && in_name(*record->said.ptr))
        start--;
    while (end < last && in_name(*end) && in_name(record->said.ptr[record->said.len - 1]))
        end++;
    struct text said = {start, (size_t)(end - start)};
    CLEANUP(buffer_release) struct buffer made_up = {0};
    scrub(logged->scrubber, said, &made_up);
    if (!text_equal(buffer_text(&made_up), said))
        record->said = said;
}

static bool is_thread(struct logged *logged, struct text number, struct error *err)
{
    int64_t tid;
    CLEANUP(statement_release)
    struct statement *query = statement_open(logged->draft->db,
                                             "SELECT EXISTS (SELECT 1 FROM thread WHERE tid = ?1) "
                                             "OR EXISTS (SELECT 1 FROM report_stack WHERE tid = ?1)",
                                             err);
    if (!query || !text_to_i64(number, &tid))
        return false;
    bind_integer(query, 1, tid);
    return statement_step(query, err) == STEP_ROW && column_integer(query, 0) == 1;
}

// Thread ids have no form; they are known by the bundle, or by the word before them.
static bool know_threads(struct logged *logged, struct text message, struct error *err)
{
    static const char forms[] =
        "(?i)(?:\\b[pt]id[\\\\\"' =:#]{0,4}|\\bprocess |\\btask [^ :]{1,16}:|[a-z]\\[)"
        "(?<sure>[0-9]{2,7})(?![0-9.])|(?<![0-9a-z._-])(?<maybe>[0-9]{3,7})(?![0-9a-z._-])";
    enum { THREAD = 4242 };
    CLEANUP(pattern_release) struct pattern *pattern = pattern_defer(text_of(forms));
    struct text rest = message;
    while (rest.len && pattern_match(pattern, rest, STEPS) == PATTERN_HIT) {
        struct text whole = pattern_matched(pattern), maybe = pattern_group(pattern, 0),
                    sure = pattern_group(pattern, 1);
        if (sure.ptr || is_thread(logged, maybe, err))
            scrubber_know(logged->scrubber, sure.ptr ? sure : maybe,
                          arena_printf(&logged->arena, "%u", THREAD + logged->threads++));
        rest = text_from(rest, (size_t)(whole.ptr - rest.ptr) + whole.len);
    }
    return !err->message[0];
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

static struct text first_line(struct text message)
{
    struct text line = {NULL, 0};
    (void)text_split(&message, '\n', &line);
    return text_slice(text_trim(line), 0, PATTERN_SUBJECT_BYTES);
}

// Scrubs the message into *other if the pattern does not match it, before and after.
static bool misses(struct logged *logged, struct text message, struct buffer *other, struct error *err)
{
    CLEANUP(buffer_release) struct buffer made_up = {0};
    if (pattern_match(logged->pattern, message, STEPS) != PATTERN_MISS || !know_threads(logged, message, err))
        return false;
    scrub(logged->scrubber, message, &made_up);
    if (pattern_match(logged->pattern, buffer_text(&made_up), STEPS) != PATTERN_MISS)
        return false;
    buffer_clear(other);
    buffer_add(other, buffer_text(&made_up));
    return true;
}

// The record of the same unit that says most nearly the same and that the pattern does not match.
static bool find_lookalike(struct logged *logged, struct buffer *other, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(
        logged->draft->db,
        "SELECT message FROM log WHERE unit IS ? AND message <> '' ORDER BY member, line LIMIT ?", err);
    if (!query)
        return false;
    bind_text(query, 1, logged->record.unit);
    bind_integer(query, 2, SCANNED);
    size_t best = 0;
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        struct text message = first_line(column_text(query, 0));
        size_t shared = shared_words(logged->record.message, message);
        if (message.len && (!other->len || shared > best) && misses(logged, message, other, err))
            best = shared;
    }
    return step == STEP_DONE && !err->message[0];
}

// ---- writing ---------------------------------------------------------------------------------

// A file's name in journal/ and a line's ident.
static struct text unit_word(struct text unit)
{
    for (size_t i = 0; i < unit.len; i++)
        if (!byte_is_word(unit.ptr[i]) && !strchr("-.@", unit.ptr[i]))
            return TEXT("app");
    return unit.len ? unit : TEXT("app");
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

static void write_head(struct logged *logged, struct text unit)
{
    struct buffer *out = logged->draft->out;
    CLEANUP(buffer_release) struct buffer title = {0}, words = {0};
    draft_words(logged->scrubber, buffer_text(&logged->said), &words);
    draft_id(logged->draft, buffer_text(&words));
    draft_start(logged->draft);
    buffer_puts(out, "title: ");
    buffer_printf(&title, "The log of %.*s says: %.*s", TEXT_ARG(unit),
                  TEXT_ARG(text_slice(buffer_text(&logged->said), 0, 100)));
    draft_quoted(out, buffer_text(&title));
    draft_cause(out);
    buffer_puts(out, "patterns:\n  said:\n    log: ");
    draft_quoted(out, buffer_text(&logged->regex));
    if (logged->unit.len) {
        buffer_puts(out, "\n    unit: ");
        draft_quoted(out, unit);
    }
    buffer_puts(out, "\nquery: |\n"
                     "  SELECT unit, time, evidence FROM said ORDER BY time, evidence\n"
                     "summary: '{n} records of {unit} say so.'\n");
    draft_advice(out);
}

// The part of the record that a test needs: what matched, and what stands round it.
static struct text window(const struct logged *logged)
{
    struct text message = buffer_text(&logged->message), matched = pattern_matched(logged->pattern);
    size_t at = (size_t)(matched.ptr - message.ptr);
    size_t start = message.len > SHOWN_BYTES && at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
    size_t length = at - start + matched.len;
    return text_slice(message, start, length > SHOWN_BYTES ? length : SHOWN_BYTES);
}

static bool write_draft(struct logged *logged, struct error *err)
{
    CLEANUP(buffer_release) struct buffer other = {0};
    struct text unit = unit_word(logged->unit);
    struct buffer *out = logged->draft->out;
    if (pattern_match(logged->pattern, buffer_text(&logged->message), STEPS) != PATTERN_HIT)
        return fail_kind(err, ERROR_USAGE,
                         "no pattern can be made of '%.*s': give more or less of the record",
                         TEXT_ARG(logged->record.said));
    struct text shown = window(logged);
    if (!find_lookalike(logged, &other, err))
        return false;
    write_head(logged, unit);
    buffer_puts(out, "tests:\n");
    write_test(out, "as it was found", unit, shown,
               arena_printf(&logged->arena, "{unit: '%.*s'}", TEXT_ARG(unit)));
    if (other.len)
        write_test(out, "the record of the same log that comes nearest", unit,
                   text_slice(buffer_text(&other), 0, SHOWN_BYTES), "none");
    else
        write_test(out, "an ordinary record (the bundle has no other of this log)", unit,
                   TEXT("Started Session 1 of user root."), "none");
    return true;
}

// ---- the whole -------------------------------------------------------------------------------

// A unit that is called after a pod or an address is none that a rule could ask for.
static void choose_unit(struct logged *logged)
{
    CLEANUP(buffer_release) struct buffer made_up = {0};
    struct text unit = logged->record.unit;
    scrub(logged->scrubber, unit, &made_up);
    if (text_equal(buffer_text(&made_up), unit) && text_equal(unit_word(unit), unit))
        logged->unit = unit;
}

static bool understand(struct logged *logged, struct error *err)
{
    size_t offset;
    take_whole_names(logged);
    choose_unit(logged);
    if (!know_threads(logged, logged->record.message, err))
        return false;
    // the message first, so that the same name is made up for both
    scrub(logged->scrubber, logged->record.message, &logged->message);
    scrub(logged->scrubber, logged->record.said, &logged->said);
    draft_regex(logged->scrubber, buffer_text(&logged->said), &logged->regex);
    logged->pattern = pattern_compile(buffer_text(&logged->regex), &offset, err);
    return logged->pattern != NULL;
}

static void logged_release(struct logged *logged)
{
    pattern_release(&logged->pattern);
    buffer_release(&logged->message);
    buffer_release(&logged->said);
    buffer_release(&logged->regex);
    scrubber_close(&logged->scrubber);
    arena_release(&logged->arena);
}

bool draft_of_log(const struct draft *draft, struct text wanted, struct error *err)
{
    CLEANUP(logged_release)
    struct logged logged = {.draft = draft, .scrubber = scrubber_open(SCRUB_NAMES_MOST)};
    struct text line;
    wanted = text_trim(wanted);
    if (text_split(&wanted, '\n', &line))
        wanted = text_trim(line);
    if (wanted.len < WANTED_BYTES_MIN)
        return fail_kind(err, ERROR_USAGE, "--log takes a text of %d bytes or more", WANTED_BYTES_MIN);
    if (!draft_scrubber(draft->db, logged.scrubber, err) || !find_record(&logged, wanted, err) ||
        !understand(&logged, err))
        return false;
    return write_draft(&logged, err);
}
