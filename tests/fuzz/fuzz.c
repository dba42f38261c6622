// SPDX-License-Identifier: Apache-2.0
//
// One fuzz target for each kind of evidence, made by a loop over the table, and one for each layer that
// strangers' bytes reach: bundle, feeder, profile_report, database, rule, sql, pattern, report. FUZZ_TARGET
// names it; FUZZ_TARGET=list prints all.
//
// Of an evidence kind the first line of the input is the member's path, so that what a parser learns from it
// is fuzzed too. Every target must end, without a crash or a leak. Seeds: tests/fuzz/seeds.py.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "diagnosis/diagnosis.h"
#include "evidence/evidence.h"
#include "evidence/profile_read.h"
#include "report/flame.h"
#include "report/report.h"
#include "rule/load.h"
#include "store/store.h"
#include "util/builtin.h"
#include "util/memory.h"
#include "util/pattern.h"

typedef void target(struct text input);

static struct limits limits; // small: a find counts only when it is cheap to reach
static const struct evidence *kind;
static target *run;

// ---- an evidence kind ------------------------------------------------------------------------

// A member from the input's first line, `PATH` or `PATH -> TARGET` for a link, and the rest; false for a path
// that no member has.
static bool take_member(struct text *input, struct member *member)
{
    struct text path;
    (void)text_split(input, '\n', &path);
    if (!input->ptr)
        *input = TEXT("");
    ptrdiff_t arrow = text_find(path, TEXT(" -> "));
    *member = (struct member){.type = arrow < 0 ? MEMBER_FILE : MEMBER_LINK, .node = TEXT("")};
    if (arrow >= 0)
        member->link_target = text_from(path, (size_t)arrow + 4);
    member->head = text_slice(*input, 0, MEMBER_HEAD_BYTES);
    return member_place(member, text_slice(path, 0, arrow < 0 ? path.len : (size_t)arrow));
}

// A piece of its own memory, so that a sanitizer sees a byte read behind it.
static void feed_copy(struct input *one, struct text piece)
{
    char *copy = mem_alloc(1, piece.len ? piece.len : 1);
    if (piece.len)
        memcpy(copy, piece.ptr, piece.len);
    one->content = (struct text){copy, piece.len};
    kind->feed(one);
    free(copy);
}

static void fuzz_evidence(struct text input)
{
    struct buffer out = {0};
    struct arena arena = {0};
    struct printer printer;
    struct member member;
    if (!take_member(&input, &member))
        return;
    printer_init(&printer, &out);
    if (!kind->claims(&member))
        return; // a parser gets only what its kind claims
    struct input one = {
        .member = &member, .content = input, .arena = &arena, .sink = &printer.sink, .limits = &limits};
    if (kind->parse) {
        kind->parse(&one);
    } else {
        one.state = mem_alloc(1, kind->state_bytes ? kind->state_bytes : 1);
        size_t step = 1 + input.len % 61 * (input.len % 97); // 1 to 5761 bytes a piece
        for (size_t at = 0; at < input.len; at += step)
            feed_copy(&one, text_slice(input, at, step));
        one.content = TEXT("");
        kind->end(&one);
        free(one.state);
    }
    arena_release(&arena);
    buffer_release(&out);
}

// ---- layers ----------------------------------------------------------------------------------

// What decides who gets a member, the lines that are kept, and pieces of pasted text with their parsers.
static void fuzz_feeder(struct text input)
{
    struct buffer out = {0};
    struct printer printer;
    struct member member;
    bool bare = text_skip(&input, "bare ");
    if (!take_member(&input, &member) && !bare)
        return;
    member.bare = bare;
    printer_init(&printer, &out);
    struct feeder *feeder = feeder_open(&limits, &printer.sink);
    feeder_begin(feeder, &member);
    size_t step = 1 + input.len % 61 * (input.len % 97);
    for (size_t at = 0; at < input.len; at += step)
        feeder_piece(feeder, text_slice(input, at, step));
    feeder_end(feeder);
    feeder_close(feeder);
    buffer_release(&out);
}

static bool keep_on(void *context, struct buffer *out)
{
    (void)context;
    (void)out;
    return true;
}

// A profile of any form and every listing and drawing of it.
static void fuzz_profile_report(struct text input)
{
    struct profile profile;
    struct profile_reader reader;
    enum profile_form form = profile_detect(text_slice(input, 0, MEMBER_HEAD_BYTES), false);
    if (form == PROFILE_NONE)
        return;
    profile_init(&profile, &limits, limits.profile_memory);
    profile_reader_open(&reader, &profile, form, limits.profile_bytes);
    size_t step = 1 + input.len % 61 * (input.len % 97);
    for (size_t at = 0; at < input.len; at += step)
        profile_reader_feed(&reader, text_slice(input, at, step));
    profile_reader_close(&reader);
    profile_finish(&profile);
    struct buffer out = {0};
    for (size_t type = 0; type < profile.types.count && type < 3; type++) {
        struct profile_report report = {
            .profile = &profile, .name = "fuzz", .options = {.type = type, .by_cum = type % 2}};
        profile_write_top(&out, &report);
        (void)profile_write_folded(&out, &report, keep_on, NULL);
        profile_write_json(&out, &report);
        profile_write_svg(&out, &report);
    }
    for (size_t i = 0; i < out.len; i++)
        if ((unsigned char)out.ptr[i] < 32 && !strchr("\n\t", out.ptr[i]))
            abort(); // a control byte of a name
    buffer_release(&out);
    profile_release(&profile);
}

// A database from a stranger, read as analyze reads one that unpack wrote. SQLite opens by name only.
static void fuzz_database(struct text input)
{
    char path[] = "/tmp/inquest-fuzz-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, input.ptr, input.len) != (ssize_t)input.len)
        abort();
    struct error err = {0};
    struct db *database = NULL;
    CLEANUP(store_share_close) struct store_share share = {0};
    struct store *store;
    if (bundle_is_database(path) && db_open_foreign(&database, path, &err)) {
        if (!store_open(&store, NULL, &limits, &share, &err))
            abort();
        if (store_replay(database, &limits, store_sink(store), &err))
            (void)store_finish(store, &err);
        store_close(&store);
    }
    db_close(&database);
    (void)close(fd);
    (void)unlink(path);
}

static void no_warning(void *context, struct text source, uint64_t line, const char *problem)
{
    (void)context;
    (void)source;
    (void)line;
    (void)problem;
}

static bool open_memory(struct text input, char *path, size_t size, int *fd)
{
    *fd = memfd_create("bundle", MFD_CLOEXEC);
    if (*fd < 0 || write(*fd, input.ptr, input.len) != (ssize_t)input.len)
        return false;
    (void)snprintf(path, size, "/proc/self/fd/%d", *fd);
    return true;
}

// Reads a bundle from memory; with a feeder its members go through it.
static bool read_bundle(struct text input, struct feeder *feeder)
{
    char path[64];
    int fd;
    struct bundle *bundle;
    struct member member;
    struct text piece;
    struct error err = {0};
    bool ok = open_memory(input, path, sizeof path, &fd) &&
              bundle_open(&bundle, path, &limits, no_warning, NULL, &err);
    if (ok) {
        while (bundle_next(bundle, &member)) {
            if (feeder)
                feeder_begin(feeder, &member);
            while (bundle_read(bundle, &piece))
                if (feeder)
                    feeder_piece(feeder, piece);
            if (feeder)
                feeder_end(feeder);
        }
        ok = bundle_close(bundle, NULL, &err);
    }
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

static void fuzz_bundle(struct text input)
{
    (void)read_bundle(input, NULL);
}

static void fuzz_rule(struct text input)
{
    struct rulebook book = {0};
    struct diagnostics diagnostics = {0};
    (void)rulebook_add(&book, "fuzz.yaml", input, true, &limits, &diagnostics);
    rulebook_finish(&book, &diagnostics);
    rulebook_release(&book);
    diagnostics_release(&diagnostics);
}

static void fuzz_sql(struct text input)
{
    static struct db *db;
    struct error err = {0};
    if (!db && !db_create(&db, NULL, 8192, &err))
        abort();
    char *sql = mem_copy(input.ptr, input.len);
    db_guard(db, 200000);
    struct statement *query = statement_open(db, sql, &err);
    for (int rows = 0; query && rows < 100 && statement_step(query, &err) == STEP_ROW; rows++)
        (void)column_text(query, 0);
    statement_release(&query);
    db_unguard(db);
    free(sql);
    // whatever ran, nothing was changed
    struct statement *check = statement_open(db, "SELECT count(*) FROM thread", &err);
    if (!check || statement_step(check, &err) != STEP_ROW || column_integer(check, 0) != 0)
        abort();
    statement_release(&check);
}

static void fuzz_pattern(struct text input)
{
    struct text source;
    (void)text_split(&input, '\n', &source);
    size_t offset;
    struct error err = {0};
    struct pattern *pattern = pattern_compile(source, &offset, &err);
    if (!pattern)
        return;
    struct text literal = pattern_literal(pattern);
    bool hit = pattern_match(pattern, input.ptr ? input : TEXT(""), limits.pattern_steps) == PATTERN_HIT;
    if (hit && literal.ptr && text_find(pattern_matched(pattern), literal) < 0)
        abort(); // the prefilter would have lost this match
    pattern_release(&pattern);
}

// Every SHARES-th rule of the pack, another share for another number: all of them for each input is three
// inputs a second.
static const struct rulebook *share_of_rules(size_t number)
{
    enum { SHARES = 12 };
    static struct rulebook books[SHARES];
    struct rulebook *book = &books[number % SHARES];
    if (book->count)
        return book;
    struct diagnostics diagnostics = {0};
    size_t at = 0;
    for (const struct builtin *file = builtin_files; file->path; file++)
        if (text_ends(text_of(file->path), ".yaml") && at++ % SHARES == number % SHARES)
            (void)rulebook_add(book, file->path, (struct text){file->content, file->length}, false, &limits,
                               &diagnostics);
    rulebook_finish(book, &diagnostics);
    diagnostics_release(&diagnostics);
    return book;
}

// Everything: a bundle in, a report in every format out.
static void fuzz_report(struct text input)
{
    const struct rulebook *book = share_of_rules(input.len);
    struct error err = {0};
    CLEANUP(store_share_close) struct store_share share = {0};
    struct store *store;
    if (!store_open(&store, NULL, &limits, &share, &err))
        abort();
    struct text_matcher *matcher = text_matcher_open(book, &limits, true, store_sink(store));
    struct feeder *feeder = feeder_open(&limits, text_matcher_sink(matcher));
    struct diagnosis diagnosis = {0};
    struct buffer out = {0};
    if (read_bundle(input, feeder)) {
        // what could be opened gets a report, whatever is in it
        if (!store_finish(store, &err) || !diagnosis_make(&diagnosis, book, store, matcher, &limits, &err)) {
            fprintf(stderr, "no report: %s\n", err.message);
            abort();
        }
        struct report report = {.diagnosis = &diagnosis, .path = TEXT("fuzz"), .node = TEXT(""), .nodes = 1};
        for (size_t i = 0; format_table[i]; i++)
            format_table[i]->write(&report, &out);
        for (size_t i = 0; i < out.len; i++)
            if ((unsigned char)out.ptr[i] < 32 && out.ptr[i] != '\n')
                abort(); // a control byte in a report
    }
    feeder_close(feeder);
    diagnosis_release(&diagnosis);
    buffer_release(&out);
    text_matcher_close(matcher);
    store_close(&store);
}

static const struct {
    const char *name;
    target *run;
} layers[] = {
    {"bundle", fuzz_bundle},     {"rule", fuzz_rule},
    {"sql", fuzz_sql},           {"pattern", fuzz_pattern},
    {"report", fuzz_report},     {"feeder", fuzz_feeder},
    {"database", fuzz_database}, {"profile_report", fuzz_profile_report},
};

// ---- choosing --------------------------------------------------------------------------------

static bool choose(const char *name)
{
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        if (strcmp(name, layers[i].name) == 0)
            run = layers[i].run;
    for (size_t i = 0; evidence_table[i]; i++)
        if (strcmp(name, evidence_table[i]->name) == 0) {
            kind = evidence_table[i];
            run = fuzz_evidence;
        }
    return run != NULL;
}

static void print_list(void)
{
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++)
        puts(layers[i].name);
    for (size_t i = 0; evidence_table[i]; i++)
        puts(evidence_table[i]->name);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *name = getenv("FUZZ_TARGET");
    limits = limits_default;
    limits.total_bytes = 4 << 20;
    limits.members = 1000;
    limits.query_steps = 1000000;
    if (name && strcmp(name, "list") == 0) {
        print_list();
        exit(0);
    }
    if (!name || !choose(name)) {
        fprintf(stderr, "FUZZ_TARGET names no target; FUZZ_TARGET=list prints them\n");
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    run((struct text){(const char *)bytes, length});
    return 0;
}
