// SPDX-License-Identifier: Apache-2.0
#include "util/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/memory.h"
#include "util/show.h"

// A value costs cJSON a block of 64 to 80 bytes, so `[1,1,…` of 4 MiB would take 160 MB.
enum { VALUES_MAX = 1000000 };

// ---- reading ---------------------------------------------------------------------------------

// cJSON recurses over what is nested, up to 1000 deep, so depth and number of values are checked
// before it sees the text. Strings are skipped as cJSON skips them.
static bool check_shape(struct text text, size_t depth, struct error *err)
{
    size_t nested = 0, values = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"')
            inside = !inside;
        else if (inside)
            i += c == '\\';
        else if (c == '[' || c == '{') {
            if (++nested > depth)
                return fail(err, "JSON nested deeper than %zu (limit json_depth) at byte %zu", depth, i);
            values++;
        } else if (c == ']' || c == '}')
            nested -= nested > 0;
        else if (c == ',')
            values++;
        if (values > VALUES_MAX)
            return fail(err, "JSON of more than %d values", VALUES_MAX);
    }
    return true;
}

struct json *json_parse(struct text text, size_t depth, struct error *err)
{
    if (!check_shape(text, depth, err))
        return NULL;
    // cJSON before 1.7.18 could read one byte behind the end: it is given a copy with a NUL there
    CLEANUP(mem_release) char *copy = mem_copy(text.ptr, text.len);
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(copy, text.len, &end, 0);
    size_t at = end ? (size_t)(end - copy) : 0;
    bool whole = root && text_trim(text_from(text, at)).len == 0;
    if (!whole) {
        cJSON_Delete(root);
        (void)fail(err, root ? "JSON ends at byte %zu, but more text follows" : "not JSON at byte %zu", at);
        return NULL;
    }
    return (struct json *)root;
}

void json_release(struct json **root)
{
    cJSON_Delete((cJSON *)*root);
    *root = NULL;
}

static const cJSON *node(const struct json *value)
{
    return (const cJSON *)value;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return (const struct json *)(json_is_object(object) ? cJSON_GetObjectItemCaseSensitive(node(object), key)
                                                        : NULL);
}

const struct json *json_path(const struct json *object, const char *dotted)
{
    char key[128];
    struct text rest = text_of(dotted), part;
    while (object && text_split(&rest, '.', &part)) {
        (void)snprintf(key, sizeof key, "%.*s", TEXT_ARG(part));
        object = json_get(object, key);
    }
    return object;
}

const struct json *json_first(const struct json *value)
{
    return (const struct json *)(value ? node(value)->child : NULL);
}

const struct json *json_sibling(const struct json *value)
{
    return (const struct json *)(value ? node(value)->next : NULL);
}

const char *json_key(const struct json *value)
{
    return value ? node(value)->string : NULL;
}

struct text json_text(const struct json *value)
{
    return text_of(value && cJSON_IsString(node(value)) ? node(value)->valuestring : NULL);
}

bool json_number(const struct json *value, double *number)
{
    if (!value || !cJSON_IsNumber(node(value)))
        return false;
    *number = node(value)->valuedouble;
    return true;
}

bool json_integer(const struct json *value, int64_t *number)
{
    double real;
    if (!json_number(value, &real))
        return text_to_i64(json_text(value), number);
    if (!(real >= -9223372036854775808.0 && real < 9223372036854775808.0) || real != floor(real))
        return false;
    *number = (int64_t)real;
    return true;
}

bool json_is_true(const struct json *value)
{
    return value && cJSON_IsTrue(node(value));
}

bool json_is_null(const struct json *value)
{
    return value && cJSON_IsNull(node(value));
}

bool json_is_array(const struct json *value)
{
    return value && cJSON_IsArray(node(value));
}

bool json_is_object(const struct json *value)
{
    return value && cJSON_IsObject(node(value));
}

// ---- writing ---------------------------------------------------------------------------------

static void new_line(struct json_writer *writer)
{
    if (!writer->indent)
        return;
    buffer_putc(writer->out, '\n');
    for (int i = 0; i < writer->depth * writer->indent; i++)
        buffer_putc(writer->out, ' ');
}

// Control bytes, quotes and backslashes are escaped; U+2028 and U+2029 too, which end a line in
// JavaScript, and `<`, so that JSON may stand inside HTML.
static void add_escaped(struct buffer *out, char c)
{
    static const char short_form[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof short_form; i += 2)
        if (short_form[i] == c) {
            buffer_putc(out, '\\');
            buffer_putc(out, short_form[i + 1]);
            return;
        }
    buffer_printf(out, "\\u%04x", (unsigned char)c);
}

static bool needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\' || c == 0x7f || c == '<';
}

// A character that shows nothing, or turns its neighbours round, as escapes: the document says the same, and
// whoever prints it sees it.
static void add_invisible(struct buffer *out, uint32_t code)
{
    if (code < 0x10000) {
        buffer_printf(out, "\\u%04x", code);
        return;
    }
    code -= 0x10000;
    buffer_printf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

static void add_string(struct buffer *out, struct text text)
{
    CLEANUP(buffer_release) struct buffer valid = {0};
    show_valid_utf8(&valid, text);
    buffer_putc(out, '"');
    struct text rest = buffer_text(&valid);
    while (rest.len) {
        size_t plain = 0;
        while (plain < rest.len && !needs_escape(rest.ptr[plain]) && (unsigned char)rest.ptr[plain] < 0x80)
            plain++;
        buffer_add(out, text_slice(rest, 0, plain));
        rest = text_from(rest, plain);
        uint32_t code = 0;
        size_t length = rest.len ? utf8_decode(rest, &code) : 0;
        if (length > 1 && !show_is_invisible(code))
            buffer_add(out, text_slice(rest, 0, length));
        else if (length > 1)
            add_invisible(out, code);
        else if (rest.len)
            add_escaped(out, rest.ptr[0]);
        rest = text_from(rest, length ? length : 1);
    }
    buffer_putc(out, '"');
}

// What comes before any value: the comma, the line, the key.
static void begin(struct json_writer *writer, const char *key)
{
    if (writer->need_comma)
        buffer_putc(writer->out, ',');
    if (writer->depth)
        new_line(writer);
    if (key) {
        add_string(writer->out, text_of(key));
        buffer_puts(writer->out, writer->indent ? ": " : ":");
    }
    writer->need_comma = true;
}

static void open_bracket(struct json_writer *writer, const char *key, char bracket)
{
    begin(writer, key);
    buffer_putc(writer->out, bracket);
    writer->depth++;
    writer->need_comma = false;
}

static void close_bracket(struct json_writer *writer, char bracket)
{
    bool empty = !writer->need_comma;
    writer->depth--;
    if (!empty)
        new_line(writer);
    buffer_putc(writer->out, bracket);
    writer->need_comma = true;
}

void json_open_object(struct json_writer *writer, const char *key)
{
    open_bracket(writer, key, '{');
}

void json_close_object(struct json_writer *writer)
{
    close_bracket(writer, '}');
}

void json_open_array(struct json_writer *writer, const char *key)
{
    open_bracket(writer, key, '[');
}

void json_close_array(struct json_writer *writer)
{
    close_bracket(writer, ']');
}

void json_add_text(struct json_writer *writer, const char *key, struct text text)
{
    begin(writer, key);
    if (text.ptr)
        add_string(writer->out, text);
    else
        buffer_puts(writer->out, "null");
}

void json_add_string(struct json_writer *writer, const char *key, const char *string)
{
    json_add_text(writer, key, text_of(string));
}

void json_add_integer(struct json_writer *writer, const char *key, int64_t number)
{
    begin(writer, key);
    buffer_printf(writer->out, "%" PRId64, number);
}

// The shortest form that reads back equal; what JSON cannot say (NaN, infinity) becomes null.
void json_add_double(struct json_writer *writer, const char *key, double number)
{
    char digits[40] = "null";
    for (int precision = 15; isfinite(number) && precision <= 17; precision++) {
        (void)snprintf(digits, sizeof digits, "%.*g", precision, number);
        if (strtod(digits, NULL) == number)
            break;
    }
    begin(writer, key);
    buffer_puts(writer->out, digits);
}

void json_add_bool(struct json_writer *writer, const char *key, bool value)
{
    begin(writer, key);
    buffer_puts(writer->out, value ? "true" : "false");
}

void json_add_null(struct json_writer *writer, const char *key)
{
    begin(writer, key);
    buffer_puts(writer->out, "null");
}

const char *json_library_version(void)
{
    return cJSON_Version();
}
