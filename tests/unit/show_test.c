// SPDX-License-Identifier: Apache-2.0
#include "test.h"
#include "util/show.h"

static void check(void (*show)(struct buffer *out, struct text text), struct text in, const char *wanted)
{
    struct buffer out = {0};
    show(&out, in);
    assert_text(buffer_text(&out), wanted);
    buffer_release(&out);
}

static void only_visible_text_passes(void **state)
{
    (void)state;
    check(show_line, TEXT("plain text, 中文 ß 😀 \\"), "plain text, 中文 ß 😀 \\");
    check(show_line, TEXT("\x1b[2J\x07\r\n\t\x7f\0x"), "\\x1b[2J\\x07\\x0d\\x0a\\x09\\x7f\\x00x");
    check(show_line,
          TEXT("\x9b"
               "31m"),
          "\\x9b31m"); // a lone C1 byte
    check(show_line,
          TEXT("\xc2\x9b"
               "31m"),
          "\\u{009b}31m"); // the same in UTF-8
    check(show_line,
          TEXT("\xe2\x80\xae"
               "x\xe2\x81\xa6"),
          "\\u{202e}x\\u{2066}"); // bidirectional controls
    check(show_line,
          TEXT("\xef\xbb\xbf"
               "\xe2\x80\x8b"),
          "\\u{feff}\\u{200b}");
    check(show_line, TEXT("\xe2\x80\xa8"), "\\u{2028}");
    check(show_line, TEXT("\xc0\xaf\xed\xa0\x80\xff"), "\\xc0\\xaf\\xed\\xa0\\x80\\xff");
    check(show_line, TEXT("\xf3\xa0\x81\x81"), "\\u{e0041}"); // a tag character
    check(show_line, TEXT("\xe4\xb8"), "\\xe4\\xb8");         // cut in the middle
}

static void lines_keep_their_ends(void **state)
{
    (void)state;
    check(show_lines, TEXT("a\tb\nc\x1b\n"), "a b\nc\\x1b\n");
}

static void utf8_is_made_valid(void **state)
{
    (void)state;
    check(show_valid_utf8, TEXT("a\xff\x1b\xe4\xb8\xad\xe4"), "a\xef\xbf\xbd\x1b\xe4\xb8\xad\xef\xbf\xbd");
}

static void characters_decode(void **state)
{
    (void)state;
    const struct {
        struct text text;
        size_t length;
        uint32_t code;
    } cases[] = {{TEXT("a"), 1, 'a'},
                 {TEXT("\xc3\x9f"), 2, 0xdf},
                 {TEXT("\xe4\xb8\xad"), 3, 0x4e2d},
                 {TEXT("\xf0\x9f\x98\x80"), 4, 0x1f600},
                 {TEXT("\x80"), 0, 0},
                 {TEXT("\xc1\xbf"), 0, 0},
                 {TEXT("\xe0\x80\x80"), 0, 0},
                 {TEXT("\xf4\x90\x80\x80"), 0, 0},
                 {TEXT("\xf0\x8f\xbf\xbf"), 0, 0},
                 {TEXT(""), 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t code = 0;
        assert_int_equal(utf8_decode(cases[i].text, &code), cases[i].length);
        assert_int_equal(code, cases[i].code);
    }
}

static void columns_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(show_width(TEXT("abc")), 3);
    assert_int_equal(show_width(TEXT("中文")), 4);
    assert_int_equal(show_width(TEXT("e\xcc\x81")), 1); // combining acute
    assert_int_equal(show_width(TEXT("😀")), 2);
    assert_int_equal(show_width(TEXT("├─")), 2);
}

// Whatever goes in, what comes out is valid UTF-8 without control bytes, and showing it again changes
// nothing.
static void any_bytes_do(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[12];
        size_t length = (size_t)round % sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        struct buffer once = {0}, twice = {0};
        show_line(&once, (struct text){bytes, length});
        for (size_t i = 0; i < once.len; i++)
            assert_true((unsigned char)once.ptr[i] >= 0x20 && once.ptr[i] != 0x7f);
        show_line(&twice, buffer_text(&once));
        assert_true(text_equal(buffer_text(&once), buffer_text(&twice)));
        buffer_release(&once);
        buffer_release(&twice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_visible_text_passes), cmocka_unit_test(lines_keep_their_ends),
        cmocka_unit_test(utf8_is_made_valid),       cmocka_unit_test(characters_decode),
        cmocka_unit_test(columns_of_a_terminal),    cmocka_unit_test(any_bytes_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
