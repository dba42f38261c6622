// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <string.h>

#include "rule/attack.h"
#include "rule/lint.h"
#include "rule/load.h"
#include "rule/match_stack.h"
#include "rule/vocabulary.h"
#include "util/buffer.h"
#include "util/memory.h"

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
    (void)rulebook_add(&book, path, text_of(text), true, NULL, diagnostics); // what does not load is said too
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
#define ERROR DIAGNOSTIC_ERROR
#define PATTERN(keys) TOP "patterns:\n  a: {" keys "}\n" QUERY TAIL
#define TESTS(test) TOP PATTERNS QUERY "tests:\n- {" test "}\n"

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
    // keys
    {"id: good\ntitel: T\nseverity: low\ncause: umount-stuck\n" PATTERNS QUERY TAIL, 2, 1, "unknown-key",
     ERROR, "did you mean `title`?"},
    {"id: good\ntitel: T\nseverity: low\ncause: umount-stuck\n" PATTERNS QUERY TAIL, 1, 1, "missing-key",
     ERROR, "needs `title`"},
    {PATTERN("stack: x, sate: D"), 6, 17, "unknown-key", ERROR, "did you mean `state`?"},
    {PATTERN("stak: x"), 6, 3, "missing-key", ERROR, "did you mean `stack`?"},
    {PATTERN("log: abcdefg, state: D"), 6, 21, "unknown-key", ERROR, "does not go with a log pattern"},
    {PATTERN("log: abcdefg, stack: x"), 6, 7, "bad-value", ERROR, "one pattern looks at one thing"},
    {TESTS("name: a, sample: b, expects: none"), 10, 24, "unknown-key", ERROR, "did you mean `expect`?"},
    {TESTS("name: a, sample: b, expect: {pdi: 1}"), 10, 33, "unknown-key", ERROR, "did you mean `pid`?"},
    {TESTS("name: a, sample: b, expect: non"), 10, 32, "bad-value", ERROR, "did you mean `none`?"},
    {TESTS("name: a, expect: none"), 10, 3, "missing-key", ERROR, "`files` or `sample`"},
    // values
    {"id: good\ntitle: T\nseverity: hihg\ncause: umount-stuck\n" PATTERNS QUERY TAIL, 3, 11, "bad-value",
     ERROR, "did you mean `high`?"},
    {"id: Good\ntitle: T\nseverity: low\ncause: umount-stuck\n" PATTERNS QUERY TAIL, 1, 5, "bad-value", ERROR,
     "lower-case"},
    {PATTERN("stack: x, state: [D, Q]"), 6, 28, "bad-value", ERROR, "one of the letters"},
    {PATTERN("stack: 'x+0x1/0x2'"), 6, 16, "bad-value", ERROR, "without offset"},
    {PATTERN("log: '(?<time>[0-9]+) abcdefg'"), 6, 12, "bad-value", ERROR, "it is a column"},
    {TOP "patterns:\n  thread: {stack: x}\n" QUERY TAIL, 6, 3, "bad-value", ERROR, "a public view"},
    {TOP PATTERNS QUERY "title: again\n" TAIL, 9, 1, "bad-yaml", ERROR, "stands twice, first in line 2"},
    {"id: good\ntitle: &a T\n", 2, 8, "bad-yaml", ERROR, "anchors"},
    {"id: good\n\ttitle: T\n", 2, 1, "bad-yaml", ERROR, "tab"},
    {"- id: good\n", 1, 1, "bad-value", ERROR, "must be a map"},
    {"", 1, 1, "bad-yaml", ERROR, "nothing in it"},
    // regexes
    {LOG("abcd(efg"), 6, 21, "bad-regex", ERROR, "parenthesis"},
    {LOG("abcd[efg"), 6, 21, "bad-regex", ERROR, "character class"},
    {PATTERN("stack: [x, '/y(/']"), 6, 22, "bad-regex", ERROR, "parenthesis"},
    {PATTERN("stack: x, comm: '/[/'"), 6, 26, "bad-regex", ERROR, ""},
    {LOG("(abcdefg)?"), 6, 13, "matches-empty", MISTAKE, "matches anything"},
    {PATTERN("stack: '/x*/'"), 6, 15, "matches-empty", MISTAKE, "matches anything"},
    {PATTERN("file: 'a/*', text: '.*'"), 6, 27, "matches-empty", MISTAKE, "matches anything"},
    {PATTERN("stack: '/([a-z_]+)+:/'"), 6, 15, "catastrophic-regex", MISTAKE, "(try `"},
    {PATTERN("profile: cpu, function: '(a|aa)+$'"), 6, 32, "catastrophic-regex", MISTAKE, ""},
    {LOG(".*"), 6, 13, "no-literal", MISTAKE, ""},
    {LOG("waited \\d+(?:\\.\\d+)? ?ms, then \\d{1,3} MB"), 6, 51, "blank-before-unit", MISTAKE, ""},
    {LOG("took (?<n>[0-9]+(?:\\.[0-9]+)?) ms"), 6, 43, "blank-before-unit", MISTAKE, ""},
    {LOG("blocked for more than 120 seconds"), 6, 38, "blank-before-unit", MISTAKE, ""},
    {LOG("took \\d+\\sseconds"), 6, 21, "blank-before-unit", MISTAKE, ""},
    {LOG("took \\S+ seconds"), 6, 21, "blank-before-unit", MISTAKE, ""},
    // queries
    {TOP PATTERNS "query: SELECT tidd FROM BAD\nsummary: x\n" TAIL, 7, 25, "bad-query", MISTAKE,
     "no such column: BAD"},
    {TOP PATTERNS "summary: 'x {pid'\n" TAIL, 7, 13, "missing-column", MISTAKE, "without its `}`"},
    {TOP PATTERNS "summary: 'x {pid|byte}'\n" TAIL, 7, 18, "missing-column", MISTAKE,
     "did you mean `bytes`?"},
    {"id: good\ntitle: T\nseverity: low\ncause: umount-stuck\nsummary: s\n" TAIL, 1, 1, "missing-key", ERROR,
     "`patterns`, or a `query`"},
    {TOP "patterns:\n  a: {stack: x}\n  b: {stack: y}\nsummary: s\n" TAIL, 1, 1, "missing-key", ERROR,
     "need a `query` that joins them"},
    // wait rules
    {"id: good\nkind: wait\ntitle: T\n" PATTERNS, 1, 1, "missing-key", ERROR, "who waits for whom"},
    {"id: good\nkind: wait\ntitle: T\n" PATTERNS "query: SELECT waiter, holder, on FROM a\n", 6, 8,
     "missing-column", MISTAKE, "`certainty`"},
    {"id: good\nkind: wait\ntitle: T\n" PATTERNS "query: SELECT waiter, holder, on, certainty FROM a\n", 1, 1,
     "no-tests", MISTAKE, ""},
    {"id: good\nkind: wait\ntitle: T\npatterns:\n  a: {stack: x}\n  b: {stack: y}\n"
     "query: SELECT waiter, holder, on, certainty FROM a\n",
     6, 3, "unused-pattern", MISTAKE, "`b`"},
    {"id: good\nkind: waits\ntitle: T\n" PATTERNS, 2, 7, "bad-value", ERROR, "did you mean `wait`?"},
    // a draft
    {"id: good\ntitle: T\nseverity: low\ncause: draft\n" PATTERNS QUERY TAIL, 4, 8, "draft", ADVICE,
     "rules/causes.txt"},
};

// As an editor reads it.
static bool is_in_json(const struct diagnostics *diagnostics, const struct mistake *mistake)
{
    static const char *const levels[] = {"error", "mistake", "advice"};
    CLEANUP(buffer_release) struct buffer json = {0}, wanted = {0};
    diagnostics_json(diagnostics, &json);
    buffer_printf(
        &wanted,
        "{\"path\":\"rules/x/good.yaml\",\"line\":%u,\"column\":%u,\"level\":\"%s\",\"check\":\"%s\",",
        mistake->line, mistake->column, levels[mistake->level], mistake->check);
    return text_find(buffer_text(&json), buffer_text(&wanted)) >= 0;
}

static bool is_said(const struct diagnostics *diagnostics, const struct mistake *mistake)
{
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        const struct diagnostic *one = &diagnostics->list.items[i];
        if (one->place.line == mistake->line && one->place.column == mistake->column &&
            one->level == mistake->level && strcmp(one->check, mistake->check) == 0 &&
            text_contains(text_of(one->message), mistake->message))
            return true;
    }
    return false;
}

static void every_mistake_is_said_at_its_place(void **state)
{
    (void)state;
    size_t missing = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *mistake = &mistakes[i];
        struct diagnostics diagnostics = {0};
        lint_text("rules/x/good.yaml", mistake->text, &diagnostics);
        if (!is_said(&diagnostics, mistake) || !is_in_json(&diagnostics, mistake)) {
            CLEANUP(buffer_release) struct buffer text = {0};
            diagnostics_text(&diagnostics, &text);
            print_error("wanted %u:%u [%s] %s of\n%s\ngot\n%s", mistake->line, mistake->column,
                        mistake->check, mistake->message, mistake->text, text.ptr ? text.ptr : "nothing\n");
            missing++;
        }
        diagnostics_release(&diagnostics);
    }
    assert_int_equal(missing, 0);
}

// ---- regexes that hurt -----------------------------------------------------------------------

// Shapes that incident reports and the literature on denial of service by regexes know, each behind a text
// that makes it a fair log pattern.
static const char *const catastrophic[] = {
    "(a+)+$",
    "(a*)*b",
    "([a-zA-Z]+)*$",
    "(a|aa)+$",
    "(a|a?)+$",
    "(.*a){20}",
    "(x+x+)+y",
    "(\\w+\\s?)*:$",
    "(\\d+\\d+)+x",
    "(\\S+\\s*)+failed",
    "(.*,)*x",
    "(.*)(.*)(.*)(.*)(.*)(.*)x$",
    "\\s*\\s*\\s*\\s*\\s*\\s*\\s*x",
    "(?:[a-z]+-?)+=",
    "(a+|b+)*c",
    "(?:\\w|\\d)+=",
    "(?:.|\\n)+?x(?:.|\\n)+?y(?:.|\\n)+?z(?:.|\\n)+z$",
    "([0-9a-f]+:?)+ gone",
    "(?<ip>(\\d{1,3}\\.?)+) unreachable",
    "(?i)(a+)+z",
    "(ab?)*(ba?)*c$",
    "(a?){30}a{30}",
    "([\\w.]+)+@",
    "(?:(?:[a-z0-9]+\\.?)+)+com",
    "(\\[[^]]*\\]\\s*|[^[]*)*end",
    "(?:a{1,20}){1,20}b",
    "(?:[a-z]{1,10}){1,10}!",
    "(.*?a)*?b",
    "(?:\\S+ )*\\S+ (?:\\S+ )*\\S+ failed",
    ".*.*.*.*x$",
    ".*=.*;.*=.*;x",
    "(([a-z]+),?)+\\.",
    "(?:(?:a|b)|(?:b|c))+d",
    "(a|b|ab)+c",
    "(\\p{L}+)+x",
    "(?:[[:alpha:]]+)*\\d",
    "((?:a|ab)(?:c|bcd)(?:d*))+x",
    "(?x) ( a + ) + b",
    "(?:a*|b)*c",
    "(a+?)+?b",
    "(?(?=a)a+|b)+c",
    "(?:a(?:b(?:c+)+)+)+d",
    "(?:\\d+,?\\d*)+ ?ms",
    "(?:x*y*z*)*q",
    "(?:\\s|\\t| )+x",
    "((\\w+) ?(\\d*) ?)+$",
    "(/?[a-z]+)+:",
    "(.+)+\\1x",
    "\\x61(\\x62+)+c",
};

static bool lint_says(const char *regex, const char *check)
{
    CLEANUP(buffer_release) struct buffer rule = {0};
    struct diagnostics diagnostics = {0};
    bool said = false;
    buffer_printf(&rule, TOP "patterns:\n  a:\n    log: 'error %s'\n" QUERY TAIL, regex);
    lint_text("rules/x/good.yaml", rule.ptr, &diagnostics);
    for (size_t i = 0; i < diagnostics.list.count; i++)
        said |= strcmp(diagnostics.list.items[i].check, check) == 0;
    diagnostics_release(&diagnostics);
    return said;
}

static void catastrophes_are_found(void **state)
{
    (void)state;
    size_t missed = 0;
    for (size_t i = 0; i < sizeof catastrophic / sizeof *catastrophic; i++)
        if (!lint_says(catastrophic[i], "catastrophic-regex")) {
            print_error("not found: %s\n", catastrophic[i]);
            missed++;
        }
    assert_int_equal(missed, 0);
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
        "error (a++)+b",
        "error (?>a+)+b",
        "error (?:[a-z]+,)+ done",
        "error (?:[a-z]+=\\d+ )*done",
        "error ([0-9]+\\.)+[0-9]+",
        "error (?:\\[[^\\]]*\\] )*end",
        "error .{0,80} failed",
        "error (?:foo|bar)+x",
        "error (/[a-z]*)*/$",
        "error 120 ?seconds, \\d+(?: ?ms)?",
        "error in node 3 of 5",
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

// Rules that a linter in a hurry might call bad.
static void good_rules_pass(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "\xef\xbb\xbf" TOP PATTERNS QUERY TAIL,                        // as some editors save
        TOP "patterns:\n  a: {stack: [ep_poll]}\n" QUERY TAIL,         // idle, but a query decides
        TOP "patterns:\n  a: {stack: ['/./'], state: D}\n" QUERY TAIL, // none of the idle is in D
        TOP "patterns:\n  a: {log: '[Ee]rror in the made up card', unit: [kernel, docker]}\n" QUERY TAIL,
        TOP "patterns:\n  a: {stack: [x], lock: mutex}\n  B: {stack: [y], above: true}\n"
            "query: SELECT pid, evidence FROM a, b\nsummary: '{pid} {{brace}}'\n" TAIL, // as SQL: in any case
        TOP "query: SELECT pid, x_evidence FROM thread\nsummary: '{pid}'\n" TAIL,       // no patterns
        TOP PATTERNS "summary: '{comm*} {age_s|duration}'\n" TAIL,                      // no query
        "id: good\nkind: wait\ntitle: T\n" PATTERNS "query: SELECT waiter, what, on, certainty FROM a\n"
        "tests:\n- {name: hits, sample: a, expect: {waiter: 1, what: x}}\n- {name: misses, sample: b, "
        "expect: none}\n",
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct diagnostics diagnostics = {0};
        CLEANUP(buffer_release) struct buffer text = {0};
        lint_text("rules/x/good.yaml", rules[i], &diagnostics);
        diagnostics_text(&diagnostics, &text);
        if (diagnostics.list.count)
            fail_msg("%s of\n%s", text.ptr, rules[i]);
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
    attack_texts(TEXT("id=(?<id>\\d+),[^,]*(?:x|y+z){2}\\s?end"), 12, 1, collect, &collected);
    assert_text(buffer_text(&collected.texts), "id=000000000\x01\n"
                                               "id=000000000\x01id=0,axx end\n"
                                               "id=0,aaaaaaa\x01\n"
                                               "id=0,aaaaaaa\x01id=0,axx end\n"
                                               "id=0,ayyyyyy\x01\n"
                                               "id=0,ayyyyyy\x01id=0,axx end\n");
    buffer_clear(&collected.texts);
    collected.count = 0;
    collected.stop_at = 1;
    attack_texts(TEXT("a*b*"), 4, 1, collect, &collected);
    assert_text(buffer_text(&collected.texts), "aaaa\x01\n");
    buffer_release(&collected.texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_rule_has_nothing_against_it),
        cmocka_unit_test(every_mistake_is_said_at_its_place),
        cmocka_unit_test(catastrophes_are_found),
        cmocka_unit_test(good_regexes_pass),
        cmocka_unit_test(good_rules_pass),
        cmocka_unit_test(diagnostics_read_well),
        cmocka_unit_test(the_vocabulary_is_built_in),
        cmocka_unit_test(attacks_follow_the_regex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
