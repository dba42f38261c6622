// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <string.h>

#include "report/wrap.h"
#include "util/show.h"

static void lines_fit_and_nothing_is_lost(void **state)
{
    (void)state;
    struct buffer text = {0}, out = {0};
    for (int i = 0; i < 40; i++)
        buffer_printf(&text, "word%d ", i);
    buffer_puts(&text, "a-very-long-word-that-does-not-fit-into-one-line-of-eighty-columns-"
                       "whatever-one-does-and-so-has-to-be-broken-where-the-line-ends");
    wrap(&out, "  - ", 4, 4, buffer_text(&text));
    struct lines lines = {.rest = buffer_text(&out)};
    struct text line;
    struct buffer joined = {0};
    while (lines_next(&lines, &line)) {
        assert_true(show_width(line) <= WRAP_COLUMNS);
        for (size_t i = 0; i < line.len; i++)
            if (line.ptr[i] != ' ')
                buffer_putc(&joined, line.ptr[i]);
    }
    struct buffer wanted = {0};
    buffer_puts(&wanted, "-");
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != ' ')
            buffer_putc(&wanted, text.ptr[i]);
    assert_string_equal(joined.ptr, wanted.ptr);
    buffer_release(&text);
    buffer_release(&out);
    buffer_release(&joined);
    buffer_release(&wanted);
}

static void wide_characters_count_two(void **state)
{
    (void)state;
    struct buffer text = {0}, out = {0};
    for (int i = 0; i < 60; i++)
        buffer_puts(&text, "容");
    wrap(&out, "", 0, 2, buffer_text(&text));
    struct lines lines = {.rest = buffer_text(&out)};
    struct text line;
    size_t count = 0;
    while (lines_next(&lines, &line)) {
        assert_true(show_width(line) <= WRAP_COLUMNS);
        count++;
    }
    assert_int_equal(count, 2);
    buffer_release(&text);
    buffer_release(&out);
}

static void control_bytes_become_visible(void **state)
{
    (void)state;
    struct buffer out = {0};
    wrap(&out, "", 0, 0, TEXT("red \033[31m and \r back"));
    assert_null(memchr(out.ptr, '\033', out.len));
    assert_null(memchr(out.ptr, '\r', out.len));
    assert_non_null(strstr(out.ptr, "\\x1b"));
    buffer_release(&out);
}

static void advice_keeps_its_lists(void **state)
{
    (void)state;
    struct buffer out = {0};
    wrap_lines(&out, 3, TEXT("First:\n- one\n    indented\n\nLast."));
    assert_string_equal(out.ptr, "   First:\n   - one\n       indented\n\n   Last.\n");
    buffer_clear(&out);
    wrap_lines(&out, 0, TEXT("one\ntwo\n- item\n  goes on\n    command 1\n    command 2\n"));
    assert_string_equal(out.ptr, "one two\n- item goes on\n    command 1\n    command 2\n");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_fit_and_nothing_is_lost),
        cmocka_unit_test(wide_characters_count_two),
        cmocka_unit_test(control_bytes_become_visible),
        cmocka_unit_test(advice_keeps_its_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
