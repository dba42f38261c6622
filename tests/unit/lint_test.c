// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <string.h>

#include "rule/attack.h"
#include "rule/lint.h"
#include "rule/load.h"
#include "rule/match_stack.h"
#include "rule/vocabulary.h"
#include "util/buffer.h"

// Columns that the fake store says a query gives: the words behind SELECT, separated by commas; BAD is
// refused.
static bool fake_query(void *context, const struct rule *rule, const char *const **columns, int *offset,
                       struct error *err)
{
    static const char *names[16];
    static char text[512];
    (void)context;
    ptrdiff_t bad = text_find(rule->query, TEXT("BAD"));
    if (bad >= 0) {
        *offset = (int)bad;
        return fail(err, "no such column: BAD");
    }
    struct text rest = text_from(rule->query, sizeof "SELECT " - 1), word;
    rest.len = (size_t)text_find(rest, TEXT(" FROM"));
    size_t count = 0, at = 0;
    while (text_split(&rest, ',', &word)) {
        word = text_trim(word);
        memcpy(text + at, word.ptr, word.len);
        text[at + word.len] = '\0';
        names[count++] = text + at;
        at += word.len + 1;
    }
    names[count] = NULL;
    *columns = names;
    return true;
}

#define TOP "id: good\ntitle: T\nseverity: low\ncause: umount-stuck\n"
#define TAIL \
    "remedy: do\nprevention: change\nreferences: [https://x]\n" \
    "tests:\n- {name: hits, sample: a, expect: {pid: 1}}\n- {name: misses, sample: b, expect: none}\n"
#define PATTERNS "patterns:\n  a: {stack: [ceph_kill_sb], state: D}\n"
#define QUERY "query: SELECT pid, evidence FROM a\nsummary: '{pid} and {n-1}'\n"

static void lint_text(const char *path, const char *text, struct diagnostics *diagnostics)
{
    struct rulebook book = {0};
    if (!rulebook_add(&book, path, text_of(text), true, NULL, diagnostics))
        fail_msg("%s\n%s", diagnostics->list.items[0].message, text);
    rulebook_finish(&book, diagnostics);
    struct lint_options options = {.query = fake_query};
    lint_rules(&book, NULL, &options, diagnostics);
    rulebook_release(&book);
}

static void a_good_rule_has_nothing_against_it(void **state)
{
    (void)state;
    struct diagnostics diagnostics = {0};
    lint_text("rules/x/good.yaml", TOP PATTERNS QUERY TAIL, &diagnostics);
    struct buffer text = {0};
    diagnostics_text(&diagnostics, &text);
    if (diagnostics.list.count)
        fail_msg("%s", text.ptr);
    diagnostics_release(&diagnostics);
}

struct mistake {
    const char *text;
    uint32_t line, column;
    const char *check;
    enum diagnostic_level level;
    const char *message; // part of it
};

#define LOG(regex) TOP "patterns:\n  a: {log: '" regex "'}\n" QUERY TAIL
#define MISTAKE DIAGNOSTIC_MISTAKE
#define ADVICE DIAGNOSTIC_ADVICE

static const struct mistake mistakes[] = {
    {"id: other\ntitle: T\nseverity: low\ncause: umount-stuck\n" PATTERNS QUERY TAIL, 1, 5, "file-name",
     ADVICE, "other.yaml"},
    {"id: good\ntitle: T\nseverity: low\ncause: umount-stack\n" PATTERNS QUERY TAIL, 4, 8, "unknown-cause",
     MISTAKE, "did you mean `umount-stuck`?"},
    {TOP PATTERNS QUERY "explains: [umount-stuck, mount-stuck, nonsense]\n" TAIL, 9, 39, "explains-nothing",
     MISTAKE, "the cause of no rule"},
    {TOP PATTERNS QUERY "explains: [umount-stuck, mount-stuck, nonsense]\n" TAIL, 9, 26, "explains-nothing",
     ADVICE, "no rule finds"},
    {LOG("abcd (x+x+)+[yz]"), 6, 13, "catastrophic-regex", MISTAKE, "too many ways"},
    {LOG("abcdefgh (?:[a-z]+[a-z0-9]+)?[^x]Q"), 6, 13, "catastrophic-regex", MISTAKE, ""},
    {LOG("abcd|"), 6, 13, "matches-empty", MISTAKE, ""},
    {LOG("abc\\d+"), 6, 13, "no-literal", MISTAKE, "every line"},
    {LOG("(?i)abcdefgh"), 6, 13, "no-literal", MISTAKE, ""},
    {LOG("waited (?<n>\\d+) seconds"), 6, 29, "blank-before-unit", MISTAKE, ""},
    {LOG("waited [0-9.]+ ms for"), 6, 27, "blank-before-unit", MISTAKE, ""},
    {TOP "patterns:\n  a: {stack: [mutex_lock, ceph_kill_sb]}\n" QUERY TAIL, 6, 15, "never-matches", MISTAKE,
     "lock:"},
    {TOP "patterns:\n  a: {stack: [ceph_kill_sb, do_syscall_64]}\n" QUERY TAIL, 6, 29, "never-matches",
     MISTAKE, ""},
    {TOP "patterns:\n  a: {stack: ['/./']}\n" QUERY TAIL, 6, 14, "matches-idle", MISTAKE, "idle threads"},
    {TOP "patterns:\n  a: {stack: [ep_poll]}\nsummary: x\n" TAIL, 6, 14, "matches-idle", MISTAKE,
     "every match is a finding"},
    {TOP "patterns:\n  a: {wchan: ep_poll}\nsummary: x\n" TAIL, 6, 14, "matches-idle", MISTAKE,
     "every match is a finding"},
    {TOP
     "patterns:\n  a: {stack: [x]}\n  b: {stack: [y]}\nquery: SELECT evidence FROM a -- b\nsummary: x\n" TAIL,
     7, 3, "unused-pattern", MISTAKE, "`b`"},
    {TOP "patterns:\n  a: {stack: [x]}\n  b: {stack: [y]}\nquery: SELECT evidence FROM a WHERE 'b' = 'it''s "
         "b'\nsummary: x\n" TAIL,
     7, 3, "unused-pattern", MISTAKE, "`b`"},
    {TOP PATTERNS "query: |\n  SELECT pid, evidence\n  FROM a WHERE BAD\nsummary: x\n" TAIL, 9, 16,
     "bad-query", MISTAKE, "no such column"},
    {TOP PATTERNS "query: SELECT pid FROM a\nsummary: x\n" TAIL, 7, 8, "missing-column", MISTAKE,
     "`evidence`"},
    {TOP PATTERNS QUERY "group: container\n" TAIL, 9, 8, "missing-column", MISTAKE, "`container`"},
    {TOP PATTERNS "query: SELECT pid, evidence FROM a\nsummary: 'x {pod}'\n" TAIL, 8, 14, "missing-column",
     MISTAKE, "`pod`"},
    {TOP PATTERNS "summary: 'x {commm}'\n" TAIL, 7, 14, "missing-column", MISTAKE, "did you mean `comm`?"},
    {"id: good\nkind: wait\ntitle: T\n" PATTERNS "query: SELECT holder, certainty FROM a\n", 6, 8,
     "missing-column", MISTAKE, "`waiter`"},
    {"id: good\nkind: wait\ntitle: T\n" PATTERNS "query: SELECT waiter, on, certainty FROM a\n", 6, 8,
     "missing-column", MISTAKE, "neither `holder` nor `what`"},
    {TOP PATTERNS QUERY "remedy: do\n", 1, 1, "no-tests", MISTAKE, ""},
    {TOP PATTERNS QUERY "remedy: do\ntests: [{name: a, sample: b, expect: none}]\n", 10, 1, "no-tests",
     MISTAKE, "hits"},
    {TOP PATTERNS QUERY "remedy: do\ntests: [{name: a, sample: b, expect: {pid: 1}}]\n", 10, 1, "no-miss",
     MISTAKE, ""},
    {TOP PATTERNS QUERY, 1, 1, "no-remedy", MISTAKE, ""},
    {TOP PATTERNS QUERY, 1, 1, "no-prevention", ADVICE, ""},
    {TOP PATTERNS QUERY, 1, 1, "no-references", ADVICE, ""},
    {TOP PATTERNS QUERY "remedy: \"a\\e[31m\"\n", 9, 11, "control-byte", MISTAKE, "0x1b"},
};

static void every_mistake_is_said_at_its_place(void **state)
{
    (void)state;
    size_t missing = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *mistake = &mistakes[i];
        struct diagnostics diagnostics = {0};
        lint_text("rules/x/good.yaml", mistake->text, &diagnostics);
        bool found = false;
        for (size_t d = 0; d < diagnostics.list.count; d++) {
            const struct diagnostic *one = &diagnostics.list.items[d];
            found |= one->place.line == mistake->line && one->place.column == mistake->column &&
                     one->level == mistake->level && strcmp(one->check, mistake->check) == 0 &&
                     text_contains(text_of(one->message), mistake->message);
        }
        if (!found) {
            struct buffer text = {0};
            diagnostics_text(&diagnostics, &text);
            print_error("wanted %u:%u [%s] %s of\n%s\ngot\n%s", mistake->line, mistake->column,
                        mistake->check, mistake->message, mistake->text, text.ptr ? text.ptr : "nothing\n");
            buffer_release(&text);
            missing++;
        }
        diagnostics_release(&diagnostics);
    }
    assert_int_equal(missing, 0);
}

// Regexes that are fine must not be called bad.
static void good_regexes_pass(void **state)
{
    (void)state;
    static const char *const regexes[] = {
        "Container (?:(?<id>[0-9a-f]{12,64}) )?failed to exit within (?<wait>[0-9.]+ ?s(?:econds)?) of kill",
        "libceph: .*(error -(99|101|113)|connect error|session lost)",
        "task (?<comm>.{1,16}?):(?<pid>[0-9]+) blocked for more than (?<s>[0-9]+) ?seconds",
        "nfs: server (?<srv>\\S+) not responding, (?<how>still trying|timed out)",
        "Out of memory: Kill(?:ed)? process (?<pid>[0-9]+) \\((?<comm>.*?)\\)",
        "cpu (?<cpu>\\d+) stuck", // no unit
        "BUG: soft lockup\\.? - CPU#(?<cpu>\\d+) stuck for (?<s>\\d+)s! -?\\[(?<comm>.*):(?<pid>\\d+)\\]",
    };
    for (size_t i = 0; i < sizeof regexes / sizeof *regexes; i++) {
        struct buffer rule = {0};
        buffer_printf(&rule, TOP "patterns:\n  a:\n    log: '%s'\n" QUERY TAIL, regexes[i]);
        struct diagnostics diagnostics = {0};
        lint_text("rules/x/good.yaml", rule.ptr, &diagnostics);
        struct buffer text = {0};
        diagnostics_text(&diagnostics, &text);
        if (diagnostics.list.count)
            fail_msg("%s", text.ptr);
        buffer_release(&rule);
        diagnostics_release(&diagnostics);
    }
}

static void diagnostics_read_well(void **state)
{
    (void)state;
    struct diagnostics diagnostics = {0};
    lint_text("rules/x/good.yaml", TOP PATTERNS QUERY "remedy: do\nprevention: x\nreferences: [y]\n",
              &diagnostics);
    struct buffer text = {0}, json = {0};
    diagnostics_text(&diagnostics, &text);
    assert_text(buffer_text(&text),
                "rules/x/good.yaml:1:1: mistake: no tests: one that hits, one look-alike that must "
                "not [no-tests]\n");
    diagnostics_json(&diagnostics, &json);
    assert_text(buffer_text(&json),
                "[{\"path\":\"rules/x/good.yaml\",\"line\":1,\"column\":1,\"level\":\"mistake\","
                "\"check\":\"no-tests\",\"rule\":\"good\",\"message\":\"no tests: one that hits, one "
                "look-alike that must not\"}]\n");
    buffer_release(&text);
    buffer_release(&json);
    diagnostics_release(&diagnostics);
}

static void the_vocabulary_is_built_in(void **state)
{
    (void)state;
    static const char *const words[] = {"s-umount-contention", "ceph-dead-netns", "conntrack-full",   "pleg",
                                        "storage-dead-netns",  "memory-slab",     "multipath-no-path"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(cause_known(text_of(words[i])));
    assert_false(cause_known(TEXT("idle-epoll")));
    assert_false(cause_known(TEXT("sync-lock")));
    assert_false(cause_known(TEXT("")));
    struct idle_threads idle = {0};
    size_t count = 0;
    while (idle_next(&idle)) {
        struct arena arena = {0};
        struct stack stack;
        stack_canonical(idle.frames, &arena, &stack);
        assert_true(stack.count > 0);
        assert_int_equal(idle.state.len, 1);
        assert_true(idle.comm.len > 0);
        arena_release(&arena);
        count++;
    }
    assert_true(count > 30);
}

struct collected {
    struct buffer texts;
    size_t count, stop_at;
};

static bool collect(void *context, struct text text)
{
    struct collected *collected = context;
    buffer_add(&collected->texts, text);
    buffer_putc(&collected->texts, '\n');
    return ++collected->count != collected->stop_at;
}

static void attacks_follow_the_regex(void **state)
{
    (void)state;
    struct collected collected = {0};
    attack_texts(TEXT("id=(?<id>\\d+),[^,]*(?:x|y+z){2}\\s?end"), 12, collect, &collected);
    assert_text(buffer_text(&collected.texts), "id=000000000\x01\n"
                                               "id=000000000\x01id=0,axx end\n"
                                               "id=0,aaaaaaa\x01\n"
                                               "id=0,aaaaaaa\x01id=0,axx end\n"
                                               "id=0,ayyyyyy\x01\n"
                                               "id=0,ayyyyyy\x01id=0,axx end\n");
    buffer_clear(&collected.texts);
    collected.count = 0;
    collected.stop_at = 1;
    attack_texts(TEXT("a*b*"), 4, collect, &collected);
    assert_text(buffer_text(&collected.texts), "aaaa\x01\n");
    buffer_release(&collected.texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_rule_has_nothing_against_it),
        cmocka_unit_test(every_mistake_is_said_at_its_place),
        cmocka_unit_test(good_regexes_pass),
        cmocka_unit_test(diagnostics_read_well),
        cmocka_unit_test(the_vocabulary_is_built_in),
        cmocka_unit_test(attacks_follow_the_regex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
