// SPDX-License-Identifier: Apache-2.0
//
// xz streams: whole, in many streams, cut, damaged, asking for too much memory.
#include <lzma.h>

#include "packing.h"

enum { PLAIN = 900000 };

// Hexadecimal noise: two plain bytes a packed one, everywhere, so that a cut says how much must come.
static char *make_plain(void)
{
    char *plain = mem_alloc(PLAIN, 1);
    unsigned seed = 7;
    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = "0123456789abcdef"[(seed = seed * 1103515245u + 12345u) >> 16 & 15];
    return plain;
}

static void pack_stream(struct buffer *out, struct text plain, uint32_t preset)
{
    size_t room = lzma_stream_buffer_bound(plain.len), used = 0;
    char *at = buffer_reserve(out, room);
    assert_int_equal(lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC64, NULL, (const uint8_t *)plain.ptr,
                                             plain.len, (uint8_t *)at, &used, room),
                     LZMA_OK);
    out->len += used;
}

static struct text content_of(const struct reading_of *reading)
{
    struct text content = buffer_text(&reading->members);
    ptrdiff_t bar = text_find_byte(content, '|');
    assert_true(reading->opened && reading->closed && bar >= 0);
    content = text_from(content, (size_t)bar + 1);
    content.len--; // the newline behind
    return content;
}

static void expect(const struct reading_of *reading, struct text plain, size_t least, const char *warning)
{
    struct text content = content_of(reading);
    if (content.len < least || content.len > plain.len)
        fail_msg("%zu bytes, not %zu to %zu", content.len, least, plain.len);
    assert_memory_equal(content.ptr, plain.ptr, content.len);
    if (*warning ? !strstr(reading->warnings.ptr, warning) : reading->warnings.len)
        fail_msg("'%s' instead of '%s'", reading->warnings.ptr, warning);
}

static void streams_and_what_is_between(void **state)
{
    (void)state;
    char *bytes = make_plain();
    struct text plain = {bytes, PLAIN};
    CLEANUP(buffer_release) struct buffer packed = {0};
    for (size_t i = 0; i < 3; i++) {
        pack_stream(&packed, text_slice(plain, i * (PLAIN / 3), PLAIN / 3), 1);
        buffer_add(&packed, (struct text){"\0\0\0\0", 4}); // stream padding
    }
    static const struct {
        struct text bytes;
        const char *warning;
    } behind[] = {
        {{"", 0}, ""},
        {{"junk behind it", 14}, "damaged xz stream at byte "},
        {{"\xfd"
          "7zXZ",
          5},
         "truncated xz stream at byte "},
    };
    size_t good = packed.len;
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        struct reading_of reading;
        packed.len = good;
        buffer_add(&packed, behind[i].bytes);
        read_bytes(&reading, "x.xz", buffer_text(&packed), &limits_default);
        expect(&reading, plain, PLAIN, behind[i].warning);
        reading_release(&reading);
    }
    free(bytes);
}

static void a_cut_loses_only_what_is_behind(void **state)
{
    (void)state;
    enum { CUTS = 60, FEW = 4096 };
    char *bytes = make_plain();
    struct text plain = {bytes, PLAIN};
    CLEANUP(buffer_release) struct buffer packed = {0};
    pack_stream(&packed, plain, 1);
    for (size_t i = 1; i < CUTS; i++) {
        struct reading_of reading;
        char where[80];
        size_t cut = packed.len * i / CUTS;
        size_t due = (size_t)((double)PLAIN * (double)cut / (double)packed.len);
        read_bytes(&reading, "x.xz", text_slice(buffer_text(&packed), 0, cut), &limits_default);
        (void)snprintf(where, sizeof where, "truncated xz stream at byte %zu", cut);
        expect(&reading, plain, due - FEW, where);
        reading_release(&reading);
    }
    free(bytes);
}

static void damage_loses_only_what_is_behind(void **state)
{
    (void)state;
    char *bytes = make_plain();
    struct text plain = {bytes, PLAIN};
    CLEANUP(buffer_release) struct buffer packed = {0};
    struct reading_of reading;
    pack_stream(&packed, plain, 1);
    packed.ptr[packed.len - 12] ^= 1; // the checksum of the footer
    read_bytes(&reading, "x.xz", buffer_text(&packed), &limits_default);
    expect(&reading, plain, PLAIN, "damaged xz stream at byte ");
    reading_release(&reading);
    free(bytes);
}

static void too_large_a_dictionary(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.memory_mb = 8; // preset 6 asks for 8 MiB, half of that may be taken
    CLEANUP(buffer_release) struct buffer packed = {0};
    struct reading_of reading;
    pack_stream(&packed, TEXT("some text"), 6);
    read_bytes(&reading, "x.xz", buffer_text(&packed), &limits);
    assert_false(reading.opened);
    assert_non_null(strstr(reading.err.message, "limit memory_mb"));
    reading_release(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_and_what_is_between),
        cmocka_unit_test(a_cut_loses_only_what_is_behind),
        cmocka_unit_test(damage_loses_only_what_is_behind),
        cmocka_unit_test(too_large_a_dictionary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
