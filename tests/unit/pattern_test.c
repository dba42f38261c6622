// SPDX-License-Identifier: Apache-2.0
#include "test.h"
#include "util/buffer.h"
#include "util/memory.h"
#include "util/pattern.h"
#include "util/plain_regex.h"

#include <time.h>

enum { STEPS = 20000 };

static struct pattern *compiled(const char *source)
{
    struct error err = {0};
    size_t offset;
    struct pattern *pattern = pattern_compile(text_of(source), &offset, &err);
    if (!pattern)
        fail_msg("%s at %zu of %s", err.message, offset, source);
    return pattern;
}

static void finds_and_misses(void **state)
{
    (void)state;
    CLEANUP(pattern_release) struct pattern *pattern = compiled("b+(?<tail>c?)");
    assert_int_equal(pattern_match(pattern, TEXT("aabbc"), STEPS), PATTERN_HIT);
    assert_text(pattern_matched(pattern), "bbc");
    assert_text(pattern_group(pattern, 0), "c");
    assert_int_equal(pattern_match(pattern, TEXT("xyz"), STEPS), PATTERN_MISS);
    assert_null(pattern_matched(pattern).ptr);
    assert_int_equal(pattern_match(pattern, (struct text){NULL, 0}, STEPS), PATTERN_MISS);
}

static void names_may_repeat(void **state)
{
    (void)state;
    CLEANUP(pattern_release)
    struct pattern *pattern = compiled("^(?:id=(?<id>\\d+)|(?<name>\\w+) (?<id>\\d+))$");
    assert_int_equal(pattern_group_count(pattern), 2);
    assert_string_equal(pattern_group_name(pattern, 0), "id");
    assert_string_equal(pattern_group_name(pattern, 1), "name");
    assert_int_equal(pattern_match(pattern, TEXT("envoy 17"), STEPS), PATTERN_HIT);
    assert_text(pattern_group(pattern, 0), "17");
    assert_text(pattern_group(pattern, 1), "envoy");
    assert_int_equal(pattern_match(pattern, TEXT("id=5"), STEPS), PATTERN_HIT);
    assert_text(pattern_group(pattern, 0), "5");
    assert_null(pattern_group(pattern, 1).ptr);
}

static void bytes_not_characters(void **state)
{
    (void)state;
    CLEANUP(pattern_release) struct pattern *pattern = compiled("a.b");
    assert_int_equal(pattern_match(pattern,
                                   TEXT("a\xff"
                                        "b"),
                                   STEPS),
                     PATTERN_HIT);
    assert_int_equal(pattern_match(pattern, TEXT("a\0b"), STEPS), PATTERN_HIT);
    assert_int_equal(pattern_match(pattern,
                                   TEXT("a\xc3\xa4"
                                        "b"),
                                   STEPS),
                     PATTERN_MISS);
}

static void mistakes_have_an_offset(void **state)
{
    (void)state;
    struct error err = {0};
    size_t offset = 0;
    assert_null(pattern_compile(TEXT("ab(c"), &offset, &err));
    assert_int_equal(offset, 4);
    assert_string_equal(err.message, "missing closing parenthesis");
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_null(pattern_compile(TEXT("(*UTF)a"), &offset, &err)); // would scan hostile bytes for validity
}

static void empty_matches_are_known(void **state)
{
    (void)state;
    CLEANUP(pattern_release) struct pattern *star = compiled("a*"), *plus = compiled("a+");
    assert_true(pattern_matches_empty(star));
    assert_false(pattern_matches_empty(plus));
    assert_int_equal(pattern_match(star, TEXT(""), STEPS), PATTERN_HIT);
    assert_text(pattern_matched(star), "");
}

// A match far behind the first windows of start offsets, and one that starts at the very end.
static void windows_miss_nothing(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer line = {0};
    for (int i = 0; i < 20000; i++)
        buffer_putc(&line, i % 7 ? 'x' : ' ');
    buffer_puts(&line, "needle 42");
    CLEANUP(pattern_release) struct pattern *needle = compiled("needle (?<n>\\d+)"), *end = compiled("$");
    assert_int_equal(pattern_match(needle, buffer_text(&line), STEPS), PATTERN_HIT);
    assert_text(pattern_group(needle, 0), "42");
    assert_int_equal(pattern_match(end, buffer_text(&line), STEPS), PATTERN_HIT);
}

// Pairs that are exponential, or quadratic and worse over the start offsets, stop soon.
static void hostile_pairs_stop(void **state)
{
    (void)state;
    static const char *const sources[] = {"(a+)+$",
                                          "(x+x+)+y",
                                          "x+x+z",
                                          "x*y?z",
                                          "x+x+[yz]",
                                          "(?:x|x)*z",
                                          "(x*)*z",
                                          "\\w+=",
                                          ".*.*.*=",
                                          "(?:.?){40}z",
                                          "(?=(x+))\\1z",
                                          "x{1,200}x{1,200}z",
                                          "(*NO_START_OPT)x+x+z"};
    CLEANUP(buffer_release) struct buffer line = {0};
    for (int i = 0; i < PATTERN_SUBJECT_BYTES; i++)
        buffer_putc(&line, 'x');
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        CLEANUP(pattern_release) struct pattern *pattern = compiled(sources[i]);
        clock_t start = clock();
        assert_int_not_equal(pattern_match(pattern, buffer_text(&line), STEPS), PATTERN_HIT);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 3) // measured 0.00 to 0.25; sanitizers are slower
            fail_msg("%s took %.2f s", sources[i], seconds);
    }
}

static void assert_literal(const char *source, const char *literal)
{
    CLEANUP(pattern_release) struct pattern *pattern = compiled(source);
    assert_text(pattern_literal(pattern), literal);
}

static void literals_are_found(void **state)
{
    (void)state;
    assert_literal("libceph: .*(error -(99|101|113)|connect error)", "libceph: ");
    assert_literal("failed to exit within \\S+( seconds)? of (kill|signal \\d+)", "failed to exit within ");
    assert_literal("task (?<comm>.+):(?<tid>\\d+) blocked for more", " blocked for more");
    assert_literal("ab+cde", "cde");
    assert_literal("ab?cd*", "a"); // the first of equals
    assert_literal("a{0}bc{2}", "bc");
    assert_literal("(?:abc)?de", "de");
    assert_literal("(abc|abd)e", "e");
    assert_literal("(?<=foo)ba", "ba");
    assert_literal("(?!longer)ba", "ba");
    assert_literal("10\\.0\\.0\\.1", "10.0.0.1");
    assert_literal("a[.]b", "a.b");
    assert_literal("[]]x", "]x");
    assert_literal("[^a]bc", "bc");
    assert_literal("[[:alpha:]\\]x]yy", "yy");
    assert_literal("(?s)one.*three", "three");
    assert_literal("x{,3}", NULL);
    assert_literal("x{a", "x{a");
    assert_literal("one|two", NULL);
    assert_literal("(?i)one", NULL);
    assert_literal("(?i:one)two", NULL);
    assert_literal("\\Qa.b\\E", NULL);
    assert_literal("(a)\\1long", NULL);
    assert_literal("\\d+", NULL);
    assert_literal("", NULL);
}

// ---- properties ------------------------------------------------------------------------------
// Random patterns over a small alphabet against random subjects of it: whatever matches must hold
// the literal, and JIT and the interpreter must agree.

static uint64_t random_state = 88172645463325252u;

static unsigned pick(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 33) % below;
}

static void add_random(struct buffer *out, unsigned depth)
{
    static const char *const atoms[] = {
        "a",   "b",     "c",       "a",           "b",    "ab",    "ca",    ".",   "\\.", "[ab]",  "[^a]",
        "[.]", "\\w",   "^",       "$",           "\\b",  "[a-c]", "[]b]",  "{",   "}",   "\\{",   "]",
        "-",   "\\x61", "\\Qb\\E", "[[:alpha:]]", "(?i)", "(?s)",  "(?#a)", "\\1", "\\K", "(?-i)", "[\\]a]",
        "\\/", "#",     " ",       "(?x)",        "\\d",  "\\N",   "a{",    "b{2", "[[a]"};
    static const char *const counts[] = {"?",  "*",  "+",  "{0}", "{1}", "{2}",  "{0,1}", "{1,}", "??",
                                         "*?", "+?", "?+", "*+",  "++",  "{0,}", "{,2}",  "{2}+"};
    static const char *const opens[] = {
        "(", "(?:", "(?<n>", "(?>", "(?=", "(?!", "(?<=", "(?<!", "(?i:", "(?s:", "(?P<m>", "(?|", "(?'k'"};
    for (unsigned n = pick(5); n; n--) {
        if (depth < 3 && pick(4) == 0) {
            buffer_puts(out, opens[pick(pick(3) ? 4 : sizeof opens / sizeof *opens)]);
            add_random(out, depth + 1);
            while (pick(4) == 0) {
                buffer_putc(out, '|');
                add_random(out, depth + 1);
            }
            buffer_putc(out, ')');
        } else {
            buffer_puts(out, atoms[pick(pick(2) ? 10 : sizeof atoms / sizeof *atoms)]);
        }
        if (pick(4) == 0)
            buffer_puts(out, counts[pick(sizeof counts / sizeof *counts)]);
    }
}

struct tally {
    unsigned compiled, hits, literals;
};

// The same pattern, compiled to machine code at once, after some subjects, and never.
struct trio {
    struct pattern *at_once, *later, *never;
};

static void try_subjects(const struct trio *trio, const char *source, struct tally *tally)
{
    struct text literal = pattern_literal(trio->at_once);
    tally->literals += literal.ptr != NULL;
    for (int i = 0; i < 40; i++) {
        char subject[16];
        size_t length = pick(sizeof subject);
        for (size_t k = 0; k < length; k++)
            subject[k] = "aaabbbccABC.{]- #\n"[pick(18)];
        struct text text = {subject, length};
        pattern_use_jit(PATTERN_JIT_ALWAYS);
        enum pattern_result first = pattern_match(trio->at_once, text, STEPS);
        pattern_use_jit(PATTERN_JIT_LATER);
        enum pattern_result second = pattern_match(trio->later, text, STEPS);
        pattern_use_jit(PATTERN_JIT_NEVER);
        enum pattern_result third = pattern_match(trio->never, text, STEPS);
        if (first != second || first != third ||
            !text_equal(pattern_matched(trio->at_once), pattern_matched(trio->later)) ||
            !text_equal(pattern_matched(trio->at_once), pattern_matched(trio->never)))
            fail_msg("JIT differs: %s on %.*s", source, (int)length, subject);
        if (first != PATTERN_HIT)
            continue;
        tally->hits++;
        if (literal.ptr && text_find((struct text){subject, length}, literal) < 0)
            fail_msg("literal %.*s of %s is not in %.*s", TEXT_ARG(literal), source, (int)length, subject);
    }
}

static void no_match_lacks_its_literal(void **state)
{
    (void)state;
    struct tally tally = {0};
    for (int round = 0; round < 20000; round++) {
        CLEANUP(buffer_release) struct buffer source = {0};
        buffer_puts(&source, pick(20) ? "" : "(*NO_JIT)");
        add_random(&source, 0);
        struct error err = {0};
        size_t offset;
        struct trio trio = {.at_once = pattern_compile(buffer_text(&source), &offset, &err)};
        if (!trio.at_once)
            continue;
        trio.later = pattern_compile(buffer_text(&source), &offset, &err);
        trio.never = pattern_compile(buffer_text(&source), &offset, &err);
        tally.compiled++;
        try_subjects(&trio, source.ptr ? source.ptr : "", &tally);
        pattern_release(&trio.at_once);
        pattern_release(&trio.later);
        pattern_release(&trio.never);
    }
    pattern_use_jit(PATTERN_JIT_LATER);
    print_message("%u patterns, %u with a literal, %u hits\n", tally.compiled, tally.literals, tally.hits);
    assert_true(tally.compiled > 7500 && tally.literals > 2000 && tally.hits > 50000);
}

// Near misses: sources that compile, with a byte taken out, put in or doubled.
static void mutate(struct buffer *out)
{
    static const char bytes[] = "()[]{}?*+|\\^$.-,:<>!=#&~PQERdDwWsSbBAzZntrxkguNpXK0123456789 az_'\"\x80";
    size_t at = pick((unsigned)out->len + 1);
    CLEANUP(buffer_release) struct buffer copy = {0};
    buffer_add(&copy, buffer_text(out));
    buffer_clear(out);
    buffer_add(out, text_slice(buffer_text(&copy), 0, at));
    if (pick(3))
        buffer_putc(out, bytes[pick(sizeof bytes - 1)]);
    buffer_add(out, text_from(buffer_text(&copy), at + pick(2)));
}

static bool has_name(const struct plain_regex *plain, const char *name)
{
    for (size_t i = 0; i < plain->name_count; i++)
        if (text_is(plain->names[i], name))
            return true;
    return false;
}

static void check_plain(struct text source, unsigned *plain_ones)
{
    struct plain_regex plain;
    struct error err = {0};
    size_t offset;
    if (!plain_regex(source, &plain))
        return;
    ++*plain_ones;
    CLEANUP(pattern_release) struct pattern *pattern = pattern_compile(source, &offset, &err);
    if (!pattern)
        fail_msg("not so plain: %.*s: %s at %zu", TEXT_ARG(source), err.message, offset);
    assert_true(pattern_group_count(pattern) <= plain.name_count);
    for (size_t i = 0; i < pattern_group_count(pattern); i++)
        if (!has_name(&plain, pattern_group_name(pattern, i)))
            fail_msg("a name was missed in %.*s", TEXT_ARG(source));
}

static void what_is_plain_compiles(void **state)
{
    (void)state;
    static const char *const seeds[] = {
        "^(deactivate_super|vfs_get_tree)\\+0x",
        "task (?<name>[\\w.-]+):(?P<pid>\\d{1,7}) blocked for more than \\d+ seconds",
        "[^]a-z[:digit:]_]{2,}?x|a++b*+\\[(?:c|d(e)?)+$",
        "\\bBUG: [Ss]oft lockup - CPU#\\d+ stuck for \\d{2,}s! \\[(.*?):(\\d+)\\]",
        "(?i)(a)\\1(?=b)(?<!c)(?|d|e)\\x41[\\x30-\\x39]",
    };
    unsigned plain_ones = 0, first_plain = 0;
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
        check_plain(text_of(seeds[i]), &first_plain);
    assert_int_equal(first_plain, 3);
    for (int round = 0; round < 200000; round++) {
        CLEANUP(buffer_release) struct buffer source = {0};
        if (pick(4))
            buffer_puts(&source, seeds[pick(sizeof seeds / sizeof *seeds)]);
        else
            add_random(&source, 0);
        for (unsigned i = pick(6); i; i--)
            mutate(&source);
        check_plain(buffer_text(&source), &plain_ones);
    }
    print_message("%u plain\n", plain_ones);
    assert_true(plain_ones > 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_misses),           cmocka_unit_test(names_may_repeat),
        cmocka_unit_test(bytes_not_characters),       cmocka_unit_test(mistakes_have_an_offset),
        cmocka_unit_test(empty_matches_are_known),    cmocka_unit_test(windows_miss_nothing),
        cmocka_unit_test(hostile_pairs_stop),         cmocka_unit_test(literals_are_found),
        cmocka_unit_test(no_match_lacks_its_literal), cmocka_unit_test(what_is_plain_compiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
