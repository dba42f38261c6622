// SPDX-License-Identifier: Apache-2.0
#include "privacy/scrub.h"

#include <stdlib.h>

#include "privacy/scrubber.h"
#include "util/memory.h"

struct scrubber *scrubber_open(uint64_t most_names)
{
    struct scrubber *scrubber = mem_alloc(1, sizeof *scrubber);
    scrubber->vocabulary = vocabulary_open();
    scrubber->names = names_open(scrubber->vocabulary, most_names);
    return scrubber;
}

void scrubber_close(struct scrubber **scrubber)
{
    if (!*scrubber)
        return;
    names_close(&(*scrubber)->names);
    vocabulary_close(&(*scrubber)->vocabulary);
    mask_close(&(*scrubber)->mask);
    free(*scrubber);
    *scrubber = NULL;
}

struct names *scrubber_names(struct scrubber *scrubber)
{
    return scrubber->names;
}

void scrubber_settle(struct scrubber *scrubber)
{
    names_settle(scrubber->names);
}

void scrubber_know(struct scrubber *scrubber, struct text word, const char *made_up)
{
    char bytes[NAME_BYTES];
    if (word.len < 2 || word.len > sizeof bytes)
        return;
    for (size_t i = 0; i < word.len; i++)
        bytes[i] = byte_lower(word.ptr[i]);
    names_fix(scrubber->names, (struct text){bytes, word.len}, text_of(made_up));
}

size_t scrubbed_at(const struct scrubber *scrubber, struct text rest)
{
    size_t length = 0, part;
    while ((part = names_made_up_at(scrubber->names, text_from(rest, length)))) {
        length += part;
        struct text behind = text_from(rest, length); // the domain of a host is a word of its own
        if (!text_starts(behind, ".") || !names_made_up_at(scrubber->names, text_from(behind, 1)))
            break;
        length++;
    }
    return length;
}

// ---- a walk along a line ---------------------------------------------------------------------

// Words of hosts are made up in two parts, which the form then takes for one or cuts elsewhere.
static bool is_made_up(const struct walk *walk, enum name_kind kind, struct text name)
{
    if (names_made_up(walk->scrubber->names, name))
        return true;
    bool host = kind == NAME_DOMAIN || kind == NAME_LABEL || kind == NAME_HOST;
    return (host && text_ends(name, ".example")) || kind == NAME_POD || kind == NAME_USER ||
           (names_full(walk->scrubber->names) &&
            (text_starts(name, "c0de") || text_starts(name, "00000000-0000-4000-9") ||
             text_is(name, "255.0.0.1"))) ||
           (kind == NAME_ID && names_made_up(walk->scrubber->names, text_slice(name, 0, 12)));
}

static void check(struct walk *walk, enum name_kind kind, struct text name)
{
    if (walk->unknown != NAME_KINDS || is_made_up(walk, kind, name))
        return;
    walk->unknown = kind;
    walk->unknown_at = walk->at;
}

// A name in lower case: remembered in the first pass, its word in the second.
static void put(struct walk *walk, enum name_kind kind, struct text name)
{
    if (walk->checking)
        check(walk, kind, name);
    else if (walk->out)
        buffer_add(walk->out, names_word(walk->scrubber->names, kind, name));
    else
        names_add(walk->scrubber->names, kind, name);
}

// ---- forms -----------------------------------------------------------------------------------

static void put_uuid(struct walk *walk, const struct form *form)
{
    struct text word, group, name = {form->name, form->name_length};
    if (!walk->out) {
        put(walk, NAME_UUID, name);
        return;
    }
    word = names_word(walk->scrubber->names, NAME_UUID, name);
    for (bool first = true; text_split(&word, '-', &group); first = false) {
        buffer_add(walk->out, first ? TEXT("") : form->joint);
        buffer_add(walk->out, group);
    }
}

// What begins with a hexadecimal digit. Bytes taken, 0 for none.
static size_t take_number(struct walk *walk, size_t at)
{
    struct form form;
    if (form_of_uuid(walk->line, at, &form)) {
        if (!walk->out && !walk->checking)
            learn_around(walk->scrubber, walk->line, &form, at);
        put_uuid(walk, &form);
        return form.length;
    }
    bool found = form_of_mac(walk->line, at, &form) || form_of_v6(walk->line, at, &form) ||
                 form_of_v4(walk->line, at, &form) || form_of_id(walk->line, at, &form);
    if (!found)
        return 0;
    if (!walk->out && !walk->checking)
        learn_around(walk->scrubber, walk->line, &form, at);
    put(walk, form.kind, (struct text){form.name, form.name_length});
    return form.length;
}

// podXXXXXXXX-…: `d` is a hexadecimal digit, too.
static size_t take_pod(struct walk *walk, size_t at)
{
    struct form form;
    if (walk->line.ptr[at] != 'p' || !text_starts(text_from(walk->line, at), "pod") ||
        !(form_of_uuid(walk->line, at + 3, &form) || form_of_id(walk->line, at + 3, &form)))
        return 0;
    copy(walk, at, 3);
    return 3 + take_number(walk, at + 3);
}

static size_t take_cloud_id(struct walk *walk, size_t at)
{
    struct form form;
    if (!form_of_cloud_id(walk->line, at, &form))
        return 0;
    copy(walk, at, form.length - form.name_length);
    put(walk, NAME_CLOUD, (struct text){form.name, form.name_length});
    return form.length;
}

// ---- hosts and users -------------------------------------------------------------------------

static bool is_common(const struct walk *walk, struct text name)
{
    return vocabulary_is_common(walk->scrubber->vocabulary, name);
}

static void put_host(struct walk *walk, struct text name)
{
    struct host_name parts = host_name_parts(walk->scrubber, name);
    if (parts.label.len)
        put(walk, parts.label_kind, parts.label);
    if (parts.domain.len) {
        if (walk->out && parts.label.len)
            buffer_putc(walk->out, '.');
        put(walk, parts.domain_kind, parts.domain);
    }
    if (walk->out)
        buffer_add(walk->out, parts.tail);
}

static bool stands_behind(const struct walk *walk, size_t at, const char *what)
{
    size_t length = strlen(what);
    return at >= length && memcmp(walk->line.ptr + at - length, what, length) == 0;
}

static size_t name_length(const struct walk *walk, size_t at, const char *others)
{
    size_t n = 0;
    while (is_alnum(byte_at(walk, at + n)) || byte_in(byte_at(walk, at + n), others))
        n++;
    while (n && !is_alnum(byte_at(walk, at + n - 1)))
        n--;
    return n;
}

static size_t take_host(struct walk *walk, size_t at)
{
    char bytes[NAME_BYTES];
    bool url = stands_behind(walk, at, "://");
    bool sure = url || stands_behind(walk, at, "@");
    size_t length = full_name_length(walk->line, at, sure);
    if (length && length < NAME_BYTES) {
        put_host(walk, walk_lower(walk, at, length, bytes));
        return length;
    }
    length = url ? name_length(walk, at, "-") : 0; // a short name
    struct text name = walk_lower(walk, at, length, bytes);
    if (!length || length >= NAME_BYTES || byte_at(walk, at + length) == '.' ||
        vocabulary_has(walk->scrubber->vocabulary, name))
        return 0;
    put(walk, NAME_LABEL, name);
    return length;
}

static size_t take_user(struct walk *walk, size_t at)
{
    char bytes[NAME_BYTES];
    size_t length = mail_user_length(walk->line, at);
    enum name_kind kind = NAME_USER;
    if (!length) {
        kind = phrase_before(walk->line, at);
        length = kind == NAME_KINDS ? 0 : name_length(walk, at, "-._");
    }
    if (!length || length >= NAME_BYTES)
        return 0;
    struct text name = walk_lower(walk, at, length, bytes);
    if (is_common(walk, name) || text_all_digits(name))
        copy(walk, at, length);
    else
        put(walk, kind, name);
    return length;
}

// ---- names that are known --------------------------------------------------------------------

// A pod by the form of its name; what stands behind an underscore is its namespace (the kubelet's
// pod_namespace).
static size_t take_pod_name(struct walk *walk, size_t at)
{
    char bytes[NAME_BYTES];
    size_t length = pod_name_length(walk->line, at);
    if (!length)
        return 0;
    size_t behind = at + length + 1;
    if (!walk->out && !walk->checking && byte_at(walk, at + length) == '_')
        scrubber_learn(walk->scrubber, NAME_NAMESPACE,
                       text_slice(walk->line, behind, name_length(walk, behind, "-")));
    put(walk, NAME_POD, walk_lower(walk, at, length, bytes));
    return length;
}

// ---- the walk --------------------------------------------------------------------------------

// A short word with nothing beside it that could make it more: nearly all are. Its length, else 0.
static size_t dull_length(const struct walk *walk, size_t at)
{
    enum { SHORT = 12 }; // ids have that many digits
    size_t n = 0;
    while (n < SHORT && is_alnum(byte_at(walk, at + n)))
        n++;
    char before = at ? walk->line.ptr[at - 1] : ' ';
    bool beside = before == '/' || before == '@' ||
                  (byte_at(walk, at + n) && !byte_in(byte_at(walk, at + n), " ,;)]}'"));
    return n < SHORT && !beside && phrase_before(walk->line, at) == NAME_KINDS ? n : 0;
}

// A word that has no form.
static size_t take_plain(struct walk *walk, size_t at)
{
    size_t taken = 0;
    if (walk->out && ((taken = take_known(walk, at)) || (taken = take_glued(walk, at))))
        return taken;
    while (is_alnum(byte_at(walk, at + taken)))
        taken++;
    copy(walk, at, taken);
    return taken;
}

// At the start of a word: bytes taken.
static size_t take_word(struct walk *walk, size_t at)
{
    char c = walk->line.ptr[at];
    walk->at = at;
    if (dull_length(walk, at))
        return take_plain(walk, at);
    size_t taken = symbol_length(walk->line, at);
    if (taken) {
        copy(walk, at, taken);
        return taken;
    }
    if (byte_is_hex(c) && (taken = take_number(walk, at)))
        return taken;
    if ((taken = take_pod(walk, at)) || (taken = take_cloud_id(walk, at)) || (taken = take_user(walk, at)) ||
        (taken = take_host(walk, at)) || (taken = take_pod_name(walk, at)))
        return taken;
    if (!walk->out && !walk->checking)
        learn_key(walk->scrubber, walk->line, at);
    return take_plain(walk, at);
}

// A backslash and what it stands with, so that the n of `\n` begins no word.
static size_t escape_length(const struct walk *walk, size_t at)
{
    char next = byte_at(walk, at + 1);
    size_t digits = next == 'x' ? 2 : next == 'u' ? 4 : 0;
    for (size_t i = 0; i < digits; i++)
        if (!byte_is_hex(byte_at(walk, at + 2 + i)))
            return 1;
    return digits ? 2 + digits : byte_in(next, "nrtbf\\\"/0") ? 2 : 1;
}

static void go_along(struct walk *walk)
{
    size_t at = 0, length = walk->line.len;
    while (at < length) {
        size_t start = at;
        while (at < length && !is_alnum(walk->line.ptr[at]) && walk->line.ptr[at] != '\\')
            at++;
        copy(walk, start, at - start);
        if (at == length)
            break;
        if (walk->line.ptr[at] != '\\') {
            at += take_word(walk, at);
            continue;
        }
        size_t escape = escape_length(walk, at);
        copy(walk, at, escape);
        at += escape;
    }
}

void scrub_restart(struct scrubber *scrubber)
{
    scrubber->user_column = false;
}

void scrub_learn(struct scrubber *scrubber, struct text line)
{
    struct walk walk = {.scrubber = scrubber, .line = line};
    learn_owner(scrubber, line);
    learn_column(scrubber, line);
    go_along(&walk);
}

enum name_kind scrub_unknown(struct scrubber *scrubber, struct text line, struct text *where)
{
    struct walk walk = {.scrubber = scrubber, .line = line, .checking = true, .unknown = NAME_KINDS};
    go_along(&walk);
    *where = walk.unknown == NAME_KINDS ? (struct text){NULL, 0} : text_slice(line, walk.unknown_at, 64);
    return walk.unknown;
}

void scrub_line(struct scrubber *scrubber, struct text line, struct buffer *out)
{
    struct walk walk = {.scrubber = scrubber, .line = line, .out = out};
    (void)buffer_reserve(out, line.len);
    go_along(&walk);
}

void scrub(struct scrubber *scrubber, struct text text, struct buffer *out)
{
    if (!scrubber->mask)
        scrubber->mask = mask_open(MASK_LINES);
    CLEANUP(buffer_release) struct buffer masked = {0};
    struct text rest = text, line;
    mask_restart(scrubber->mask);
    while (rest.len) {
        bool ended = text_find_byte(rest, '\n') >= 0;
        (void)text_split(&rest, '\n', &line);
        buffer_clear(&masked);
        mask_line(scrubber->mask, line, &masked);
        scrub_line(scrubber, buffer_text(&masked), out);
        buffer_puts(out, ended ? "\n" : "");
    }
}
