// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/resource.h>

#include "store/lines.h"
#include "store/lines_record.h"
#include "store/pack.h"
#include "util/array.h"

static struct room names = {0, UINT64_MAX};
static struct pack *own_pack; // of the present test

static struct pack *open_pack(void)
{
    pack_close(&own_pack);
    return own_pack = pack_open(LINES_MEMORY_BYTES);
}

static int close_pack(void **state)
{
    (void)state;
    pack_close(&own_pack);
    return 0;
}

// A small generator of our own, so that a failing run can be run again.
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static uint64_t below(uint64_t *seed, uint64_t limit)
{
    return next_random(seed) % limit;
}

static bool same_text(struct text a, struct text b)
{
    return !a.ptr == !b.ptr && text_equal(a, b);
}

static void assert_same(const struct row_log *got, const struct row_log *wanted)
{
    assert_int_equal(got->line, wanted->line);
    assert_int_equal(got->time, wanted->time);
    assert_int_equal(got->clock, wanted->clock);
    assert_int_equal(got->pid, wanted->pid);
    assert_int_equal(got->priority, wanted->priority);
    assert_int_equal(got->lines, wanted->lines);
    assert_true(same_text(got->unit, wanted->unit));
    assert_true(same_text(got->host, wanted->host));
    assert_true(same_text(got->boot, wanted->boot));
    assert_true(same_text(got->message, wanted->message));
}

// ---- records ---------------------------------------------------------------------------------

static struct text random_text(uint64_t *seed, struct arena *arena)
{
    char bytes[400];
    size_t length = below(seed, 8) ? below(seed, 12) : below(seed, sizeof bytes);
    if (below(seed, 6) == 0)
        return (struct text){NULL, 0};
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)below(seed, length < 3 ? 3 : 256);
    return arena_copy(arena, (struct text){bytes, length});
}

static int64_t random_number(uint64_t *seed)
{
    static const int64_t odd[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, 127, 128, INT64_MAX};
    switch (below(seed, 3)) {
    case 0:
        return odd[below(seed, sizeof odd / sizeof *odd)];
    case 1:
        return (int64_t)below(seed, 1000);
    default:
        return (int64_t)next_random(seed);
    }
}

static void any_record_comes_back(void **state)
{
    (void)state;
    uint64_t seed = 42;
    struct arena arena = {0};
    struct buffer out = {0};
    struct intern texts = {0};
    struct record_coder writer = {0}, reader = {0};
    enum { ROWS = 3000 };
    struct row_log *rows = mem_alloc(ROWS, sizeof *rows);
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = (struct row_log){random_number(&seed),
                                   random_number(&seed),
                                   below(&seed, 4) ? (int64_t)below(&seed, 5) : random_number(&seed),
                                   random_text(&seed, &arena),
                                   random_number(&seed),
                                   below(&seed, 4) ? (int64_t)below(&seed, 8) : random_number(&seed),
                                   random_text(&seed, &arena),
                                   random_text(&seed, &arena),
                                   below(&seed, 4) ? 1 : random_number(&seed),
                                   random_text(&seed, &arena)};
        if (i && below(&seed, 2)) { // repetition is the usual case
            rows[i].unit = rows[i - 1].unit;
            rows[i].host = rows[i - 1].host;
            rows[i].pid = rows[i - 1].pid;
        }
        record_write(&out, &writer, &texts, &names, &rows[i]);
    }
    struct text rest = buffer_text(&out);
    struct row_log row = row_log_null;
    for (size_t i = 0; i < ROWS; i++) {
        assert_true(record_read(&rest, &reader, &texts, &row));
        assert_same(&row, &rows[i]);
    }
    assert_int_equal(rest.len, 0);
    assert_false(record_read(&rest, &reader, &texts, &row));
    free(rows);
    buffer_release(&out);
    intern_release(&texts);
    arena_release(&arena);
}

static void damaged_records_stop(void **state)
{
    (void)state;
    uint64_t seed = 7;
    struct intern texts = {0};
    for (size_t round = 0; round < 20000; round++) {
        char bytes[64];
        size_t length = below(&seed, sizeof bytes);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (char)next_random(&seed);
        struct text rest = {mem_copy(bytes, length), length};
        char *whole = (char *)(uintptr_t)rest.ptr;
        struct record_coder coder = {0};
        struct row_log row = row_log_null;
        while (record_read(&rest, &coder, &texts, &row))
            assert_true(row.message.len <= length);
        free(whole);
    }
    intern_release(&texts);
}

// ---- the pack --------------------------------------------------------------------------------

static void fill_block(struct buffer *block, uint64_t number)
{
    uint64_t seed = number + 1;
    size_t length = 1 + below(&seed, 5000);
    bool noise = number % 3 == 0;
    for (size_t i = 0; i < length; i++)
        buffer_putc(block, (char)(noise ? next_random(&seed) : number + i % 7));
}

// With no memory at all every block goes to the file; with much none does.
static void blocks_come_back(void **state)
{
    (void)state;
    static const uint64_t budgets[] = {0, 20000, 1 << 30};
    for (size_t b = 0; b < 3; b++) {
        struct pack *pack = pack_open(budgets[b]);
        struct buffer block = {0}, got = {0}, wanted = {0};
        enum { BLOCKS = 300 };
        for (uint64_t i = 0; i < BLOCKS; i++) {
            fill_block(&block, i);
            assert_int_equal(pack_add(pack, &block), i);
            assert_int_equal(block.len, 0);
        }
        pack_seal(pack);
        pack_seal(pack);
        for (uint64_t i = 0; i < BLOCKS; i++) {
            uint32_t number = (uint32_t)(i * 7 % BLOCKS);
            buffer_clear(&wanted);
            fill_block(&wanted, number);
            assert_true(pack_read(pack, number, &got));
            assert_true(text_equal(buffer_text(&got), buffer_text(&wanted)));
        }
        assert_false(pack_read(pack, BLOCKS, &got));
        fill_block(&block, 7); // of another keeper, which seals later
        assert_int_equal(pack_add(pack, &block), BLOCKS);
        buffer_clear(&wanted);
        fill_block(&wanted, 7);
        assert_true(pack_read(pack, BLOCKS, &got));
        assert_true(text_equal(buffer_text(&got), buffer_text(&wanted)));
        assert_false(pack_damaged(pack));
        pack_close(&pack);
        buffer_release(&block);
        buffer_release(&got);
        buffer_release(&wanted);
    }
}

// ---- the keeper against a plain array -----------------------------------------------------------

struct plain_row {
    struct text member;
    struct row_log row;
    int64_t time; // settled
};

struct plain {
    ARRAY(struct plain_row) rows;
    struct arena arena;
};

static const char *const units[] = {"docker", "kubelet", "kernel", "containerd", NULL};
static const int64_t collected = INT64_C(1700000000000000000);

static struct row_log plain_log(struct plain *plain, uint64_t *seed, int64_t line)
{
    struct row_log row = row_log_null;
    row.line = line;
    row.lines = below(seed, 10) ? 1 : 1 + (int64_t)below(seed, 5);
    row.clock = below(seed, 20) ? CLOCK_UTC : (int64_t)below(seed, 5);
    row.time = row.clock == CLOCK_NONE ? ROW_NULL : (int64_t)below(seed, 1000000) * 1000;
    row.unit = text_of(units[below(seed, 5)]);
    row.pid = below(seed, 3) ? 1751 : ROW_NULL;
    row.host = TEXT("k8s-0-176");
    size_t words = below(seed, 300) ? below(seed, 40) : 20000;
    struct buffer message = {0};
    for (size_t i = 0; i < words; i++)
        buffer_printf(&message, "%llx ", (unsigned long long)below(seed, 5000));
    row.message = arena_copy(&plain->arena, buffer_text(&message));
    buffer_release(&message);
    return row;
}

static struct settlement plain_settlement(size_t member)
{
    struct settlement settlement = settlement_null;
    settlement.collected_at_ns = collected;
    settlement.zone_offset_s = (int64_t)member * 3600;
    if (member % 2)
        settlement.boot_time_ns = 5000000;
    return settlement;
}

enum { MEMBERS = 23 };

static struct line_store *build(struct plain *plain, size_t rows, uint64_t seed)
{
    struct line_store *lines = lines_open(&limits_default, open_pack(), &names);
    int64_t line[MEMBERS] = {0};
    size_t member = 0;
    for (size_t i = 0; i < rows; i++) {
        if (below(&seed, 200) == 0)
            member = below(&seed, MEMBERS);
        struct text name = text_of(arena_printf(&plain->arena, "journal/m%zu.log", member * 7 % MEMBERS));
        struct row_log row = plain_log(plain, &seed, line[member] + 1 + (int64_t)below(&seed, 3));
        line[member] = row.line + row.lines - 1;
        lines_add_log(lines, lines_log_member(lines, name), &row);
        struct settlement settlement = plain_settlement(member * 7 % MEMBERS);
        int64_t time = settle_time(&settlement, (enum clock)row.clock, row.time);
        *array_add(&plain->rows) = (struct plain_row){name, row, time};
    }
    lines_seal(lines);
    for (size_t m = 0; m < MEMBERS; m++) {
        struct settlement settlement = plain_settlement(m);
        struct text name = text_of(arena_printf(&plain->arena, "journal/m%zu.log", m));
        lines_settle(lines, name, &settlement, (struct text){NULL, 0});
    }
    return lines;
}

static int by_place(const void *a, const void *b)
{
    const struct plain_row *x = a, *y = b;
    int order = text_compare(x->member, y->member);
    return order ? order : (x->row.line > y->row.line) - (x->row.line < y->row.line);
}

static bool passes(const struct plain_row *row, const struct lines_query *query)
{
    bool unit = !query->units;
    for (size_t i = 0; i < query->unit_count; i++)
        unit = unit || (row->row.unit.ptr && text_equal(row->row.unit, query->units[i]));
    bool timed = query->first_time != INT64_MIN || query->last_time != INT64_MAX;
    return unit && (!query->member.ptr || text_equal(query->member, row->member)) &&
           row->row.line >= query->first_line && row->row.line <= query->last_line &&
           (!timed ||
            (row->time != ROW_NULL && row->time >= query->first_time && row->time <= query->last_time));
}

static void random_query(struct lines_query *query, struct text *wanted, uint64_t *seed, struct arena *arena)
{
    *query = lines_query_all;
    if (below(seed, 2))
        query->member = text_of(arena_printf(arena, "journal/m%zu.log", (size_t)below(seed, MEMBERS + 2)));
    if (below(seed, 3) == 0) {
        query->first_line = (int64_t)below(seed, 2000);
        query->last_line = query->first_line + (int64_t)below(seed, 500);
    }
    if (below(seed, 3) == 0)
        query->first_time = (int64_t)below(seed, 1000000) * 1000;
    if (below(seed, 3) == 0)
        query->last_time = query->first_time == INT64_MIN ? 400000000 : query->first_time + 100000000;
    if (below(seed, 3) == 0) {
        wanted[0] = text_of(units[below(seed, 4)]);
        wanted[1] = text_of("none such");
        query->units = wanted;
        query->unit_count = 1 + below(seed, 2);
    }
}

static void assert_scan(struct lines_cursor *cursor, const struct plain *plain,
                        const struct lines_query *query)
{
    lines_cursor_filter(cursor, query);
    for (size_t i = 0; i < plain->rows.count; i++) {
        const struct plain_row *wanted = &plain->rows.items[i];
        if (!passes(wanted, query))
            continue;
        assert_false(lines_cursor_eof(cursor));
        assert_true(text_equal(lines_cursor_member(cursor), wanted->member));
        assert_same(lines_cursor_row(cursor), &wanted->row);
        assert_int_equal(lines_cursor_time(cursor), wanted->time);
        lines_cursor_next(cursor);
    }
    assert_true(lines_cursor_eof(cursor));
    lines_cursor_next(cursor);
    assert_true(lines_cursor_eof(cursor));
}

static void scans_equal_a_plain_array(void **state)
{
    (void)state;
    struct plain plain = {0};
    struct line_store *lines = build(&plain, 20000, 99);
    array_sort(&plain.rows, by_place);
    assert_int_equal(lines_log_count(lines), plain.rows.count);
    struct lines_cursor *cursor = lines_cursor_open(lines);
    assert_scan(cursor, &plain, &lines_query_all);
    uint64_t seed = 5;
    for (size_t i = 0; i < 60; i++) {
        struct lines_query query;
        struct text wanted[2];
        random_query(&query, wanted, &seed, &plain.arena);
        assert_scan(cursor, &plain, &query);
    }
    lines_cursor_close(&cursor);
    lines_close(&lines);
    array_release(&plain.rows);
    arena_release(&plain.arena);
}

static void cursors_stand_side_by_side(void **state)
{
    (void)state;
    struct plain plain = {0};
    struct line_store *lines = build(&plain, 3000, 3);
    array_sort(&plain.rows, by_place);
    struct lines_cursor *ahead = lines_cursor_open(lines), *behind = lines_cursor_open(lines);
    struct lines_cursor *back = lines_cursor_open(lines);
    lines_cursor_filter(ahead, &lines_query_all);
    lines_cursor_filter(behind, &lines_query_all);
    for (size_t i = 0; i < 500; i++)
        lines_cursor_next(ahead);
    for (size_t i = 0; i + 500 < plain.rows.count; i++) {
        assert_same(lines_cursor_row(ahead), &plain.rows.items[i + 500].row);
        assert_same(lines_cursor_row(behind), &plain.rows.items[i].row);
        if (i % 50 == 0) {
            assert_true(lines_cursor_seek(back, lines_cursor_rowid(behind)));
            assert_same(lines_cursor_row(back), &plain.rows.items[i].row);
            assert_int_equal(lines_cursor_rowid(back), lines_cursor_rowid(behind));
            lines_cursor_next(back);
            assert_true(lines_cursor_eof(back));
        }
        lines_cursor_next(ahead);
        lines_cursor_next(behind);
    }
    assert_false(lines_cursor_seek(back, -1));
    assert_false(lines_cursor_seek(back, INT64_MAX));
    assert_false(lines_cursor_seek(back, 0xffffff));
    assert_true(lines_cursor_eof(back));
    lines_cursor_close(&ahead);
    lines_cursor_close(&behind);
    lines_cursor_close(&back);
    lines_close(&lines);
    array_release(&plain.rows);
    arena_release(&plain.arena);
}

static void lines_are_found_again(void **state)
{
    (void)state;
    struct plain plain = {0};
    struct line_store *lines = build(&plain, 3000, 11);
    struct buffer out = {0};
    for (size_t i = 0; i < plain.rows.count; i += 17) {
        const struct plain_row *row = &plain.rows.items[i];
        buffer_clear(&out);
        assert_true(lines_text(lines, row->member, row->row.line + row->row.lines - 1, &out));
        assert_true(text_equal(buffer_text(&out), row->row.message));
    }
    assert_false(lines_text(lines, TEXT("journal/none.log"), 1, &out));
    assert_false(lines_text(lines, plain.rows.items[0].member, -5, &out));
    assert_false(lines_text(lines, plain.rows.items[0].member, INT64_MAX, &out));
    buffer_release(&out);
    lines_close(&lines);
    array_release(&plain.rows);
    arena_release(&plain.arena);
}

// ---- kept texts ------------------------------------------------------------------------------

static void texts_are_kept(void **state)
{
    (void)state;
    struct line_store *lines = lines_open(&limits_default, open_pack(), &names);
    enum { FILES = 20000 };
    char name[64], text[128];
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "proc/%d/status", i);
        (void)snprintf(text, sizeof text, "Name:\tfile%d\r\nState:\tD\n\nlast %d", i, i * 7);
        lines_add_text(lines, text_of(name), 1, text_of(text));
    }
    lines_add_text(lines, TEXT("parts"), 1, TEXT("one\ntwo\n"));
    lines_add_text(lines, TEXT("between"), 1, TEXT(""));
    lines_add_text(lines, TEXT("parts"), 3, TEXT("three\n"));
    struct buffer out = {0};
    for (int i = 0; i < FILES; i += 371) {
        (void)snprintf(name, sizeof name, "proc/%d/status", i);
        (void)snprintf(text, sizeof text, "Name:\tfile%d", i);
        buffer_clear(&out);
        assert_true(lines_text(lines, text_of(name), 1, &out));
        assert_text(buffer_text(&out), text);
        (void)snprintf(text, sizeof text, "last %d", i * 7);
        buffer_clear(&out);
        assert_true(lines_text(lines, text_of(name), 4, &out));
        assert_text(buffer_text(&out), text);
        assert_false(lines_text(lines, text_of(name), 5, &out));
        assert_false(lines_text(lines, text_of(name), 0, &out));
    }
    buffer_clear(&out);
    assert_true(lines_text(lines, TEXT("parts"), 3, &out));
    assert_text(buffer_text(&out), "three");
    buffer_clear(&out);
    assert_true(lines_member_text(lines, TEXT("parts"), &out));
    assert_text(buffer_text(&out), "one\ntwo\nthree\n");
    assert_true(lines_member_text(lines, TEXT("between"), &out));
    assert_false(lines_text(lines, TEXT("between"), 1, &out));
    assert_false(lines_member_text(lines, TEXT("nothing"), &out));
    buffer_release(&out);
    lines_close(&lines);
}

static void log_members_are_limited(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.log_members = 2;
    struct line_store *lines = lines_open(&limits, open_pack(), &names);
    struct row_log row = row_log_null;
    row.lines = 1;
    lines_add_log(lines, lines_log_member(lines, TEXT("a")), &row);
    lines_add_log(lines, lines_log_member(lines, TEXT("b")), &row);
    assert_true(lines_log_member(lines, TEXT("c")) == LINES_NO_MEMBER);
    lines_add_log(lines, lines_log_member(lines, TEXT("a")), &row);
    assert_int_equal(lines_log_count(lines), 3);
    struct room none = {0};
    lines_close(&lines);
    lines = lines_open(&limits_default, open_pack(), &none);
    assert_true(lines_log_member(lines, TEXT("a")) == LINES_NO_MEMBER);
    lines_close(&lines);
}

static void nothing_is_fine(void **state)
{
    (void)state;
    struct line_store *lines = lines_open(&limits_default, open_pack(), &names);
    struct lines_cursor *cursor = lines_cursor_open(lines);
    assert_true(lines_cursor_eof(cursor));
    lines_cursor_filter(cursor, &lines_query_all);
    assert_true(lines_cursor_eof(cursor));
    lines_cursor_close(&cursor);
    lines_close(&lines);
    lines_close(&lines);
}

// The last block is not packed yet when the store asks whether all could be kept.
static void a_full_disk_is_noticed(void **state)
{
    (void)state;
    enum { MESSAGE = 60000 };
    static char noise[MESSAGE];
    struct rlimit old, none;
    uint64_t seed = 5;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    none = (struct rlimit){0, old.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    struct line_store *lines = lines_open(&limits_default, open_pack(), &names);
    size_t bytes = 0;
    for (int64_t line = 1; bytes <= LINES_MEMORY_BYTES; line++, bytes += MESSAGE) {
        struct row_log row = row_log_null;
        for (size_t i = 0; i < MESSAGE; i++)
            noise[i] = (char)below(&seed, 256);
        row.line = line;
        row.lines = 1;
        row.message = (struct text){noise, MESSAGE};
        lines_add_log(lines, lines_log_member(lines, TEXT("a")), &row);
    }
    bool damaged = lines_damaged(lines);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, handler);
    assert_true(damaged);
    lines_close(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_record_comes_back),
        cmocka_unit_test(damaged_records_stop),
        cmocka_unit_test(blocks_come_back),
        cmocka_unit_test(scans_equal_a_plain_array),
        cmocka_unit_test(cursors_stand_side_by_side),
        cmocka_unit_test(lines_are_found_again),
        cmocka_unit_test(texts_are_kept),
        cmocka_unit_test(log_members_are_limited),
        cmocka_unit_test(nothing_is_fine),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, close_pack);
}
