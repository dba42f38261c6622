// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "rule/yaml_plain.h"
#include "util/buffer.h"
#include "util/builtin.h"

struct parsed {
    struct arena arena;
    struct yaml *root;
    struct yaml_fault fault;
    bool fine;
};

static struct parsed parse(struct text source)
{
    struct parsed parsed = {0};
    parsed.fine = yaml_parse(source, 32, &parsed.arena, &parsed.root, &parsed.fault);
    return parsed;
}

// A document that must be read.
static struct parsed read(const char *source)
{
    struct parsed parsed = parse(text_of(source));
    if (!parsed.fine)
        fail_msg("%u:%u: %s", parsed.fault.line, parsed.fault.column, parsed.fault.message);
    return parsed;
}

static void maps_lists_and_texts(void **state)
{
    (void)state;
    struct parsed doc = read("id: one\n"
                             "tags: [a, 'b c', \"d\\n\"]\n"
                             "patterns:\n"
                             "  first:\n"
                             "    stack: ['f']\n"
                             "    state: D\n"
                             "query: |\n"
                             "  SELECT 1\n"
                             "  FROM x\n"
                             "fold: >-\n"
                             "  two\n"
                             "  lines\n");
    assert_int_equal(doc.root->kind, YAML_MAP);
    assert_int_equal(doc.root->count, 5);
    assert_text(yaml_text(yaml_get(doc.root, "id")), "one");
    const struct yaml *tags = yaml_get(doc.root, "tags");
    assert_int_equal(tags->kind, YAML_LIST);
    assert_int_equal(tags->count, 3);
    assert_text(tags->first->next->text, "b c");
    assert_int_equal(tags->first->next->style, YAML_SINGLE);
    assert_text(tags->first->next->next->text, "d\n");
    const struct yaml *first = yaml_get(yaml_get(doc.root, "patterns"), "first");
    assert_text(yaml_text(yaml_get(first, "state")), "D");
    assert_text(yaml_text(yaml_get(doc.root, "query")), "SELECT 1\nFROM x\n");
    assert_text(yaml_text(yaml_get(doc.root, "fold")), "two lines");
    assert_null(yaml_get(doc.root, "none"));
    assert_null(yaml_get(NULL, "none"));
    assert_text(yaml_text(NULL), NULL);
    assert_text(yaml_text(tags), NULL);
    arena_release(&doc.arena);
}

static void every_node_knows_its_place(void **state)
{
    (void)state;
    struct parsed doc = read("id: one\npatterns:\n  first: {log: 'x', unit: kernel}\n");
    const struct yaml *first = yaml_get(yaml_get(doc.root, "patterns"), "first");
    assert_int_equal(first->key_line, 3);
    assert_int_equal(first->key_column, 3);
    assert_int_equal(first->column, 10);
    const struct yaml *unit = yaml_get(first, "unit");
    assert_int_equal(unit->key_column, 21);
    assert_int_equal(unit->line, 3);
    assert_int_equal(unit->column, 27);
    arena_release(&doc.arena);
}

static void json_is_yaml(void **state)
{
    (void)state;
    struct parsed doc =
        read("{\n\t\"id\":\"a\\/b\\u00e9\",\n\t\"optional\":true,\"n\":null,\n\t\"list\":[1,[],{}]\n}\n");
    assert_text(yaml_text(yaml_get(doc.root, "id")), "a/b\xc3\xa9");
    bool value = false;
    assert_true(yaml_to_bool(yaml_get(doc.root, "optional"), &value));
    assert_true(value);
    assert_true(yaml_is_null(yaml_get(doc.root, "n")));
    assert_int_equal(yaml_get(doc.root, "list")->count, 3);
    arena_release(&doc.arena);
}

static void booleans_are_plain(void **state)
{
    (void)state;
    struct parsed doc = read("a: true\nb: 'true'\nc: False\nd: yes\ne:\n");
    bool value = false;
    assert_true(yaml_to_bool(yaml_get(doc.root, "a"), &value) && value);
    assert_false(yaml_to_bool(yaml_get(doc.root, "b"), &value));
    assert_true(yaml_to_bool(yaml_get(doc.root, "c"), &value));
    assert_false(value);
    assert_false(yaml_to_bool(yaml_get(doc.root, "d"), &value));
    assert_true(yaml_is_null(yaml_get(doc.root, "e")));
    arena_release(&doc.arena);
}

struct refusal {
    const char *source;
    uint32_t line, column;
    const char *message; // part of it
};

static void what_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"", 1, 1, "nothing in it"},
        {"# only a comment\n", 2, 1, "nothing in it"},
        {"a: &x 1\nb: *x\n", 1, 4, "anchors"},
        {"b: *x\n", 1, 4, "aliases"},
        {"a: !!python/object 1\n", 1, 4, "tags"},
        {"a: !!map {}\n", 1, 4, "tags"},
        {"<<: *x\n", 1, 5, "aliases"},
        {"a: 1\nb: 2\na: 3\n", 3, 1, "key `a` stands twice, first in line 1"},
        {"x:\n  c: 1\n  c: 1\n", 3, 3, "stands twice"},
        {"a: 1\n---\nb: 2\n", 2, 1, "second document"},
        {"a: [1, 2\n", 2, 1, "flow sequence"},
        {"a: 'x\n", 2, 1, "quoted"},
        {"a: b: c\n", 1, 5, "mapping values are not allowed"},
        {"a: 1\n\tb: 2\n", 2, 1, "tab character"},
        {"? [a, b]\n: 1\n", 1, 3, "a key must be a word"},
        {"a: \x1b[31m\n", 1, 4, "control characters"},
        {"a: \xff\n", 1, 4, "UTF-8"},
        {"a: 1\n b: 2\n", 2, 3, ""},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct parsed doc = parse(text_of(refusals[i].source));
        if (doc.fine)
            fail_msg("not refused: %s", refusals[i].source);
        if (doc.fault.line != refusals[i].line || doc.fault.column != refusals[i].column ||
            !text_contains(text_of(doc.fault.message), refusals[i].message))
            fail_msg("%u:%u: %s\nof %s", doc.fault.line, doc.fault.column, doc.fault.message,
                     refusals[i].source);
        assert_null(doc.root);
        arena_release(&doc.arena);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    struct buffer deep = {0};
    for (int i = 0; i < 32; i++)
        buffer_putc(&deep, '[');
    for (int i = 0; i < 32; i++)
        buffer_putc(&deep, ']');
    struct parsed doc = parse(buffer_text(&deep));
    assert_true(doc.fine);
    arena_release(&doc.arena);
    buffer_clear(&deep);
    for (int i = 0; i < 500000; i++)
        buffer_putc(&deep, '[');
    doc = parse(buffer_text(&deep));
    assert_false(doc.fine);
    assert_true(text_contains(text_of(doc.fault.message), "yaml_depth"));
    assert_int_equal(doc.fault.column, 33);
    arena_release(&doc.arena);
    buffer_release(&deep);
}

// The place of the first `@` of each text, found through yaml_position.
static void assert_place(struct text source, const struct yaml *node, uint32_t line, uint32_t column)
{
    uint32_t got_line, got_column;
    ptrdiff_t at = text_find_byte(node->text, '@');
    assert_true(at >= 0);
    yaml_position(source, node, (size_t)at, &got_line, &got_column);
    if (got_line != line || got_column != column)
        fail_msg("got %u:%u, wanted %u:%u in '%.*s'", got_line, got_column, line, column,
                 TEXT_ARG(node->text));
}

static void bytes_of_texts_have_places(void **state)
{
    (void)state;
    static const char source[] = "plain: ab@c\n"
                                 "single: 'it''s @'\n"
                                 "double: \"a\\n\\x41\\u00e9\\\"@\"\n"
                                 "block: |\n"
                                 "    one\n"
                                 "\n"
                                 "      two @\n"
                                 "\xc3\xa9: '\xc3\xa9\xc3\xa9@'\n"
                                 "folded: >\n"
                                 "  a\n"
                                 "  @\n"
                                 "wrapped: 'a\n"
                                 "  @'\n"
                                 "indented: |2\n"
                                 "    @\n"
                                 "last: |\n"
                                 "  x\n"
                                 "  y@";
    struct parsed doc = read(source);
    struct text text = text_of(source);
    assert_place(text, yaml_get(doc.root, "plain"), 1, 10);
    assert_place(text, yaml_get(doc.root, "single"), 2, 16);
    assert_place(text, yaml_get(doc.root, "double"), 3, 25);
    assert_place(text, yaml_get(doc.root, "block"), 7, 11);
    assert_place(text, yaml_get(doc.root, "\xc3\xa9"), 8, 7);
    assert_place(text, yaml_get(doc.root, "folded"), 9, 9);
    assert_place(text, yaml_get(doc.root, "wrapped"), 12, 10);
    assert_place(text, yaml_get(doc.root, "indented"), 15, 5);
    assert_place(text, yaml_get(doc.root, "last"), 18, 4);
    arena_release(&doc.arena);
}

static void many_keys_are_not_quadratic(void **state)
{
    (void)state;
    struct buffer wide = {0};
    for (int i = 0; i < 60000; i++)
        buffer_printf(&wide, "k%d: v\n", i);
    buffer_puts(&wide, "k17: again\n");
    struct parsed doc = parse(buffer_text(&wide));
    assert_false(doc.fine);
    assert_int_equal(doc.fault.line, 60001);
    arena_release(&doc.arena);
    buffer_release(&wide);
}

// ---- the short cut against libyaml -----------------------------------------------------------------

static bool same_tree(const struct yaml *a, const struct yaml *b)
{
    for (; a && b; a = a->next, b = b->next) {
        if (a->kind != b->kind || a->count != b->count || a->line != b->line || a->column != b->column ||
            a->key_line != b->key_line || a->key_column != b->key_column || !text_equal(a->key, b->key))
            return false;
        if (a->kind == YAML_TEXT ? a->style != b->style || !text_equal(a->text, b->text)
                                 : !same_tree(a->first, b->first))
            return false;
    }
    return !a && !b;
}

// True when the short cut read it, and then as libyaml does.
static bool compare(struct text source)
{
    struct arena quick = {0}, full = {0};
    struct yaml_fault fault;
    struct yaml *root, *plain = yaml_plain(source, 32, &quick);
    if (plain) {
        bool fine = yaml_parse_all(source, 32, &full, &root, &fault);
        if (!fine)
            fail_msg("libyaml says %u:%u: %s of\n%.*s", fault.line, fault.column, fault.message,
                     TEXT_ARG(source));
        else if (!same_tree(plain, root))
            fail_msg("another tree of\n%.*s", TEXT_ARG(source));
    }
    arena_release(&quick);
    arena_release(&full);
    return plain != NULL;
}

static void the_short_cut_reads_rules(void **state)
{
    (void)state;
    size_t rules = 0, plain = 0;
    for (const struct builtin *file = builtin_files; file->path; file++) {
        if (!text_ends(text_of(file->path), ".yaml"))
            continue;
        rules++;
        plain += compare((struct text){file->content, file->length});
    }
    assert_true(plain * 10 >= rules * 9); // else it is no short cut
}

static const char sample[] = "# remark\n"
                             "id: one-two\n"
                             "tags: [a, 'b c', \"d\\n\", e_f]\n"
                             "patterns:           # remark\n"
                             "  first: {stack: ['f', '> /g/'], top: true}\n"
                             "  second:\n"
                             "    log: 'it''s (\\d+)'\n"
                             "    unit: kernel\n"
                             "query: |\n"
                             "  SELECT 1\n"
                             "\n"
                             "    FROM x -- \xc3\xa9\n"
                             "\n"
                             "summary: plain text (with {braces}, it's #1)\n"
                             "references: [https://example.org/a,\n"
                             "             https://example.org/b]\n"
                             "long: [\"one \\\n"
                             "    two\", \"\\\n"
                             "  three\\\\ \\\n"
                             "   \\\n"
                             "   four\"]\n"
                             "more: \"five\\\n"
                             "  six\"\n"
                             "prevention: >-\n"
                             "  folded (text)\n"
                             "  of two\n"
                             "remedy: |-\n"
                             "  do this\n"
                             "tests:\n"
                             "  - name: a test\n"
                             "    files:\n"
                             "      proc/1/status: |\n"
                             "        State:\tD\n"
                             "      proc/1/comm: sync\n"
                             "    expect: {pid: 1}\n"
                             "  - name: other\n"
                             "    sample: x\n"
                             "    expect: none\n"
                             "list:\n"
                             "- one\n"
                             "- |\n"
                             "  two\n"
                             "- {a: 1}\n";

static uint32_t seed = 7;
static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static void the_short_cut_never_disagrees(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        " ",        "  ",           "\n",    "\n\n", ": ",   ":",    "- ",   "-",       "#",    " #",
        "'",        "\"",           "|\n",   "|",    "[",    "]",    "{",    "}",       ",",    "\t",
        "a",        "b: c",         "? ",    "&",    "*",    "!",    "%",    "@",       "\n ",  "\n  ",
        "\n    ",   "---\n",        "...\n", "\r\n", ">\n",  "|-\n", "|2\n", "\\",      "\\\n", "\\\n ",
        "\xc3\xa9", "\xe2\x80\xa8", "~",     "null", "x:\n", "- - ", "\n- ", "\n# r\n", "0",    "/",
        "'x'",      "[a, b]"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    size_t plain = 0;
    for (int round = 0; round < 60000; round++) {
        struct text whole = TEXT(sample);
        struct buffer text = {0};
        // a cut-out of whole lines, so that places near its start and end are hit often
        size_t from = below((uint32_t)whole.len), to = from + 1 + below((uint32_t)(whole.len - from));
        if (below(2))
            from = 0;
        while (from && whole.ptr[from - 1] != '\n')
            from--;
        while (to < whole.len && whole.ptr[to - 1] != '\n')
            to++;
        buffer_add(&text, text_slice(whole, from, to - from));
        for (uint32_t edits = 1 + below(3); edits; edits--) {
            struct buffer edited = {0};
            size_t at = below((uint32_t)text.len + 1), drop = below(3) ? 0 : below(6);
            buffer_add(&edited, text_slice(buffer_text(&text), 0, at));
            buffer_puts(&edited, below(4) ? pieces[below(PIECES)] : "");
            buffer_add(&edited, text_from(buffer_text(&text), at + drop));
            buffer_release(&text);
            text = edited;
        }
        plain += compare(text.ptr ? buffer_text(&text) : TEXT(""));
        buffer_release(&text);
    }
    assert_true(plain > 5000); // it agrees on something
}

static void the_short_cut_knows_the_sample(void **state)
{
    (void)state;
    assert_true(compare(TEXT(sample)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lists_and_texts),
        cmocka_unit_test(every_node_knows_its_place),
        cmocka_unit_test(json_is_yaml),
        cmocka_unit_test(booleans_are_plain),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(bytes_of_texts_have_places),
        cmocka_unit_test(many_keys_are_not_quadratic),
        cmocka_unit_test(the_short_cut_knows_the_sample),
        cmocka_unit_test(the_short_cut_reads_rules),
        cmocka_unit_test(the_short_cut_never_disagrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
