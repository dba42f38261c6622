// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rule/glob.h"
#include "rule/image.h"
#include "rule/load.h"
#include "util/memory.h"

// The example of the rules' documentation, shortened in its prose only.
static const char ceph_rule[] =
    "id: ceph-vmtruncate-dead-netns\n"
    "title: Ceph truncate is stuck and its network namespace is dead\n"
    "severity: critical            # info low medium high critical\n"
    "cause: ceph-dead-netns        # one word of causes.md\n"
    "tags: [ceph, container-stop]\n"
    "\n"
    "patterns:                     # each one is a name that the query can read like a table\n"
    "  truncating:\n"
    "    stack: ['__ceph_do_pending_vmtruncate']\n"
    "    state: D\n"
    "  unreachable:\n"
    "    log: 'libceph: .*(error -(99|101|113)|connect error|session lost)'\n"
    "    unit: kernel\n"
    "    optional: true\n"
    "\n"
    "query: |\n"
    "  SELECT t.tid, t.pid, t.comm, t.container, t.pidns, n.how, t.evidence, n.evidence AS netns_evidence,\n"
    "         CASE WHEN n.how = 'stripped' AND EXISTS (SELECT 1 FROM unreachable) THEN 'high'\n"
    "              WHEN n.how = 'stripped' THEN 'medium' ELSE 'low' END AS confidence\n"
    "  FROM truncating t JOIN task_netns n ON n.tid = t.tid\n"
    "  WHERE n.how <> 'live'\n"
    "\n"
    "group: container\n"
    "summary: '{comm} ({pid}) and {n-1} more wait in the Ceph client; their network namespace is {how}.'\n"
    "explains: [pidns-init-waits-children, container-stop-failed]\n"
    "remedy: |\n"
    "  Bring the network back.\n"
    "prevention: |\n"
    "  Mount in the host's namespace.\n"
    "references: [https://tracker.ceph.com/issues/1]\n"
    "\n"
    "tests:\n"
    "  - name: stuck in a stripped namespace, cluster unreachable\n"
    "    files:\n"
    "      proc/362091/task/362091/stack: |\n"
    "        [<0>] __ceph_do_pending_vmtruncate+0x4e/0x260 [ceph]\n"
    "        [<0>] __ceph_setattr+0x1/0x2 [ceph]\n"
    "    expect: {pid: 362091, confidence: high}\n"
    "  - name: the look-alike, a slow cluster and a live namespace\n"
    "    sample: ceph-slow-mds\n"
    "    expect: none\n";

static const char wait_rule[] =
    "id: s-umount-holders\n"
    "kind: wait\n"
    "title: superblock lock (s_umount)\n"
    "patterns:\n"
    "  waiting: {stack: ['/^(__)?iterate_supers/'], lock: rwsem-read, top: true}\n"
    "  holding: {stack: ['/^(deactivate_locked_super|generic_shutdown_super)/', '> cleanup_mnt'], above: "
    "true, not: [ '__x64_sys_sync' ]}\n"
    "query: |\n"
    "  SELECT w.tid AS waiter, h.tid AS holder, 'a superblock''s s_umount' AS \"on\", 'inferred' AS "
    "certainty\n"
    "  FROM waiting w JOIN holding h ON h.tid <> w.tid\n"
    "tests:\n"
    "- name: umount holds what sync waits for\n"
    "  files: {proc/1/comm: sync}\n"
    "  expect: {waiter: 1, holder: 2}\n";

struct loaded {
    struct rulebook book;
    struct diagnostics diagnostics;
};

static void release(struct loaded *loaded)
{
    rulebook_release(&loaded->book);
    diagnostics_release(&loaded->diagnostics);
}

static void add(struct loaded *loaded, const char *text, bool with_tests)
{
    (void)rulebook_add(&loaded->book, "rules/a/rule.yaml", text_of(text), with_tests, NULL,
                       &loaded->diagnostics);
}

static const struct rule *load(struct loaded *loaded, const char *text, bool with_tests)
{
    *loaded = (struct loaded){0};
    add(loaded, text, with_tests);
    rulebook_finish(&loaded->book, &loaded->diagnostics);
    struct error err = {0};
    if (!diagnostics_pass(&loaded->diagnostics, &err))
        fail_msg("%s", err.message);
    assert_int_equal(loaded->book.count, 1);
    return loaded->book.rules[0];
}

static void the_example_of_a_finding(void **state)
{
    (void)state;
    struct loaded loaded;
    const struct rule *rule = load(&loaded, ceph_rule, true);
    assert_text(rule->id, "ceph-vmtruncate-dead-netns");
    assert_int_equal(rule->kind, RULE_FINDING);
    assert_int_equal(rule->severity, SEVERITY_CRITICAL);
    assert_int_equal(rule->confidence, CONFIDENCE_UNSET);
    assert_int_equal(rule->tag_count, 2);
    assert_text(rule->tags[1], "container-stop");
    assert_int_equal(rule->pattern_count, 2);
    const struct rule_pattern *truncating = &rule->patterns[0], *unreachable = &rule->patterns[1];
    assert_int_equal(truncating->kind, MATCH_STACK);
    assert_text(truncating->name, "truncating");
    assert_text(truncating->items[0].function, "__ceph_do_pending_vmtruncate");
    assert_text(truncating->state, "D");
    assert_false(truncating->optional);
    assert_int_equal(unreachable->kind, MATCH_LOG);
    assert_true(unreachable->optional);
    assert_text(unreachable->unit.items[0].name, "kernel");
    assert_int_equal(unreachable->number, 1);
    assert_true(text_starts(rule->query, "SELECT t.tid"));
    assert_text(rule->group, "container");
    assert_int_equal(rule->explain_count, 2);
    assert_text(rule->remedy, "Bring the network back.");
    assert_int_equal(rule->test_count, 2);
    assert_text(rule->tests[0].files[0].path, "proc/362091/task/362091/stack");
    assert_int_equal(rule->tests[0].expect, EXPECT_MATCHES);
    assert_text(yaml_text(yaml_get(rule->tests[0].expectations[0].map, "pid")), "362091");
    assert_text(rule->tests[1].sample, "ceph-slow-mds");
    assert_int_equal(rule->tests[1].expect, EXPECT_NONE);
    assert_ptr_equal(rulebook_find(&loaded.book, TEXT("ceph-vmtruncate-dead-netns")), rule);
    assert_null(rulebook_find(&loaded.book, TEXT("ceph")));
    struct place place = rule_place(rule, yaml_get(rule->root, "query"),
                                    (size_t)text_find(rule->query, TEXT("FROM truncating")));
    assert_int_equal(place.line, 20);
    assert_int_equal(place.column, 3);
    release(&loaded);
}

static void tests_may_be_left_out(void **state)
{
    (void)state;
    struct loaded loaded;
    const struct rule *rule = load(&loaded, ceph_rule, false);
    assert_int_equal(rule->test_count, 0);
    assert_null(yaml_get(rule->root, "tests")); // not even read
    assert_text(rule->references[0], "https://tracker.ceph.com/issues/1");
    release(&loaded);
    // What follows the tests is not lost.
    rule = load(&loaded,
                "id: a\ntitle: A\nkind: wait\ntests:\n- name: x\n  sample: y\n  expect: none\n# "
                "remark\nquery: SELECT 1\n",
                false);
    assert_text(rule->query, "SELECT 1");
    assert_int_equal(rule->test_count, 0);
    release(&loaded);
}

static void the_example_of_a_wait(void **state)
{
    (void)state;
    struct loaded loaded;
    const struct rule *rule = load(&loaded, wait_rule, true);
    assert_int_equal(rule->kind, RULE_WAIT);
    assert_text(rule->summary, NULL);
    const struct rule_pattern *waiting = &rule->patterns[0], *holding = &rule->patterns[1];
    assert_true(waiting->top && waiting->has_lock && !waiting->above);
    assert_int_equal(waiting->lock, LOCK_RWSEM_READ);
    assert_non_null(waiting->items[0].regex);
    assert_true(holding->above && !holding->has_lock);
    assert_int_equal(holding->item_count, 2);
    assert_true(holding->items[1].adjacent);
    assert_text(holding->items[1].function, "cleanup_mnt");
    assert_text(holding->without[0].function, "sys:sync"); // whatever its spelling
    assert_text(rule->tests[0].files[0].content, "sync");
    release(&loaded);
}

static void json_loads_too(void **state)
{
    (void)state;
    struct loaded loaded;
    const struct rule *rule =
        load(&loaded,
             "{\"id\": \"j\", \"title\": \"J\", \"severity\": \"low\", \"cause\": \"x\",\n"
             " \"summary\": \"{n}\", \"patterns\": {\"a\": {\"file\": \"cmd/*.txt\", \"text\": "
             "\"(?<n>\\\\d+)\"}}}",
             true);
    assert_int_equal(rule->patterns[0].kind, MATCH_FILE);
    assert_text(rule->patterns[0].glob, "cmd/*.txt");
    release(&loaded);
}

static void every_kind_of_pattern(void **state)
{
    (void)state;
    struct loaded loaded;
    const struct rule *rule = load(
        &loaded,
        "id: kinds\ntitle: K\nseverity: info\ncause: x\nsummary: s\nquery: SELECT 1\npatterns:\n"
        "  a: {wchan: [n_tty_read, '/^wait_/'], state: [S, D], comm: 'runc*'}\n"
        "  b: {profile: inuse_space, function: ['\\(\\*ReplicaSet\\)\\.Unmarshal$'], component: apiserver}\n"
        "  c: {namespace: , kind: [net, mnt], blank: true}\n"
        "  d: {namespace: net, blank: false}\n"
        "  e: {log: 'a(?<pid>1)|b(?<pid>2) (?<dev>x)'}\n"
        "  f:\n    log: |\n      x y\n",
        true);
    const struct rule_pattern *a = &rule->patterns[0];
    assert_text(a->state, "SD");
    assert_true(filter_passes_comm(&a->comm, TEXT("runc:[2:INIT]"), 1000));
    assert_true(filter_passes(&a->wchan, TEXT("wait_woken"), 1000));
    assert_false(filter_passes(&a->wchan, TEXT("do_wait"), 1000));
    assert_int_equal(rule->patterns[1].function_count, 1);
    assert_int_equal(rule->patterns[2].blank, BLANK_YES);
    assert_int_equal(rule->patterns[2].ns_kind.count, 2);
    assert_int_equal(rule->patterns[3].blank, BLANK_NO);
    assert_text(rule->patterns[3].ns_kind.items[0].name, "net");
    struct match_column column;
    static const char *const wanted[] = {"time", "unit", "pid", "host", "evidence", "dev"};
    for (size_t i = 0; i < 6; i++) {
        assert_true(match_column(&rule->patterns[4], i, &column));
        assert_string_equal(column.name, wanted[i]);
        assert_int_equal(column.group, i == 2 ? 1 : i == 5 ? 0 : -1);
    }
    assert_false(match_column(&rule->patterns[4], 6, &column));
    release(&loaded);
}

// A rule that loads, into which mistakes are put by replacing a line.
#define HEAD "id: r\ntitle: T\nseverity: low\ncause: c\nsummary: s\n"
#define LOGS "patterns:\n  p: {log: 'abcdefgh'}\n"

struct mistake {
    const char *text;
    uint32_t line, column;
    const char *check, *message; // part of it
};

static void mistakes_have_places(void **state)
{
    (void)state;
    static const struct mistake mistakes[] = {
        {HEAD LOGS "sumary: x\n", 8, 1, "unknown-key", "did you mean `summary`?"},
        {HEAD "patterns:\n  p: {log: 'x', units: kernel}\n", 7, 17, "unknown-key", "did you mean `unit`?"},
        {HEAD "patterns:\n  p: {log: 'x', state: D}\n", 7, 17, "unknown-key",
         "`state` does not go with a log pattern"},
        {HEAD "patterns:\n  p: {log: 'ab(c'}\n", 7, 17, "bad-regex", "parenthesis"},
        {HEAD "patterns:\n  p: {stack: ['a', '/b[/']}\n", 7, 24, "bad-regex", ""},
        {HEAD "patterns:\n  p: {stack: ['a+0x1/0x2']}\n", 7, 17, "bad-value", "without offset"},
        {HEAD "patterns:\n  p: {stack: ['a [ceph]']}\n", 7, 17, "bad-value", "without offset and module"},
        {HEAD "patterns:\n  p: {stack: ['> a']}\n", 7, 15, "bad-value", "directly below"},
        {HEAD "patterns:\n  p: {stack: a, top: true, above: true}\n", 7, 28, "bad-value",
         "exclude each other"},
        {HEAD "patterns:\n  p: {stack: a, lock: rwsem}\n", 7, 23, "bad-value", "rwsem-read"},
        {HEAD "patterns:\n  p: {stack: a, state: Q}\n", 7, 24, "bad-value", "letters"},
        {HEAD "patterns:\n  p: {stck: a}\n", 7, 3, "missing-key", "did you mean `stack`?"},
        {HEAD "patterns:\n  p: {log: a, file: b}\n", 7, 15, "bad-value", "one thing"},
        {HEAD "patterns:\n  p: {file: 'a/*'}\n", 7, 7, "missing-key", "text"},
        {HEAD "patterns:\n  p: {file: '/etc/x', text: y}\n", 7, 13, "bad-value", "slash"},
        {HEAD "patterns:\n  p: {log: '(?<evidence>x)'}\n", 7, 12, "bad-value", "it is a column"},
        {HEAD "patterns:\n  p-q: {log: x}\n", 7, 3, "bad-value", "no name for a pattern"},
        {HEAD "patterns:\n  p: {log: x, optional: 'true'}\n", 7, 25, "bad-value", "true or false"},
        {HEAD "patterns:\n  p: {log: x}\n  q: {log: y}\n", 1, 1, "missing-key", "2 patterns need a `query`"},
        {HEAD "patterns:\n  p: {log: x}\n  p: {log: y}\n", 8, 3, "bad-yaml", "stands twice"},
        {HEAD, 1, 1, "missing-key", "`patterns`, or a `query`"},
        {"title: T\nseverity: low\ncause: c\nsummary: s\n" LOGS, 1, 1, "missing-key", "needs `id`"},
        {"id: r\ntitle: T\ncause: c\nsummary: s\n" LOGS, 1, 1, "missing-key", "needs `severity`"},
        {"id: r\nkind: wait\ntitle: T\n" LOGS, 1, 1, "missing-key", "wait rule needs a `query`"},
        {"id: r\nkind: waits\ntitle: T\nseverity: low\ncause: c\nsummary: s\n" LOGS, 2, 7, "bad-value",
         "did you mean `wait`?"},
        {"id: R!\ntitle: T\nseverity: low\ncause: c\nsummary: s\n" LOGS, 1, 5, "bad-value", "lower-case"},
        {"id: r\ntitle: T\nseverity: hgih\ncause: c\nsummary: s\n" LOGS, 3, 11, "bad-value",
         "did you mean `high`?"},
        {"id: r\ntitle: ''\nseverity: low\ncause: c\nsummary: s\n" LOGS, 2, 8, "bad-value", "empty"},
        {"id: r\ntitle: [a]\nseverity: low\ncause: c\nsummary: s\n" LOGS, 2, 8, "bad-value",
         "must be a text"},
        {"- id: r\n", 1, 1, "bad-value", "must be a map"},
        {HEAD LOGS "tests:\n- name: x\n  sample: y\n  expect: nnoe\n", 11, 11, "bad-value",
         "did you mean `none`?"},
        {HEAD LOGS "tests:\n- name: x\n  sample: y\n  expect: {pd: 1}\n", 11, 12, "unknown-key",
         "did you mean `pid`?"},
        {HEAD LOGS "tests:\n- name: x\n  expect: none\n", 9, 3, "missing-key", "either `files` or `sample`"},
        {HEAD LOGS "tests:\n- name: x\n  files: {../x: a}\n  expect: none\n", 10, 11, "bad-value",
         "no path inside"},
        {HEAD LOGS "tests:\n- name: x\n  sample: y\n", 9, 3, "missing-key", "needs `expect`"},
        {HEAD LOGS "group: a b\n", 8, 8, "bad-value", "no name of a column"},
    };
    size_t missing = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct loaded loaded = {0};
        add(&loaded, mistakes[i].text, true);
        rulebook_finish(&loaded.book, &loaded.diagnostics);
        assert_int_equal(loaded.book.count, 0);
        diagnostics_sort(&loaded.diagnostics);
        const struct diagnostic *found = NULL;
        for (size_t d = 0; d < loaded.diagnostics.list.count; d++) {
            const struct diagnostic *one = &loaded.diagnostics.list.items[d];
            if (one->place.line == mistakes[i].line && one->place.column == mistakes[i].column &&
                text_is(text_of(one->check), mistakes[i].check) &&
                text_contains(text_of(one->message), mistakes[i].message))
                found = one;
        }
        if (!found) {
            struct buffer all = {0};
            diagnostics_text(&loaded.diagnostics, &all);
            print_error("wanted %u:%u %s [%s]\nof\n%s\ngot\n%s", mistakes[i].line, mistakes[i].column,
                        mistakes[i].message, mistakes[i].check, mistakes[i].text,
                        all.ptr ? all.ptr : "nothing");
            buffer_release(&all);
            missing++;
        }
        release(&loaded);
    }
    assert_int_equal(missing, 0);
}

static void all_mistakes_are_collected(void **state)
{
    (void)state;
    struct loaded loaded = {0};
    add(&loaded, "id: r\ntitel: T\nseverity: low\ncause: c\nsummary: s\npatterns: {p: {log: '('}}\n", true);
    add(&loaded, "id: q\n- x\n", true);
    rulebook_finish(&loaded.book, &loaded.diagnostics);
    diagnostics_sort(&loaded.diagnostics);
    assert_int_equal(diagnostics_count(&loaded.diagnostics, DIAGNOSTIC_ERROR), 4);
    struct error err = {0};
    assert_false(diagnostics_pass(&loaded.diagnostics, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.message, "rules/a/rule.yaml:1:1: a rule needs `title`: one line that names the "
                                     "failure (and 3 more)");
    struct buffer json = {0};
    diagnostics_json(&loaded.diagnostics, &json);
    assert_true(text_starts(buffer_text(&json),
                            "[{\"path\":\"rules/a/rule.yaml\",\"line\":1,\"column\":1,\"level\":"
                            "\"error\",\"check\":\"missing-key\",\"rule\":\"r\""));
    buffer_release(&json);
    release(&loaded);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    fclose(file);
}

static void directories_are_walked_in_order(void **state)
{
    (void)state;
    char folder[] = "/tmp/rule_test.XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    const char *const names[] = {"b.yaml", "a.yml", "sub/c.json", "note.txt", ".hidden.yaml"};
    (void)snprintf(path, sizeof path, "%s/sub", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < 5; i++) {
        char text[200];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)snprintf(text, sizeof text,
                       "id: %s\ntitle: T\nseverity: low\ncause: c\nsummary: s\nquery: SELECT %zu\n",
                       i == 0   ? "twin"
                       : i == 1 ? "twin"
                                : "other",
                       i);
        write_file(path, i < 3 ? text : "not: [a rule");
    }
    struct loaded loaded = {0};
    struct error err = {0};
    const char *paths[] = {folder};
    struct rule_sources sources = {.paths = paths, .path_count = 1};
    assert_false(rulebook_load(&loaded.book, &sources, &loaded.diagnostics, &err));
    assert_int_equal(loaded.book.count, 2);
    assert_text(loaded.book.rules[0]->query, "SELECT 2");
    assert_text(loaded.book.rules[1]->query, "SELECT 1"); // a.yml comes before b.yaml
    assert_true(text_contains(text_of(err.message), "b.yaml:1:5: the id `twin` is taken by"));
    release(&loaded);
    paths[0] = "/nonexistent/rules";
    loaded = (struct loaded){0};
    assert_false(rulebook_load(&loaded.book, &sources, &loaded.diagnostics, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    release(&loaded);
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/sub", folder);
    rmdir(path);
    rmdir(folder);
}

static void the_builtin_pack_loads(void **state)
{
    (void)state;
    for (int with_tests = 0; with_tests < 2; with_tests++) {
        struct loaded loaded = {0};
        struct error err = {0};
        struct rule_sources sources = {.builtin = true, .tests = with_tests};
        if (!rulebook_load(&loaded.book, &sources, &loaded.diagnostics, &err))
            fail_msg("%s", err.message);
        for (size_t i = 0; i < loaded.book.count; i++)
            assert_true(loaded.book.rules[i]->builtin);
        release(&loaded);
    }
}

// What the build made of the built-in rules is what their files say.
static void the_image_is_the_files(void **state)
{
    (void)state;
    struct loaded files = {0}, read = {0};
    struct error err = {0};
    CLEANUP(buffer_release) struct buffer of_files = {0}, of_image = {0};
    struct rule_sources sources = {.builtin = true, .from_files = true};
    assert_true(rulebook_load(&files.book, &sources, &files.diagnostics, &err));
    sources.from_files = false;
    assert_true(rulebook_load(&read.book, &sources, &read.diagnostics, &err));
    assert_non_null(files.book.rules[0]->root);
    assert_null(read.book.rules[0]->root); // it was read from the image
    image_write(&files.book, &of_files);
    image_write(&read.book, &of_image);
    assert_true(
        text_equal(buffer_text(&of_files), (struct text){builtin_image.content, builtin_image.length}));
    assert_true(text_equal(buffer_text(&of_image), buffer_text(&of_files)));
    for (size_t i = 0; i < files.book.count; i++) {
        assert_string_equal(read.book.rules[i]->path, files.book.rules[i]->path);
        assert_true(text_equal(read.book.rules[i]->source, files.book.rules[i]->source));
        assert_true(read.book.rules[i]->builtin);
    }
    assert_int_equal(read.book.pattern_count, files.book.pattern_count);
    release(&files);
    release(&read);
}

static void globs(void **state)
{
    (void)state;
    static const struct {
        const char *glob, *path;
        bool hit;
    } cases[] = {
        {"cmd/*.txt", "cmd/a.txt", true},
        {"cmd/*.txt", "cmd/a/b.txt", false},
        {"cmd/**.txt", "cmd/a/b.txt", true},
        {"cmd/*.txt", "cmd/a.txt.gz", false},
        {"**/log", "log", true},
        {"**/log", "a/b/log", true},
        {"**/log", "a/catalog", false},
        {"**/log", "alog", false},
        {"proc/*/status", "proc/1/status", true},
        {"proc/*/status", "proc/1/task/1/status", false},
        {"proc/**/status", "proc/status", true},
        {"proc/**/status", "proc/1/task/1/status", true},
        {"a?c", "abc", true},
        {"a?c", "a/c", false},
        {"a?c", "ac", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"[!a-c]x", "dx", true},
        {"[]x]y", "]y", true},
        {"[x", "[x", true},
        {"*", "a", true},
        {"*", "a/b", false},
        {"**", "a/b", true},
        {"proc/meminfo", "proc/meminfo", true},
        {"proc/meminfo", "proc/meminfo2", false},
        {"a**/b", "a/x/b", true},
        {"*a*a*a*b", "aaaaaaaaaaaaaaaa", false},
        {"x*", "x", true},
        {"", "a", false},
        {"a*b*c", "abxbc", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (glob_matches(text_of(cases[i].glob), text_of(cases[i].path)) != cases[i].hit)
            fail_msg("%s on %s", cases[i].glob, cases[i].path);
    assert_true(glob_has_wildcard(TEXT("a/*")));
    assert_false(glob_has_wildcard(TEXT("a/b")));
}

static void units_have_other_names(void **state)
{
    (void)state;
    struct filter_item items[] = {{.name = TEXT("kubelet")}, {.name = TEXT("docker")}};
    struct filter filter = {items, 2};
    assert_true(filter_passes_unit(&filter, TEXT("kubelet"), 1000));
    assert_true(filter_passes_unit(&filter, TEXT("kubelet.service"), 1000));
    assert_true(filter_passes_unit(&filter, TEXT("k3s"), 1000));
    assert_true(filter_passes_unit(&filter, TEXT("dockerd"), 1000));
    assert_true(filter_passes_unit(&filter, (struct text){0}, 1000));
    assert_false(filter_passes_unit(&filter, TEXT("kernel"), 1000));
    struct filter_item long_name[] = {{.name = TEXT("containerd-shim-runc-v2")}};
    struct filter comm = {long_name, 1};
    assert_true(filter_passes_comm(&comm, TEXT("containerd-shim"), 1000));
    assert_false(filter_passes_comm(&comm, TEXT("containerd"), 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_a_finding),
        cmocka_unit_test(tests_may_be_left_out),
        cmocka_unit_test(the_example_of_a_wait),
        cmocka_unit_test(json_loads_too),
        cmocka_unit_test(every_kind_of_pattern),
        cmocka_unit_test(mistakes_have_places),
        cmocka_unit_test(all_mistakes_are_collected),
        cmocka_unit_test(directories_are_walked_in_order),
        cmocka_unit_test(the_builtin_pack_loads),
        cmocka_unit_test(the_image_is_the_files),
        cmocka_unit_test(globs),
        cmocka_unit_test(units_have_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
