// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/json.h"
#include "util/memory.h"

static struct json *parsed(const char *text)
{
    struct error err = {0};
    struct json *root = json_parse(text_of(text), 64, &err);
    if (!root)
        fail_msg("%s: %s", text, err.message);
    return root;
}

static void values_are_read(void **state)
{
    (void)state;
    CLEANUP(json_release)
    struct json *root =
        parsed("\xef\xbb\xbf{\"a\": {\"b\": [1, \"two\", -3.5, true, null]}, \"n\": \"42\", \"A\": 2}\r\n ");
    const struct json *item = json_first(json_path(root, "a.b"));
    int64_t integer = 0;
    double real = 0;
    assert_true(json_is_object(root) && json_is_array(json_path(root, "a.b")));
    assert_true(json_integer(item, &integer) && integer == 1);
    item = json_sibling(item);
    assert_text(json_text(item), "two");
    assert_false(json_integer(item, &integer));
    item = json_sibling(item);
    assert_true(json_number(item, &real) && real == -3.5);
    assert_false(json_integer(item, &integer));
    item = json_sibling(item);
    assert_true(json_is_true(item));
    item = json_sibling(item);
    assert_true(json_is_null(item));
    assert_null(json_sibling(item));
    assert_true(json_integer(json_get(root, "n"), &integer) && integer == 42);
    assert_true(json_integer(json_get(root, "A"), &integer) && integer == 2); // not a
    assert_string_equal(json_key(json_first(root)), "a");
}

static void absent_values_say_so(void **state)
{
    (void)state;
    int64_t integer;
    assert_null(json_get(NULL, "x"));
    assert_null(json_path(NULL, "x.y"));
    assert_null(json_first(NULL));
    assert_text(json_text(NULL), NULL);
    assert_false(json_integer(NULL, &integer) || json_is_true(NULL) || json_is_array(NULL) ||
                 json_is_null(NULL));
    CLEANUP(json_release) struct json *root = parsed("[1e400, 9223372036854775808, 1]");
    assert_null(json_get(root, "x"));
    assert_false(json_integer(json_first(root), &integer));
    assert_false(json_integer(json_sibling(json_first(root)), &integer));
}

static void mistakes_are_told(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      "{",           "{\"a\":1} x", "[1,]",        "nul",
                                      "{a:1}", "{\"a\":1}{}", "\"open",      "[\"\\u12\"]", "\xff\xfe{\0"};
    struct error err = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (json_parse(text_of(bad[i]), 64, &err))
            fail_msg("%s was read", bad[i]);
        assert_true(strlen(err.message) > 0);
    }
    assert_null(json_parse(TEXT("{\"format\":\"x"), 64, &err));
    assert_non_null(strstr(err.message, "byte"));
}

static void depth_and_size_are_bounded(void **state)
{
    (void)state;
    struct error err = {0};
    CLEANUP(buffer_release) struct buffer deep = {0}, wide = {0};
    for (int i = 0; i < 200000; i++)
        buffer_puts(&deep, i % 2 ? "{\"a\":" : "[");
    assert_null(json_parse(buffer_text(&deep), 64, &err));
    assert_string_equal(err.message, "JSON nested deeper than 64 (limit json_depth) at byte 192");
    CLEANUP(json_release)
    struct json *brackets =
        parsed("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\"");
    assert_non_null(brackets); // inside a string they do not nest
    buffer_puts(&wide, "[0");
    for (int i = 0; i < 1000001; i++)
        buffer_puts(&wide, ",0");
    buffer_puts(&wide, "]");
    assert_null(json_parse(buffer_text(&wide), 64, &err));
}

static void write_all(struct json_writer *writer)
{
    json_open_object(writer, NULL);
    json_add_string(writer, "text", "a\"b\\c\n\x1b<\xe2\x80\xa8\xff");
    json_add_text(writer, "absent", (struct text){NULL, 0});
    json_add_integer(writer, "least", INT64_MIN);
    json_add_double(writer, "tenth", 0.1);
    json_add_double(writer, "nan", NAN);
    json_add_bool(writer, "yes", true);
    json_add_null(writer, "null");
    json_open_array(writer, "list");
    json_add_integer(writer, NULL, 1);
    json_open_object(writer, NULL);
    json_close_object(writer);
    json_close_array(writer);
    json_open_array(writer, "empty");
    json_close_array(writer);
    json_close_object(writer);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer line = {0}, pretty = {0};
    struct json_writer writer = {.out = &line};
    write_all(&writer);
    assert_text(buffer_text(&line),
                "{\"text\":\"a\\\"b\\\\c\\n\\u001b\\u003c\\u2028\xef\xbf\xbd\",\"absent\":null,"
                "\"least\":-9223372036854775808,\"tenth\":0.1,\"nan\":null,\"yes\":true,\"null\":null,"
                "\"list\":[1,{}],\"empty\":[]}");
    writer = (struct json_writer){.out = &pretty, .indent = 2};
    write_all(&writer);
    assert_non_null(strstr(pretty.ptr, "\n  \"list\": [\n    1,\n    {}\n  ],\n  \"empty\": []\n}"));
    CLEANUP(json_release) struct json *root = parsed(pretty.ptr);
    assert_text(json_text(json_get(root, "text")), "a\"b\\c\n\x1b<\xe2\x80\xa8\xef\xbf\xbd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(absent_values_say_so),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(depth_and_size_are_bounded),
        cmocka_unit_test(what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
