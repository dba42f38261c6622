// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "rule/hits.h"
#include "rule/literals.h"
#include "rule/load.h"
#include "rule/match_text.h"
#include "rule/require.h"
#include "util/array.h"
#include "util/buffer.h"

static uint32_t seed = 1;
static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

// ---- what a regex requires ---------------------------------------------------------------------

static void assert_required(const char *source, const char *wanted)
{
    struct arena arena = {0};
    struct text texts[REQUIRE_MAX];
    struct buffer got = {0};
    buffer_puts(&got, "");
    size_t count = required_texts(text_of(source), REQUIRE_IN_LOGS, &arena, texts);
    for (size_t i = 0; i < count; i++)
        buffer_printf(&got, "%s%.*s", i ? "," : "", TEXT_ARG(texts[i]));
    if (!text_is(got.ptr ? buffer_text(&got) : TEXT(""), wanted))
        fail_msg("%s requires '%s', wanted '%s'", source, got.ptr, wanted);
    buffer_release(&got);
    arena_release(&arena);
}

static void regexes_require_texts(void **state)
{
    (void)state;
    assert_required("PLEG is not healthy", "PLEG is not healthy");
    assert_required("alpha|bravo", "alpha,bravo");
    assert_required("alpha|b", "");
    assert_required("^(deactivate_super|vfs_get_tree)$", "deactivate_super,vfs_get_tree");
    assert_required("^(?:deactivate|vfs_get)_tree", "deactivate_tree,vfs_get_tree");
    assert_required("(?<a>alpha|bravo) x", "alpha x,bravo x");
    assert_required("(alpha|bravo)?", "");
    assert_required("(alpha|bravo)* failed to exit", " failed to exit");
    assert_required("(alpha|bravo) failed to exit", " failed to exit");
    assert_required("(?i)alpha", "");
    assert_required("(?i)alpha|bravo", "");
    assert_required("alpha|(?i)bravo", "");
    assert_required("[a|b]lpha|brav[(]o", "lpha,brav(o");
    assert_required("[]|]abcd|efgh", "abcd,efgh");
    assert_required("[[:alpha:]|]abcd|efgh", "abcd,efgh");
    assert_required("a\\|bcd|e\\(fgh", "a|bcd,e(fgh");
    assert_required("\\Qa|b\\Ecdef", "");
    assert_required("(*UTF)alpha|bravo", "");
    assert_required("(?|alpha|bravo)", "");
    assert_required("x(?=alpha|bravo)y", "");
    assert_required("(?!alpha)bravo", "bravo");
    assert_required("\\d+", "");
    assert_required("", "");
    assert_required("libceph: .*(error -(99|101|113)|connect error|session lost)", "libceph: ");
}

// ---- many texts in one pass ----------------------------------------------------------------------

static void literals_find_what_memmem_finds(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        char texts[20][13];
        struct text all[20];
        size_t count = 1 + below(20);
        for (size_t i = 0; i < count; i++) {
            size_t length = 2 + below(round % 2 ? 3 : 10);
            for (size_t k = 0; k < length; k++)
                texts[i][k] = (char)("ab c"[below(4)]);
            all[i] = (struct text){texts[i], length};
        }
        struct literals *literals = literals_open(all, count);
        for (int s = 0; s < 30; s++) {
            char subject[80];
            size_t length = below(80);
            for (size_t k = 0; k < length; k++)
                subject[k] = (char)("ab cd"[below(5)]);
            struct text text = {subject, length};
            const uint32_t *found;
            bool seen[20] = {false};
            for (size_t i = 0, n = literals_find(literals, text, &found); i < n; i++) {
                assert_false(seen[found[i]]);
                seen[found[i]] = true;
            }
            for (size_t i = 0; i < count; i++)
                if (seen[i] != (text_find(text, all[i]) >= 0))
                    fail_msg("'%.*s' in '%.*s'", TEXT_ARG(all[i]), TEXT_ARG(text));
        }
        literals_close(literals);
    }
}

// Long subjects of few words: what is looked for is chosen anew by what stands in them, and found all the
// same.
static void literals_find_while_they_learn(void **state)
{
    (void)state;
    enum { BYTES = 40000 };
    static const char *const words[] = {"link ",      "becomes ", "ready; ", "veth0 ",
                                        "container=", "tasks ",   "is ",     "not "};
    static const char *const wanted[] = {"link is not ready", "tasks is link", "veth0 becomes container=is",
                                         "not not not",       "EDAC ",         "is is ",
                                         "ready; ready; ",    "no such text"};
    enum { WANTED = sizeof wanted / sizeof *wanted };
    struct text all[WANTED];
    for (size_t i = 0; i < WANTED; i++)
        all[i] = text_of(wanted[i]);
    struct literals *literals = literals_open(all, WANTED);
    struct buffer subject = {0};
    for (int round = 0; round < 60; round++) {
        size_t mine = 2 + below(7), bytes = round % 3 ? BYTES : 200;
        buffer_clear(&subject);
        while (subject.len < bytes)
            buffer_puts(&subject, words[below((unsigned)mine)]);
        const uint32_t *found;
        bool seen[WANTED] = {false};
        for (size_t i = 0, n = literals_find(literals, buffer_text(&subject), &found); i < n; i++)
            seen[found[i]] = true;
        for (size_t i = 0; i < WANTED; i++)
            assert_int_equal(seen[i], text_find(buffer_text(&subject), all[i]) >= 0);
    }
    buffer_release(&subject);
    literals_close(literals);
}

// ---- records -------------------------------------------------------------------------------------

struct fixture {
    struct rulebook book;
    struct diagnostics diagnostics;
    struct limits limits;
    struct text_matcher *matcher;
};

static void open_rules(struct fixture *fixture, const char *const *patterns, size_t count)
{
    *fixture = (struct fixture){.limits = limits_default};
    struct buffer text = {0};
    buffer_puts(&text, "id: r\nkind: wait\ntitle: T\nquery: SELECT 1\npatterns:\n");
    for (size_t i = 0; i < count; i++)
        buffer_printf(&text, "  p%zu: {%s}\n", i, patterns[i]);
    static struct arena arena; // rules point into their text
    if (!rulebook_add(&fixture->book, "r.yaml", arena_copy(&arena, buffer_text(&text)), true, NULL,
                      &fixture->diagnostics))
        fail_msg("%s in\n%s", fixture->diagnostics.list.items[0].message, text.ptr);
    rulebook_finish(&fixture->book, &fixture->diagnostics);
    buffer_release(&text);
}

static void open_matcher(struct fixture *fixture, bool prefilter)
{
    fixture->matcher = text_matcher_open(&fixture->book, &fixture->limits, prefilter, NULL);
}

static void close_fixture(struct fixture *fixture)
{
    text_matcher_close(fixture->matcher);
    rulebook_release(&fixture->book);
    diagnostics_release(&fixture->diagnostics);
}

static void feed(struct fixture *fixture, const char *member, int64_t line, const char *unit,
                 struct text message)
{
    struct member from = {.source = text_of(member), .path = text_of(member)};
    struct row_log row = row_log_null;
    row.line = line;
    row.time = line * 1000;
    row.unit = text_of(unit);
    row.message = message;
    emit_log(text_matcher_sink(fixture->matcher), &from, &row);
}

static struct hits hits_of(struct fixture *fixture, size_t pattern)
{
    return text_matcher_hits(fixture->matcher, fixture->book.patterns[pattern]);
}

static void records_are_matched_by_message_and_unit(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "log: 'Container (?<id>[0-9a-f]+) failed to exit', unit: docker",
        "log: 'osd(?<osd>\\d+) (?:down|(?<addr>\\S+) socket closed)', unit: kernel",
        "log: '(?i)panic'",
        "log: 'id=(?<id>a+)|no=(?<id>b+)'",
    };
    struct fixture fixture;
    open_rules(&fixture, patterns, 4);
    open_matcher(&fixture, true);
    feed(&fixture, "journal/docker.log", 7, "dockerd", TEXT("Container 78ab failed to exit within 10s"));
    feed(&fixture, "journal/kubelet.log", 3, "kubelet", TEXT("Container 99 failed to exit within 10s"));
    feed(&fixture, "journal/kernel.log", 1, "kernel", TEXT("libceph: osd3 down"));
    feed(&fixture, "journal/kernel.log", 2, "kernel", TEXT("libceph: osd4 1.2.3.4:6801 socket closed"));
    feed(&fixture, "journal/kernel.log", 4, "kernel", TEXT("Kernel Panic"));
    feed(&fixture, "paste.txt", 4, NULL, TEXT("osd9 down id=aa"));
    feed(&fixture, "paste.txt", 5, NULL, (struct text){"no=bb\0osd5 down", 15});
    struct hits hits = hits_of(&fixture, 0);
    assert_int_equal(hits.count, 1);
    assert_text(hits.hits[0].source, "journal/docker.log");
    assert_int_equal(hits.hits[0].line, 7);
    assert_int_equal(hits.hits[0].time, 7000);
    assert_text(hits.hits[0].unit, "dockerd");
    assert_text(hits.hits[0].groups[0], "78ab");
    hits = hits_of(&fixture, 1);
    assert_int_equal(hits.count, 4);
    assert_text(hits.hits[0].groups[0], NULL); // addr took no part
    assert_text(hits.hits[0].groups[1], "3");
    assert_text(hits.hits[1].groups[0], "1.2.3.4:6801");
    assert_text(hits.hits[3].groups[1], "5"); // behind a NUL
    assert_int_equal(hits_of(&fixture, 2).count, 1);
    hits = hits_of(&fixture, 3);
    assert_int_equal(hits.count, 2);
    assert_text(hits.hits[0].groups[0], "aa");
    assert_text(hits.hits[1].groups[0], "bb");
    close_fixture(&fixture);
}

static void counts_are_exact_and_rows_bounded(void **state)
{
    (void)state;
    static const char *const patterns[] = {"log: 'error (?<n>\\d+)'"};
    struct fixture fixture;
    open_rules(&fixture, patterns, 1);
    fixture.limits.pattern_rows = 10;
    open_matcher(&fixture, true);
    for (int i = 1; i <= 1000; i++) {
        char message[32];
        (void)snprintf(message, sizeof message, "error %d", i);
        feed(&fixture, "a.log", i, "x", text_of(message));
    }
    struct hits hits = hits_of(&fixture, 0);
    assert_int_equal(hits.count, 1000);
    assert_int_equal(hits.kept, 10);
    for (int i = 0; i < 10; i++)
        assert_int_equal(hits.hits[i].line, i < 5 ? i + 1 : 991 + i);
    close_fixture(&fixture);
}

static void long_groups_are_cut(void **state)
{
    (void)state;
    static const char *const patterns[] = {"log: 'begin(?<all>x*)'"};
    struct fixture fixture;
    open_rules(&fixture, patterns, 1);
    open_matcher(&fixture, true);
    struct buffer message = {0};
    buffer_puts(&message, "begin");
    for (int i = 0; i < 5000; i++)
        buffer_putc(&message, 'x');
    feed(&fixture, "a.log", 1, "x", buffer_text(&message));
    struct hits hits = hits_of(&fixture, 0);
    assert_int_equal(hits.hits[0].groups[0].len, limits_default.group_bytes);
    buffer_release(&message);
    close_fixture(&fixture);
}

// ---- the order of members ----------------------------------------------------------------------

struct line {
    const char *member;
    int64_t line;
    char message[24];
};

// Feeds members in the order given by `order`, and prints what was kept.
static void run_order(const struct line *lines, size_t count, const char *const *members, const size_t *order,
                      uint64_t rows, uint64_t all_rows, struct buffer *out)
{
    static const char *const patterns[] = {"log: 'alpha'", "log: 'bravo'", "log: 'a'"};
    struct fixture fixture;
    open_rules(&fixture, patterns, 3);
    fixture.limits.pattern_rows = rows;
    fixture.limits.match_rows = all_rows;
    open_matcher(&fixture, true);
    for (size_t m = 0; m < 4; m++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(lines[i].member, members[order[m]]) == 0)
                feed(&fixture, lines[i].member, lines[i].line, "x", text_of(lines[i].message));
    for (size_t p = 0; p < 3; p++) {
        struct hits hits = hits_of(&fixture, p);
        buffer_printf(out, "p%zu %llu:", p, (unsigned long long)hits.count);
        for (size_t i = 0; i < hits.kept; i++)
            buffer_printf(out, " %.*s:%lld", TEXT_ARG(hits.hits[i].source), (long long)hits.hits[i].line);
        buffer_putc(out, '\n');
        assert_true(hits.kept <= rows);
        if (hits.count <= rows && hits.count * 3 <= all_rows)
            assert_int_equal(hits.kept, hits.count); // nothing is dropped without need
    }
    close_fixture(&fixture);
}

static void what_is_kept_does_not_depend_on_the_order(void **state)
{
    (void)state;
    static const char *const members[] = {"a.log", "b.log", "c.log", "d.log"};
    static struct line lines[400];
    for (int round = 0; round < 60; round++) {
        size_t count = below(400);
        for (size_t i = 0; i < count; i++) {
            // one member has most of the lines
            lines[i].member = members[below(3) ? 1 : below(4)];
            lines[i].line = (int64_t)i + 1;
            (void)snprintf(lines[i].message, sizeof lines[i].message, "%s %u",
                           below(2)   ? "alpha"
                           : below(2) ? "bravo"
                                      : "none",
                           below(9));
        }
        uint64_t rows = 1 + below(60), all_rows = 3 + below(300);
        size_t order[] = {0, 1, 2, 3};
        struct buffer first = {0};
        run_order(lines, count, members, order, rows, all_rows, &first);
        for (int shuffle = 0; shuffle < 4; shuffle++) {
            for (size_t i = 3; i > 0; i--) {
                size_t other = below((uint32_t)i + 1), kept = order[i];
                order[i] = order[other];
                order[other] = kept;
            }
            struct buffer again = {0};
            run_order(lines, count, members, order, rows, all_rows, &again);
            if (!text_equal(buffer_text(&first), buffer_text(&again)))
                fail_msg("rows %llu of %llu\n%s\n%s", (unsigned long long)rows, (unsigned long long)all_rows,
                         first.ptr, again.ptr);
            buffer_release(&again);
        }
        buffer_release(&first);
    }
}

// ---- with and without the prefilter ----------------------------------------------------------------

static const char *const words[] = {"error",
                                    "failed to exit",
                                    "PLEG is not healthy",
                                    "osd",
                                    "down",
                                    "aaaaaaa",
                                    "x+x+y",
                                    "libceph: ",
                                    "(",
                                    "device",
                                    "é",
                                    "100",
                                    "s",
                                    " of",
                                    "KILL"};
enum { WORDS = sizeof words / sizeof *words };

static void random_regex(struct buffer *out, unsigned depth)
{
    static const char *const pieces[] = {"\\d+", ".*", "[a-z]+",     "\\S*", "^",
                                         "$",    "x?", "(?<g>\\w+)", "[^a]", "\\b"};
    for (uint32_t i = 0, count = 1 + below(3); i < count; i++) {
        uint32_t kind = below(depth < 2 ? 6 : 4);
        if (kind < 3) {
            for (const char *c = words[below(WORDS)]; *c; c++) {
                if (strchr("+*?.()[]{}|\\^$", *c))
                    buffer_putc(out, '\\');
                buffer_putc(out, *c);
            }
        } else if (kind == 3) {
            buffer_puts(out, pieces[below(10)]);
        } else {
            buffer_puts(out, below(2) ? "(?:" : "(");
            random_regex(out, depth + 1);
            for (uint32_t more = below(3); more; more--) {
                buffer_putc(out, '|');
                random_regex(out, depth + 1);
            }
            buffer_putc(out, ')');
            buffer_puts(out, below(4) == 0 ? "?" : below(6) == 0 ? "*" : "");
        }
    }
    if (depth == 0 && below(5) == 0) {
        buffer_putc(out, '|');
        random_regex(out, 1);
    }
}

static void the_prefilter_changes_nothing(void **state)
{
    (void)state;
    size_t hits = 0, out = 0;
    for (int round = 0; round < 40; round++) {
        char *patterns[25];
        for (size_t i = 0; i < 25; i++) {
            struct buffer text = {0};
            buffer_puts(&text, "log: '");
            if (i == 0)
                buffer_puts(&text, "libceph: (x+x+)+[yz]"); // gives up on long runs of x
            else
                random_regex(&text, 0);
            buffer_puts(&text, "'");
            patterns[i] = text.ptr;
        }
        struct buffer results[2] = {{0}, {0}};
        uint32_t start = seed;
        for (int prefilter = 0; prefilter < 2; prefilter++) {
            struct fixture fixture;
            open_rules(&fixture, (const char *const *)patterns, 25);
            fixture.limits.pattern_giveups = 3;
            fixture.limits.pattern_steps = 500;
            open_matcher(&fixture, prefilter);
            seed = start;
            for (int line = 1; line < 200; line++) {
                struct buffer message = {0};
                for (uint32_t i = 0, count = below(8); i < count; i++)
                    buffer_printf(&message, "%s%s", words[below(WORDS)], below(2) ? " " : "");
                if (below(20) == 0)
                    buffer_puts(&message, "libceph: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
                else if (below(20) == 0)
                    buffer_puts(&message, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
                feed(&fixture, "a.log", line, "x", message.ptr ? buffer_text(&message) : TEXT(""));
                buffer_release(&message);
            }
            for (size_t p = 0; p < 25; p++) {
                struct hits got = hits_of(&fixture, p);
                buffer_printf(&results[prefilter], "p%zu %llu %llu%s:", p, (unsigned long long)got.count,
                              (unsigned long long)got.gave_up, got.out ? " out" : "");
                for (size_t i = 0; i < got.kept; i++)
                    buffer_printf(&results[prefilter], " %lld", (long long)got.hits[i].line);
                buffer_putc(&results[prefilter], '\n');
                hits += got.count;
                out += got.out;
            }
            close_fixture(&fixture);
        }
        if (!text_equal(buffer_text(&results[0]), buffer_text(&results[1])))
            fail_msg("without:\n%s\nwith:\n%s", results[0].ptr, results[1].ptr);
        for (size_t i = 0; i < 25; i++)
            free(patterns[i]);
        buffer_release(&results[0]);
        buffer_release(&results[1]);
    }
    assert_true(hits > 1000);
    assert_true(out > 10);
}

static void a_regex_that_gives_up_is_left_out(void **state)
{
    (void)state;
    static const char *const patterns[] = {"log: 'mark (x+x+)+[yz]'"};
    struct fixture fixture;
    open_rules(&fixture, patterns, 1);
    fixture.limits.pattern_giveups = 2;
    open_matcher(&fixture, true);
    feed(&fixture, "a.log", 1, "x", TEXT("mark xxxxy"));
    feed(&fixture, "a.log", 2, "x", TEXT("mark xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
    struct hits hits = hits_of(&fixture, 0);
    assert_int_equal(hits.count, 1);
    assert_int_equal(hits.gave_up, 1);
    assert_false(hits.out);
    text_matcher_close(fixture.matcher);
    open_matcher(&fixture, true);
    feed(&fixture, "a.log", 1, "x", TEXT("mark xxxxy"));
    for (int line = 2; line < 10; line++)
        feed(&fixture, "a.log", line, "x", TEXT("mark xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
    hits = hits_of(&fixture, 0);
    assert_int_equal(hits.count, 0);
    assert_int_equal(hits.kept, 0);
    assert_int_equal(hits.gave_up, 2);
    assert_true(hits.out);
    close_fixture(&fixture);
}

// ---- lines of files --------------------------------------------------------------------------------

static void feed_lines(struct fixture *fixture, const char *path, struct text lines, uint64_t first)
{
    struct member from = {.source = text_of(path), .path = text_of(path)};
    struct sink *sink = text_matcher_sink(fixture->matcher);
    sink->lines(sink, &from, lines, first);
}

static void lines_of_files(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "file: 'proc/*/status', text: '^State:\\s+(?<state>\\w)'",
        "file: 'cmd/**', text: 'alpha|bravo'",
        "file: proc/1/status, text: '^$'",
    };
    for (int prefilter = 0; prefilter < 2; prefilter++) {
        struct fixture fixture;
        open_rules(&fixture, patterns, 3);
        open_matcher(&fixture, prefilter);
        feed_lines(&fixture, "proc/1/status", TEXT("Name: x\r\nState:\tD (disk sleep)\r\n\nState: S"), 1);
        feed_lines(&fixture, "proc/1/stat", TEXT("State: S\n"), 1);
        feed_lines(&fixture, "cmd/a/b.txt", TEXT("none\nbravo alpha\n\nxalphax\nnone\n"), 1);
        feed_lines(&fixture, "cmd/a/b.txt", TEXT("bravo"), 6);
        struct hits hits = hits_of(&fixture, 0);
        assert_int_equal(hits.count, 2);
        assert_int_equal(hits.hits[0].line, 2);
        assert_text(hits.hits[0].groups[0], "D");
        assert_text(hits.hits[0].path, "proc/1/status");
        assert_int_equal(hits.hits[1].line, 4);
        hits = hits_of(&fixture, 1);
        assert_int_equal(hits.count, 3);
        assert_int_equal(hits.hits[0].line, 2);
        assert_int_equal(hits.hits[1].line, 4);
        assert_int_equal(hits.hits[2].line, 6);
        hits = hits_of(&fixture, 2);
        assert_int_equal(hits.count, 1);
        assert_int_equal(hits.hits[0].line, 3);
        close_fixture(&fixture);
    }
}

// ---- what stands behind the matcher ------------------------------------------------------------

struct counter {
    struct sink sink;
    int rows, lines, listed;
};

static void count_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    (void)member, (void)kind, (void)row;
    ((struct counter *)sink)->rows++;
}

static void count_lines(struct sink *sink, const struct member *member, struct text lines, uint64_t first)
{
    (void)member, (void)lines, (void)first;
    ((struct counter *)sink)->lines++;
}

static void count_listed(struct sink *sink, const struct member *member, uint64_t bytes, const char *kind)
{
    (void)member, (void)bytes, (void)kind;
    ((struct counter *)sink)->listed++;
}

static void everything_is_handed_on(void **state)
{
    (void)state;
    static const char *const patterns[] = {"log: 'alpha'", "file: 'a', text: 'alpha'"};
    struct fixture fixture;
    open_rules(&fixture, patterns, 2);
    struct counter counter = {.sink = {count_row, count_lines, count_listed, NULL}};
    fixture.matcher = text_matcher_open(&fixture.book, &fixture.limits, true, &counter.sink);
    feed(&fixture, "a", 1, "x", TEXT("alpha"));
    feed_lines(&fixture, "a", TEXT("alpha\n"), 1);
    struct member member = {.source = TEXT("b")};
    struct sink *sink = text_matcher_sink(fixture.matcher);
    sink_warn(sink, &member, 1, "damaged");
    sink->listed(sink, &member, 5, "binary");
    assert_int_equal(counter.rows, 2);
    assert_int_equal(counter.lines, 1);
    assert_int_equal(counter.listed, 1);
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regexes_require_texts),
        cmocka_unit_test(literals_find_what_memmem_finds),
        cmocka_unit_test(literals_find_while_they_learn),
        cmocka_unit_test(records_are_matched_by_message_and_unit),
        cmocka_unit_test(counts_are_exact_and_rows_bounded),
        cmocka_unit_test(long_groups_are_cut),
        cmocka_unit_test(what_is_kept_does_not_depend_on_the_order),
        cmocka_unit_test(the_prefilter_changes_nothing),
        cmocka_unit_test(a_regex_that_gives_up_is_left_out),
        cmocka_unit_test(lines_of_files),
        cmocka_unit_test(everything_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
