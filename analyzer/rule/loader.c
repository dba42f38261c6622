// SPDX-License-Identifier: Apache-2.0
#include "rule/loader.h"

#include <string.h>

#include "util/memory.h"
#include "util/plain_regex.h"
#include "util/suggest.h"

enum { KEYS_MAX = 64, LIST_MAX = 1000 };

static __attribute__((format(printf, 4, 0))) void say(struct loader *loader, struct place place,
                                                      const char *check, const char *message, va_list args)
{
    if (loader->errors++ >= LOADER_ERRORS_MAX)
        return;
    struct buffer text = {0};
    buffer_vprintf(&text, message, args);
    const char *id = arena_string(&loader->book->arena, loader->rule->id);
    diagnose(loader->diagnostics, place, DIAGNOSTIC_ERROR, id, check, "%s", text.ptr ? text.ptr : "");
    buffer_release(&text);
}

void loader_error(struct loader *loader, const struct yaml *node, size_t offset, const char *check,
                  const char *message, ...)
{
    struct place place = {loader->rule->path, node->line, node->column};
    if (offset)
        yaml_position(loader->rule->source, node, offset, &place.line, &place.column);
    va_list args;
    va_start(args, message);
    say(loader, place, check, message, args);
    va_end(args);
}

void loader_error_key(struct loader *loader, const struct yaml *node, const char *check, const char *message,
                      ...)
{
    struct place place = {loader->rule->path, node->key_line, node->key_column};
    if (!node->key_line) // a list's item, or the whole document
        place = (struct place){loader->rule->path, node->line, node->column};
    va_list args;
    va_start(args, message);
    say(loader, place, check, message, args);
    va_end(args);
}

// ---- keys ------------------------------------------------------------------------------------

static const struct key *key_of(enum key_where where, struct text name, unsigned kinds)
{
    const struct key *elsewhere = NULL;
    for (const struct key *key = key_table; key->name; key++) {
        if (key->where != where || !text_is(name, key->name))
            continue;
        if (key->kinds & kinds)
            return key;
        elsewhere = key;
    }
    return elsewhere;
}

static void say_unknown(struct loader *loader, const struct yaml *child, enum key_where where, unsigned kinds,
                        const char *what)
{
    const char *names[KEYS_MAX] = {0};
    size_t count = 0;
    for (const struct key *key = key_table; key->name && count < KEYS_MAX - 1; key++)
        if (key->where == where && key->kinds & kinds)
            names[count++] = key->name;
    const char *near = suggest(child->key, names);
    loader_error_key(loader, child, "unknown-key", "%s knows no key `%.*s`%s%s%s", what, TEXT_ARG(child->key),
                     near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
}

static bool is_needed(const struct loader *loader, const struct key *key)
{
    return key->need == NEED_MUST || (key->need == NEED_FINDING && loader->rule->kind == RULE_FINDING);
}

bool loader_check_keys(struct loader *loader, const struct yaml *map, enum key_where where, unsigned kinds,
                       const char *what)
{
    if (map->kind != YAML_MAP) {
        loader_error(loader, map, 0, "bad-value", "%s must be a map of keys and values", what);
        return false;
    }
    for (const struct yaml *child = map->first; child && loader->errors < LOADER_ERRORS_MAX;
         child = child->next) {
        const struct key *key = key_of(where, child->key, kinds);
        if (!key)
            say_unknown(loader, child, where, kinds, what);
        else if (!(key->kinds & kinds))
            loader_error_key(loader, child, "unknown-key", "`%s` does not go with %s", key->name, what);
    }
    for (const struct key *key = key_table; key->name; key++)
        if (key->where == where && key->kinds & kinds && is_needed(loader, key) && !yaml_get(map, key->name))
            loader_error_key(loader, map, "missing-key", "%s needs `%s`: %s", what, key->name, key->help);
    return true;
}

// ---- values ----------------------------------------------------------------------------------

struct text loader_text(struct loader *loader, const struct yaml *node)
{
    if (!node)
        return (struct text){0};
    struct text text = yaml_text(node);
    if (!text.ptr)
        loader_error(loader, node, 0, "bad-value", "`%.*s` must be a text", TEXT_ARG(node->key));
    else if (!text_trim(text).len)
        loader_error(loader, node, 0, "bad-value", "`%.*s` is empty", TEXT_ARG(node->key));
    else
        return text_trim_end(text);
    return (struct text){0};
}

struct text loader_line(struct loader *loader, const struct yaml *node)
{
    struct text text = loader_text(loader, node);
    if (text.ptr && text_find_byte(text, '\n') >= 0)
        loader_error(loader, node, 0, "bad-value", "`%.*s` must be one line", TEXT_ARG(node->key));
    return text;
}

static bool has_blank(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ')
            return true;
    return false;
}

struct text loader_word(struct loader *loader, const struct yaml *node)
{
    struct text text = loader_text(loader, node);
    if (has_blank(text))
        loader_error(loader, node, 0, "bad-value", "`%.*s` must be one word", TEXT_ARG(text));
    return text;
}

struct text loader_id(struct loader *loader, const struct yaml *node)
{
    enum { ID_MAX = 80 };
    struct text text = loader_text(loader, node);
    bool fine = text.len <= ID_MAX;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        fine &= (c >= 'a' && c <= 'z') || byte_is_digit(c) || (c == '-' && i > 0);
    }
    if (text.ptr && !fine)
        loader_error(loader, node, 0, "bad-value",
                     "an id is made of lower-case letters, digits and dashes, at most %d", ID_MAX);
    return text;
}

struct text loader_column(struct loader *loader, const struct yaml *node)
{
    struct text text = loader_text(loader, node);
    bool fine = text.len && !byte_is_digit(text.ptr[0]);
    for (size_t i = 0; i < text.len; i++)
        fine &= byte_is_word(text.ptr[i]);
    if (text.ptr && !fine)
        loader_error(loader, node, 0, "bad-value", "`%.*s` is no name of a column", TEXT_ARG(text));
    return text;
}

bool loader_bool(struct loader *loader, const struct yaml *node)
{
    bool value = false;
    if (node && !yaml_to_bool(node, &value))
        loader_error(loader, node, 0, "bad-value", "`%.*s` is true or false", TEXT_ARG(node->key));
    return value;
}

size_t loader_choice(struct loader *loader, const struct yaml *node, enum key_shape shape, size_t fallback)
{
    const char *const *words = key_words(shape);
    if (!node)
        return fallback;
    struct text text = yaml_text(node);
    for (size_t i = 0; words[i]; i++)
        if (text_is(text, words[i]))
            return i;
    struct buffer list = {0};
    for (size_t i = 0; words[i]; i++)
        buffer_printf(&list, "%s%s", i ? ", " : "", words[i]);
    const char *near = suggest(text, words);
    loader_error(loader, node, 0, "bad-value", "`%.*s` is one of %s%s%s%s", TEXT_ARG(node->key), list.ptr,
                 near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    buffer_release(&list);
    return fallback;
}

size_t loader_list(struct loader *loader, const struct yaml *node, const struct yaml ***nodes)
{
    *nodes = NULL;
    if (!node)
        return 0;
    size_t count = node->kind == YAML_LIST ? node->count : 1;
    if (node->kind == YAML_MAP || count == 0 || count > LIST_MAX) {
        loader_error(loader, node, 0, "bad-value", "`%.*s` must be a text or a list of up to %d texts",
                     TEXT_ARG(node->key), LIST_MAX);
        return 0;
    }
    *nodes = arena_alloc(&loader->book->arena, count, sizeof **nodes);
    size_t kept = 0;
    for (const struct yaml *child = node->kind == YAML_LIST ? node->first : node; child;
         child = child->next) {
        if (child->kind == YAML_TEXT && text_trim(child->text).len)
            (*nodes)[kept++] = child;
        else
            loader_error(loader, child, 0, "bad-value", "must be a text that is not empty");
        if (child == node)
            break; // its siblings are other keys
    }
    return kept;
}

size_t loader_texts(struct loader *loader, const struct yaml *node, bool words, struct text **texts)
{
    const struct yaml **nodes;
    size_t count = loader_list(loader, node, &nodes);
    *texts = count ? arena_alloc(&loader->book->arena, count, sizeof **texts) : NULL;
    for (size_t i = 0; i < count; i++)
        (*texts)[i] = words ? loader_word(loader, nodes[i]) : loader_text(loader, nodes[i]);
    return count;
}

// One regex of the book for each source: rules say the same in many places. What compiles for certain does so
// when it is first used.
struct pattern *loader_regex(struct loader *loader, const struct yaml *node, struct text source, size_t start)
{
    struct rulebook *book = loader->book;
    bool added;
    uint32_t number = intern_add(&book->sources, source, &added);
    if (!added && book->regexes[number])
        return book->regexes[number];
    struct error err = {0};
    struct plain_regex plain;
    size_t offset = 0;
    bool certain = loader->trusted || plain_regex(source, &plain);
    struct text kept = book->sources.texts[number];
    struct pattern *pattern = certain ? pattern_defer(kept) : pattern_compile(kept, &offset, &err);
    if (!pattern)
        loader_error(loader, node, start + offset, "bad-regex", "%s", err.message);
    if (number == book->regex_capacity) {
        book->regex_capacity = book->regex_capacity ? book->regex_capacity * 2 : 256;
        book->regexes = mem_resize(book->regexes, book->regex_capacity, sizeof *book->regexes);
    }
    book->regex_count += added;
    book->regexes[number] = pattern;
    return pattern;
}

static bool is_slashed(struct text text)
{
    return text.len > 2 && text.ptr[0] == '/' && text.ptr[text.len - 1] == '/';
}

static bool is_wild(struct text text)
{
    return text_find_byte(text, '*') >= 0 || text_find_byte(text, '?') >= 0;
}

void loader_filter(struct loader *loader, const struct yaml *node, struct filter *filter)
{
    const struct yaml **nodes;
    filter->count = loader_list(loader, node, &nodes);
    filter->items =
        arena_alloc(&loader->book->arena, filter->count ? filter->count : 1, sizeof *filter->items);
    for (size_t i = 0; i < filter->count; i++) {
        struct text text = nodes[i]->text;
        struct filter_item *item = &filter->items[i];
        if (is_slashed(text))
            item->regex = loader_regex(loader, nodes[i], text_slice(text, 1, text.len - 2), 1);
        else
            *item = (struct filter_item){.name = text, .glob = is_wild(text)};
    }
}
