// SPDX-License-Identifier: Apache-2.0
//
// Texts that are looked for in whole blocks by the thread that unpacks: the same is found as line by line.
#include "packing.h"
#include "rule/literals.h"
#include "rule/load.h"
#include "rule/match_text.h"

static uint32_t seed = 1;
static uint32_t below(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static size_t count_of(struct text text, struct text part)
{
    size_t count = 0;
    for (size_t at = 0; part.len >= 2 && at + part.len <= text.len; at++)
        count += memcmp(text.ptr + at, part.ptr, part.len) == 0;
    return count;
}

static void places_are_where_memcmp_says(void **state)
{
    (void)state;
    enum { MOST = 400 };
    for (int round = 0; round < 200; round++) {
        char texts[20][13];
        struct text all[20];
        size_t count = 1 + below(20);
        for (size_t i = 0; i < count; i++) {
            size_t length = 1 + below(round % 2 ? 5 : 12);
            for (size_t k = 0; k < length; k++)
                texts[i][k] = (char)("ab c"[below(4)]);
            all[i] = (struct text){texts[i], length};
        }
        struct literals *literals = literals_open(all, count);
        for (int s = 0; s < 20; s++) {
            char subject[200];
            struct text text = {subject, below(200)};
            for (size_t k = 0; k < text.len; k++)
                subject[k] = (char)("ab cd"[below(5)]);
            struct literal_place places[MOST];
            size_t most = s % 2 ? MOST : 3, wanted = 0, found = literals_places(literals, text, places, most);
            for (size_t i = 0; i < count; i++)
                wanted += count_of(text, all[i]);
            assert_int_equal(found, wanted <= most ? wanted : most + 1);
            for (size_t i = 0; i < found && found <= most; i++) {
                assert_true(i == 0 || places[i - 1].at <= places[i].at);
                assert_true(places[i].at + all[places[i].number].len <= text.len);
                assert_memory_equal(text.ptr + places[i].at, all[places[i].number].ptr,
                                    all[places[i].number].len);
            }
        }
        literals_close(literals);
    }
}

// ---- a matcher that is told what stands in a block ---------------------------------------------

enum { PATTERNS = 5 };
static const char rule[] = "id: r\nkind: wait\ntitle: T\nquery: SELECT 1\npatterns:\n"
                           "  p0: {log: 'failed to exit|lost page'}\n"
                           "  p1: {log: 'XFS (?<a>\\w)'}\n"
                           "  p2: {log: '(?i)panic'}\n"
                           "  p3: {file: 'journal/*', text: 'exit within (?<b>\\d)'}\n"
                           "  p4: {file: 'journal/*', text: 'failed to'}\n";

struct fixture {
    struct rulebook book;
    struct diagnostics diagnostics;
    struct limits limits;
};

static void open_rules(struct fixture *fixture)
{
    *fixture = (struct fixture){.limits = limits_default};
    if (!rulebook_add(&fixture->book, "r.yaml", TEXT(rule), true, NULL, &fixture->diagnostics))
        fail_msg("%s", fixture->diagnostics.list.items[0].message);
    rulebook_finish(&fixture->book, &fixture->diagnostics);
}

static void close_rules(struct fixture *fixture)
{
    rulebook_release(&fixture->book);
    diagnostics_release(&fixture->diagnostics);
}

static void make_block(struct buffer *block)
{
    static const char *const words[] = {"failed ",
                                        "to ",
                                        "exit ",
                                        "failed to exit within 3 ",
                                        "XFS ",
                                        "lost ",
                                        "page ",
                                        "panic ",
                                        "a",
                                        "\n",
                                        "x y\n",
                                        "nothing of note here ",
                                        "lost page and more "};
    buffer_clear(block);
    while (block->len < 9000)
        buffer_puts(block, words[below(sizeof words / sizeof *words)]);
    buffer_putc(block, '\n');
}

// The lines of the block as records and as lines: mostly where they stand; some copied, some cut at the front
// as messages are, some that were met before.
static void feed_block(struct text_matcher *matcher, struct text block, int64_t number)
{
    struct member member = {.source = TEXT("journal/a.log"), .path = TEXT("journal/a.log")};
    struct sink *sink = text_matcher_sink(matcher);
    struct text rest = block, line;
    uint64_t first = (uint64_t)number * 10000 + 1;
    int64_t at = number * 10000;
    size_t half = block.len / 2;
    while (half < block.len && block.ptr[half - 1] != '\n')
        half++;
    for (int copied = 0; text_split(&rest, '\n', &line); copied++) {
        struct row_log row = row_log_null;
        char copy[9200];
        row.line = ++at;
        row.message = text_from(line, (size_t)copied % 9);
        if (copied % 7 == 0) {
            memcpy(copy, row.message.ptr, row.message.len);
            row.message.ptr = copy;
        }
        emit_log(sink, &member, &row);
        if (copied % 31 == 0) {
            row.line = ++at;
            row.message = text_slice(block, 10, 300);
            emit_log(sink, &member, &row);
        }
    }
    sink->lines(sink, &member, text_slice(block, 0, half), first);
    sink->lines(sink, &member, text_from(block, half), first + 5000);
}

static void expect_same(struct fixture *fixture, struct text_matcher *a, struct text_matcher *b)
{
    for (size_t i = 0; i < PATTERNS; i++) {
        struct hits x = text_matcher_hits(a, fixture->book.patterns[i]);
        struct hits y = text_matcher_hits(b, fixture->book.patterns[i]);
        assert_true(x.count > 0);
        assert_int_equal(x.count, y.count);
        assert_int_equal(x.kept, y.kept);
        for (size_t k = 0; k < x.kept; k++)
            assert_int_equal(x.hits[k].line, y.hits[k].line);
    }
}

static void a_scan_changes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    open_rules(&fixture);
    struct text_matcher *plain = text_matcher_open(&fixture.book, &fixture.limits, true, NULL);
    struct text_matcher *told = text_matcher_open(&fixture.book, &fixture.limits, true, NULL);
    struct text_matcher *slow = text_matcher_open(&fixture.book, &fixture.limits, false, NULL);
    struct text_scan *scan = text_scan_open(told);
    CLEANUP(buffer_release) struct buffer block = {0}, notes = {0};
    for (int64_t i = 0; i < 60; i++) {
        make_block(&block);
        bool tell = i % 5 != 0 && text_scan_block(scan, buffer_text(&block), &notes);
        assert_true(tell || i % 5 == 0);
        text_matcher_known(told, buffer_text(&block), tell ? buffer_text(&notes) : (struct text){NULL, 0});
        feed_block(told, buffer_text(&block), i);
        feed_block(plain, buffer_text(&block), i);
        feed_block(slow, buffer_text(&block), i);
    }
    expect_same(&fixture, plain, told);
    expect_same(&fixture, slow, told);
    text_scan_close(scan);
    text_matcher_close(plain);
    text_matcher_close(told);
    text_matcher_close(slow);
    close_rules(&fixture);
}

static void too_many_places_are_not_told(void **state)
{
    (void)state;
    struct fixture fixture;
    open_rules(&fixture);
    struct text_matcher *matcher = text_matcher_open(&fixture.book, &fixture.limits, true, NULL);
    struct text_scan *scan = text_scan_open(matcher);
    CLEANUP(buffer_release) struct buffer block = {0}, notes = {0};
    while (block.len < 100000)
        buffer_puts(&block, "XFS lost page\n");
    assert_false(text_scan_block(scan, buffer_text(&block), &notes));
    assert_true(text_scan_block(scan, TEXT("nothing"), &notes));
    assert_true(notes.ptr && notes.len == 0);
    text_scan_close(scan);
    text_matcher_close(matcher);
    close_rules(&fixture);
}

// ---- the thread that unpacks -------------------------------------------------------------------

// Notes the block itself, so that notes of another one would show.
static bool look(void *context, struct text block, struct buffer *notes)
{
    (void)context;
    buffer_clear(notes);
    buffer_add(notes, text_slice(block, 0, 64));
    return block.ptr[0] % 3 != 0;
}

static void blocks_come_with_their_notes(void **state)
{
    (void)state;
    enum { BYTES = 12 << 20 };
    CLEANUP(buffer_release) struct buffer big = {0}, tar = {0}, packed = {0};
    char *at = buffer_reserve(&big, BYTES + 1);
    for (int i = 0; i < BYTES; i++)
        at[i] = (char)('a' + below(26));
    at[BYTES] = '\0';
    big.len = BYTES;
    const struct packed_entry entries[] = {{"journal/big.log", big.ptr, 0, NULL, false},
                                           {"manifest.json", "{}", 0, NULL, false},
                                           {NULL, NULL, 0, NULL, false}};
    pack(&tar, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, entries);
    gzip(&packed, buffer_text(&tar));
    struct reading_of reading = {0};
    struct bundle *bundle;
    struct member member;
    struct text piece, block, notes;
    char *path = scratch_file("x.tar.gz", buffer_text(&packed));
    assert_true(bundle_open(&bundle, path, &limits_default, note_warning, &reading, &reading.err));
    assert_true(bundle_next(bundle, &member));
    size_t bytes = 0, noted = 0, absent = 0;
    while (bundle_read(bundle, &piece)) {
        if (bytes < 3 << 20)
            bundle_watch(bundle, look, NULL);
        assert_memory_equal(piece.ptr, big.ptr + bytes, piece.len);
        bytes += piece.len;
        notes = bundle_notes(bundle, &block);
        noted += notes.ptr != NULL;
        absent += !notes.ptr;
        if (!notes.ptr)
            continue;
        assert_true(piece.ptr >= block.ptr && piece.ptr + piece.len <= block.ptr + block.len);
        assert_true(block.ptr[0] % 3 != 0);
        assert_memory_equal(notes.ptr, block.ptr, notes.len);
        if (bytes > 8 << 20)
            bundle_watch(bundle, NULL, NULL);
    }
    assert_int_equal(bytes, BYTES);
    assert_true(noted > 4 && absent > 4);
    assert_true(bundle_next(bundle, &member));
    assert_true(bundle_close(bundle, NULL, &reading.err));
    scratch_remove(path);
    reading_release(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_where_memcmp_says),
        cmocka_unit_test(a_scan_changes_nothing),
        cmocka_unit_test(too_many_places_are_not_told),
        cmocka_unit_test(blocks_come_with_their_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
