// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/trial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/bundle.h"
#include "diagnosis/diagnosis.h"
#include "evidence/evidence.h"
#include "evidence/rows.h"
#include "rule/require.h"
#include "rule/why.h"
#include "util/buffer.h"
#include "util/memory.h"

// ---- the small bundle ------------------------------------------------------------------------

static void feed_inline(struct feeder *feeder, const struct rule_test *test)
{
    for (size_t i = 0; i < test->file_count; i++) {
        struct member member = {.type = MEMBER_FILE};
        if (!member_place(&member, test->files[i].path))
            continue;
        struct text content = test->files[i].content;
        member.head = text_slice(content, 0, MEMBER_HEAD_BYTES);
        feeder_begin(feeder, &member);
        feeder_piece(feeder, content);
        feeder_end(feeder);
    }
}

static void ignore_warning(void *context, struct text source, uint64_t line, const char *problem)
{
    (void)context;
    (void)source;
    (void)line;
    (void)problem;
}

// samples/<name>, a folder or an archive, from the working folder or beside the rule's own tree.
static bool find_sample(const struct rule *rule, struct text name, struct arena *arena, const char **path)
{
    static const char *const suffixes[] = {"", ".tar.gz", ".tar.zst", ".tar.xz", ".tar", ".zip"};
    const char *slash = strrchr(rule->path, '/');
    const char *folders[] = {"samples", arena_printf(arena, "%.*s../../samples",
                                                     slash ? (int)(slash - rule->path + 1) : 0, rule->path)};
    for (size_t f = 0; f < 2; f++)
        for (size_t s = 0; s < sizeof suffixes / sizeof *suffixes; s++) {
            *path = arena_printf(arena, "%s/%.*s%s", folders[f], TEXT_ARG(name), suffixes[s]);
            if (access(*path, R_OK) == 0)
                return true;
        }
    return false;
}

static bool feed_sample(struct feeder *feeder, const char *path, const struct limits *limits,
                        struct error *err)
{
    struct bundle *bundle;
    struct member member;
    struct text piece;
    if (!bundle_open(&bundle, path, limits, ignore_warning, NULL, err))
        return false;
    while (bundle_next(bundle, &member)) {
        feeder_begin(feeder, &member);
        while (bundle_read(bundle, &piece))
            feeder_piece(feeder, piece);
        feeder_end(feeder);
    }
    return bundle_close(bundle, NULL, err);
}

// ---- what is expected ------------------------------------------------------------------------

static const char *const subject_keys[] = {"pid",    "tid",   "container",  "pod",       "pidns", "netns",
                                           "device", "mount", "superblock", "component", "unit",  "node"};

static bool is_subject(struct text key)
{
    for (size_t i = 0; i < sizeof subject_keys / sizeof *subject_keys; i++)
        if (text_is(key, subject_keys[i]))
            return true;
    return false;
}

static bool subject_is(const struct finding *finding, struct text kind, struct text value)
{
    for (size_t i = 0; i < finding->subject_count; i++)
        if (text_is(kind, finding->subjects[i].kind) && text_equal(finding->subjects[i].value, value))
            return true;
    return false;
}

static bool value_holds(const struct finding *finding, struct text key, struct text value)
{
    if (is_subject(key))
        return subject_is(finding, key, value);
    if (text_is(key, "severity"))
        return text_is(value, severity_name(finding->severity));
    if (text_is(key, "confidence"))
        return text_is(value, confidence_name(finding->confidence));
    if (text_is(key, "rule"))
        return text_equal(value, finding->rule->id);
    if (text_is(key, "cause"))
        return text_equal(value, finding->rule->cause);
    if (text_is(key, "summary"))
        return text_find(text_of(finding->summary), value) >= 0;
    return false;
}

static bool finding_holds(const struct finding *finding, const struct yaml *map)
{
    for (const struct yaml *child = map->first; child; child = child->next) {
        if (child->kind == YAML_TEXT && !value_holds(finding, child->key, child->text))
            return false;
        for (const struct yaml *item = child->kind == YAML_LIST ? child->first : NULL; item;
             item = item->next)
            if (!value_holds(finding, child->key, item->text))
                return false;
    }
    return true;
}

static bool number_is(int64_t number, struct text value)
{
    int64_t wanted;
    return text_to_i64(value, &wanted) && wanted == number;
}

static bool edge_holds(const struct wait_edge *edge, const struct yaml *map)
{
    for (const struct yaml *child = map->first; child; child = child->next) {
        struct text key = child->key, value = child->text;
        bool holds = text_is(key, "waiter")      ? number_is(edge->waiter, value)
                     : text_is(key, "holder")    ? number_is(edge->holder, value)
                     : text_is(key, "what")      ? text_equal(edge->what, value)
                     : text_is(key, "on")        ? text_equal(edge->on, value)
                     : text_is(key, "certainty") ? text_is(value, edge->proved ? "proved" : "inferred")
                     : text_is(key, "rule")      ? text_equal(value, edge->rule)
                                                 : false;
        if (!holds)
            return false;
    }
    return true;
}

static bool expectation_met(const struct diagnosis *diagnosis, const struct rule *rule,
                            const struct yaml *map)
{
    for (size_t i = 0; rule->kind == RULE_FINDING && i < diagnosis->finding_count; i++)
        if (diagnosis->findings[i].rule == rule && finding_holds(&diagnosis->findings[i], map))
            return true;
    for (size_t i = 0; rule->kind == RULE_WAIT && i < diagnosis->wait_count; i++)
        if (text_equal(diagnosis->waits[i].rule, rule->id) && edge_holds(&diagnosis->waits[i], map))
            return true;
    return false;
}

static size_t count_hits(const struct diagnosis *diagnosis, const struct rule *rule)
{
    size_t hits = 0;
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        hits += diagnosis->findings[i].rule == rule;
    for (size_t i = 0; i < diagnosis->wait_count; i++)
        hits += text_equal(diagnosis->waits[i].rule, rule->id);
    return hits;
}

static bool is_undecided(const struct diagnosis *diagnosis, const struct rule *rule)
{
    for (size_t i = 0; i < diagnosis->undecided_count; i++)
        if (diagnosis->undecided[i].rule == rule)
            return true;
    return false;
}

// ---- what came -------------------------------------------------------------------------------

static void describe(struct buffer *out, const struct diagnosis *diagnosis, const struct rule *rule)
{
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct finding *finding = &diagnosis->findings[i];
        if (finding->rule != rule)
            continue;
        buffer_printf(out, "  came: severity %s, confidence %s", severity_name(finding->severity),
                      confidence_name(finding->confidence));
        for (size_t k = 0; k < finding->subject_count; k++)
            buffer_printf(out, ", %s %.*s", finding->subjects[k].kind, TEXT_ARG(finding->subjects[k].value));
        buffer_printf(out, ": %s\n", finding->summary);
    }
    for (size_t i = 0; i < diagnosis->wait_count; i++) {
        const struct wait_edge *edge = &diagnosis->waits[i];
        if (!text_equal(edge->rule, rule->id))
            continue;
        buffer_printf(out, "  came: waiter %lld, ", (long long)edge->waiter);
        if (edge->holder == ROW_NULL)
            buffer_printf(out, "what %.*s", TEXT_ARG(edge->what));
        else
            buffer_printf(out, "holder %lld", (long long)edge->holder);
        buffer_printf(out, ", on %.*s, %s\n", TEXT_ARG(edge->on), edge->proved ? "proved" : "inferred");
    }
    for (size_t i = 0; i < diagnosis->undecided_count; i++)
        if (diagnosis->undecided[i].rule == rule)
            buffer_printf(out, "  undecided: needs %s\n", diagnosis->undecided[i].needs);
    for (size_t i = 0; i < diagnosis->warning_count; i++)
        buffer_printf(out, "  warning: %.*s: %.*s\n", TEXT_ARG(diagnosis->warnings[i].source),
                      TEXT_ARG(diagnosis->warnings[i].problem));
}

static void describe_expected(struct buffer *out, const struct yaml *map)
{
    buffer_puts(out, "  expected:");
    for (const struct yaml *child = map->first; child; child = child->next) {
        buffer_printf(out, " %.*s ", TEXT_ARG(child->key));
        if (child->kind == YAML_TEXT)
            buffer_add(out, child->text);
        for (const struct yaml *item = child->kind == YAML_LIST ? child->first : NULL; item;
             item = item->next)
            buffer_printf(out, "%.*s%s", TEXT_ARG(item->text), item->next ? "+" : "");
        buffer_puts(out, child->next ? "," : "\n");
    }
}

static bool judge(const struct diagnosis *diagnosis, const struct rule *rule, const struct rule_test *test,
                  struct buffer *out)
{
    size_t hits = count_hits(diagnosis, rule);
    bool holds = true;
    switch (test->expect) {
    case EXPECT_NONE:
        holds = hits == 0;
        if (!holds)
            buffer_puts(out, "  expected: none\n");
        break;
    case EXPECT_UNDECIDED:
        holds = hits == 0 && is_undecided(diagnosis, rule);
        if (!holds)
            buffer_puts(out, "  expected: undecided\n");
        break;
    case EXPECT_MATCHES:
        for (size_t i = 0; i < test->expectation_count; i++)
            if (!expectation_met(diagnosis, rule, test->expectations[i].map)) {
                describe_expected(out, test->expectations[i].map);
                holds = false;
            }
        break;
    }
    // a rule that broke did not say "none": it said nothing
    for (size_t i = 0; holds && i < diagnosis->warning_count; i++)
        if (text_contains(diagnosis->warnings[i].problem, "was left out:") &&
            text_find(diagnosis->warnings[i].problem, rule->id) >= 0)
            holds = false;
    if (!holds)
        describe(out, diagnosis, rule);
    if (!holds && !hits && test->expect == EXPECT_MATCHES)
        buffer_puts(out, "  came: nothing\n");
    return holds;
}

struct trial {
    const struct rulebook *book;
    const struct rule *rule;
    const struct rule_test *test;
    const struct limits *limits;
    struct arena *arena;
    struct buffer out;
};

// The views that wait rules fill (schema/wait.sql and those made of it).
static bool reads_waits(const struct rule *rule)
{
    static const char *const views[] = {"wait", "wait_chain", "blocked", NULL};
    for (const char *const *view = views; rule->query.ptr && *view; view++)
        if (text_contains(rule->query, *view))
            return true;
    return rule->kind == RULE_WAIT;
}

// The book, with only the rules that the one under test needs: the others have tests of their own, and a
// pack's thousand tests would run a thousand packs. All patterns stay, so their numbers do.
static struct rulebook small_book(const struct rulebook *book, const struct rule *rule, struct arena *arena)
{
    struct rulebook small = *book;
    bool waits = reads_waits(rule);
    small.count = 0;
    small.rules = arena_alloc(arena, book->count, sizeof *small.rules);
    for (size_t i = 0; i < book->count; i++)
        if (book->rules[i] == rule || (waits && book->rules[i]->kind == RULE_WAIT))
            small.rules[small.count++] = book->rules[i];
    return small;
}

// What matched and what did not, where something was expected and did not come.
static void describe_miss(struct trial *trial, struct db *db, struct text_matcher *matcher)
{
    struct error err = {0};
    CLEANUP(rule_run_close)
    struct rule_run *run = rule_run_open(trial->book, db, matcher, trial->limits, &err);
    struct why_options options = {.indent = 2, .rows = 2, .needs = true};
    if (run)
        why_write(run, trial->rule, &options, &trial->out);
}

static bool judge_store(struct trial *trial, struct store *store, struct text_matcher *matcher,
                        struct error *err)
{
    CLEANUP(diagnosis_release) struct diagnosis diagnosis = {0};
    if (!diagnosis_make(&diagnosis, trial->book, store, matcher, trial->limits, err))
        return false;
    bool holds = judge(&diagnosis, trial->rule, trial->test, &trial->out);
    if (!holds && trial->test->expect != EXPECT_NONE)
        describe_miss(trial, store_db(store), matcher);
    return holds;
}

static bool run(struct trial *trial, struct error *err)
{
    CLEANUP(store_share_close) struct store_share share = {0};
    CLEANUP(store_close) struct store *store = NULL;
    if (!store_open(&store, NULL, trial->limits, &share, err))
        return false;
    struct text_matcher *matcher = text_matcher_open(trial->book, trial->limits, true, store_sink(store));
    struct feeder *feeder = feeder_open(trial->limits, text_matcher_sink(matcher));
    const char *path = NULL;
    bool ok = true;
    if (!trial->test->sample.ptr)
        feed_inline(feeder, trial->test);
    else if (!find_sample(trial->rule, trial->test->sample, trial->arena, &path))
        ok = fail(err, "no sample %.*s in samples/", TEXT_ARG(trial->test->sample));
    else
        ok = feed_sample(feeder, path, trial->limits, err);
    feeder_close(feeder);
    ok = ok && store_finish(store, err) && judge_store(trial, store, matcher, err);
    text_matcher_close(matcher);
    return ok;
}

bool trial_run(const struct rulebook *book, const struct rule *rule, const struct rule_test *test,
               const struct limits *limits, struct arena *arena, const char **why)
{
    struct rulebook small = small_book(book, rule, arena);
    struct trial trial = {.book = &small, .rule = rule, .test = test, .limits = limits, .arena = arena};
    struct error err = {0};
    bool holds = run(&trial, &err);
    if (err.message[0])
        buffer_printf(&trial.out, "  %s\n", err.message);
    *why = arena_string(arena, buffer_text(&trial.out));
    buffer_release(&trial.out);
    if (small.required != book->required) // made for these rules
        requirements_close(&small.required);
    return holds;
}
