// SPDX-License-Identifier: Apache-2.0
#include "rule/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "rule/yaml_plain.h"
#include "util/memory.h"

// One open list or map.
struct level {
    struct yaml *node;
    struct yaml *last; // child
    bool have_key;     // of a map: the key was read, its value comes next
    struct text key;
    uint32_t key_line, key_column;
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct level *levels;
    uint64_t depth, limit;
    struct yaml *root;
    struct yaml_fault *fault;
    bool done;
};

static bool refuse(struct yaml_fault *fault, size_t line, size_t column, const char *message)
{
    fault->line = (uint32_t)line + 1;
    fault->column = (uint32_t)column + 1;
    (void)snprintf(fault->message, sizeof fault->message, "%s", message);
    return false;
}

static bool refuse_at(struct reader *reader, yaml_mark_t mark, const char *message)
{
    return refuse(reader->fault, mark.line, mark.column, message);
}

// What libyaml itself did not like. A reader error has a byte offset and no mark.
static bool refuse_parser(struct reader *reader, struct text source)
{
    yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        mem_exhausted();
    if (parser->error == YAML_READER_ERROR) {
        size_t line = 0, start = 0;
        for (size_t i = 0; i < parser->problem_offset && i < source.len; i++)
            if (source.ptr[i] == '\n') {
                line++;
                start = i + 1;
            }
        return refuse(reader->fault, line, parser->problem_offset - start, parser->problem);
    }
    char message[200];
    (void)snprintf(message, sizeof message, "%s%s%s%s", parser->problem ? parser->problem : "not YAML",
                   parser->context ? " (" : "", parser->context ? parser->context : "",
                   parser->context ? ")" : "");
    return refuse_at(reader, parser->problem_mark, message);
}

static int compare_keys(const void *a, const void *b)
{
    const struct yaml *left = *(const struct yaml *const *)a, *right = *(const struct yaml *const *)b;
    int order = text_compare(left->key, right->key);
    if (order)
        return order;
    if (left->key_line != right->key_line)
        return left->key_line < right->key_line ? -1 : 1;
    return left->key_column < right->key_column ? -1 : 1;
}

static bool few_keys_differ(const struct yaml *map, const struct yaml **first, const struct yaml **twin)
{
    for (*twin = map->first; *twin; *twin = (*twin)->next)
        for (*first = map->first; *first != *twin; *first = (*first)->next)
            if (text_equal((*first)->key, (*twin)->key))
                return false;
    return true;
}

bool yaml_keys_differ(const struct yaml *map, const struct yaml **first, const struct yaml **twin)
{
    enum { FEW = 24 };
    if (map->count <= FEW)
        return few_keys_differ(map, first, twin);
    // Sorted, not compared pairwise: a file may hold a hundred thousand keys.
    CLEANUP(mem_release) const struct yaml **sorted = mem_alloc(map->count, sizeof(struct yaml *));
    size_t count = 0;
    for (const struct yaml *child = map->first; child; child = child->next)
        sorted[count++] = child;
    qsort(sorted, count, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < count; i++)
        if (text_equal(sorted[i - 1]->key, sorted[i]->key)) {
            *first = sorted[i - 1];
            *twin = sorted[i];
            return false;
        }
    return true;
}

static bool keys_differ(struct reader *reader, const struct yaml *map)
{
    const struct yaml *first, *twin;
    if (yaml_keys_differ(map, &first, &twin))
        return true;
    char message[200];
    (void)snprintf(message, sizeof message, "key `%.*s` stands twice, first in line %u", TEXT_ARG(twin->key),
                   first->key_line);
    return refuse(reader->fault, twin->key_line - 1, twin->key_column - 1, message);
}

// A new node where the event stands, hung into the open list or map.
static struct yaml *node_add(struct reader *reader, const yaml_event_t *event, enum yaml_kind kind)
{
    struct yaml *node = arena_alloc(reader->arena, 1, sizeof *node);
    node->kind = kind;
    node->line = (uint32_t)event->start_mark.line + 1;
    node->column = (uint32_t)event->start_mark.column + 1;
    if (reader->depth == 0) {
        reader->root = node;
        return node;
    }
    struct level *level = &reader->levels[reader->depth - 1];
    node->key = level->key;
    node->key_line = level->key_line;
    node->key_column = level->key_column;
    level->have_key = false;
    *(level->last ? &level->last->next : &level->node->first) = node;
    level->last = node;
    level->node->count++;
    return node;
}

static bool awaits_key(const struct reader *reader)
{
    if (reader->depth == 0)
        return false;
    const struct level *level = &reader->levels[reader->depth - 1];
    return level->node->kind == YAML_MAP && !level->have_key;
}

static bool open_level(struct reader *reader, const yaml_event_t *event, enum yaml_kind kind)
{
    if (awaits_key(reader))
        return refuse_at(reader, event->start_mark, "a key must be a word");
    if (reader->depth >= reader->limit)
        return refuse_at(reader, event->start_mark, "nested too deeply (limit yaml_depth)");
    struct yaml *node = node_add(reader, event, kind);
    reader->levels[reader->depth++] = (struct level){.node = node};
    return true;
}

static bool close_level(struct reader *reader)
{
    const struct yaml *node = reader->levels[--reader->depth].node;
    return node->kind != YAML_MAP || keys_differ(reader, node);
}

static enum yaml_style style_of(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return YAML_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return YAML_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
        return YAML_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE:
        return YAML_FOLDED;
    default:
        return YAML_PLAIN;
    }
}

static bool add_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct text text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    text = arena_copy(reader->arena, text);
    if (awaits_key(reader)) {
        struct level *level = &reader->levels[reader->depth - 1];
        level->have_key = true;
        level->key = text;
        level->key_line = (uint32_t)event->start_mark.line + 1;
        level->key_column = (uint32_t)event->start_mark.column + 1;
        return true;
    }
    struct yaml *node = node_add(reader, event, YAML_TEXT);
    node->style = style_of(event->data.scalar.style);
    node->text = text;
    return true;
}

static bool plain_of(struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor,
                     const yaml_char_t *tag)
{
    if (anchor)
        return refuse_at(reader, event->start_mark, "anchors (&) are refused");
    if (tag)
        return refuse_at(reader, event->start_mark, "tags (!) are refused");
    return true;
}

static bool take_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return refuse_at(reader, event->start_mark,
                         "aliases (*) are refused; quote a text that begins with *");
    case YAML_SCALAR_EVENT:
        return plain_of(reader, event, event->data.scalar.anchor, event->data.scalar.tag) &&
               add_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return plain_of(reader, event, event->data.sequence_start.anchor, event->data.sequence_start.tag) &&
               open_level(reader, event, YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return plain_of(reader, event, event->data.mapping_start.anchor, event->data.mapping_start.tag) &&
               open_level(reader, event, YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_level(reader);
    case YAML_DOCUMENT_START_EVENT:
        return !reader->root || refuse_at(reader, event->start_mark, "a second document is refused");
    case YAML_STREAM_END_EVENT:
        reader->done = true;
        return reader->root || refuse_at(reader, event->start_mark, "nothing in it");
    default:
        return true;
    }
}

bool yaml_parse(struct text source, uint64_t depth, struct arena *arena, struct yaml **root,
                struct yaml_fault *fault)
{
    (void)text_skip(&source, "\xef\xbb\xbf"); // editors on Windows begin so
    *root = yaml_plain(source, depth, arena);
    return *root || yaml_parse_all(source, depth, arena, root, fault);
}

bool yaml_parse_all(struct text source, uint64_t depth, struct arena *arena, struct yaml **root,
                    struct yaml_fault *fault)
{
    struct reader reader = {.arena = arena, .limit = depth, .fault = fault};
    if (!yaml_parser_initialize(&reader.parser))
        mem_exhausted();
    reader.levels = mem_alloc(depth ? depth : 1, sizeof *reader.levels);
    // Said and not guessed: UTF-16 would be another way past every check on bytes.
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)(source.ptr ? source.ptr : ""),
                                 source.len);
    bool fine = true;
    while (fine && !reader.done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader.parser, &event)) {
            fine = refuse_parser(&reader, source);
            break;
        }
        fine = take_event(&reader, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reader.parser);
    free(reader.levels);
    *root = fine ? reader.root : NULL;
    return fine;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (const struct yaml *child = map->first; child; child = child->next)
        if (text_is(child->key, key))
            return child;
    return NULL;
}

struct text yaml_text(const struct yaml *node)
{
    return node && node->kind == YAML_TEXT ? node->text : (struct text){0};
}

static bool plain_is(const struct yaml *node, const char *const *words)
{
    if (!node || node->kind != YAML_TEXT || node->style != YAML_PLAIN)
        return false;
    for (; *words; words++)
        if (text_is(node->text, *words))
            return true;
    return false;
}

bool yaml_is_null(const struct yaml *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return plain_is(node, words);
}

bool yaml_to_bool(const struct yaml *node, bool *value)
{
    static const char *const yes[] = {"true", "True", "TRUE", NULL};
    static const char *const no[] = {"false", "False", "FALSE", NULL};
    *value = plain_is(node, yes);
    return *value || plain_is(node, no);
}

const char *yaml_library_version(void)
{
    return yaml_get_version_string();
}
