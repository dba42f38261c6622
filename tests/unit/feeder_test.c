// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "evidence/evidence.h"
#include "test.h"
#include "util/buffer.h"
#include "util/memory.h"

// A sink that notes what it is given: "row kind", "lines N: text", "listed path bytes kind".
struct notes {
    struct sink sink;
    struct buffer text;
    uint64_t lines; // of text, all calls together
};

static void note_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    struct notes *notes = (struct notes *)sink;
    buffer_printf(&notes->text, "%.*s: %s", TEXT_ARG(member->source), row_table[kind].name);
    if (kind == ROW_warning)
        buffer_printf(&notes->text, " %.*s", TEXT_ARG(((const struct row_warning *)row)->problem));
    buffer_putc(&notes->text, '\n');
}

static void note_lines(struct sink *sink, const struct member *member, struct text lines, uint64_t first_line)
{
    struct notes *notes = (struct notes *)sink;
    (void)member;
    buffer_printf(&notes->text, "lines %llu: ", (unsigned long long)first_line);
    buffer_add(&notes->text, lines);
    buffer_puts(&notes->text, "|\n");
    for (size_t i = 0; i < lines.len; i++)
        notes->lines += lines.ptr[i] == '\n';
}

static void note_listed(struct sink *sink, const struct member *member, uint64_t bytes, const char *kind)
{
    struct notes *notes = (struct notes *)sink;
    buffer_printf(&notes->text, "listed %.*s %llu %s\n", TEXT_ARG(member->path), (unsigned long long)bytes,
                  kind);
}

static struct notes fed; // of the last feeding

// Feeds a member of that path in pieces of `step` bytes; gives what the sink noted.
static const char *feed_typed(const char *path, struct text content, size_t step, const struct limits *limits,
                              enum member_type type)
{
    struct member member = {.type = type};
    assert_true(member_place(&member, text_of(path)));
    member.node = TEXT("");
    member.head = text_slice(content, 0, MEMBER_HEAD_BYTES);
    buffer_release(&fed.text);
    fed = (struct notes){.sink = {.row = note_row, .lines = note_lines, .listed = note_listed}};
    struct feeder *feeder = feeder_open(limits, &fed.sink);
    feeder_begin(feeder, &member);
    for (size_t at = 0; at < content.len; at += step)
        feeder_piece(feeder, text_slice(content, at, step));
    feeder_end(feeder);
    feeder_close(feeder);
    return buffer_text(&fed.text).ptr;
}

static const char *feed(const char *path, struct text content, size_t step)
{
    return feed_typed(path, content, step, &limits_default, MEMBER_FILE);
}

static void lines_end_at_lines(void **state)
{
    (void)state;
    struct text text = TEXT("one\ntwo\n\nfour");
    assert_string_equal(feed("k8s/odd.xyz", text, text.len), "lines 1: one\ntwo\n\n|\nlines 4: four|\n");
    assert_string_equal(feed("k8s/odd.xyz", text, 5),
                        "lines 1: one\n|\nlines 2: two\n|\nlines 3: \n|\nlines 4: four|\n");
    for (size_t step = 1; step < text.len; step++) {
        const char *noted = feed("k8s/odd.xyz", text, step);
        assert_non_null(strstr(noted, "two\n"));
        assert_non_null(strstr(noted, "lines 4: four|\n"));
        assert_int_equal(fed.lines, 3);
    }
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.line_bytes = 4;
    const char *noted = feed_typed("k8s/odd.xyz", TEXT("123456789\nab\n"), 3, &limits, MEMBER_FILE);
    assert_string_equal(
        noted, "k8s/odd.xyz: warning a line longer than 4 bytes (limit line_bytes): its rest was dropped\n"
               "lines 1: 1234\n|\nlines 2: ab\n|\n");
}

static void what_is_not_kept_is_listed(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.keep_bytes = 3;
    assert_string_equal(feed("k8s/odd.xyz", TEXT("\0\1\2\3\4\5\6\7"), 3), "listed k8s/odd.xyz 8 binary\n");
    assert_string_equal(feed_typed("k8s/odd.xyz", TEXT("text"), 9, &limits, MEMBER_FILE),
                        "lines 1: text|\nlisted k8s/odd.xyz 4 text\n");
    assert_string_equal(feed_typed("proc/1/cwd", TEXT(""), 1, &limits, MEMBER_LINK),
                        "listed proc/1/cwd 0 link\n");
    assert_string_equal(feed("k8s/odd.xyz", TEXT(""), 1), "");
}

static void a_whole_member_has_a_limit(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.whole_bytes = 32; // one frame and a bit
    struct text stack = TEXT("[<0>] do_wait+0x1/0x2\n[<0>] do_exit+0x1/0x2\n");
    assert_non_null(strstr(feed("proc/5/stack", stack, 7), "proc/5/stack: stack\n"));
    const char *noted = feed_typed("proc/5/stack", stack, 7, &limits, MEMBER_FILE);
    assert_non_null(strstr(noted, "proc/5/stack: stack\n"));
    assert_non_null(strstr(noted, "longer than 32 bytes (limit whole_bytes)"));
}

static void only_evidence_is_recognised(void **state)
{
    (void)state;
    struct notes notes = {.sink = {.row = note_row}};
    struct feeder *feeder = feeder_open(&limits_default, &notes.sink);
    const struct {
        const char *path;
        struct text content;
        bool known;
    } cases[] = {
        {"README", TEXT("hello\n"), false},
        {"manifest.json", TEXT("{\"for"), false}, // a warning is no evidence
        {"proc/1/stack", TEXT("[<0>] f+0x1/0x2\n"), true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct member member = {.type = MEMBER_FILE, .head = cases[i].content};
        assert_true(member_place(&member, text_of(cases[i].path)));
        feeder_begin(feeder, &member);
        feeder_piece(feeder, cases[i].content);
        feeder_end(feeder);
        assert_int_equal(feeder_recognised(feeder), cases[i].known);
    }
    feeder_close(feeder);
    buffer_release(&notes.text);
}

static int release(void **state)
{
    (void)state;
    buffer_release(&fed.text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_at_lines),          cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(what_is_not_kept_is_listed),  cmocka_unit_test(a_whole_member_has_a_limit),
        cmocka_unit_test(only_evidence_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
