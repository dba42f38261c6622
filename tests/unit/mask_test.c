// SPDX-License-Identifier: Apache-2.0
//
// The collector masks with sed, this program with its own reading of the same script: they must agree.
#include <stdio.h>

#include "privacy/mask.h"
#include "test.h"
#include "util/memory.h"

#define LINES "tests/data/privacy/credentials.txt"

static void read_all(FILE *file, struct buffer *out)
{
    char piece[4096];
    size_t n;
    assert_non_null(file);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_add(out, (struct text){piece, n});
}

static void mask_all(struct mask *mask, struct text lines, struct buffer *out)
{
    struct lines each = {.rest = lines};
    struct text line;
    while (lines_next(&each, &line)) {
        mask_line(mask, line, out);
        buffer_putc(out, '\n');
    }
}

static void compare_with_sed(const char *name, enum mask_kind kind)
{
    CLEANUP(mask_close) struct mask *mask = mask_open(kind);
    struct buffer lines = {0}, ours = {0}, theirs = {0};
    char command[256];
    (void)snprintf(command, sizeof command,
                   "sed -n '/# mask-%s: begin/,/# mask-%s: end/p' collector/inquest-collect "
                   ">\"${TMPDIR:-/tmp}/mask.$$\"; "
                   "LC_ALL=C sed -E -f \"${TMPDIR:-/tmp}/mask.$$\" " LINES "; rm \"${TMPDIR:-/tmp}/mask.$$\"",
                   name, name);
    FILE *file = fopen(LINES, "r"), *sed = popen(command, "r");
    read_all(file, &lines);
    read_all(sed, &theirs);
    (void)fclose(file);
    assert_int_equal(pclose(sed), 0);
    mask_all(mask, buffer_text(&lines), &ours);
    assert_true(theirs.len > 500);
    assert_string_equal(ours.ptr, theirs.ptr);
    buffer_release(&lines);
    buffer_release(&ours);
    buffer_release(&theirs);
}

static void lines_as_sed_masks_them(void **state)
{
    (void)state;
    compare_with_sed("patterns", MASK_LINES);
}

static void arguments_as_sed_masks_them(void **state)
{
    (void)state;
    compare_with_sed("arguments", MASK_ARGUMENTS);
}

static void expect_masked(const char *line, const char *wanted)
{
    CLEANUP(mask_close) struct mask *mask = mask_open(MASK_LINES);
    struct buffer out = {0};
    mask_line(mask, text_of(line), &out);
    buffer_putc(&out, '\0');
    assert_string_equal(out.ptr, wanted);
    buffer_release(&out);
}

static void credentials(void **state)
{
    (void)state;
    expect_masked("token=abc level=info", "token=*** level=info");
    expect_masked("\"password\": \"a b\"", "\"password\": \"***\"");
    expect_masked("https://u:p@host/x", "https://***@host/x");
    expect_masked("--password geheim -h db", "--password *** -h db");
    expect_masked("AccountKey=Zm9v;x", "AccountKey=***;x");
    expect_masked("u:pw@tcp(db:3306)/x", "u:***@tcp(db:3306)/x");
}

static void what_only_looks_like_one(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "kernel: key type dns_resolver registered",
        "FS-Cache: O-cookie c=00000000 [p=1 fl=2]",
        "basic words stay, monkey=banana",
        "__key_link_begin+0x1f/0x60 request_key_and_link+0x9c/0x5e0",
        "ceph: mds0 hung",
        "",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_masked(lines[i], lines[i]);
}

static void scripts_that_are_none(void **state)
{
    (void)state;
    static const char *const scripts[] = {"s/a/b",      "s/(/b/", "x", "/a/{s/b/c/", "}",
                                          "tnowhere\n", "/a/",    "s", "s/a",        "y/a/b/"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct mask *mask;
        struct error err = {0};
        assert_false(mask_open_script(&mask, text_of(scripts[i]), &err));
        assert_null(mask);
        assert_true(err.message[0]);
    }
}

static void a_line_that_is_an_attack(void **state)
{
    (void)state;
    CLEANUP(mask_close) struct mask *mask = mask_open(MASK_LINES);
    struct buffer line = {0}, out = {0};
    for (int i = 0; i < 6000; i++)
        buffer_puts(&line, "passwordpass");
    mask_line(mask, buffer_text(&line), &out);
    assert_true(out.len > 0); // it ends
    buffer_release(&line);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_as_sed_masks_them),
        cmocka_unit_test(arguments_as_sed_masks_them),
        cmocka_unit_test(credentials),
        cmocka_unit_test(what_only_looks_like_one),
        cmocka_unit_test(scripts_that_are_none),
        cmocka_unit_test(a_line_that_is_an_attack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
