// SPDX-License-Identifier: Apache-2.0
#include "rule/diagnostic.h"

#include <stdio.h>
#include <string.h>

#include "util/json.h"
#include "util/show.h"

void diagnose(struct diagnostics *diagnostics, struct place place, enum diagnostic_level level,
              const char *rule, const char *check, const char *message, ...)
{
    struct buffer text = {0};
    va_list args;
    va_start(args, message);
    buffer_vprintf(&text, message, args);
    va_end(args);
    struct diagnostic *diagnostic = array_add(&diagnostics->list);
    diagnostic->place = place;
    diagnostic->place.path = arena_string(&diagnostics->arena, text_of(place.path));
    diagnostic->level = level;
    diagnostic->check = check;
    diagnostic->rule = rule ? arena_string(&diagnostics->arena, text_of(rule)) : NULL;
    diagnostic->message = arena_string(&diagnostics->arena, buffer_text(&text));
    buffer_release(&text);
}

size_t diagnostics_count(const struct diagnostics *diagnostics, enum diagnostic_level level)
{
    size_t count = 0;
    for (size_t i = 0; i < diagnostics->list.count; i++)
        count += diagnostics->list.items[i].level == level;
    return count;
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int compare(const void *left, const void *right)
{
    const struct diagnostic *a = left, *b = right;
    int order = strcmp(a->place.path, b->place.path);
    order = order ? order : compare_numbers(a->place.line, b->place.line);
    order = order ? order : compare_numbers(a->place.column, b->place.column);
    order = order ? order : strcmp(a->check, b->check);
    return order ? order : strcmp(a->message, b->message);
}

void diagnostics_sort(struct diagnostics *diagnostics)
{
    struct diagnostic_list *list = &diagnostics->list;
    array_sort(list, compare);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || compare(&list->items[kept - 1], &list->items[i]) != 0)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static const char *level_name(enum diagnostic_level level)
{
    return level == DIAGNOSTIC_ERROR ? "error" : level == DIAGNOSTIC_MISTAKE ? "mistake" : "advice";
}

static void place_text(struct buffer *out, const struct place *place)
{
    show_line(out, text_of(place->path));
    if (place->line)
        buffer_printf(out, ":%u:%u", place->line, place->column);
}

void diagnostics_text(const struct diagnostics *diagnostics, struct buffer *out)
{
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        const struct diagnostic *diagnostic = &diagnostics->list.items[i];
        place_text(out, &diagnostic->place);
        buffer_printf(out, ": %s: ", level_name(diagnostic->level));
        show_line(out, text_of(diagnostic->message));
        buffer_printf(out, " [%s]\n", diagnostic->check);
    }
}

void diagnostics_json(const struct diagnostics *diagnostics, struct buffer *out)
{
    struct json_writer writer = {.out = out};
    json_open_array(&writer, NULL);
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        const struct diagnostic *diagnostic = &diagnostics->list.items[i];
        json_open_object(&writer, NULL);
        json_add_string(&writer, "path", diagnostic->place.path);
        json_add_integer(&writer, "line", diagnostic->place.line);
        json_add_integer(&writer, "column", diagnostic->place.column);
        json_add_string(&writer, "level", level_name(diagnostic->level));
        json_add_string(&writer, "check", diagnostic->check);
        json_add_text(&writer, "rule", text_of(diagnostic->rule));
        json_add_string(&writer, "message", diagnostic->message);
        json_close_object(&writer);
    }
    json_close_array(&writer);
    buffer_putc(out, '\n');
}

bool diagnostics_pass(const struct diagnostics *diagnostics, struct error *err)
{
    size_t errors = diagnostics_count(diagnostics, DIAGNOSTIC_ERROR);
    if (errors == 0)
        return true;
    const struct diagnostic *first = diagnostics->list.items;
    while (first->level != DIAGNOSTIC_ERROR)
        first++;
    struct buffer text = {0};
    place_text(&text, &first->place);
    buffer_puts(&text, ": ");
    show_line(&text, text_of(first->message));
    if (errors > 1)
        buffer_printf(&text, " (and %zu more)", errors - 1);
    (void)fail_kind(err, ERROR_USAGE, "%s", text.ptr);
    buffer_release(&text);
    return false;
}

void diagnostics_release(struct diagnostics *diagnostics)
{
    arena_release(&diagnostics->arena);
    array_release(&diagnostics->list);
}
