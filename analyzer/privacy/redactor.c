// SPDX-License-Identifier: Apache-2.0
#include "privacy/redactor.h"

#include <stdlib.h>

#include "evidence/evidence.h"
#include "evidence/profile_read.h"
#include "privacy/harvest.h"
#include "privacy/hex.h"
#include "privacy/mask.h"
#include "privacy/strip.h"
#include "util/memory.h"
#include "util/utf16.h"

enum {
    LINE_MOST = 32768, // a longer line is cut where a word ends
};

enum treatment { TREAT_LINES, TREAT_PROFILE, TREAT_WORDS, TREAT_NOTHING }; // WORDS: gperftools' CPU profiles

struct redactor {
    const struct limits *limits;
    struct scrubber *scrubber;
    struct harvest harvest;
    struct feeder *feeder; // of the first pass
    struct mask *lines, *arguments;
    bool settled, recognised;

    // the present member
    enum treatment treatment;
    enum hex_order hex;
    bool has_arguments; // NUL ends a line: proc/<pid>/cmdline, environ
    bool too_large;
    struct utf16 utf16; // becomes UTF-8
    struct buffer head; // likewise
    struct buffer path, target;
    struct buffer carry; // the start of a line, or a whole profile
    bool cut;            // the line that comes continues one
    bool hidden;         // and that ended within a credential
    struct buffer masked, argument;
};

struct redactor *redactor_open(const struct limits *limits)
{
    struct redactor *redactor = mem_alloc(1, sizeof *redactor);
    redactor->limits = limits;
    redactor->scrubber = scrubber_open(SCRUB_NAMES_MOST);
    redactor->lines = mask_open(MASK_LINES);
    redactor->arguments = mask_open(MASK_ARGUMENTS);
    harvest_init(&redactor->harvest, redactor->scrubber);
    redactor->feeder = feeder_open(limits, &redactor->harvest.sink);
    return redactor;
}

void redactor_close(struct redactor **redactor)
{
    struct redactor *old = *redactor;
    if (!old)
        return;
    if (old->feeder)
        feeder_close(old->feeder);
    mask_close(&old->lines);
    mask_close(&old->arguments);
    scrubber_close(&old->scrubber);
    utf16_release(&old->utf16);
    buffer_release(&old->head);
    buffer_release(&old->path);
    buffer_release(&old->target);
    buffer_release(&old->carry);
    buffer_release(&old->masked);
    buffer_release(&old->argument);
    free(old);
    *redactor = NULL;
}

struct scrubber *redactor_scrubber(struct redactor *redactor)
{
    return redactor->scrubber;
}

void redactor_settle(struct redactor *redactor)
{
    scrubber_settle(redactor->scrubber);
    redactor->settled = true;
    redactor->recognised = feeder_recognised(redactor->feeder);
    feeder_close(redactor->feeder);
    redactor->feeder = NULL;
}

bool redactor_accepts(const struct redactor *redactor, struct error *err)
{
    if (redactor->harvest.refused.message[0])
        *err = redactor->harvest.refused;
    else if (!redactor->recognised)
        (void)fail_kind(err, ERROR_BUNDLE, "not a bundle: there is no evidence of a known kind in it");
    else
        return true;
    return false;
}

// ---- a line ----------------------------------------------------------------------------------

static bool is_separator(char c)
{
    return c == '\0' || strchr(" \t\r\n\"',;&(){}[]", c) != NULL;
}

// A credential that was cut in two: its second half goes, too.
static struct text drop_hidden(struct redactor *redactor, struct text line)
{
    size_t n = 0;
    while (redactor->hidden && n < line.len && !is_separator(line.ptr[n]))
        n++;
    return text_from(line, n);
}

static struct text mask(struct redactor *redactor, struct text line)
{
    buffer_clear(&redactor->masked);
    buffer_clear(&redactor->argument);
    if (redactor->has_arguments) {
        mask_line(redactor->arguments, line, &redactor->argument);
        line = buffer_text(&redactor->argument);
    }
    mask_line(redactor->lines, line, &redactor->masked);
    return buffer_text(&redactor->masked);
}

// One byte again and again: what a crash, or an enemy, leaves in a log.
static bool is_filling(struct text line)
{
    return line.len > 64 && !byte_is_word(line.ptr[0]) && memcmp(line.ptr, line.ptr + 1, line.len - 1) == 0;
}

// `whole`: the line ends here and was not cut.
static void take_line(struct redactor *redactor, struct text line, bool whole, struct buffer *out)
{
    if (is_filling(line)) {
        redactor->cut = !whole;
        redactor->hidden = false;
        if (out)
            buffer_add(out, line);
        return;
    }
    struct text masked = mask(redactor, redactor->cut ? drop_hidden(redactor, line) : line);
    redactor->hidden = !whole && text_ends(masked, "***") && !text_ends(line, "***");
    redactor->cut = !whole;
    if (!out) {
        scrub_learn(redactor->scrubber, masked);
        hex_addresses(redactor->scrubber, redactor->hex, masked, NULL);
    } else if (redactor->hex == HEX_NONE) {
        scrub_line(redactor->scrubber, masked, out);
    } else {
        buffer_clear(&redactor->argument);
        hex_addresses(redactor->scrubber, redactor->hex, masked, &redactor->argument);
        scrub_line(redactor->scrubber, buffer_text(&redactor->argument), out);
    }
}

// Where to cut a line that is too long: behind the last separator.
static size_t cut_at(struct text line)
{
    size_t at = LINE_MOST;
    while (at > LINE_MOST / 2 && !is_separator(line.ptr[at - 1]))
        at--;
    return at > LINE_MOST / 2 ? at : LINE_MOST;
}

// Gives the whole lines of `text`; what is left of it.
static struct text take_lines(struct redactor *redactor, struct text text, struct buffer *out)
{
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        if (redactor->has_arguments) {
            const char *nul = memchr(text.ptr, '\0', end ? (size_t)(end - text.ptr) : text.len);
            end = nul ? nul : end;
        }
        size_t length = end ? (size_t)(end - text.ptr) : text.len;
        if (length > LINE_MOST) {
            size_t cut = cut_at(text);
            take_line(redactor, text_slice(text, 0, cut), false, out);
            text = text_from(text, cut);
            continue;
        }
        if (!end)
            break;
        take_line(redactor, text_slice(text, 0, length), true, out);
        if (out)
            buffer_putc(out, *end);
        text = text_from(text, length + 1);
    }
    return text;
}

// ---- members ---------------------------------------------------------------------------------

static enum treatment treatment_of(const struct member *member)
{
    const struct evidence *kind = evidence_of(member);
    bool is_profile = kind && strcmp(kind->name, "profile") == 0;
    enum profile_form form = is_profile ? profile_detect(member->head, false) : PROFILE_NONE;
    if (form == PROFILE_PROTOBUF)
        return TREAT_PROFILE;
    if (form == PROFILE_CPU_BINARY)
        return TREAT_WORDS;
    if (kind && !is_profile) // logs may hold NULs, after a crash even many
        return TREAT_LINES;
    bool arguments = text_is(member->leaf, "cmdline") || text_is(member->leaf, "environ");
    return arguments || head_is_text(member->head) ? TREAT_LINES : TREAT_NOTHING;
}

static void make_names(struct redactor *redactor, const struct member *member, struct text *path,
                       struct text *target)
{
    struct buffer whole = {0};
    if (member->node.len) {
        buffer_add(&whole, member->node);
        buffer_putc(&whole, '/');
    }
    buffer_add(&whole, member->source);
    buffer_clear(&redactor->path);
    buffer_clear(&redactor->target);
    if (redactor->settled) {
        scrub_line(redactor->scrubber, buffer_text(&whole), &redactor->path);
        scrub_line(redactor->scrubber, member->link_target, &redactor->target);
        *path = buffer_text(&redactor->path);
        *target = buffer_text(&redactor->target);
    } else {
        scrub_learn(redactor->scrubber, buffer_text(&whole));
        scrub_learn(redactor->scrubber, member->link_target);
    }
    buffer_release(&whole);
}

// Numbers as they are, and behind them the text of /proc/self/maps.
static void take_words(struct redactor *redactor, struct text profile, struct buffer *out)
{
    size_t text = profile.len;
    while (text && (profile.ptr[text - 1] >= ' ' || strchr("\n\t\r", profile.ptr[text - 1])) &&
           profile.ptr[text - 1])
        text--;
    if (out)
        buffer_add(out, text_slice(profile, 0, text));
    struct text rest = take_lines(redactor, text_from(profile, text), out);
    if (rest.len)
        take_line(redactor, rest, true, out);
}

enum redactor_fate redactor_begin(struct redactor *redactor, const struct member *member, struct text *path,
                                  struct text *target)
{
    buffer_clear(&redactor->carry);
    mask_restart(redactor->lines);
    mask_restart(redactor->arguments);
    scrub_restart(redactor->scrubber);
    redactor->cut = redactor->hidden = redactor->too_large = false;
    redactor->has_arguments =
        member->pid != NO_ID && (text_is(member->leaf, "cmdline") || text_is(member->leaf, "environ"));
    redactor->hex = hex_order_of(member);
    redactor->treatment = member->type == MEMBER_LINK ? TREAT_LINES : treatment_of(member);
    utf16_begin(&redactor->utf16, redactor->treatment == TREAT_LINES ? member->head : TEXT(""));
    make_names(redactor, member, path, target);
    if (redactor->feeder)
        feeder_begin(redactor->feeder, member);
    return redactor->treatment == TREAT_NOTHING ? REDACTOR_LEAVES_OUT : REDACTOR_TAKES;
}

struct text redactor_head(struct redactor *redactor, const struct member *member)
{
    if (redactor->utf16.order == UTF16_NONE)
        return member->head;
    CLEANUP(utf16_release) struct utf16 own = {0};
    utf16_begin(&own, member->head);
    buffer_clear(&redactor->head);
    buffer_add(&redactor->head, utf16_piece(&own, member->head));
    return buffer_text(&redactor->head);
}

void redactor_piece(struct redactor *redactor, struct text piece, struct buffer *out)
{
    struct buffer *carry = &redactor->carry;
    if (redactor->feeder)
        feeder_piece(redactor->feeder, piece);
    if (redactor->treatment == TREAT_NOTHING)
        return;
    if (redactor->treatment != TREAT_LINES) {
        redactor->too_large |= piece.len > REDACTOR_PROFILE_BYTES - carry->len;
        if (redactor->too_large)
            buffer_release(carry);
        else
            buffer_add(carry, piece);
        return;
    }
    piece = utf16_piece(&redactor->utf16, piece);
    if (carry->len) {
        buffer_add(carry, piece);
        piece = buffer_text(carry);
    }
    struct text rest = take_lines(redactor, piece, out);
    struct buffer kept = {0};
    buffer_add(&kept, rest);
    buffer_release(carry);
    *carry = kept;
}

bool redactor_end(struct redactor *redactor, struct buffer *out, const char **why)
{
    struct text rest = buffer_text(&redactor->carry);
    bool whole = true;
    if (redactor->feeder)
        feeder_end(redactor->feeder);
    if (redactor->treatment == TREAT_LINES && rest.len)
        take_line(redactor, rest, true, out);
    if (redactor->treatment == TREAT_PROFILE && !redactor->too_large)
        whole = strip_profile(redactor->scrubber, rest, out);
    if (redactor->treatment == TREAT_WORDS && !redactor->too_large)
        take_words(redactor, rest, out);
    if (redactor->carry.capacity > LINE_MOST * 4)
        buffer_release(&redactor->carry);
    buffer_clear(&redactor->carry);
    *why = redactor->too_large ? "a profile that is too large to be redacted: left out"
           : whole             ? NULL
                               : "a damaged profile: what is behind the damage is left out";
    return !*why;
}

void redactor_text(struct redactor *redactor, struct text text, struct buffer *out)
{
    scrub(redactor->scrubber, text, out);
}
