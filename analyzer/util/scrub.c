// SPDX-License-Identifier: Apache-2.0
#include "util/scrub.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/array.h"
#include "util/memory.h"
#include "util/pattern.h"

// The groups say what was found. An address is no part of a longer number; times (12:34:56) and versions
// (5.15.0) are none. What looks like a host but is a unit, a file or a plugin (io.containerd.…) stays.
static const char forms[] =
    "(?<pod>(?<![0-9a-z.-])(?=[a-z-]*[0-9])[a-z][a-z0-9-]{0,200}-[0-9a-z]{7,10}-[0-9a-z]{5}(?![0-9a-z-]))"
    "|(?<uuid>(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-]))"
    "|(?<mac>(?<![0-9a-f:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![0-9a-f:]))"
    "|(?<v6>(?<![0-9a-zA-Z:_])(?:(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,"
    "4}){1,6})(?![0-9a-zA-Z:_]))"
    "|(?<v4>(?<![0-9.])(?!127\\.|0\\.0\\.0\\.0)(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?![0-9]|\\.[0-9]))"
    "|(?<hex>(?<![0-9a-zA-Z_])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{12,128}(?![0-9a-zA-Z_]))"
    "|(?<host>(?<![0-9a-zA-Z._/-])(?!(?:io|com|org)\\.)[a-z][a-z0-9-]{0,62}(?:\\.[a-z0-9-]{1,63}){1,6}"
    "\\.(?!(?:service|scope|slice|socket|mount|timer|sock|go|ko|so|c|h|yaml|json|log|conf|gz)\\b)[a-z]{2,24}"
    "(?![0-9a-zA-Z_-]))";

enum { HEX_BYTES = 12, SEED_BYTES = 8 }; // of the shortest id; of what made-up ones repeat

// What stands for each form; %u, %x and %02x take a number.
static const struct {
    const char *form, *format;
} made_up_forms[] = {
    {"uuid", "6f1d2c3b-0000-4000-8000-0000000000%02x"},
    {"mac", "02:00:00:00:00:%02x"},
    {"v6", "2001:db8::%x"},
    {"v4", "192.0.2.%u"},
    {"hex", NULL}, // as long as the id
    {"pod", "pod-%u"},
    {"host", "host-%u.example.org"},
};
enum { FORMS = sizeof made_up_forms / sizeof *made_up_forms };

struct name {
    struct text was, made_up;
};

struct scrubber {
    struct pattern *forms;
    struct arena arena;
    struct name_list ARRAY_BODY(struct name) known, seen;
    unsigned counts[FORMS];
};

struct scrubber *scrubber_open(void)
{
    struct scrubber *scrubber = mem_alloc(1, sizeof *scrubber);
    scrubber->forms = pattern_defer(text_of(forms));
    return scrubber;
}

void scrubber_close(struct scrubber **scrubber)
{
    if (!*scrubber)
        return;
    pattern_release(&(*scrubber)->forms);
    arena_release(&(*scrubber)->arena);
    array_release(&(*scrubber)->known);
    array_release(&(*scrubber)->seen);
    free(*scrubber);
    *scrubber = NULL;
}

void scrubber_know(struct scrubber *scrubber, struct text word, const char *made_up)
{
    if (word.len < 2)
        return;
    *array_add(&scrubber->known) =
        (struct name){arena_copy(&scrubber->arena, word), arena_copy(&scrubber->arena, text_of(made_up))};
}

// ---- made-up names ---------------------------------------------------------------------------

// As long as the id it stands for.
static const char *made_up_hex(struct scrubber *scrubber, size_t length, unsigned count)
{
    const char *seed = arena_printf(&scrubber->arena, "4d0e%02xc7", count & 0xff);
    char *made = arena_alloc(&scrubber->arena, length + 1, 1);
    for (size_t i = 0; i < length; i++)
        made[i] = seed[i % SEED_BYTES];
    return made;
}

static const char *made_up(struct scrubber *scrubber, const char *form, size_t length)
{
    size_t at = 0;
    while (at + 1 < FORMS && strcmp(made_up_forms[at].form, form) != 0)
        at++;
    const char *format = made_up_forms[at].format;
    unsigned count = scrubber->counts[at]++ % 250 + 1; // the documents' networks have no more
    if (!format)
        return made_up_hex(scrubber, length, count);
    CLEANUP(buffer_release) struct buffer out = {0};
    const char *number = strchr(format, '%');
    buffer_add(&out, (struct text){format, (size_t)(number - format)});
    if (text_starts(text_of(number), "%02x"))
        buffer_printf(&out, "%02x", count);
    else
        buffer_printf(&out, number[1] == 'x' ? "%x" : "%u", count);
    buffer_puts(&out, number + (number[1] == '0' ? 4 : 2));
    return arena_string(&scrubber->arena, buffer_text(&out));
}

// An id that was seen longer or shorter: docker and containerd write the first 12 digits of 64.
static const struct name *same_id(const struct scrubber *scrubber, struct text was)
{
    for (size_t i = 0; i < scrubber->seen.count; i++) {
        struct text seen = scrubber->seen.items[i].was;
        size_t length = seen.len < was.len ? seen.len : was.len;
        if (length >= HEX_BYTES && text_equal(text_slice(seen, 0, length), text_slice(was, 0, length)))
            return &scrubber->seen.items[i];
    }
    return NULL;
}

static struct text continued(struct scrubber *scrubber, struct text made_up, size_t length)
{
    char *made = arena_alloc(&scrubber->arena, length + 1, 1);
    for (size_t i = 0; i < length; i++)
        made[i] = made_up.ptr[i % SEED_BYTES];
    return (struct text){made, length};
}

static struct text name_for(struct scrubber *scrubber, const char *form, struct text was)
{
    for (size_t i = 0; i < scrubber->seen.count; i++)
        if (text_equal(scrubber->seen.items[i].was, was))
            return scrubber->seen.items[i].made_up;
    const struct name *same = strcmp(form, "hex") == 0 ? same_id(scrubber, was) : NULL;
    struct text made =
        same ? continued(scrubber, same->made_up, was.len) : text_of(made_up(scrubber, form, was.len));
    *array_add(&scrubber->seen) = (struct name){arena_copy(&scrubber->arena, was), made};
    return made;
}

// ---- replacing -------------------------------------------------------------------------------

// The known word that stands at `at`, or NULL.
static const struct name *known_at(const struct scrubber *scrubber, struct text text, size_t at)
{
    if (at && byte_is_word(text.ptr[at - 1]))
        return NULL;
    const struct name *longest = NULL;
    for (size_t i = 0; i < scrubber->known.count; i++) {
        const struct name *name = &scrubber->known.items[i];
        size_t end = at + name->was.len;
        bool stands = text_equal(text_slice(text, at, name->was.len), name->was) &&
                      (end >= text.len || !byte_is_word(text.ptr[end]));
        if (stands && (!longest || name->was.len > longest->was.len))
            longest = name;
    }
    return longest;
}

static void replace_known(const struct scrubber *scrubber, struct text text, struct buffer *out)
{
    for (size_t at = 0; at < text.len;) {
        const struct name *name = known_at(scrubber, text, at);
        if (name)
            buffer_add(out, name->made_up);
        else
            buffer_putc(out, text.ptr[at]);
        at += name ? name->was.len : 1;
    }
}

static const char *form_of_match(const struct pattern *forms_pattern)
{
    for (size_t i = 0; i < pattern_group_count(forms_pattern); i++)
        if (pattern_group(forms_pattern, i).ptr)
            return pattern_group_name(forms_pattern, i);
    return "host";
}

static void scrub_line(struct scrubber *scrubber, struct text line, struct buffer *out)
{
    enum { STEPS = 1000000 };
    struct text rest = line;
    while (rest.len && pattern_match(scrubber->forms, rest, STEPS) == PATTERN_HIT) {
        struct text was = pattern_matched(scrubber->forms);
        buffer_add(out, (struct text){rest.ptr, (size_t)(was.ptr - rest.ptr)});
        buffer_add(out, name_for(scrubber, form_of_match(scrubber->forms), was));
        rest = text_from(rest, (size_t)(was.ptr - rest.ptr) + was.len);
    }
    buffer_add(out, rest);
}

void scrub(struct scrubber *scrubber, struct text text, struct buffer *out)
{
    CLEANUP(buffer_release) struct buffer known = {0};
    replace_known(scrubber, text, &known);
    struct text rest = buffer_text(&known), line;
    for (bool first = true; text_split(&rest, '\n', &line); first = false) {
        buffer_puts(out, first ? "" : "\n");
        scrub_line(scrubber, line, out);
    }
    if (text_ends(buffer_text(&known), "\n") && !text_ends(buffer_text(out), "\n"))
        buffer_putc(out, '\n');
}

static size_t longest_start(const struct name_list *names, struct text rest)
{
    size_t longest = 0;
    for (size_t i = 0; i < names->count; i++) {
        struct text made = names->items[i].made_up;
        if (made.len > longest && text_equal(text_slice(rest, 0, made.len), made))
            longest = made.len;
    }
    return longest;
}

size_t scrubbed_at(const struct scrubber *scrubber, struct text rest)
{
    size_t known = longest_start(&scrubber->known, rest), seen = longest_start(&scrubber->seen, rest);
    return known > seen ? known : seen;
}
