// SPDX-License-Identifier: Apache-2.0
//
// Rules that ask the same share their rows, so what changes a row must change the signature.
#include "test.h"

#include <stdio.h>

#include "rule/load.h"
#include "rule/signature.h"
#include "util/memory.h"

static void add(struct rulebook *book, struct diagnostics *diagnostics, const char *path, const char *head,
                const char *asks)
{
    struct buffer rule = {0};
    buffer_printf(&rule, "%s\nseverity: low\ncause: hung-task\nsummary: one\n%s\n", head, asks);
    if (!rulebook_add(book, path, arena_copy(&book->arena, buffer_text(&rule)), false, NULL, diagnostics))
        fail_msg("%s does not load", asks);
    buffer_release(&rule);
}

// Whether two rules with these patterns and queries are taken for one.
static bool same(const char *one, const char *other)
{
    struct rulebook book = {0};
    struct diagnostics diagnostics = {0};
    struct buffer first = {0}, second = {0};
    add(&book, &diagnostics, "a.yaml", "id: aa\ntitle: one", one);
    add(&book, &diagnostics, "b.yaml", "id: bb\ntitle: another\ntags: [x]", other);
    rulebook_finish(&book, &diagnostics);
    assert_int_equal(book.count, 2);
    rule_signature(book.rules[0], &first);
    rule_signature(book.rules[1], &second);
    bool equal = text_equal(buffer_text(&first), buffer_text(&second));
    buffer_release(&first);
    buffer_release(&second);
    diagnostics_release(&diagnostics);
    rulebook_release(&book);
    return equal;
}

static void whatever_changes_a_row_tells(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"stack: [io_schedule]", "stack: [rwsem_down_read]"},
        {"stack: [a_one, b_two]", "stack: [a_one, '> b_two']"},
        {"stack: [a_one, b_two]", "stack: [a_one_b_two]"},
        {"stack: [a_one]", "stack: ['/^a_one/']"},
        {"stack: [a_one]", "wchan: a_one"},
        {"stack: [a_one]", "stack: [a_one]\n    top: true"},
        {"stack: [a_one]\n    top: true", "stack: [a_one]\n    above: true"},
        {"stack: [a_one]", "stack: [a_one]\n    not: [b_two]"},
        {"stack: [a_one, b_two]", "stack: [a_one]\n    not: [b_two]"},
        {"stack: [a_one]", "stack: [a_one]\n    lock: rwsem-read"},
        {"stack: [a_one]\n    lock: mutex", "stack: [a_one]\n    lock: rwsem-read"},
        {"stack: [a_one]", "stack: [a_one]\n    state: D"},
        {"stack: [a_one]", "stack: [a_one]\n    comm: umount"},
        {"stack: [a_one]\n    comm: umount", "stack: [a_one]\n    comm: 'umount*'"},
        {"stack: [a_one]", "stack: [a_one]\n    optional: true"},
        {"wchan: a_one", "wchan: 'a_one*'"},
        {"log: 'one'", "log: 'two'"},
        {"log: 'one'", "log: 'one'\n    unit: kernel"},
        {"log: 'one'\n    unit: docker", "log: 'one'\n    unit: kernel"},
        {"file: 'proc/*/comm'\n    text: one", "file: 'proc/*/stat'\n    text: one"},
        {"file: 'proc/*/comm'\n    text: one", "file: 'proc/*/comm'\n    text: two"},
        {"profile: cpu", "profile: inuse_space"},
        {"profile: cpu", "profile: cpu\n    function: 'one'"},
        {"profile: cpu\n    function: 'two'", "profile: cpu\n    function: 'one'"},
        {"profile: cpu", "profile: cpu\n    component: kubelet"},
        {"namespace: any", "namespace: any\n    kind: net"},
        {"namespace: any", "namespace: any\n    blank: true"},
        {"namespace: any\n    blank: false", "namespace: any\n    blank: true"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char one[256], other[256], named[256];
        (void)snprintf(one, sizeof one, "patterns:\n  p:\n    %s", pairs[i][0]);
        (void)snprintf(other, sizeof other, "patterns:\n  p:\n    %s", pairs[i][1]);
        (void)snprintf(named, sizeof named, "patterns:\n  q:\n    %s", pairs[i][0]);
        if (same(one, other))
            fail_msg("taken for one: %s and %s", pairs[i][0], pairs[i][1]);
        assert_false(same(one, named));
        assert_true(same(one, one));
        assert_true(same(other, other));
    }
}

static void a_query_tells(void **state)
{
    (void)state;
    assert_false(same("query: SELECT tid FROM thread", "query: SELECT pid FROM thread"));
    assert_true(same("query: SELECT tid FROM thread", "query: SELECT tid FROM thread\nremedy: none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_changes_a_row_tells),
        cmocka_unit_test(a_query_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
