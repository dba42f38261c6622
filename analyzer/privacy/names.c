// SPDX-License-Identifier: Apache-2.0
#include "privacy/names.h"

#include <stdio.h>
#include <stdlib.h>

#include "privacy/address.h"
#include "util/digest.h"
#include "util/memory.h"

enum { ID_KNOWN_BY = 12, WORD_BYTES = 160 };

// What the kinds are called in the map, and what their words look like. %u takes the number.
static const struct {
    const char *name, *word;
    bool free; // replaced wherever it stands
} kinds[NAME_KINDS] = {
    [NAME_HOST] = {"host", "host-%0*u", true},
    [NAME_USER] = {"user", "user-%0*u", true},
    [NAME_NAMESPACE] = {"namespace", "namespace-%0*u", true},
    [NAME_POD] = {"pod", "pod-%0*u", true},
    [NAME_CONTAINER] = {"container", "container-%0*u", true},
    [NAME_IMAGE] = {"image", "image-%0*u", true},
    [NAME_CLUSTER] = {"cluster", "cluster-%0*u", true},
    [NAME_OBJECT] = {"object", "object-%0*u", true},
    [NAME_LABEL] = {"label", "host-n%0*u", false},
    [NAME_DOMAIN] = {"domain", "domain-%0*u.example", false},
    [NAME_V4] = {"ipv4", NULL, false},
    [NAME_V6] = {"ipv6", NULL, false},
    [NAME_MAC] = {"mac", NULL, false},
    [NAME_UUID] = {"uuid", NULL, false},
    [NAME_ID] = {"id", NULL, false},
    [NAME_CLOUD] = {"cloud-id", NULL, false},
};

struct name {
    enum name_kind kind;
    bool free;
    struct text word; // absent until it is settled
};

struct names {
    const struct vocabulary *vocabulary;
    uint64_t most;
    struct intern set, words;
    ARRAY(struct name) items; // by number in set
    struct arena arena;
    struct address_plan plan;
    unsigned counts[NAME_KINDS], widths[NAME_KINDS];
    uint64_t starts[256]; // of free names: bit n of the first byte's is set where one has n bytes
    bool settled, full;
    char key[DIGEST_HEX]; // of words for names that there is no room for
    struct buffer scratch;
};

struct names *names_open(const struct vocabulary *vocabulary, uint64_t most)
{
    struct names *names = mem_alloc(1, sizeof *names);
    names->vocabulary = vocabulary;
    names->most = most;
    return names;
}

void names_close(struct names **names)
{
    struct names *old = *names;
    if (!old)
        return;
    intern_release(&old->set);
    intern_release(&old->words);
    array_release(&old->items);
    arena_release(&old->arena);
    address_plan_release(&old->plan);
    buffer_release(&old->scratch);
    free(old);
    *names = NULL;
}

// ---- made-up words ---------------------------------------------------------------------------

static void make_mac(struct buffer *out, struct text name, unsigned count)
{
    size_t groups = (name.len + 1) / 3;
    for (size_t i = 0; i < groups; i++) {
        size_t from_end = groups - 1 - i;
        unsigned byte = i == 0 ? 2 : from_end < 4 ? count >> (8 * from_end) & 255 : 0;
        buffer_printf(out, "%s%02x", i ? ":" : "", byte);
    }
}

static void make_digits(struct buffer *out, size_t length, unsigned count)
{
    char digits[16];
    (void)snprintf(digits, sizeof digits, "c0de%08x", count);
    for (size_t i = 0; i < length; i++)
        buffer_putc(out, i < ID_KNOWN_BY ? digits[i] : digits[4 + (i - ID_KNOWN_BY) % 8]);
}

// A pod of known software keeps that: coredns-5d78c9869d-x2x9z becomes coredns-pod-3.
static struct text known_start(const struct names *names, struct text name)
{
    for (size_t i = name.len; i-- > 1;)
        if (name.ptr[i] == '-' && vocabulary_has(names->vocabulary, text_slice(name, 0, i)))
            return text_slice(name, 0, i + 1);
    return TEXT("");
}

static void make_named(struct names *names, enum name_kind kind, struct text name, unsigned count,
                       struct buffer *out)
{
    char word[WORD_BYTES];
    if (kind == NAME_POD || kind == NAME_CONTAINER || kind == NAME_OBJECT)
        buffer_add(out, known_start(names, name));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // the table above
    (void)snprintf(word, sizeof word, kinds[kind].word, (int)names->widths[kind], count);
#pragma GCC diagnostic pop
    buffer_puts(out, word);
}

static void make_word(struct names *names, enum name_kind kind, struct text name, struct buffer *out)
{
    char address[ADDRESS_BYTES];
    unsigned count = ++names->counts[kind];
    switch (kind) {
    case NAME_V4:
    case NAME_V6:
        (kind == NAME_V4 ? address_next_v4 : address_next_v6)(&names->plan, name, address);
        buffer_puts(out, address);
        break;
    case NAME_MAC:
        make_mac(out, name, count);
        break;
    case NAME_UUID:
        buffer_printf(out, "00000000-0000-4000-8000-%012x", count);
        break;
    case NAME_ID:
    case NAME_CLOUD:
        make_digits(out, name.len, count);
        break;
    default:
        make_named(names, kind, name, count, out);
        break;
    }
}

static void settle_one(struct names *names, uint32_t number)
{
    struct name *item = &names->items.items[number];
    if (item->word.ptr)
        return;
    CLEANUP(buffer_release) struct buffer word = {0};
    struct text name = names->set.texts[number];
    do { // a word that is itself a name in the bundle would stand for two
        buffer_clear(&word);
        make_word(names, item->kind, name, &word);
    } while (intern_find(&names->set, buffer_text(&word)) != INTERN_NONE);
    uint32_t place = intern_add(&names->words, buffer_text(&word), NULL);
    item->word = names->words.texts[place];
}

// ---- adding ----------------------------------------------------------------------------------

// A word of its own in any text: not a number, not so short that it is found everywhere.
static bool stands_free(const struct names *names, enum name_kind kind, struct text name)
{
    bool letter = false, digit = false;
    for (size_t i = 0; i < name.len; i++) {
        letter |= byte_is_alpha(name.ptr[i]);
        digit |= byte_is_digit(name.ptr[i]) || name.ptr[i] == '-';
    }
    return kinds[kind].free && letter && name.len >= (digit ? 2u : 3u) && name.len <= NAMES_FREE_BYTES &&
           !vocabulary_has(names->vocabulary, name);
}

static void note_start(struct names *names, struct text name)
{
    names->starts[(unsigned char)name.ptr[0]] |= UINT64_C(1) << name.len;
}

// The number of the name, or INTERN_NONE when there is no room.
static uint32_t add(struct names *names, enum name_kind kind, struct text name)
{
    bool added;
    uint32_t number = intern_find(&names->set, name);
    if (number == INTERN_NONE && names->set.count >= names->most) {
        names->full = true;
        return INTERN_NONE;
    }
    if (number == INTERN_NONE) {
        number = intern_add(&names->set, name, &added);
        *array_add(&names->items) = (struct name){.kind = kind};
    }
    struct name *item = &names->items.items[number];
    if (!item->word.ptr && kind < item->kind)
        item->kind = kind;
    if (!item->free && stands_free(names, kind, name)) {
        item->free = true;
        note_start(names, name);
    }
    return number;
}

static struct text key_of(enum name_kind kind, struct text name)
{
    bool short_form = kind == NAME_ID && (name.len == 64 || name.len == 13);
    return text_slice(name, 0, short_form ? ID_KNOWN_BY : NAME_BYTES);
}

void names_add(struct names *names, enum name_kind kind, struct text name)
{
    if (name.len)
        (void)add(names, kind, key_of(kind, name));
}

static const struct names *sorting;

static int by_name(const void *a, const void *b)
{
    return text_compare(sorting->set.texts[*(const uint32_t *)a], sorting->set.texts[*(const uint32_t *)b]);
}

// All numbers in the order of their names.
static uint32_t *sorted(const struct names *names)
{
    uint32_t *numbers = mem_alloc(names->set.count + 1, sizeof *numbers);
    for (uint32_t i = 0; i < names->set.count; i++)
        numbers[i] = i;
    sorting = names;
    if (names->set.count)
        qsort(numbers, names->set.count, sizeof *numbers, by_name);
    return numbers;
}

void names_settle(struct names *names)
{
    unsigned totals[NAME_KINDS] = {0};
    for (size_t i = 0; i < names->items.count; i++)
        totals[names->items.items[i].kind]++;
    for (size_t i = 0; i < NAME_KINDS; i++)
        for (unsigned left = totals[i]; left; left /= 10)
            names->widths[i]++;
    CLEANUP(mem_release) uint32_t *numbers = sorted(names);
    for (uint32_t i = 0; i < names->set.count; i++)
        settle_one(names, numbers[i]);
    names->settled = true;
}

// ---- asking ----------------------------------------------------------------------------------

// What outsiders cannot know: all names that are kept.
static void make_key(struct names *names)
{
    struct digest *digest = digest_open();
    for (uint32_t i = 0; i < names->set.count; i++)
        digest_add(digest, names->set.texts[i]);
    digest_close(&digest, names->key);
}

// Ids without room in the table: their digest with the key, so that the same is still the same.
static struct text hashed_word(struct names *names, enum name_kind kind, struct text name, size_t length)
{
    char digits[DIGEST_HEX];
    struct buffer *word = &names->scratch;
    if (!names->key[0])
        make_key(names);
    buffer_clear(word);
    buffer_puts(word, names->key);
    buffer_add(word, name);
    digest_of(buffer_text(word), digits);
    buffer_clear(word);
    if (kind == NAME_UUID) {
        buffer_printf(word, "00000000-0000-4000-9000-%.12s", digits);
        return buffer_text(word);
    }
    buffer_printf(word, "c0de%.8s", digits);
    for (size_t i = 0; word->len < length; i++)
        buffer_putc(word, digits[8 + i % 48]);
    return text_slice(buffer_text(word), 0, length);
}

// For a name that there is no room for: all others of a kind share a word.
static struct text common_word(struct names *names, enum name_kind kind, struct text key, size_t length)
{
    static const char *const common[NAME_KINDS] = {
        [NAME_V4] = "255.0.0.1",
        [NAME_V6] = "2001:db8:ffff::1",
        [NAME_MAC] = "02:ff:ff:ff:ff:ff",
    };
    if (kind == NAME_ID || kind == NAME_CLOUD || kind == NAME_UUID)
        return hashed_word(names, kind, key, length);
    return text_of(common[kind] ? common[kind] : "name-x");
}

struct text names_word(struct names *names, enum name_kind kind, struct text name)
{
    struct text key = key_of(kind, name);
    uint32_t number = add(names, kind, key);
    if (number == INTERN_NONE)
        return common_word(names, kind, key, name.len);
    settle_one(names, number);
    struct text word = names->items.items[number].word;
    if (key.len == name.len)
        return word;
    // the whole id continues its first digits
    CLEANUP(buffer_release) struct buffer whole = {0};
    buffer_add(&whole, word);
    for (size_t i = 0; whole.len < name.len; i++)
        buffer_putc(&whole, word.ptr[4 + i % 8]);
    uint32_t place = intern_add(&names->words, buffer_text(&whole), NULL);
    return names->words.texts[place];
}

bool names_full(const struct names *names)
{
    return names->full;
}

bool names_may_be(const struct names *names, char first, size_t length)
{
    return length <= NAMES_FREE_BYTES && names->starts[(unsigned char)first] >> length & 1;
}

struct text names_free(const struct names *names, struct text name)
{
    if (!name.len || !names_may_be(names, name.ptr[0], name.len))
        return (struct text){NULL, 0};
    uint32_t number = intern_find(&names->set, name);
    if (number == INTERN_NONE || !names->items.items[number].free)
        return (struct text){NULL, 0};
    return names->items.items[number].word;
}

bool names_made_up(const struct names *names, struct text word)
{
    return intern_find(&names->words, word) != INTERN_NONE;
}

void names_fix(struct names *names, struct text name, struct text word)
{
    uint32_t number = add(names, NAME_OBJECT, name);
    if (number == INTERN_NONE || !name.len || name.len > NAMES_FREE_BYTES)
        return;
    struct name *item = &names->items.items[number];
    uint32_t place = intern_add(&names->words, word, NULL);
    item->word = names->words.texts[place];
    item->free = true;
    note_start(names, name);
}

size_t names_made_up_at(const struct names *names, struct text rest)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < names->words.count; i++) {
        struct text word = names->words.texts[i];
        if (word.len > longest && text_equal(text_slice(rest, 0, word.len), word))
            longest = word.len;
    }
    return longest;
}

void names_each_free(const struct names *names,
                     void (*take)(void *context, enum name_kind kind, struct text name), void *context)
{
    for (uint32_t i = 0; i < names->set.count; i++)
        if (names->items.items[i].free)
            take(context, names->items.items[i].kind, names->set.texts[i]);
}

const char *names_kind_name(enum name_kind kind)
{
    return kinds[kind].name;
}

uint64_t names_count(const struct names *names, enum name_kind kind)
{
    uint64_t count = 0;
    for (size_t i = 0; i < names->items.count; i++)
        count += names->items.items[i].kind == kind && names->items.items[i].word.ptr;
    return count;
}

// ---- the map ---------------------------------------------------------------------------------

void names_write(const struct names *names, struct buffer *out)
{
    CLEANUP(mem_release) uint32_t *numbers = sorted(names);
    for (uint32_t i = 0; i < names->set.count; i++) {
        const struct name *item = &names->items.items[numbers[i]];
        if (!item->word.ptr)
            continue;
        buffer_printf(out, "%s\t", kinds[item->kind].name);
        buffer_add(out, names->set.texts[numbers[i]]);
        buffer_putc(out, '\t');
        buffer_add(out, item->word);
        buffer_putc(out, '\n');
    }
}
