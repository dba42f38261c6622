// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "bundle/member.h"
#include "evidence/profile_read.h"
#include "evidence/profile_wire.h"

enum { FIRST_LINES = 20 };

// ---- protobuf --------------------------------------------------------------------------------

// Wire types of a message's fields, by number from 1: 'v' a number, 'b' bytes, 'p' either (packed or
// not), 'm' a message whose own fields follow in `inner`.
struct shape {
    const char *fields;
    const struct shape *inner;
};
static const struct shape value_type = {"vv", NULL}, label = {"vvvv", NULL}, line = {"vvv", NULL},
                          mapping = {"vvvvvvvvvv", NULL}, function = {"vvvvv", NULL},
                          sample = {"ppm", &label}, location = {"vvvmv", &line};
enum { MESSAGES = 12 };
static const struct shape *const messages[MESSAGES] = {
    [1] = &value_type, [2] = &sample, [3] = &mapping, [4] = &location, [5] = &function, [11] = &value_type};
static const char top_fields[] = "mmmmmbvvvvmvpvv";

static bool type_fits(char shape, enum wire_type type)
{
    return type == WIRE_VARINT ? shape == 'v' || shape == 'p' : type == WIRE_BYTES && shape != 'v';
}

// Whether a message that is whole has only fields that its shape has. Inner messages are only looked at
// for their first level, which is all there are.
static bool shape_fits(const struct shape *shape, struct wire body)
{
    struct wire_field field;
    while (body.at < body.end) {
        if (wire_next(&body, &field) != WIRE_OK || field.number == 0 || field.number > strlen(shape->fields))
            return false;
        char kind = shape->fields[field.number - 1];
        if (!type_fits(kind, field.type))
            return false;
        struct wire inner = field.body;
        struct wire_field within;
        while (kind == 'm' && inner.at < inner.end)
            if (wire_next(&inner, &within) != WIRE_OK || within.number == 0 ||
                within.number > strlen(shape->inner->fields) || within.type != WIRE_VARINT)
                return false;
    }
    return true;
}

static bool top_fits(const struct wire_field *field)
{
    return field->number >= 1 && field->number < sizeof top_fields &&
           type_fits(top_fields[field->number - 1], field->type);
}

bool proto_looks_right(struct text head)
{
    struct wire wire = wire_of(head);
    size_t telling = 0; // fields that no other bytes are likely to have
    while (wire.at < wire.end) {
        struct wire_field field;
        enum wire_result result = wire_next(&wire, &field);
        if (result == WIRE_SHORT) // cut by the head's end, or by the file's
            return telling > 0 || (top_fits(&field) && field.value > 256);
        if (result == WIRE_BAD || !top_fits(&field))
            return false;
        bool message = field.number < MESSAGES && messages[field.number];
        if (message && !shape_fits(messages[field.number], field.body))
            return false;
        telling += message;
    }
    return telling > 0;
}

// ---- text ------------------------------------------------------------------------------------

static bool is_count_header(struct text text)
{
    ptrdiff_t at = text_find(text, TEXT(" profile: total "));
    return at > 0 && text_find_byte(text_slice(text, 0, (size_t)at), ' ') < 0 &&
           text_all_digits(text_trim_end(text_from(text, (size_t)at + 16)));
}

static enum profile_form form_of_line(struct text text)
{
    struct text prefix;
    if (heap_is_header(text) && text_find_byte(text, '@') > 0)
        return PROFILE_HEAP;
    if (is_count_header(text_trim(text)))
        return PROFILE_COUNT;
    if (text_starts(text, "--- threadz ") || text_starts(text, "--- Thread "))
        return PROFILE_THREADS;
    if (text_starts(text, "--- heapz 1 ---"))
        return PROFILE_JAVA_HEAP;
    if (text_starts(text, "--- contention") || text_starts(text, "--- mutex:"))
        return PROFILE_CONTENTION;
    return goroutine_is_header(text, &prefix) ? PROFILE_GOROUTINES : PROFILE_NONE;
}

static bool is_text(struct text head)
{
    for (size_t i = 0; i < head.len; i++)
        if ((unsigned char)head.ptr[i] < 32 && !strchr("\t\n\r\f\033", head.ptr[i]))
            return false;
    return true;
}

static enum profile_form form_of_text(struct text head, bool strict)
{
    struct lines lines = {.rest = head};
    struct text text;
    bool first = true;
    while (lines_next(&lines, &text) && lines.number <= FIRST_LINES) {
        if (text_trim(text).len == 0)
            continue;
        enum profile_form form = form_of_line(text);
        if (form == PROFILE_NONE && first && heap_is_sample(text))
            form = PROFILE_HEAP;
        if (form != PROFILE_NONE)
            return form;
        first = false;
        if (strict && text.ptr[0] != '#')
            return PROFILE_NONE;
    }
    return PROFILE_NONE;
}

// Every whole line is "name;name value", and some line has two names.
static bool is_folded(struct text head)
{
    struct lines lines = {.rest = head};
    struct text text;
    bool deep = false, whole = true;
    while (lines_next(&lines, &text)) {
        size_t end = text.len;
        while (end > 0 && byte_is_digit(text.ptr[end - 1]))
            end--;
        bool cut = lines.rest.len == 0 && head.len >= MEMBER_HEAD_BYTES;
        whole &= cut || (end > 1 && end < text.len && text.ptr[end - 1] == ' ');
        deep |= text_find_byte(text, ';') > 0;
    }
    return deep && whole;
}

bool profile_is_trace(struct text head)
{
    return text_starts(head, "go 1.") && text_find(text_slice(head, 0, 16), TEXT(" trace")) > 0;
}

enum profile_form profile_detect(struct text head, bool strict)
{
    if (cpu_is_header(head))
        return PROFILE_CPU_BINARY;
    if (head.len && is_text(head)) {
        enum profile_form form =
            goroutine_dump_looks_right(head, true) ? PROFILE_GOROUTINES : form_of_text(head, strict);
        if (form == PROFILE_GOROUTINES && strict && !goroutine_dump_looks_right(head, true))
            form = PROFILE_NONE;
        if (form != PROFILE_NONE)
            return form;
        if (!strict && is_folded(head))
            return PROFILE_FOLDED;
    }
    bool binary = head.len && !is_text(head) && !profile_is_trace(head);
    return proto_looks_right(head) || (binary && !strict) ? PROFILE_PROTOBUF : PROFILE_NONE;
}
