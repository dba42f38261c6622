// SPDX-License-Identifier: Apache-2.0
//
// The small pieces of util: text, buffer, arena, intern, digest, suggest.
#include "test.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/arena.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/digest.h"
#include "util/hash.h"
#include "util/intern.h"
#include "util/pool.h"
#include "util/suggest.h"

static void texts_compare_and_find(void **state)
{
    (void)state;
    const struct text absent = {NULL, 0};
    assert_true(text_equal(absent, TEXT("")));
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0 && text_compare(TEXT("b"), TEXT("ab")) > 0);
    assert_true(text_compare(TEXT("\x80"), TEXT("a")) > 0); // bytes are unsigned
    assert_int_equal(text_find(TEXT("a\0b"), TEXT("\0b")), 1);
    assert_int_equal(text_find(TEXT("ab"), TEXT("abc")), -1);
    assert_int_equal(text_find(absent, TEXT("")), 0);
    assert_int_equal(text_find_byte(absent, 'x'), -1);
    assert_true(text_starts(TEXT("proc/1"), "proc/") && text_ends(TEXT("x.gz"), ".gz"));
    assert_false(text_starts(absent, "p"));
    assert_text(text_slice(TEXT("abcdef"), 2, 100), "cdef");
    assert_text(text_from(TEXT("abc"), 9), "");
    assert_text(text_trim(TEXT(" \t a b\r\n")), "a b");
    assert_text(text_trim(TEXT(" \n")), "");
}

static void texts_split(void **state)
{
    (void)state;
    struct text rest = TEXT("a,,b"), piece;
    assert_true(text_split(&rest, ',', &piece));
    assert_text(piece, "a");
    assert_true(text_split(&rest, ',', &piece));
    assert_text(piece, "");
    assert_true(text_split(&rest, ',', &piece));
    assert_text(piece, "b");
    assert_false(text_split(&rest, ',', &piece));
    rest = TEXT("  one\ttwo ");
    assert_true(text_word(&rest, &piece));
    assert_text(piece, "one");
    assert_true(text_word(&rest, &piece));
    assert_text(piece, "two");
    assert_false(text_word(&rest, &piece));
}

static void lines_have_numbers(void **state)
{
    (void)state;
    struct lines lines = {.rest = TEXT("one\r\n\nthree")};
    struct text line;
    assert_true(lines_next(&lines, &line));
    assert_text(line, "one");
    assert_true(lines_next(&lines, &line));
    assert_text(line, "");
    assert_true(lines_next(&lines, &line));
    assert_text(line, "three");
    assert_int_equal(lines.number, 3);
    assert_false(lines_next(&lines, &line));
    lines = (struct lines){.rest = TEXT("x\n")};
    assert_true(lines_next(&lines, &line));
    assert_false(lines_next(&lines, &line));
}

static void numbers_are_checked(void **state)
{
    (void)state;
    uint64_t u;
    int64_t i;
    double d;
    assert_true(text_to_u64(TEXT("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_false(text_to_u64(TEXT("18446744073709551616"), &u));
    assert_false(text_to_u64(TEXT("-1"), &u) || text_to_u64(TEXT(""), &u) || text_to_u64(TEXT("1 "), &u));
    assert_true(text_to_i64(TEXT("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(text_to_i64(TEXT("9223372036854775807"), &i) && i == INT64_MAX);
    assert_false(text_to_i64(TEXT("9223372036854775808"), &i) || text_to_i64(TEXT("--1"), &i));
    assert_true(text_to_hex(TEXT("0xfF"), &u) && u == 255);
    assert_true(text_to_hex(TEXT("ffffffffffffffff"), &u) && u == UINT64_MAX);
    assert_false(text_to_hex(TEXT("0x"), &u) || text_to_hex(TEXT("11112222333344445"), &u));
    assert_true(text_to_double(TEXT("1.5e3"), &d) && d == 1500);
    assert_false(text_to_double(TEXT("nan"), &d) || text_to_double(TEXT(""), &d) ||
                 text_to_double(TEXT("1.5x"), &d));
    struct text rest = TEXT("12ab");
    assert_true(text_take_u64(&rest, &u) && u == 12);
    assert_text(rest, "ab");
}

static void buffers_grow(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_text(buffer_text(&buffer), "");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&buffer, "%d,", i);
    assert_int_equal(buffer.len, 3890);
    assert_int_equal(buffer.ptr[buffer.len], '\0');
    buffer_clear(&buffer);
    buffer_add(&buffer, (struct text){NULL, 0});
    buffer_putc(&buffer, '\0');
    assert_int_equal(buffer.len, 1);
    buffer_release(&buffer);
    assert_null(buffer.ptr);
}

static void arenas_keep_what_they_gave(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *first = arena_printf(&arena, "%s-%d", "a", 7);
    for (size_t size = 1; size < 200000; size = size * 3 + 1) {
        unsigned char *bytes = arena_alloc(&arena, size, 1);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        assert_int_equal(bytes[0] | bytes[size - 1], 0);
        memset(bytes, 0xff, size);
    }
    assert_string_equal(first, "a-7");
    assert_null(arena_copy(&arena, (struct text){NULL, 0}).ptr);
    assert_string_equal(arena_string(&arena, TEXT("x")), "x");
    arena_reset(&arena);
    assert_int_equal(((unsigned char *)arena_alloc(&arena, 100, 1))[99], 0); // zeroed again
    arena_release(&arena);
}

// Pieces of all sizes come, grow and go in any order: each keeps its bytes, none overlaps another.
static void pools_keep_bytes_apart(void **state)
{
    (void)state;
    enum { PIECES = 500, ROUNDS = 200000 };
    static struct {
        unsigned char *bytes;
        size_t size;
    } pieces[PIECES];
    uint64_t random = 88172645463325252u;
    for (unsigned round = 0; round < ROUNDS; round++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        unsigned which = (unsigned)(random >> 20) % PIECES;
        size_t size = (size_t)(random >> 40) % (random & 64 ? 5000 : 300);
        for (size_t i = 0; i < pieces[which].size; i++)
            assert_int_equal(pieces[which].bytes[i], which % 251);
        if (round & 1) {
            pool_free(pieces[which].bytes);
            pieces[which].bytes = pool_alloc(size);
        } else {
            pieces[which].bytes = pool_resize(pieces[which].bytes, size);
            for (size_t i = 0; i < pieces[which].size && i < size; i++)
                assert_int_equal(pieces[which].bytes[i], which % 251);
        }
        assert_non_null(pieces[which].bytes);
        assert_int_equal((uintptr_t)pieces[which].bytes % 16, 0);
        assert_true(pool_size(pieces[which].bytes) >= size);
        memset(pieces[which].bytes, (int)(which % 251), size);
        pieces[which].size = size;
    }
    for (unsigned i = 0; i < PIECES; i++)
        pool_free(pieces[i].bytes);
    assert_null(pool_alloc(SIZE_MAX));
}

static void interned_texts_are_stored_once(void **state)
{
    (void)state;
    struct intern set = {0};
    char name[16];
    bool added;
    assert_int_equal(intern_find(&set, TEXT("x")), INTERN_NONE);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            int length = snprintf(name, sizeof name, "n%u", i);
            assert_int_equal(intern_add(&set, (struct text){name, (size_t)length}, &added), i);
            assert_int_equal(added, round == 0);
        }
    assert_int_equal(set.count, 5000);
    assert_text(set.texts[4711], "n4711");
    assert_int_equal(intern_find(&set, TEXT("n17")), 17);
    assert_int_equal(intern_find(&set, TEXT("")), INTERN_NONE);
    intern_release(&set);
}

// 2^17 texts that a plain word-wise multiplicative hash (hash_bytes, whatever its seed) gives one value: of
// each two words the top bit of the first either is flipped, and then what that makes of it in the second.
static void made_up_texts_take_no_longer(void **state)
{
    (void)state;
    enum { PAIRS = 17, TEXTS = 1 << PAIRS, PATIENCE_S = 30 };
    struct intern set = {0};
    uint64_t words[2 * PAIRS] = {0}, first = hash_bytes(words, sizeof words, 7);
    clock_t start = clock();
    for (uint32_t number = 0; number < TEXTS; number++) {
        for (unsigned i = 0; i < PAIRS; i++) {
            words[2 * i] = (uint64_t)(number >> i & 1) << 63;
            words[2 * i + 1] = words[2 * i] | words[2 * i] >> 29;
        }
        assert_true(hash_bytes(words, sizeof words, 7) == first);
        assert_int_equal(intern_add(&set, (struct text){(const char *)words, sizeof words}, NULL), number);
    }
    assert_true((clock() - start) / CLOCKS_PER_SEC < PATIENCE_S);
    intern_release(&set);
}

// The vector of the empty text that Rust's library tests its SipHash-1-3 with, key 00 01 … 0f; the longer one
// was computed by another implementation.
static void keyed_hash_is_siphash(void **state)
{
    (void)state;
    const uint64_t key[2] = {hash_key[0], hash_key[1]};
    const uint64_t here = hash_text("abc", 3), number = hash_number(3);
    hash_key[0] = UINT64_C(0x0706050403020100);
    hash_key[1] = UINT64_C(0x0f0e0d0c0b0a0908);
    assert_true(hash_text("", 0) == UINT64_C(0xabac0158050fc4dc));
    assert_true(hash_text("\0\1\2\3\4\5\6\7\10\11", 10) == UINT64_C(0x79de85ee92ff097f));
    assert_true(hash_text("abc", 3) != here && hash_number(3) != number);
    hash_key[0] = key[0];
    hash_key[1] = key[1];
}

static void digests_are_sha256(void **state)
{
    (void)state;
    char hex[DIGEST_HEX];
    digest_of(TEXT("abc"), hex); // FIPS 180-4's example
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct digest *digest = digest_open();
    digest_add(digest, TEXT("a"));
    digest_add(digest, (struct text){NULL, 0});
    digest_add(digest, TEXT("bc"));
    char streamed[DIGEST_HEX];
    digest_close(&digest, streamed);
    assert_string_equal(streamed, hex);
    assert_null(digest);
}

static void near_words_are_suggested(void **state)
{
    (void)state;
    static const char *const keys[] = {"severity", "summary", "stack", "state", "id", NULL};
    assert_string_equal(suggest(TEXT("severty"), keys), "severity");
    assert_string_equal(suggest(TEXT("sumamry"), keys), "summary"); // neighbours swapped
    assert_string_equal(suggest(TEXT("STACK"), keys), "stack");
    assert_string_equal(suggest(TEXT("di"), keys), "id");
    assert_null(suggest(TEXT("remedy"), keys));
    assert_null(suggest(TEXT("x"), keys));
    assert_null(suggest(TEXT(""), keys));
    char longest[100];
    memset(longest, 's', sizeof longest);
    assert_null(suggest((struct text){longest, sizeof longest}, keys));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_compare_and_find),
        cmocka_unit_test(texts_split),
        cmocka_unit_test(lines_have_numbers),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(buffers_grow),
        cmocka_unit_test(arenas_keep_what_they_gave),
        cmocka_unit_test(pools_keep_bytes_apart),
        cmocka_unit_test(interned_texts_are_stored_once),
        cmocka_unit_test(made_up_texts_take_no_longer),
        cmocka_unit_test(keyed_hash_is_siphash),
        cmocka_unit_test(digests_are_sha256),
        cmocka_unit_test(near_words_are_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
