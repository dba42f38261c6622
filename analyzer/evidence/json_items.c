// SPDX-License-Identifier: Apache-2.0
#include "evidence/json_items.h"

#include <stdio.h>

#include "util/memory.h"

enum { HEAD_BYTES = 4096, KEY_BYTES = 16 };

// Bytes that are no blanks between tokens.
static void keep(struct json_items *items, struct text bytes, uint64_t limit)
{
    struct buffer *to = items->reading ? &items->object : &items->head;
    size_t most = items->reading ? (size_t)limit : HEAD_BYTES;
    size_t room = to->len < most ? most - to->len : 0;
    buffer_add(to, text_slice(bytes, 0, room));
    items->cut |= items->reading && bytes.len > room;
}

static void keep_key(struct json_items *items, struct text bytes)
{
    if (items->depth == 1 && items->key.len < KEY_BYTES)
        buffer_add(&items->key, text_slice(bytes, 0, KEY_BYTES - items->key.len));
}

// A run of bytes inside a string, up to its end or the next backslash; gives how many.
static size_t string_bytes(struct json_items *items, struct text rest, uint64_t limit)
{
    size_t n = 0;
    if (items->escaped)
        n = 1;
    while (n < rest.len && rest.ptr[n] != '"' && rest.ptr[n] != '\\')
        items->line += rest.ptr[n++] == '\n';
    keep_key(items, text_slice(rest, 0, n));
    items->escaped = n < rest.len && rest.ptr[n] == '\\';
    if (n < rest.len && rest.ptr[n] == '"')
        items->in_string = false;
    n += n < rest.len;
    keep(items, text_slice(rest, 0, n), limit);
    return n;
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

static void give(struct input *input, struct json_items *items, json_item *take)
{
    struct error err = {0};
    struct text text = buffer_text(&items->object);
    CLEANUP(json_release) struct json *object = json_parse(text, (size_t)input->limits->json_depth, &err);
    if (object && take(input, object, text, items->object_line))
        return;
    items->first_odd = items->odd++ ? items->first_odd : items->object_line;
    if (!object && !items->why[0])
        (void)snprintf(items->why, sizeof items->why, "; one is %.100s", err.message);
}

static void close_object(struct input *input, struct json_items *items, json_item *take)
{
    unsigned own_depth = items->of_list ? items->list_depth : 0;
    if (!items->reading || items->depth != own_depth)
        return;
    items->reading = false;
    if (items->cut)
        items->first_over = items->over++ ? items->first_over : items->object_line;
    else
        give(input, items, take);
}

static void close_bracket(struct input *input, struct json_items *items, char c, json_item *take)
{
    items->depth -= items->depth > 0;
    if (c == '}')
        close_object(input, items, take);
    else if (items->depth < items->list_depth)
        items->list_depth = 0;
}

static void open_bracket(struct json_items *items, char c)
{
    if (c == '{')
        open_object(items);
    else
        open_array(items);
}

static void token_byte(struct input *input, struct json_items *items, char c, json_item *take)
{
    bool opens = c == '{' || c == '[';
    if (opens)
        open_bracket(items, c);
    keep(items, (struct text){&c, 1}, input->limits->object_bytes);
    items->depth += opens;
    if (c == '}' || c == ']')
        close_bracket(input, items, c, take);
    if (c == '"') {
        items->in_string = true;
        if (items->depth == 1)
            buffer_clear(&items->key);
    }
    items->before = c;
}

void json_items_feed(struct input *input, json_item *take)
{
    struct json_items *items = input->state;
    struct text rest = input->content;
    while (rest.len) {
        char c = rest.ptr[0];
        size_t n = 1;
        if (items->in_string)
            n = string_bytes(items, rest, input->limits->object_bytes);
        else if (c == '\n')
            items->line++;
        else if (c != ' ' && c != '\t' && c != '\r')
            token_byte(input, items, c, take);
        rest = text_from(rest, n);
    }
}

void json_items_end(struct input *input, const char *what)
{
    struct json_items *items = input->state;
    if (items->over)
        sink_warn(input->sink, input->member, items->first_over,
                  "%llu objects are too large (limit object_bytes)", (unsigned long long)items->over);
    if (items->odd)
        sink_warn(input->sink, input->member, items->first_odd, "%llu pieces are no %s%s",
                  (unsigned long long)items->odd, what, items->why);
    if (items->depth || items->in_string)
        sink_warn(input->sink, input->member, 0, "ends in the middle of its JSON");
    buffer_release(&items->object);
    buffer_release(&items->head);
    buffer_release(&items->key);
}
