// SPDX-License-Identifier: Apache-2.0
//
// zstd streams: whole, in many frames, cut, damaged, hostile.
#include <zstd.h>

#include "packing.h"

enum { PARTS = 24, PART = 40000, PLAIN = PARTS * PART };

// Text that packs a little, so that blocks are of every kind; a part of one byte repeated, one of noise.
static char *make_plain(void)
{
    char *plain = mem_alloc(PLAIN, 1);
    unsigned seed = 7;
    for (size_t i = 0; i < PLAIN; i++) {
        unsigned draw = (seed = seed * 1103515245u + 12345u) >> 16;
        plain[i] = (char)(i / PART == 3 ? 'x' : i / PART == 5 ? draw : 'a' + draw % 11);
    }
    plain[0] = 'a'; // no other format's mark
    return plain;
}

// One frame. After `ends[i]` packed bytes the first i + 1 parts can be unpacked.
static void pack_frame(struct buffer *out, const char *plain, size_t parts, bool checksum, size_t ends[])
{
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, checksum)));
    for (size_t i = 0; i < parts; i++) {
        ZSTD_inBuffer in = {plain + i * PART, PART, 0};
        ZSTD_outBuffer to = {buffer_reserve(out, ZSTD_compressBound(PART) + 100),
                             ZSTD_compressBound(PART) + 100, 0};
        bool last = i + 1 == parts;
        assert_int_equal(ZSTD_compressStream2(packer, &to, &in, last ? ZSTD_e_end : ZSTD_e_flush), 0);
        out->len += to.pos;
        ends[i] = out->len;
    }
    (void)ZSTD_freeCCtx(packer);
}

static struct text content_of(const struct reading_of *reading)
{
    struct text members = buffer_text(&reading->members);
    ptrdiff_t bar = text_find_byte(members, '|');
    assert_true(bar >= 0);
    struct text content = text_from(members, (size_t)bar + 1);
    content.len--; // the newline behind
    return content;
}

static void expect_content(const struct reading_of *reading, const char *plain, size_t least, size_t most)
{
    assert_true(reading->opened && reading->closed);
    struct text content = content_of(reading);
    if (content.len < least || content.len > most)
        fail_msg("%zu bytes, not %zu to %zu", content.len, least, most);
    assert_memory_equal(content.ptr, plain, content.len);
}

static void expect_warning(const struct reading_of *reading, const char *what)
{
    if (*what ? !strstr(reading->warnings.ptr, what) : reading->warnings.len)
        fail_msg("'%s' instead of '%s'", reading->warnings.ptr, what);
}

static void frames_and_what_is_between(void **state)
{
    (void)state;
    char *plain = make_plain();
    size_t ends[PARTS];
    static const char skipped[] = "\x53\x2a\x4d\x18\x05\0\0\0hello";
    struct buffer packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    buffer_add(&packed, (struct text){skipped, sizeof skipped - 1});
    for (size_t part = 0; part < PARTS; part += PARTS / 4) {
        pack_frame(&packed, plain + part * PART, PARTS / 4, part % 2, ends);
        buffer_add(&packed, (struct text){skipped, sizeof skipped - 1});
        pack_frame(&packed, plain, 0, true, ends);
    }
    read_bytes(&reading, "x.zst", buffer_text(&packed), &limits_default);
    expect_content(&reading, plain, PLAIN, PLAIN);
    expect_warning(&reading, "");
    reading_release(&reading);
    static const struct {
        const char *bytes;
        size_t length;
        const char *warning;
    } behind[] = {
        {"\0\0\0\0\0\0\0", 7, ""},
        {"junk behind it", 14, "damaged zstd stream at byte "},
        {"\x28\xb5", 2, "truncated zstd stream at byte "},
    };
    size_t good = packed.len;
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        packed.len = good;
        buffer_add(&packed, (struct text){behind[i].bytes, behind[i].length});
        read_bytes(&reading, "x.zst", buffer_text(&packed), &limits_default);
        expect_content(&reading, plain, PLAIN, PLAIN);
        expect_warning(&reading, behind[i].warning);
        reading_release(&reading);
    }
    free(plain);
}

// Sizes round that of the blocks that sources give.
static void every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 131071, 131072, 131073, 262143, 262144, 262145, 524288, PLAIN};
    char *plain = make_plain();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer packed CLEANUP(buffer_release) = {0};
        struct reading_of reading;
        size_t room = ZSTD_compressBound(sizes[i]);
        packed.len = ZSTD_compress(buffer_reserve(&packed, room), room, plain, sizes[i], 1 + (int)i);
        read_bytes(&reading, "x.zst", buffer_text(&packed), &limits_default);
        expect_content(&reading, plain, sizes[i], sizes[i]);
        expect_warning(&reading, "");
        reading_release(&reading);
    }
    free(plain);
}

static void a_cut_loses_only_what_is_behind(void **state)
{
    (void)state;
    char *plain = make_plain();
    size_t ends[PARTS];
    struct buffer packed CLEANUP(buffer_release) = {0};
    pack_frame(&packed, plain, PARTS, true, ends);
    for (size_t i = 0; i + 1 < PARTS; i++)
        for (size_t more = 0; more < 5; more++) {
            struct reading_of reading;
            char where[80];
            size_t cut = ends[i] + more;
            read_bytes(&reading, "x.zst", text_slice(buffer_text(&packed), 0, cut), &limits_default);
            expect_content(&reading, plain, (i + 1) * PART, (i + 2) * PART);
            (void)snprintf(where, sizeof where, "truncated zstd stream at byte %zu", cut);
            expect_warning(&reading, where);
            reading_release(&reading);
        }
    free(plain);
}

static void damage_loses_only_what_is_behind(void **state)
{
    (void)state;
    char *plain = make_plain();
    size_t ends[PARTS];
    struct buffer packed CLEANUP(buffer_release) = {0};
    pack_frame(&packed, plain, PARTS, true, ends);
    for (size_t i = 0; i + 1 < PARTS; i++) {
        struct reading_of reading;
        char good = packed.ptr[ends[i]];
        packed.ptr[ends[i]] = '\x06'; // a block of the type that there is not
        read_bytes(&reading, "x.zst", buffer_text(&packed), &limits_default);
        expect_content(&reading, plain, (i + 1) * PART, (i + 1) * PART);
        expect_warning(&reading, "damaged zstd stream at byte ");
        reading_release(&reading);
        packed.ptr[ends[i]] = good;
    }
    free(plain);
}

static void a_wrong_checksum_loses_nothing(void **state)
{
    (void)state;
    char *plain = make_plain();
    size_t ends[PARTS];
    struct buffer packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    for (size_t half = 0; half < 2; half++) {
        pack_frame(&packed, plain + half * PLAIN / 2, PARTS / 2, true, ends);
        packed.ptr[packed.len - 1 - half] ^= 1;
    }
    read_bytes(&reading, "x.zst", buffer_text(&packed), &limits_default);
    expect_content(&reading, plain, PLAIN, PLAIN);
    expect_warning(&reading, "a zstd checksum is wrong");
    assert_null(strstr(reading.warnings.ptr, "stream"));
    reading_release(&reading);
    free(plain);
}

// A frame's header alone says how much memory it takes to unpack.
static void large_windows_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned window; // its logarithm less 10
        uint64_t memory_mb;
        const char *why; // NULL: readable
    } cases[] = {
        {21, 256, "limit memory_mb"},
        {18, 256, "limit memory_mb"},
        {17, 256, NULL},
        {17, 128, "limit memory_mb"},
        {16, 128, NULL},
        {17, 1 << 20, NULL},
        {18, 1 << 20, "limit memory_mb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct limits limits = limits_default;
        struct reading_of reading;
        limits.memory_mb = cases[i].memory_mb;
        char packed[] = "\x28\xb5\x2f\xfd\0w\x21\0\0text"; // a raw block of four bytes, the last
        packed[5] = (char)(cases[i].window << 3);
        read_bytes(&reading, "x.zst", (struct text){packed, sizeof packed - 1}, &limits);
        assert_int_equal(reading.opened, !cases[i].why);
        if (cases[i].why)
            assert_non_null(strstr(reading.err.message, cases[i].why));
        else
            expect_content(&reading, "text", 4, 4);
        reading_release(&reading);
    }
}

static void bombs_stop(void **state)
{
    (void)state;
    enum { BLOCKS = 4000 };
    struct limits limits = limits_default;
    struct buffer packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    limits.dense_bytes = 64 << 20;
    buffer_add(&packed, (struct text){"\x28\xb5\x2f\xfd\0\x58", 6}); // a window of 2 MiB
    for (int i = 0; i < BLOCKS; i++)                                 // 128 KiB of one byte, in four
        buffer_add(&packed, (struct text){"\x02\0\x10x", 4});
    buffer_add(&packed, (struct text){"\x01\0\0", 3});
    read_bytes(&reading, "x.zst", buffer_text(&packed), &limits);
    assert_true(reading.opened);
    assert_true(content_of(&reading).len <= (64 << 20) + (256 << 10));
    expect_warning(&reading, "limit dense_bytes, and ratio: a bomb unpacks like this");
    reading_release(&reading);
}

static void a_packed_member(void **state)
{
    (void)state;
    char *plain = make_plain();
    size_t ends[PARTS];
    struct buffer packed CLEANUP(buffer_release) = {0};
    pack_frame(&packed, plain, PARTS, true, ends);
    char folder[] = "/tmp/inquest-test-XXXXXX", path[80];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/old.log.zst", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(packed.ptr, 1, ends[7], file), ends[7]);
    assert_int_equal(fclose(file), 0);
    struct reading_of reading;
    read_path(&reading, folder, &limits_default);
    expect_content(&reading, plain, (size_t)8 * PART, (size_t)9 * PART);
    expect_warning(&reading, "old.log.zst: truncated zstd stream");
    assert_non_null(strstr(reading.members.ptr, "old.log|"));
    reading_release(&reading);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    free(plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_and_what_is_between),
        cmocka_unit_test(every_size),
        cmocka_unit_test(a_cut_loses_only_what_is_behind),
        cmocka_unit_test(damage_loses_only_what_is_behind),
        cmocka_unit_test(a_wrong_checksum_loses_nothing),
        cmocka_unit_test(large_windows_are_refused),
        cmocka_unit_test(bombs_stop),
        cmocka_unit_test(a_packed_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
