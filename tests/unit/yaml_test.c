// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "rule/yaml.h"
#include "util/buffer.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
