// SPDX-License-Identifier: Apache-2.0
#include "evidence/json_items.h"

enum { HEAD_BYTES = 4096, KEY_BYTES = 16 };

// A byte that is not a blank between tokens.
static void keep_byte(struct json_items *items, char c)
{
    if (!items->reading) {
        if (items->head.len < HEAD_BYTES)
            buffer_putc(&items->head, c);
    } else if (items->object.len < items->limit) {
        buffer_putc(&items->object, c);
    } else {
        items->cut = true;
    }
}

static void string_byte(struct json_items *items, char c)
{
    if (items->escaped) {
        items->escaped = false;
    } else if (c == '\\') {
        items->escaped = true;
    } else if (c == '"') {
        items->in_string = false;
        return;
    }
    if (items->depth == 1 && items->key.len < KEY_BYTES)
        buffer_putc(&items->key, c);
}

static void open_object(struct json_items *items)
{
    bool of_list = items->list_depth > 0 && items->depth == items->list_depth;
    if (items->depth > 0 && !of_list)
        return;
    buffer_clear(&items->object);
    if (items->depth == 0)
        buffer_clear(&items->head);
    items->reading = true;
    items->of_list = of_list;
    items->cut = false;
    items->object_line = items->line + 1;
}

// A top array, or the list in a top object: what was read of that becomes the head.
static void open_array(struct json_items *items)
{
    struct text key = buffer_text(&items->key);
    bool list = items->depth == 1 && items->before == ':' && items->reading &&
                (text_is(key, "items") || text_is(key, "containers"));
    if (list) {
        buffer_add(&items->head, text_slice(buffer_text(&items->object), 0, HEAD_BYTES));
        items->reading = false;
    }
    if (list || items->depth == 0)
        items->list_depth = items->depth + 1;
}

static void close_object(struct json_items *items, json_item *take, void *context)
{
    unsigned own_depth = items->of_list ? items->list_depth : 0;
    if (!items->reading || items->depth != own_depth)
        return;
    items->reading = false;
    take(context, buffer_text(&items->object), items->object_line, !items->cut);
}

static void token_byte(struct json_items *items, char c, json_item *take, void *context)
{
    if (c == '{')
        open_object(items);
    else if (c == '[')
        open_array(items);
    keep_byte(items, c);
    if (c == '{' || c == '[') {
        items->depth++;
    } else if (c == '}' || c == ']') {
        items->depth -= items->depth > 0;
        if (c == '}')
            close_object(items, take, context);
        else if (items->depth < items->list_depth)
            items->list_depth = 0;
    } else if (c == '"') {
        items->in_string = true;
        if (items->depth == 1)
            buffer_clear(&items->key);
    }
    items->before = c;
}

void json_items_feed(struct json_items *items, struct text piece, json_item *take, void *context)
{
    for (size_t i = 0; i < piece.len; i++) {
        char c = piece.ptr[i];
        items->line += c == '\n';
        if (items->in_string) {
            keep_byte(items, c);
            string_byte(items, c);
        } else if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
            token_byte(items, c, take, context);
        }
    }
}

bool json_items_end(struct json_items *items)
{
    bool ended = items->depth == 0 && !items->in_string;
    buffer_release(&items->object);
    buffer_release(&items->head);
    buffer_release(&items->key);
    return ended;
}
