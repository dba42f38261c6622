// SPDX-License-Identifier: Apache-2.0
#include "rule/glob.h"

#include "test.h"

static const struct {
    const char *glob, *path;
    bool matches;
} cases[] = {
    {"proc/*/stack", "proc/1/stack", true},
    {"proc/*/stack", "proc/1/task/2/stack", false},
    {"proc/**/stack", "proc/1/task/2/stack", true},
    {"**/stack", "stack", true},
    {"**/*heap*", "heap.txt", true},
    {"**/*heap*", "pprof/acme/heap.txt", true},
    {"**/*heap*", "pprof/acme/goroutine.txt", false},
    {"**", "any/thing", true},
    {"*", "any/thing", false},
    {"*", "thing", true},
    {"cmd/timedatectl*", "cmd/timedatectl", true},
    {"cmd/timedatectl*", "cmd/chronyc", false},
    {"sys/block/*/loop/backing_file", "sys/block/loop0/loop/backing_file", true},
    {"a?c", "abc", true},
    {"a?c", "a/c", false},
    {"[a-c]x[!0-9]", "bxy", true},
    {"[a-c]x[!0-9]", "bx1", false},
    {"[]]x", "]x", true},
    {"a[x", "a[x", true},
    {"", "x", false},
    {"x", "", false},
};

static void globs_match_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text glob = text_of(cases[i].glob), path = text_of(cases[i].path);
        if (glob_matches(glob, path) != cases[i].matches)
            print_error("%s with %s\n", cases[i].glob, cases[i].path);
        assert_int_equal(glob_matches(glob, path), cases[i].matches);
        // what must stand in a path that matches does
        assert_true(!cases[i].matches || !(glob_bytes(glob) & ~path_bytes(path)));
    }
    assert_true(glob_bytes(TEXT("cmd/timedatectl*")) & ~path_bytes(TEXT("proc/12/status")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(globs_match_paths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
