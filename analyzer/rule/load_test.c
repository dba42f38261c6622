// SPDX-License-Identifier: Apache-2.0
//
// `tests:` of a rule.
#include "rule/loader.h"

#include "util/suggest.h"

enum { TESTS_MAX = 200, FILES_MAX = 1000 };

static bool path_is_fine(struct text path)
{
    struct text rest = path, part;
    if (!path.len || path.ptr[0] == '/')
        return false;
    while (text_split(&rest, '/', &part))
        if (text_is(part, "..") || text_is(part, ".") || !part.len)
            return false;
    return path.ptr[path.len - 1] != '/';
}

static void load_files(struct loader *loader, const struct yaml *node, struct rule_test *test)
{
    if (!node)
        return;
    if (node->kind != YAML_MAP || node->count == 0 || node->count > FILES_MAX) {
        loader_error(loader, node, 0, "bad-value", "`files` must be a map of paths to contents");
        return;
    }
    test->files = arena_alloc(&loader->book->arena, node->count, sizeof *test->files);
    for (const struct yaml *child = node->first; child; child = child->next) {
        if (child->kind != YAML_TEXT)
            loader_error(loader, child, 0, "bad-value", "the content of a file must be a text");
        else if (!path_is_fine(child->key))
            loader_error_key(loader, child, "bad-value", "`%.*s` is no path inside a bundle",
                             TEXT_ARG(child->key));
        else
            test->files[test->file_count++] = (struct rule_file){child->key, child->text};
    }
}

static void check_expected(struct loader *loader, const struct yaml *map)
{
    for (const struct yaml *child = map->first; child; child = child->next) {
        bool known = false;
        for (const char *const *key = expect_keys; *key && !known; key++)
            known = text_is(child->key, *key);
        const char *near = known ? NULL : suggest(child->key, expect_keys);
        if (!known)
            loader_error_key(loader, child, "unknown-key", "`expect` knows no `%.*s`%s%s%s",
                             TEXT_ARG(child->key), near ? "; did you mean `" : "", near ? near : "",
                             near ? "`?" : "");
        const struct yaml **nodes;
        (void)loader_list(loader, child, &nodes);
    }
}

static void load_expectations(struct loader *loader, const struct yaml *node, struct rule_test *test)
{
    size_t count = node->kind == YAML_LIST ? node->count : 1;
    test->expectations = arena_alloc(&loader->book->arena, count ? count : 1, sizeof *test->expectations);
    for (const struct yaml *child = node->kind == YAML_LIST ? node->first : node; child;
         child = child->next) {
        if (child->kind == YAML_MAP) {
            check_expected(loader, child);
            test->expectations[test->expectation_count++] = (struct rule_expectation){child};
        } else {
            loader_error(loader, child, 0, "bad-value", "an expectation must be a map of keys and values");
        }
        if (child == node)
            break; // its siblings are other keys
    }
    if (count == 0)
        loader_error(loader, node, 0, "bad-value",
                     "`expect` is empty; where nothing must be found, say none");
}

static void load_expect(struct loader *loader, const struct yaml *node, struct rule_test *test)
{
    static const char *const words[] = {"none", "undecided", NULL};
    if (!node)
        return;
    struct text word = yaml_text(node);
    if (text_is(word, "none")) {
        test->expect = EXPECT_NONE;
    } else if (text_is(word, "undecided")) {
        test->expect = EXPECT_UNDECIDED;
    } else if (word.ptr) {
        const char *near = suggest(word, words);
        loader_error(loader, node, 0, "bad-value",
                     "`expect` is none, undecided, a map or a list of maps%s%s%s",
                     near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    } else {
        load_expectations(loader, node, test);
    }
}

static void load_one(struct loader *loader, const struct yaml *node, struct rule_test *test)
{
    *test = (struct rule_test){.node = node};
    if (!loader_check_keys(loader, node, KEY_TEST, ~0u, "a test"))
        return;
    test->name = loader_line(loader, yaml_get(node, "name"));
    load_files(loader, yaml_get(node, "files"), test);
    test->sample = loader_word(loader, yaml_get(node, "sample"));
    load_expect(loader, yaml_get(node, "expect"), test);
    if (!yaml_get(node, "files") == !yaml_get(node, "sample"))
        loader_error(loader, node, 0, "missing-key", "a test has either `files` or `sample`");
}

void load_tests(struct loader *loader, const struct yaml *node)
{
    if (!node)
        return;
    if (node->kind != YAML_LIST || node->count == 0 || node->count > TESTS_MAX) {
        loader_error(loader, node, 0, "bad-value", "`tests` must be a list of up to %d tests", TESTS_MAX);
        return;
    }
    struct rule *rule = loader->rule;
    rule->tests = arena_alloc(&loader->book->arena, node->count, sizeof *rule->tests);
    for (const struct yaml *child = node->first; child; child = child->next)
        load_one(loader, child, &rule->tests[rule->test_count++]);
}
