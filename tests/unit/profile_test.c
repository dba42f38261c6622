// SPDX-License-Identifier: Apache-2.0
//
// Profiles against what `go tool pprof` says of them: recorded for ../shared/profiles (where it is there) and
// for tests/data/profile. And what no reference can say: pieces, damage, limits, memory.
#include "test.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bundle/bundle.h"
#include "evidence/evidence.h"
#include "evidence/profile_read.h"
#include "report/flame.h"
#include "report/profile_report.h"
#include "report/profile_units.h"
#include "util/memory.h"

static const char shared[] = "../shared/profiles", own[] = "tests/data/profile";

// ---- reading ---------------------------------------------------------------------------------

static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    size_t n = 1;
    while (file && n > 0) {
        n = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->len += n;
    }
    if (file)
        (void)fclose(file);
    return file != NULL;
}

static void ignore(void *context, struct text source, uint64_t line, const char *problem)
{
    (void)context, (void)source, (void)line, (void)problem;
}

// The bytes of a profile without its compression.
static void unpack(const char *path, struct buffer *out)
{
    struct bundle *bundle;
    struct member member;
    struct text chunk;
    struct error err = {0};
    assert_true(bundle_open(&bundle, path, &limits_default, ignore, NULL, &err));
    while (bundle_next(bundle, &member))
        while (bundle_read(bundle, &chunk))
            buffer_add(out, chunk);
    (void)bundle_close(bundle, NULL, &err);
}

// Each piece is a copy that ends where it ends, so that a sanitizer sees a byte read behind it.
static void feed_exact(struct profile_reader *reader, struct text piece)
{
    char *copy = malloc(piece.len);
    assert_non_null(copy);
    memcpy(copy, piece.ptr, piece.len);
    profile_reader_feed(reader, (struct text){copy, piece.len});
    free(copy);
}

static void read_profile(struct profile *profile, struct text bytes, size_t piece,
                         const struct limits *limits)
{
    struct profile_reader reader;
    profile_init(profile, limits, limits->profile_memory);
    profile_reader_open(&reader, profile, profile_detect(text_slice(bytes, 0, 4096), false), UINT64_MAX);
    for (size_t at = 0; at < bytes.len; at += piece)
        feed_exact(&reader, text_slice(bytes, at, piece));
    profile_reader_close(&reader);
    profile_finish(profile);
}

static bool has_warning(const struct profile *profile, const char *part)
{
    for (size_t i = 0; i < profile->warnings.count; i++)
        if (text_contains(profile->warnings.items[i].problem, part))
            return true;
    return false;
}

static bool no_flush(void *context, struct buffer *out)
{
    (void)context, (void)out;
    return true;
}

// All that can be seen of a profile, in one text.
static void write_all(const struct profile *profile, struct buffer *out)
{
    for (size_t type = 0; type < profile->types.count; type++) {
        struct profile_report report = {.profile = profile, .options = {.type = type}};
        profile_write_top(out, &report);
        (void)profile_write_folded(out, &report, no_flush, NULL);
    }
}

// ---- recorded by the reference ---------------------------------------------------------------

static void assert_same(struct text got, struct text wanted, const char *path, const char *what)
{
    struct text got_line, wanted_line;
    for (int line = 1; got.len || wanted.len; line++) {
        (void)text_split(&got, '\n', &got_line);
        (void)text_split(&wanted, '\n', &wanted_line);
        if (!text_equal(got_line, wanted_line))
            fail_msg("%s, %s, line %d\n  wanted %.*s\n  got    %.*s", path, what, line, TEXT_ARG(wanted_line),
                     TEXT_ARG(got_line));
    }
}

// The listing without what is ours alone.
static void drop_notes(struct buffer *out)
{
    struct text rest = buffer_text(out);
    if (text_starts(rest, "Note: "))
        rest = text_from(rest, (size_t)text_find_byte(rest, '\n') + 1);
    size_t length = rest.len;
    memmove(out->ptr, rest.ptr, length);
    out->len = length;
}

struct recorded {
    const char *path;
    const struct profile *profile;
    struct profile_report report;
    char what[64];
    int runs;
};

static void check_top(struct recorded *recorded, struct text wanted)
{
    struct buffer out = {0};
    profile_write_top(&out, &recorded->report);
    drop_notes(&out);
    assert_same(text_trim_end(buffer_text(&out)), text_trim_end(wanted), recorded->path, recorded->what);
    buffer_release(&out);
    recorded->runs++;
}

// Takes the lines up to the next that begins with '#'.
static struct text take_block(struct text *rest)
{
    struct text block = *rest;
    size_t end = 0;
    while (end < rest->len && !(rest->ptr[end] == '#' && (end == 0 || rest->ptr[end - 1] == '\n')))
        end++;
    block.len = end;
    *rest = text_from(*rest, end);
    return block;
}

// "### sample_index=2 type=…", then four blocks: by flat and by cum, each as it comes and with nothing
// left out, the first 30 functions.
static void check_shared(struct recorded *recorded, struct text expected)
{
    struct text line;
    uint64_t type = 0;
    while (expected.len && text_split(&expected, '\n', &line)) {
        bool exact = text_contains(line, "same with");
        if (text_skip(&line, "### sample_index=")) {
            assert_true(text_take_u64(&line, &type));
            continue;
        }
        if (!exact)
            recorded->report.options = (struct graph_options){.by_cum = text_contains(line, " -cum ")};
        recorded->report.options.type = (size_t)type;
        recorded->report.options.node_count = 30;
        recorded->report.options.node_fraction = exact ? 0 : 0.005;
        recorded->report.options.edge_fraction = exact ? 0 : 0.001;
        (void)snprintf(recorded->what, sizeof recorded->what, "type %d%s%s", (int)type,
                       recorded->report.options.by_cum ? " by cum" : "", exact ? ", exact" : "");
        check_top(recorded, take_block(&expected));
    }
}

// "### top 0" and "### peek 0": every function, and every call.
static void check_own(struct recorded *recorded, struct text expected)
{
    struct text line;
    while (expected.len && text_split(&expected, '\n', &line)) {
        bool peek = text_skip(&line, "### peek ");
        uint64_t type = 0;
        assert_true((peek || text_skip(&line, "### top ")) && text_to_u64(line, &type));
        recorded->report.options = (struct graph_options){.type = (size_t)type};
        (void)snprintf(recorded->what, sizeof recorded->what, "type %d%s", (int)type, peek ? ", calls" : "");
        size_t end = 0;
        while (end < expected.len && !text_starts(text_from(expected, end), "### "))
            end += (size_t)text_find_byte(text_from(expected, end), '\n') + 1;
        struct text wanted = text_slice(expected, 0, end);
        expected = text_from(expected, end);
        if (!peek) {
            check_top(recorded, wanted);
            continue;
        }
        struct buffer out = {0};
        struct error err = {0};
        size_t offset;
        struct pattern *all = pattern_compile(TEXT("."), &offset, &err);
        if (profile_write_peek(&out, &recorded->report, all))
            assert_same(buffer_text(&out), wanted, recorded->path, recorded->what);
        pattern_release(&all);
        buffer_release(&out);
    }
}

static int check_file(const char *path, const char *suffix, void (*check)(struct recorded *, struct text))
{
    struct buffer bytes = {0}, expected = {0}, expected_path = {0};
    struct profile profile;
    buffer_printf(&expected_path, "%s%s", path, suffix);
    assert_true(read_file(expected_path.ptr, &expected));
    buffer_release(&expected_path);
    unpack(path, &bytes);
    read_profile(&profile, buffer_text(&bytes), 32768, &limits_default);
    profile.warnings.count = 0; // ours alone
    struct recorded recorded = {.path = path, .profile = &profile, .report = {.profile = &profile}};
    check(&recorded, buffer_text(&expected));
    profile_release(&profile);
    buffer_release(&bytes);
    buffer_release(&expected);
    return recorded.runs;
}

// Calls `check` for every file of a folder, and of those in it, that has an expectation beside it.
static int check_folder(const char *folder, const char *suffix, void (*check)(struct recorded *, struct text))
{
    char path[1280];
    int runs = 0;
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat info;
        (void)snprintf(path, sizeof path, "%.999s/%.255s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
            runs += check_folder(path, suffix, check);
        } else if (text_ends(text_of(path), suffix)) {
            path[strlen(path) - strlen(suffix)] = '\0';
            if (!text_ends(text_of(path), ".debug2.txt")) // counts by state, below
                runs += check_file(path, suffix, check);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return runs;
}

static void equals_the_reference_on_shared(void **state)
{
    (void)state;
    struct stat info;
    if (stat(shared, &info) != 0) {
        print_message("skip: no %s beside the repository\n", shared);
        skip();
    }
    assert_true(check_folder(shared, ".expected.txt", check_shared) > 900);
}

static void equals_the_reference_on_own(void **state)
{
    (void)state;
    assert_true(check_folder(own, ".expected", check_own) > 15);
}

// "60\tchan receive", "70\ttotal"
static void check_states(const char *path)
{
    struct buffer bytes = {0}, expected = {0}, expected_path = {0};
    struct profile profile;
    buffer_printf(&expected_path, "%s.expected.txt", path);
    bool there = read_file(expected_path.ptr, &expected);
    buffer_release(&expected_path);
    if (!there) {
        print_message("skip: no expectation for %s\n", path);
        skip();
    }
    assert_true(read_file(path, &bytes));
    read_profile(&profile, buffer_text(&bytes), 1000, &limits_default);
    struct text rest = buffer_text(&expected), line;
    while (text_split(&rest, '\n', &line) && line.len) {
        uint64_t count;
        assert_true(text_take_u64(&line, &count));
        if (text_is(line, "\ttotal")) {
            assert_int_equal(profile_total(&profile, 0), count);
            continue;
        }
        size_t found = 0; // the order of equal counts is ours
        while (found < profile.states.count &&
               !text_equal(profile.states.items[found].state, text_from(line, 1)))
            found++;
        assert_true(found < profile.states.count);
        assert_int_equal(profile.states.items[found].count, count);
    }
    profile_release(&profile);
    buffer_release(&bytes);
    buffer_release(&expected);
}

static void counts_goroutines_by_state(void **state)
{
    (void)state;
    check_states("../shared/profiles/generated/apiserver-rs-bloat/goroutine.debug2.txt");
    check_states("../shared/profiles/generated/kube-proxy-nodeips/goroutine.debug2.txt");
}

// ---- pieces ----------------------------------------------------------------------------------

static void check_pieces(const char *path)
{
    static const size_t sizes[] = {1, 2, 3, 7, 64, 4095};
    struct buffer bytes = {0}, whole = {0};
    struct profile profile;
    unpack(path, &bytes);
    read_profile(&profile, buffer_text(&bytes), bytes.len + 1, &limits_default);
    write_all(&profile, &whole);
    profile_release(&profile);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer pieces = {0};
        read_profile(&profile, buffer_text(&bytes), sizes[i], &limits_default);
        write_all(&profile, &pieces);
        assert_same(buffer_text(&pieces), buffer_text(&whole), path, "in pieces");
        profile_release(&profile);
        buffer_release(&pieces);
    }
    buffer_release(&bytes);
    buffer_release(&whole);
}

static void reads_alike_in_any_pieces(void **state)
{
    (void)state;
    check_pieces("tests/data/profile/random-31.pb");
    check_pieces("tests/data/profile/random-48.pb");
    check_pieces("tests/data/profile/heap.txt");
    check_pieces("tests/data/profile/goroutines.txt");
    check_pieces("tests/data/profile/contention.txt");
    check_pieces("tests/data/profile/folded.txt");
}

// ---- damage ----------------------------------------------------------------------------------

// A profile cut anywhere is read as far as it goes, and says so unless the cut falls between two fields.
static void says_where_it_was_cut(void **state)
{
    (void)state;
    struct buffer bytes = {0};
    unpack("tests/data/profile/random-48.pb", &bytes);
    size_t silent = 0;
    for (size_t length = 1; length < bytes.len; length += 3) {
        struct profile profile;
        struct buffer out = {0};
        read_profile(&profile, text_slice(buffer_text(&bytes), 0, length), 100, &limits_default);
        silent += profile.warnings.count == 0;
        write_all(&profile, &out);
        profile_release(&profile);
        buffer_release(&out);
    }
    assert_true(silent < bytes.len / 3 / 4);
    buffer_release(&bytes);
}

static void survives_flipped_bytes(void **state)
{
    (void)state;
    static const char *const paths[] = {"tests/data/profile/random-48.pb", "tests/data/profile/heap.txt",
                                        "tests/data/profile/goroutines.txt",
                                        "tests/data/profile/contention.txt"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct buffer bytes = {0};
        unpack(paths[i], &bytes);
        for (size_t at = 0; at < bytes.len; at += 5) {
            struct profile profile;
            struct buffer out = {0};
            char before = bytes.ptr[at];
            bytes.ptr[at] = (char)(before ^ (char)(1 << at % 8));
            read_profile(&profile, buffer_text(&bytes), 777, &limits_default);
            write_all(&profile, &out);
            bytes.ptr[at] = before;
            profile_release(&profile);
            buffer_release(&out);
        }
        buffer_release(&bytes);
    }
}

// A little writer of protobuf.
static void put(struct buffer *out, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buffer_putc(out, (char)(value | 128));
    buffer_putc(out, (char)value);
}

static void put_number(struct buffer *out, unsigned field, uint64_t value)
{
    put(out, field << 3);
    put(out, value);
}

static void put_bytes(struct buffer *out, unsigned field, struct text bytes)
{
    put(out, field << 3 | 2);
    put(out, bytes.len);
    buffer_add(out, bytes);
}

static void put_pair(struct buffer *out, unsigned field, uint64_t first, uint64_t second)
{
    struct buffer body = {0};
    put_number(&body, 1, first);
    put_number(&body, 2, second);
    put_bytes(out, field, buffer_text(&body));
    buffer_release(&body);
}

static void put_location(struct buffer *out, uint64_t id, uint64_t function)
{
    struct buffer body = {0};
    put_number(&body, 1, id);
    put_pair(&body, 4, function, 10);
    put_bytes(out, 4, buffer_text(&body));
    buffer_release(&body);
}

// inuse_space: main.leak (location 1) and serve (location 2); 5 in leak below serve, 3 in serve.
static void put_small(struct buffer *out)
{
    static const char *const strings[] = {"", "inuse_space", "bytes", "main.leak", "serve"};
    put_pair(out, 1, 1, 2);
    struct buffer sample = {0};
    put_bytes(&sample, 1, TEXT("\1\2"));
    put_number(&sample, 2, 5);
    put_bytes(out, 2, buffer_text(&sample));
    buffer_release(&sample);
    put_pair(out, 2, 2, 3);
    put_location(out, 1, 1);
    put_location(out, 2, 2);
    put_pair(out, 5, 1, 3);
    put_pair(out, 5, 2, 4);
    for (size_t i = 0; i < 5; i++)
        put_bytes(out, 6, text_of(strings[i]));
}

static int64_t value_of(const struct profile *profile, const char *function, bool cum)
{
    int64_t flat_sums[16] = {0}, cum_sums[16] = {0};
    assert_true(profile->nodes.count <= 16);
    profile_sum(profile, 0, 1, NULL, flat_sums, cum_sums);
    for (size_t i = 0; i < profile->nodes.count; i++)
        if (text_is(profile->nodes.items[i].name, function))
            return cum ? cum_sums[i] : flat_sums[i];
    return -1;
}

static void assert_small(const struct profile *profile)
{
    assert_int_equal(profile_total(profile, 0), 8);
    assert_int_equal(value_of(profile, "main.leak", false), 5);
    assert_int_equal(value_of(profile, "serve", false), 3);
    assert_int_equal(value_of(profile, "serve", true), 8);
}

// Bytes before and behind the small profile, and what must be said of them. What is good stays.
struct damage {
    const char *what, *warning;
    struct text before, behind;
};

static void reads_what_is_good_beside_damage(void **state)
{
    (void)state;
    static const struct damage damages[] = {
        {"a varint of 12 bytes",
         "more than 10 bytes",
         {"\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 14},
         {"", 0}},
        {"a reserved wire type behind", "damaged at byte", {"", 0}, {"\x0e\x0f", 2}},
        {"a length of 2^64-1 behind",
         "limit profile_message",
         {"", 0},
         {"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\1x", 12}},
        {"a sample that is cut", "cut short", {"", 0}, {"\x12\x40\x0a", 3}},
        {"groups, open and closed", NULL, {"\x0b\x0b\x0b\x0c\x0c\x0c", 6}, {"", 0}},
        {"fixed numbers in a message's place", "another type", {"\x09\0\0\0\0\0\0\0\0", 9}, {"", 0}},
        {"an unknown field", NULL, {"\xf8\7\1", 3}, {"\xf2\7\3abc", 6}},
        {"a sample of a location that is not there", "not there", {"", 0}, {"\x12\4\x08\x63\x10\7", 6}},
        {"a sample of two values", "do not fit", {"", 0}, {"\x12\6\x08\1\x10\7\x10\7", 8}},
        {"a location that is there already", "there before", {"", 0}, {"\x22\2\x08\1", 4}},
        {"a message that makes no sense", "damaged messages", {"", 0}, {"\x2a\2\x0f\xff", 4}},
        {"a second profile", "second profile", {"", 0}, {"\x0a\4\x08\1\x10\2", 6}},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct buffer bytes = {0};
        struct profile profile;
        buffer_add(&bytes, damages[i].before);
        put_small(&bytes);
        buffer_add(&bytes, damages[i].behind);
        struct profile_reader reader;
        profile_init(&profile, &limits_default, limits_default.profile_memory);
        profile_reader_open(&reader, &profile, PROFILE_PROTOBUF, UINT64_MAX);
        feed_exact(&reader, buffer_text(&bytes));
        profile_reader_close(&reader);
        profile_finish(&profile);
        if (damages[i].warning ? !has_warning(&profile, damages[i].warning) : profile.warnings.count > 0)
            fail_msg("%s: wanted %s, got %s", damages[i].what,
                     damages[i].warning ? damages[i].warning : "nothing",
                     profile.warnings.count ? profile.warnings.items[0].problem.ptr : "nothing");
        assert_small(&profile);
        profile_release(&profile);
        buffer_release(&bytes);
    }
}

static void groups_that_never_end(void **state)
{
    (void)state;
    struct buffer bytes = {0};
    struct profile profile;
    for (int i = 0; i < 100000; i++)
        buffer_putc(&bytes, '\x0b');
    put_small(&bytes);
    struct profile_reader reader;
    profile_init(&profile, &limits_default, limits_default.profile_memory);
    profile_reader_open(&reader, &profile, PROFILE_PROTOBUF, UINT64_MAX);
    feed_exact(&reader, buffer_text(&bytes));
    profile_reader_close(&reader);
    profile_finish(&profile);
    assert_true(has_warning(&profile, "groups never end"));
    profile_release(&profile);
    buffer_release(&bytes);
}

// Functions without ids are meant by their place (a .NET writer).
static void functions_without_ids(void **state)
{
    (void)state;
    static const char *const strings[] = {"", "cpu", "nanoseconds", "first", "second"};
    struct buffer bytes = {0}, function = {0};
    struct profile profile;
    put_pair(&bytes, 1, 1, 2);
    put_pair(&bytes, 2, 7, 4);
    put_location(&bytes, 7, 2);
    for (uint64_t name = 3; name <= 4; name++) {
        buffer_clear(&function);
        put_number(&function, 2, name);
        put_bytes(&bytes, 5, buffer_text(&function));
    }
    for (size_t i = 0; i < 5; i++)
        put_bytes(&bytes, 6, text_of(strings[i]));
    read_profile(&profile, buffer_text(&bytes), 5, &limits_default);
    assert_int_equal(value_of(&profile, "second", false), 4);
    assert_true(has_warning(&profile, "by their place"));
    profile_release(&profile);
    buffer_release(&bytes);
    buffer_release(&function);
}

// What broke off keeps its samples: nameless rather than gone.
static void keeps_samples_whose_tables_are_lost(void **state)
{
    (void)state;
    struct buffer bytes = {0};
    struct profile profile;
    put_small(&bytes);
    struct text head = text_slice(buffer_text(&bytes), 0, 20);
    read_profile(&profile, head, 20, &limits_default);
    assert_true(profile.broken);
    assert_int_equal(profile_total(&profile, 0), 8);
    assert_int_equal(value_of(&profile, "<unknown>", true), 8);
    profile_release(&profile);
    buffer_release(&bytes);
}

static void sums_saturate(void **state)
{
    (void)state;
    struct buffer bytes = {0};
    struct profile profile;
    put_small(&bytes);
    put_pair(&bytes, 2, 2, INT64_MAX);
    put_pair(&bytes, 2, 2, INT64_MAX);
    put_pair(&bytes, 2, 1, (uint64_t)1 << 63);
    put_pair(&bytes, 2, 1, (uint64_t)1 << 63);
    read_profile(&profile, buffer_text(&bytes), 1000, &limits_default);
    assert_true(profile_total(&profile, 0) == INT64_MAX);
    assert_true(value_of(&profile, "main.leak", false) == INT64_MIN + 5);
    profile_release(&profile);
    buffer_release(&bytes);
}

// ---- limits and memory -----------------------------------------------------------------------

static void limits_leave_the_rest(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    struct buffer bytes = {0};
    struct profile profile;
    put_small(&bytes);
    limits.profile_stacks = 1;
    read_profile(&profile, buffer_text(&bytes), 1000, &limits);
    assert_true(has_warning(&profile, "profile_stacks"));
    assert_int_equal(profile_total(&profile, 0), 8);
    assert_int_equal(value_of(&profile, "serve", true), 5);
    profile_release(&profile);
    limits = limits_default;
    limits.profile_strings = 4;
    read_profile(&profile, buffer_text(&bytes), 1000, &limits);
    assert_true(has_warning(&profile, "profile_strings"));
    assert_int_equal(value_of(&profile, "main.leak", false), 5);
    profile_release(&profile);
    limits = limits_default;
    limits.profile_ids = 3;
    read_profile(&profile, buffer_text(&bytes), 1000, &limits);
    assert_true(has_warning(&profile, "profile_ids"));
    assert_int_equal(profile_total(&profile, 0), 8);
    profile_release(&profile);
    buffer_release(&bytes);
}

extern const struct evidence evidence_profile;

static void emit_rows(const char *path, const struct limits *limits, struct buffer *rows)
{
    struct buffer bytes = {0};
    struct arena arena = {0};
    struct printer printer;
    unpack(path, &bytes);
    struct member member = {.path = TEXT("pprof/x/heap.pb"), .source = TEXT("heap.pb")};
    member.head = text_slice(buffer_text(&bytes), 0, MEMBER_HEAD_BYTES);
    assert_true(evidence_profile.claims(&member));
    printer_init(&printer, rows);
    struct input input = {.member = &member, .arena = &arena, .sink = &printer.sink, .limits = limits};
    input.content = buffer_text(&bytes);
    input.state = mem_alloc(1, evidence_profile.state_bytes);
    evidence_profile.feed(&input);
    evidence_profile.end(&input);
    free(input.state);
    arena_release(&arena);
    buffer_release(&bytes);
}

static int64_t sum_of_stacks(struct text rows, const char *type)
{
    struct lines lines = {.rest = rows};
    struct text line;
    int64_t sum = 0, number;
    while (lines_next(&lines, &line)) {
        ptrdiff_t at = text_find(line, TEXT(" number="));
        if (text_contains(line, " profile_stack ") && text_contains(line, type) && at > 0 &&
            text_to_i64(text_from(line, (size_t)at + 8), &number))
            sum += number < 0 ? -number : number;
    }
    return sum;
}

// Too much for the database: small functions give way first, so that the stacks still add up.
static void rows_fit_their_limit(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    struct buffer whole = {0}, less = {0}, least = {0};
    emit_rows("tests/data/profile/random-58.pb", &limits, &whole);
    assert_false(text_contains(buffer_text(&whole), "profile_text"));
    limits.profile_text = 6000;
    limits.profile_functions = 3;
    emit_rows("tests/data/profile/random-58.pb", &limits, &less);
    assert_true(text_contains(buffer_text(&less), "limit profile_text: in stacks, functions below"));
    assert_true(text_contains(buffer_text(&less), "limit profile_functions: the largest 3 of"));
    assert_true(less.len < whole.len);
    limits.profile_text = 100;
    emit_rows("tests/data/profile/random-58.pb", &limits, &least);
    assert_true(text_contains(buffer_text(&least), "limit profile_text: the largest 0 of") ||
                text_contains(buffer_text(&least), "limit profile_text: the largest 1 of"));
    assert_true(sum_of_stacks(buffer_text(&whole), "type=") > 0);
    buffer_release(&whole);
    buffer_release(&less);
    buffer_release(&least);
}

// A million samples of a hundred stacks: memory follows the stacks.
static void memory_follows_the_stacks(void **state)
{
    (void)state;
    struct profile profile;
    struct profile_reader reader;
    struct buffer bytes = {0}, sample = {0};
    profile_init(&profile, &limits_default, limits_default.profile_memory);
    profile_reader_open(&reader, &profile, PROFILE_PROTOBUF, UINT64_MAX);
    put_small(&bytes);
    profile_reader_feed(&reader, buffer_text(&bytes));
    size_t before = mallinfo2().uordblks;
    for (uint64_t i = 0; i < 1000000; i++) {
        buffer_clear(&bytes);
        buffer_clear(&sample);
        for (uint64_t depth = 0; depth < 10; depth++)
            put_number(&sample, 1, 1 + (i % 100 >> depth & 1));
        put_number(&sample, 1, 1 + i % 100);
        put_number(&sample, 2, 1);
        put_bytes(&bytes, 2, buffer_text(&sample));
        profile_reader_feed(&reader, buffer_text(&bytes));
    }
    size_t grown = mallinfo2().uordblks - before;
    profile_reader_close(&reader);
    assert_int_equal(profile.samples, 1000002);
    assert_int_equal(profile.stacks.count, 102);
    assert_true(grown < 256 * 1024);
    profile_release(&profile);
    buffer_release(&bytes);
    buffer_release(&sample);
}

// Ids all over the range, no table indexed by one.
static void ids_far_apart(void **state)
{
    (void)state;
    struct id_map map = {0};
    for (uint64_t i = 1; i < 300000; i++)
        assert_int_equal(id_map_add(&map, i * 0x100000001u, UINT64_MAX), i - 1);
    assert_int_equal(id_map_find(&map, 299999 * UINT64_C(0x100000001)), 299998);
    assert_true(id_map_find(&map, 5) == ID_NONE);
    assert_true(id_map_add(&map, 5, 10) == ID_NONE);
    id_map_release(&map);
}

// Seconds of the processor that something which must not be quadratic may take, whatever it is built with.
enum { PATIENCE_S = 30 };

// Multiples of the inverse of a multiplicative hash's factor: it puts all these ids into one place.
static void made_up_ids_take_no_longer(void **state)
{
    (void)state;
    struct id_map map = {0};
    clock_t start = clock();
    for (uint64_t i = 1; i < 1000000; i++)
        assert_int_equal(id_map_add(&map, i * UINT64_C(0xf1de83e19937733d), UINT64_MAX), i - 1);
    assert_true((clock() - start) / CLOCKS_PER_SEC < PATIENCE_S);
    id_map_release(&map);
}

// A regex of frames to drop that takes for ever on the names that come with it; and one that would leave
// its anchors.
static void read_with_regex(struct profile *profile, struct text regex)
{
    struct buffer bytes = {0};
    put_small(&bytes);
    put_bytes(&bytes, 6, regex);
    put_number(&bytes, 7, 5);
    for (uint64_t i = 0; i < 50000; i++) {
        char name[128];
        int length = snprintf(name, sizeof name, "%s%05u", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                              (unsigned)i);
        put_pair(&bytes, 5, 10 + i, 6 + i);
        put_bytes(&bytes, 6, (struct text){name, (size_t)length});
    }
    read_profile(profile, buffer_text(&bytes), 100000, &limits_default);
    buffer_release(&bytes);
}

static void made_up_regexes_give_up(void **state)
{
    (void)state;
    struct profile profile;
    clock_t start = clock();
    read_with_regex(&profile, TEXT("(a|aa)+"));
    assert_true(has_warning(&profile, "takes too long"));
    assert_small(&profile);
    profile_release(&profile);
    read_with_regex(&profile, TEXT("x)|(?:(a|aa)+y"));
    assert_true(has_warning(&profile, "does not compile"));
    assert_small(&profile);
    profile_release(&profile);
    assert_true((clock() - start) / CLOCKS_PER_SEC < PATIENCE_S);
}

// ---- forms -----------------------------------------------------------------------------------

static void knows_forms_by_content(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum profile_form form, strict;
    } cases[] = {
        {"heap profile: 1: 2 [3: 4] @ heap/1048576\n", PROFILE_HEAP, PROFILE_HEAP},
        {"\n\ngoroutine profile: total 3\n", PROFILE_COUNT, PROFILE_COUNT},
        {"--- mutex:\ncycles/second=1\n", PROFILE_CONTENTION, PROFILE_CONTENTION},
        {"--- threadz 1 ---\n", PROFILE_THREADS, PROFILE_THREADS},
        {"--- heapz 1 ---\n", PROFILE_JAVA_HEAP, PROFILE_JAVA_HEAP},
        {"goroutine 1 [running]:\nmain.main()\n", PROFILE_GOROUTINES, PROFILE_GOROUTINES},
        {"goroutine 7 gp=0xc000 m=nil [chan send, 7 minutes]:\n", PROFILE_GOROUTINES, PROFILE_GOROUTINES},
        {"panic: no\n\ngoroutine 1 [running]:\n", PROFILE_GOROUTINES, PROFILE_GOROUTINES},
        {"Oct 27 15:20:23 h dockerd[1]: goroutine 8 [semacquire]:\n", PROFILE_GOROUTINES, PROFILE_NONE},
        {"we saw\ngoroutine 8 [semacquire]:\n", PROFILE_GOROUTINES, PROFILE_NONE},
        {"1: 245760 [301102: 73998827520] @ 0x11ddcda 0x11f306e\n", PROFILE_HEAP, PROFILE_HEAP},
        {"main;work;leaf 17\nmain;rest 3\n", PROFILE_FOLDED, PROFILE_NONE},
        {"main work leaf\n", PROFILE_NONE, PROFILE_NONE},
        {"goroutine leak, see below\n", PROFILE_NONE, PROFILE_NONE},
        {"{\"kind\":\"Status\"}\n", PROFILE_NONE, PROFILE_NONE},
        {"\n\nhello\n", PROFILE_NONE, PROFILE_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (profile_detect(text_of(cases[i].text), false) != cases[i].form ||
            profile_detect(text_of(cases[i].text), true) != cases[i].strict)
            fail_msg("taken for something else: %s", cases[i].text);
    }
    struct buffer bytes = {0};
    put_small(&bytes);
    assert_int_equal(profile_detect(buffer_text(&bytes), true), PROFILE_PROTOBUF);
    buffer_release(&bytes);
    assert_true(profile_is_trace(TEXT("go 1.19 trace\0\0\0")));
}

// Names from comments, where they are asked for: inlined frames, runtime frames that Go hides.
static void names_from_comments(void **state)
{
    (void)state;
    struct buffer bytes = {0}, out = {0};
    struct profile profile;
    struct profile_reader reader;
    assert_true(read_file("tests/data/profile/heap.txt", &bytes));
    profile_init(&profile, &limits_default, limits_default.profile_memory);
    profile.use_comment_symbols = true;
    profile_reader_open(&reader, &profile, PROFILE_HEAP, UINT64_MAX);
    profile_reader_feed(&reader, buffer_text(&bytes));
    profile_reader_close(&reader);
    profile_finish(&profile);
    struct profile_report report = {.profile = &profile, .options = {.type = 3}};
    (void)profile_write_folded(&out, &report, no_flush, NULL);
    assert_text(buffer_text(&out), "main.main;cacher.New;cacher.grow 1048576\nmain.main;main.fill 2097152\n");
    assert_int_equal(profile.memstats.count, 3);
    assert_text(profile.memstats.items[1].key, "HeapIdle");
    assert_int_equal(profile.memstats.items[1].number, 13623296);
    profile_release(&profile);
    buffer_release(&bytes);
    buffer_release(&out);
}

static void finds_types(void **state)
{
    (void)state;
    struct profile profile;
    size_t type;
    profile_init(&profile, &limits_default, limits_default.profile_memory);
    profile_add_type(&profile, "objects", "count");
    profile_add_type(&profile, "space", "bytes");
    assert_true(profile_find_type(&profile, TEXT("inuse_space"), &type) && type == 1);
    assert_true(profile_find_type(&profile, TEXT("0"), &type) && type == 0);
    assert_false(profile_find_type(&profile, TEXT("2"), &type));
    assert_false(profile_find_type(&profile, TEXT("cpu"), &type));
    assert_int_equal(profile_default_type(&profile), 1);
    profile_release(&profile);
}

// ---- values ----------------------------------------------------------------------------------

static void values_as_the_reference_prints_them(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *from, *to, *label;
    } cases[] = {
        {0, "bytes", "auto", "0"},
        {512, "bytes", "auto", "512B"},
        {1536, "bytes", "auto", "1.50kB"},
        {1 << 20, "bytes", "auto", "1MB"},
        {1 << 20, "bytes", "kB", "1024kB"},
        {-2048, "bytes", "auto", "-2kB"},
        {1500000, "nanoseconds", "auto", "1.50ms"},
        {30, "microseconds", "auto", "30us"},
        {7200000000000, "nanoseconds", "auto", "2hrs"},
        {3, "count", "count", "3"},
        {5, "widgets", "widgets", "5widgets"},
        {5, "w\033[2J\020", "w\033[2J\020", "5w\\x1b[2J\\x10"}, // a stranger's word is shown, not sent
        {3, "count", "minimum", "3"},
        {1, "nanoseconds", "s", "0.00s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};
        unit_label(&out, cases[i].value, text_of(cases[i].from), text_of(cases[i].to));
        if (strcmp(cases[i].to, "s") != 0) // 1 ns in seconds is "0s" to some versions
            assert_text(buffer_text(&out), cases[i].label);
        buffer_release(&out);
    }
    struct buffer out = {0};
    unit_percentage(&out, 1, 3);
    unit_percentage(&out, -9996, 10000);
    unit_percentage(&out, 42, 100000);
    unit_percentage(&out, 5, 0);
    assert_text(buffer_text(&out), "33.33%  100%0.042%    0%");
    buffer_release(&out);
}

// ---- the flame graph -------------------------------------------------------------------------

static void draw(struct buffer *out, struct text folded)
{
    struct profile profile;
    read_profile(&profile, folded, 1000, &limits_default);
    struct profile_report report = {.profile = &profile, .name = "fixture"};
    profile_write_svg(out, &report);
    profile_release(&profile);
}

static void hostile_names_stay_text(void **state)
{
    (void)state;
    struct buffer out = {0};
    draw(&out, TEXT("</title><script>pwned=1</script>;\"onload=\"pwned=1;]]>&x;'a'\x1b[2J\xff 10\nx;y 5\n"));
    struct text svg = buffer_text(&out);
    assert_false(text_contains(svg, "<script>pwned"));
    assert_true(text_contains(svg, "&lt;/title&gt;&lt;script&gt;pwned=1&lt;/script&gt;"));
    assert_true(text_contains(svg, "&quot;onload=&quot;pwned=1"));
    assert_true(text_contains(svg, "]]&gt;&amp;x"));
    for (size_t i = 0; i < svg.len; i++)
        assert_true((unsigned char)svg.ptr[i] >= 32 || svg.ptr[i] == '\n');
    assert_false(text_contains(svg, "http://") && text_contains(svg, "href"));
    buffer_release(&out);
}

static void draws_the_same_picture(void **state)
{
    (void)state;
    struct buffer folded = {0}, wanted = {0}, out = {0};
    assert_true(read_file("tests/data/profile/folded.txt", &folded));
    draw(&out, buffer_text(&folded));
    // the frames only: style and script have their own tests
    ptrdiff_t start = text_find(buffer_text(&out), TEXT("<g class=\"frames\"")),
              end = text_find(buffer_text(&out), TEXT("<script>"));
    assert_true(start > 0 && end > start);
    struct text frames = text_slice(buffer_text(&out), (size_t)start, (size_t)(end - start));
    if (getenv("INQUEST_GOLDEN")) {
        FILE *file = fopen("tests/data/profile/flame.svg", "w");
        assert_true(file && fwrite(frames.ptr, 1, frames.len, file) == frames.len && fclose(file) == 0);
    }
    assert_true(read_file("tests/data/profile/flame.svg", &wanted));
    assert_same(frames, buffer_text(&wanted), "flame.svg", "frames");
    buffer_release(&folded);
    buffer_release(&wanted);
    buffer_release(&out);
}

// Two million frames in one stack, and a location with a hundred thousand inlined lines.
static void deep_stacks_do_not_recurse(void **state)
{
    (void)state;
    struct buffer bytes = {0}, sample = {0}, location = {0}, ids = {0}, out = {0};
    struct profile profile;
    put_small(&bytes);
    for (int i = 0; i < 2000000; i++)
        buffer_putc(&ids, 1 + i % 2);
    put_bytes(&sample, 1, buffer_text(&ids));
    put_number(&sample, 2, 100);
    put_bytes(&bytes, 2, buffer_text(&sample));
    put_number(&location, 1, 3);
    for (int i = 0; i < 100000; i++)
        put_pair(&location, 4, 1 + (uint64_t)i % 2, 1);
    put_bytes(&bytes, 4, buffer_text(&location));
    put_pair(&bytes, 2, 3, 50);
    read_profile(&profile, buffer_text(&bytes), 1 << 20, &limits_default);
    assert_int_equal(profile_total(&profile, 0), 158);
    assert_int_equal(value_of(&profile, "serve", true), 158);
    struct profile_report report = {.profile = &profile};
    profile_write_svg(&out, &report);
    assert_true(text_contains(buffer_text(&out), "stacks are cut at"));
    assert_true(out.len < 1 << 20);
    profile_release(&profile);
    buffer_release(&bytes);
    buffer_release(&sample);
    buffer_release(&location);
    buffer_release(&ids);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_reference_on_own),
        cmocka_unit_test(equals_the_reference_on_shared),
        cmocka_unit_test(counts_goroutines_by_state),
        cmocka_unit_test(reads_alike_in_any_pieces),
        cmocka_unit_test(says_where_it_was_cut),
        cmocka_unit_test(survives_flipped_bytes),
        cmocka_unit_test(reads_what_is_good_beside_damage),
        cmocka_unit_test(groups_that_never_end),
        cmocka_unit_test(functions_without_ids),
        cmocka_unit_test(keeps_samples_whose_tables_are_lost),
        cmocka_unit_test(sums_saturate),
        cmocka_unit_test(limits_leave_the_rest),
        cmocka_unit_test(rows_fit_their_limit),
        cmocka_unit_test(memory_follows_the_stacks),
        cmocka_unit_test(ids_far_apart),
        cmocka_unit_test(made_up_ids_take_no_longer),
        cmocka_unit_test(made_up_regexes_give_up),
        cmocka_unit_test(knows_forms_by_content),
        cmocka_unit_test(names_from_comments),
        cmocka_unit_test(finds_types),
        cmocka_unit_test(values_as_the_reference_prints_them),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(draws_the_same_picture),
        cmocka_unit_test(deep_stacks_do_not_recurse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
