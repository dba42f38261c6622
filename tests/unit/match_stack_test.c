// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <stdio.h>

#include "rule/load.h"
#include "rule/match_profile.h"
#include "rule/match_stack.h"
#include "util/buffer.h"

enum { STEPS = 20000 };

// Stacks as frame_write writes them, top first.
static const char sync_3_10[] = "call_rwsem_down_read_failed+0x18/0x30\n"
                                "iterate_supers+0x9d/0x120\n"
                                "SyS_sync+0x65/0x90\n"
                                "system_call_fastpath+0x25/0x2a\n";
static const char sync_5_15[] = "iterate_supers+0x9d/0x120\n"
                                "ksys_sync+0x65/0x90\n"
                                "__x64_sys_sync+0xe/0x20\n"
                                "do_syscall_64+0x5c/0xc0\n"
                                "entry_SYSCALL_64_after_hwframe+0x61/0xcb\n";
static const char sync_dmesg[] = "__schedule+0x2e6/0x8f0\n"
                                 "schedule+0x46/0xb0\n"
                                 "rwsem_down_read_slowpath+0x31f/0x510\n"
                                 "down_read+0x43/0x90\n"
                                 "iterate_supers+0x9d/0x120\n"
                                 "ksys_sync+0x65/0x90\n";
static const char sync_other_lock[] = "__schedule+0x2e6/0x8f0\n"
                                      "schedule+0x46/0xb0\n"
                                      "rwsem_down_write_slowpath+0x31f/0x510\n"
                                      "iterate_supers+0x9d/0x120\n";
static const char sync_no_lock[] = "__schedule+0x2e6/0x8f0\n"
                                   "schedule+0x46/0xb0\n"
                                   "io_schedule+0x16/0x40\n"
                                   "iterate_supers+0x9d/0x120\n";
static const char sync_writes[] = "wb_wait_for_completion+0x5a/0x90\n"
                                  "sync_inodes_sb+0xd6/0x2e0\n"
                                  "iterate_supers+0x9d/0x120\n"
                                  "ksys_sync+0x65/0x90\n";
static const char umount[] = "ceph_mdsc_pre_umount+0x1/0x20 [ceph]\n"
                             "? stale_frame+0x1/0x20\n"
                             "ceph_kill_sb+0x30/0x80 [ceph]\n"
                             "deactivate_locked_super+0x3a/0x70\n"
                             "cleanup_mnt+0xb9/0x140\n"
                             "task_work_run+0x5f/0x90\n";
static const char guessed[] = "? iterate_supers+0x9d/0x120\n"
                              "? ksys_sync+0x65/0x90\n";

struct fixture {
    struct rulebook book;
    struct diagnostics diagnostics;
    struct arena arena;
    struct stack stack;
};

// One pattern, its keys as they stand in a rule, on one stack.
static bool matches(const char *keys, const char *frames, struct stack_match *match)
{
    static const struct limits *limits = &limits_default;
    struct fixture fixture = {0};
    struct buffer text = {0};
    buffer_printf(&text, "id: r\nkind: wait\ntitle: T\nquery: SELECT 1\npatterns: {p: {%s}}\n", keys);
    if (!rulebook_add(&fixture.book, "r.yaml", buffer_text(&text), true, NULL, &fixture.diagnostics))
        fail_msg("%s\n%s", fixture.diagnostics.list.items[0].message, text.ptr);
    rulebook_finish(&fixture.book, &fixture.diagnostics);
    stack_canonical(text_of(frames), &fixture.arena, &fixture.stack);
    const struct rule_pattern *pattern = fixture.book.patterns[0];
    static char top[64], module[64]; // what the match points to dies with the arena
    struct stack_match one = {0};
    bool hit = stack_pattern_matches(pattern, &fixture.stack, STEPS, &one);
    struct stack_matcher *matcher = stack_matcher_open(&fixture.book, limits);
    const struct stack_match *found;
    size_t count = stack_matcher_run(matcher, &fixture.stack, &found);
    if (count != hit || (hit && (found->depth != one.depth || found->frame != one.frame)))
        fail_msg("the index says %zu, the pattern %d: %s", count, hit, keys);
    if (hit && match) {
        *match = one;
        (void)snprintf(top, sizeof top, "%.*s", TEXT_ARG(one.top));
        (void)snprintf(module, sizeof module, "%.*s", TEXT_ARG(one.module));
        match->top = text_of(top);
        match->module = text_of(module);
    }
    stack_matcher_close(matcher);
    rulebook_release(&fixture.book);
    diagnostics_release(&fixture.diagnostics);
    arena_release(&fixture.arena);
    buffer_release(&text);
    return hit;
}

static void one_rule_meets_every_kernel(void **state)
{
    (void)state;
    const char *const rule = "stack: ['/^(__)?iterate_supers/', 'sys:sync'], lock: rwsem-read, top: true";
    assert_true(matches(rule, sync_3_10, NULL));
    assert_true(matches(rule, sync_5_15, NULL)); // the lock is hidden
    assert_true(matches(rule, sync_dmesg, NULL));
    assert_false(matches(rule, sync_writes, NULL));
    assert_false(matches(rule, umount, NULL));
}

static void a_lock_that_is_seen_must_be_the_one(void **state)
{
    (void)state;
    const char *const read = "stack: [iterate_supers], lock: rwsem-read";
    assert_true(matches(read, sync_dmesg, NULL));
    assert_true(matches(read, sync_5_15, NULL));
    assert_false(matches(read, sync_other_lock, NULL));
    assert_false(matches(read, sync_no_lock, NULL)); // the wait is seen and is none
    assert_true(matches("stack: [iterate_supers], lock: rwsem-write", sync_other_lock, NULL));
    assert_false(matches("stack: [iterate_supers], lock: mutex", sync_3_10, NULL));
    const char *const none = "stack: [iterate_supers], lock: none";
    assert_true(matches(none, sync_5_15, NULL));
    assert_true(matches(none, sync_no_lock, NULL));
    assert_false(matches(none, sync_3_10, NULL));
}

static void order_gaps_and_adjacency(void **state)
{
    (void)state;
    assert_true(matches("stack: [wb_wait_for_completion, iterate_supers]", sync_writes, NULL));
    assert_false(matches("stack: [iterate_supers, wb_wait_for_completion]", sync_writes, NULL));
    assert_true(
        matches("stack: [wb_wait_for_completion, '> sync_inodes_sb', '>iterate_supers']", sync_writes, NULL));
    assert_false(matches("stack: [wb_wait_for_completion, '> iterate_supers']", sync_writes, NULL));
    // what the kernel does not vouch for stands in nobody's way, and proves nothing
    assert_true(matches("stack: [ceph_mdsc_pre_umount, '> ceph_kill_sb']", umount, NULL));
    assert_false(matches("stack: [stale_frame]", umount, NULL));
    assert_true(matches("stack: [ceph_kill_sb], not: [stale_frame]", umount, NULL));
    // one function cannot be two items
    assert_false(matches("stack: [cleanup_mnt, cleanup_mnt]", umount, NULL));
    // the first place that fits one item need not fit the run
    static const char twice[] = "a+0x1/0x9\nb+0x1/0x9\na+0x2/0x9\nc+0x1/0x9\n";
    struct stack_match match;
    assert_true(matches("stack: [a, '> c']", twice, &match));
    assert_int_equal(match.depth, 2);
    assert_true(matches("stack: [a, c]", twice, &match));
    assert_int_equal(match.depth, 0);
    assert_false(matches("stack: [a, '> c', '> b']", twice, NULL));
}

static void regexes_see_offset_and_module(void **state)
{
    (void)state;
    assert_true(matches("stack: ['/^ceph_.*\\[ceph\\]$/']", umount, NULL));
    assert_true(matches("stack: ['/^ceph_kill_sb\\+0x30\\/0x80 \\[ceph\\]$/']", umount, NULL));
    assert_false(matches("stack: ['/^ceph_kill_sb\\+0x31/']", umount, NULL));
    assert_true(matches("stack: ['/super/', '> /^cleanup_/']", umount, NULL));
    // the name is normalised there too
    assert_true(matches("stack: ['/^do_sys_poll\\+0x1/']", "do_sys_poll.constprop.0+0x1/0x2\n", NULL));
    assert_true(matches("stack: ['/^sys:sync/']", sync_5_15, NULL));
}

static void top_and_above(void **state)
{
    (void)state;
    struct stack_match match;
    assert_true(matches("stack: [iterate_supers], top: true", sync_dmesg, &match));
    assert_int_equal(match.depth, 0);
    assert_int_equal(match.frame, 4);
    assert_text(match.top, "iterate_supers");
    assert_false(matches("stack: [iterate_supers], top: true", sync_writes, NULL));
    assert_true(matches("stack: [iterate_supers], above: true", sync_writes, &match));
    assert_int_equal(match.depth, 2);
    assert_int_equal(match.frame, 2);
    assert_text(match.top, "wb_wait_for_completion");
    assert_false(matches("stack: [iterate_supers], above: true", sync_dmesg, NULL));
    assert_false(matches("stack: [iterate_supers], above: true", sync_5_15, NULL));
    assert_true(matches("stack: [deactivate_locked_super], above: true", umount, &match));
    assert_int_equal(match.depth, 2);
    assert_int_equal(match.frame, 3);
    assert_text(match.module, "");
    assert_true(matches("stack: [ceph_kill_sb]", umount, &match));
    assert_text(match.module, "ceph");
    assert_true(match.reliable);
    assert_true(matches("stack: [iterate_supers], top: true", guessed, &match));
    assert_false(match.reliable);
}

static void what_must_be_absent(void **state)
{
    (void)state;
    assert_true(matches("stack: [iterate_supers], not: [sync_inodes_sb]", sync_5_15, NULL));
    assert_false(matches("stack: [iterate_supers], not: [sync_inodes_sb]", sync_writes, NULL));
    assert_false(matches("stack: [iterate_supers], not: ['/^wb_/', other]", sync_writes, NULL));
    assert_true(matches("stack: [iterate_supers], not: [wb_wait_for_completion, '> iterate_supers']",
                        sync_writes, NULL));
    assert_false(
        matches("stack: [iterate_supers], not: [sync_inodes_sb, '> iterate_supers']", sync_writes, NULL));
}

static void why_a_stack_is_missed(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *frames;
        enum stack_miss miss;
        size_t matched;
    } cases[] = {
        {"stack: [iterate_supers]", sync_5_15, STACK_HIT, 1},
        {"stack: [wb_wait_for_completion, iterate_bdevs]", sync_writes, STACK_ITEM, 1},
        {"stack: [iterate_bdevs]", sync_writes, STACK_ITEM, 0},
        {"stack: [iterate_supers], top: true", sync_writes, STACK_TOP, 0},
        {"stack: [iterate_supers], above: true", sync_5_15, STACK_ABOVE, 0},
        {"stack: [iterate_supers], not: [wb_wait_for_completion]", sync_writes, STACK_NOT, 1},
        {"stack: [iterate_supers], lock: mutex", sync_3_10, STACK_LOCK, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture = {0};
        struct buffer text = {0};
        buffer_printf(&text, "id: r\nkind: wait\ntitle: T\nquery: SELECT 1\npatterns: {p: {%s}}\n",
                      cases[i].keys);
        assert_true(
            rulebook_add(&fixture.book, "r.yaml", buffer_text(&text), true, NULL, &fixture.diagnostics));
        stack_canonical(text_of(cases[i].frames), &fixture.arena, &fixture.stack);
        size_t matched = 99, next = 99;
        assert_int_equal(
            stack_pattern_miss(fixture.book.rules[0]->patterns, &fixture.stack, STEPS, &matched, &next),
            cases[i].miss);
        assert_int_equal(matched, cases[i].matched);
        rulebook_release(&fixture.book);
        diagnostics_release(&fixture.diagnostics);
        arena_release(&fixture.arena);
        buffer_release(&text);
    }
}

static void threads_links_and_profiles(void **state)
{
    (void)state;
    struct rulebook book = {0};
    struct diagnostics diagnostics = {0};
    static const char rule[] =
        "id: r\nkind: wait\ntitle: T\nquery: SELECT 1\npatterns:\n"
        "  a: {wchan: n_tty_read, state: DS, comm: [ipam, 'runc*']}\n"
        "  b: {namespace: , kind: net, blank: true}\n"
        "  c: {profile: inuse_space, component: apiserver, function: ['\\.Unmarshal$', Decode]}\n"
        "  d: {stack: [x]}\n";
    assert_true(rulebook_add(&book, "r.yaml", text_of(rule), true, NULL, &diagnostics));
    const struct rule_pattern *a = book.rules[0]->patterns, *b = a + 1, *c = a + 2, *d = a + 3;
    assert_true(match_thread(a, TEXT("S"), TEXT("runc"), STEPS));
    assert_false(match_thread(a, TEXT("R"), TEXT("runc"), STEPS));
    assert_false(match_thread(a, TEXT("S"), TEXT("bash"), STEPS));
    assert_false(match_thread(a, (struct text){0}, TEXT("runc"), STEPS));
    assert_true(match_thread(d, (struct text){0}, (struct text){0}, STEPS));
    assert_true(match_wchan(a, TEXT("n_tty_read"), STEPS));
    assert_true(match_wchan(a, TEXT("n_tty_read.isra.0"), STEPS));
    assert_false(match_wchan(a, TEXT("0"), STEPS));
    assert_false(match_wchan(a, (struct text){0}, STEPS));
    assert_true(match_ns_link(b, TEXT("net"), true, STEPS));
    assert_false(match_ns_link(b, TEXT("net"), false, STEPS));
    assert_false(match_ns_link(b, TEXT("mnt"), true, STEPS));
    assert_true(match_profile(c, TEXT("apiserver"), TEXT("inuse_space"), STEPS));
    assert_false(match_profile(c, TEXT("kubelet"), TEXT("inuse_space"), STEPS));
    assert_false(match_profile(c, TEXT("apiserver"), TEXT("alloc_space"), STEPS));
    bool flat;
    assert_true(
        match_profile_stack(c, TEXT("runtime.mallocgc\nv1.(*ReplicaSet).Unmarshal\nmain\n"), STEPS, &flat));
    assert_false(flat);
    assert_true(match_profile_stack(c, TEXT("v1.(*ReplicaSet).Unmarshal\nmain\n"), STEPS, &flat));
    assert_true(flat);
    assert_false(match_profile_stack(c, TEXT("main\n"), STEPS, &flat));
    assert_false(match_profile_stack(c, TEXT(""), STEPS, &flat));
    rulebook_release(&book);
    diagnostics_release(&diagnostics);
}

// ---- the index against every pattern tried on every stack ---------------------------------------

static uint32_t seed = 12345;
static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static const char *const names[] = {"alpha",          "beta_lock", "gamma_wait", "delta_io",
                                    "iterate_supers", "do_delta",  "sync_a",     "sync_b",
                                    "zeta",           "schedule",  "mutex_lock"};
enum { NAMES = sizeof names / sizeof *names };

static void random_item(struct buffer *out, bool first)
{
    const char *name = names[below(NAMES)];
    const char *before = !first && below(4) == 0 ? "> " : "";
    switch (below(5)) {
    case 0:
        buffer_printf(out, "'%s/^%s/'", before, name);
        break;
    case 1:
        buffer_printf(out, "'%s/^(%s|%s)\\+0x%u/'", before, name, names[below(NAMES)], below(3));
        break;
    case 2:
        buffer_printf(out, "'%s/[a-f]%s?_/'", before, below(2) ? "." : "");
        break;
    default:
        buffer_printf(out, "'%s%s'", before, name);
    }
}

static void the_index_finds_what_the_patterns_do(void **state)
{
    (void)state;
    struct rulebook book = {0};
    struct diagnostics diagnostics = {0};
    struct arena texts = {0};
    for (int r = 0; r < 200; r++) {
        struct buffer text = {0};
        buffer_printf(&text, "id: r%03d\nkind: wait\ntitle: T\nquery: SELECT 1\npatterns: {p: {stack: [", r);
        for (uint32_t i = 0, count = 1 + below(3); i < count; i++) {
            buffer_puts(&text, i ? ", " : "");
            random_item(&text, i == 0);
        }
        buffer_printf(&text, "]%s}}\n", below(4) == 0 ? ", top: true" : "");
        if (!rulebook_add(&book, "r.yaml", arena_copy(&texts, buffer_text(&text)), true, NULL, &diagnostics))
            fail_msg("%s\n%s", diagnostics.list.items[0].message, text.ptr);
        buffer_release(&text);
    }
    rulebook_finish(&book, &diagnostics);
    struct stack_matcher *matcher = stack_matcher_open(&book, &limits_default);
    size_t hits = 0;
    for (int s = 0; s < 500; s++) {
        struct arena arena = {0};
        struct buffer frames = {0};
        for (uint32_t i = 0, count = below(8); i < count; i++)
            buffer_printf(&frames, "%s%s+0x%u/0x9%s\n", below(6) ? "" : "? ", names[below(NAMES)], below(3),
                          below(3) ? "" : " [mod]");
        struct stack stack;
        stack_canonical(frames.ptr ? buffer_text(&frames) : TEXT(""), &arena, &stack);
        const struct stack_match *found;
        size_t count = stack_matcher_run(matcher, &stack, &found), at = 0;
        for (size_t p = 0; p < book.pattern_count; p++) {
            struct stack_match match;
            if (!stack_pattern_matches(book.patterns[p], &stack, STEPS, &match))
                continue;
            assert_true(at < count);
            assert_ptr_equal(found[at].pattern, book.patterns[p]);
            assert_int_equal(found[at].depth, match.depth);
            at++;
        }
        assert_int_equal(at, count);
        hits += count;
        buffer_release(&frames);
        arena_release(&arena);
    }
    assert_true(hits > 1000); // the test tests something
    stack_matcher_close(matcher);
    rulebook_release(&book);
    diagnostics_release(&diagnostics);
    arena_release(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rule_meets_every_kernel),
        cmocka_unit_test(a_lock_that_is_seen_must_be_the_one),
        cmocka_unit_test(order_gaps_and_adjacency),
        cmocka_unit_test(regexes_see_offset_and_module),
        cmocka_unit_test(top_and_above),
        cmocka_unit_test(what_must_be_absent),
        cmocka_unit_test(why_a_stack_is_missed),
        cmocka_unit_test(threads_links_and_profiles),
        cmocka_unit_test(the_index_finds_what_the_patterns_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
