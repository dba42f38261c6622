// SPDX-License-Identifier: Apache-2.0
//
// One fuzz target for each kind of evidence, made by a loop over the table, and one for each layer that
// strangers' bytes reach: bundle, rule, sql, pattern, report. FUZZ_TARGET names it; FUZZ_TARGET=list prints
// all.
//
// Of an evidence kind the first line of the input is the member's path, so that what a parser learns from it
// is fuzzed too; the second byte run decides nothing. Every target must end, without a crash or a leak.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "diagnosis/diagnosis.h"
#include "evidence/evidence.h"
#include "report/report.h"
#include "rule/load.h"
#include "store/store.h"
#include "util/memory.h"
#include "util/pattern.h"

typedef void target(struct text input);

static struct limits limits; // small: a find counts only when it is cheap to reach
static const struct evidence *kind;
static target *run;

// ---- an evidence kind ------------------------------------------------------------------------

static void fuzz_evidence(struct text input)
{
    struct text path;
    (void)text_split(&input, '\n', &path);
    if (!input.ptr)
        input = TEXT("");
    struct buffer out = {0};
    struct arena arena = {0};
    struct printer printer;
    printer_init(&printer, &out);
    struct member member = {.type = MEMBER_FILE, .node = TEXT("")};
    if (!member_place(&member, path))
        return;
    member.head = text_slice(input, 0, MEMBER_HEAD_BYTES);
    (void)kind->claims(&member);
    struct input one = {
        .member = &member, .content = input, .arena = &arena, .sink = &printer.sink, .limits = &limits};
    if (kind->parse) {
        kind->parse(&one);
    } else {
        one.state = mem_alloc(1, kind->state_bytes ? kind->state_bytes : 1);
        for (size_t at = 0; at < input.len; at += one.content.len) { // in pieces of odd sizes
            one.content = text_slice(input, at, 1 + at * 7 % 97);
            kind->feed(&one);
        }
        one.content = TEXT("");
        kind->end(&one);
        free(one.state);
    }
    arena_release(&arena);
    buffer_release(&out);
}

// ---- layers ----------------------------------------------------------------------------------

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
    if (!db && !db_create(&db, NULL, 8, &err))
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

// Everything: a bundle in, a report in every format out.
static void fuzz_report(struct text input)
{
    static struct rulebook book;
    struct error err = {0};
    struct diagnostics diagnostics = {0};
    struct rule_sources sources = {.builtin = true, .limits = &limits};
    if (!book.count && !rulebook_load(&book, &sources, &diagnostics, &err))
        abort();
    struct store *store;
    if (!store_open(&store, NULL, &limits, &err))
        abort();
    struct text_matcher *matcher = text_matcher_open(&book, &limits, true, store_sink(store));
    struct feeder *feeder = feeder_open(&limits, text_matcher_sink(matcher));
    struct diagnosis diagnosis = {0};
    struct buffer out = {0};
    if (read_bundle(input, feeder) && store_finish(store, &err) &&
        diagnosis_make(&diagnosis, &book, store, matcher, &limits, &err)) {
        struct report report = {.diagnosis = &diagnosis, .path = TEXT("fuzz"), .node = TEXT("")};
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
    diagnostics_release(&diagnostics);
}

static const struct {
    const char *name;
    target *run;
} layers[] = {
    {"bundle", fuzz_bundle},   {"rule", fuzz_rule},     {"sql", fuzz_sql},
    {"pattern", fuzz_pattern}, {"report", fuzz_report},
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
