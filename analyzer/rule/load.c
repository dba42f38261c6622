// SPDX-License-Identifier: Apache-2.0
#include "rule/load.h"

#include <stdlib.h>
#include <string.h>

#include "rule/image.h"
#include "rule/loader.h"
#include "rule/require.h"
#include "rule/walk.h"
#include "util/memory.h"

// The text up to its tests, where nothing follows them: half of a rule file is tests, and an analysis
// does without. A key at the start of a line can only be the document's own.
static struct text without_tests(struct text text)
{
    ptrdiff_t at = text_find(text, TEXT("\ntests:"));
    if (at < 0)
        return text;
    struct lines lines = {.rest = text_from(text, (size_t)at + sizeof "\ntests:")};
    struct text line;
    bool own_line = false; // the rest of the line of `tests:` itself
    while (lines_next(&lines, &line)) {
        if (own_line && line.len && !strchr(" \t#-", line.ptr[0]))
            return text;
        own_line = true;
    }
    return text_slice(text, 0, (size_t)at + 1);
}

// ---- one rule --------------------------------------------------------------------------------

static void load_words(struct loader *loader, const struct yaml *root)
{
    struct rule *rule = loader->rule;
    rule->title = loader_line(loader, yaml_get(root, "title"));
    rule->severity =
        (enum severity)loader_choice(loader, yaml_get(root, "severity"), SHAPE_SEVERITY, SEVERITY_INFO);
    const struct yaml *confidence = yaml_get(root, "confidence");
    if (confidence)
        rule->confidence =
            (enum confidence)(CONFIDENCE_LOW + loader_choice(loader, confidence, SHAPE_CONFIDENCE, 0));
    rule->cause = loader_word(loader, yaml_get(root, "cause"));
    rule->tag_count = loader_texts(loader, yaml_get(root, "tags"), true, &rule->tags);
    rule->query = loader_text(loader, yaml_get(root, "query"));
    rule->group = loader_column(loader, yaml_get(root, "group"));
    rule->summary = loader_line(loader, yaml_get(root, "summary"));
    rule->explain_count = loader_texts(loader, yaml_get(root, "explains"), true, &rule->explains);
    rule->remedy = loader_text(loader, yaml_get(root, "remedy"));
    rule->prevention = loader_text(loader, yaml_get(root, "prevention"));
    rule->reference_count = loader_texts(loader, yaml_get(root, "references"), false, &rule->references);
}

static void check_whole(struct loader *loader, const struct yaml *root)
{
    const struct rule *rule = loader->rule;
    if (!yaml_get(root, "patterns") && !yaml_get(root, "query"))
        loader_error(loader, root, 0, "missing-key", "a rule needs `patterns`, or a `query` over the views");
    else if (!yaml_get(root, "query") && rule->kind == RULE_WAIT)
        loader_error(loader, root, 0, "missing-key",
                     "a wait rule needs a `query` that says who waits for whom");
    else if (!yaml_get(root, "query") && rule->pattern_count > 1)
        loader_error(loader, root, 0, "missing-key", "%zu patterns need a `query` that joins them",
                     rule->pattern_count);
}

static void load_root(struct loader *loader, const struct yaml *root)
{
    struct rule *rule = loader->rule;
    rule->root = root;
    if (root->kind != YAML_MAP) {
        loader_error(loader, root, 0, "bad-value", "a rule must be a map of keys and values");
        return;
    }
    rule->id = loader_id(loader, yaml_get(root, "id"));
    rule->kind = (enum rule_kind)loader_choice(loader, yaml_get(root, "kind"), SHAPE_KIND, RULE_FINDING);
    loader_check_keys(loader, root, KEY_RULE, ~0u, "a rule");
    load_words(loader, root);
    load_patterns(loader, yaml_get(root, "patterns"));
    if (loader->with_tests)
        load_tests(loader, yaml_get(root, "tests"));
    check_whole(loader, root);
}

static bool add(struct rulebook *book, const char *path, struct text text, struct loader loader)
{
    struct rule *rule = arena_alloc(&book->arena, 1, sizeof *rule);
    loader.rule = rule;
    rule->path = arena_string(&book->arena, text_of(path));
    rule->source = text;
    struct yaml_fault fault;
    struct yaml *root;
    struct text read = loader.with_tests ? text : without_tests(text);
    if (!yaml_parse(read, loader.limits->yaml_depth, &book->arena, &root, &fault)) {
        struct place place = {rule->path, fault.line, fault.column};
        diagnose(loader.diagnostics, place, DIAGNOSTIC_ERROR, NULL, "bad-yaml", "%s", fault.message);
        return false;
    }
    load_root(&loader, root);
    if (loader.errors)
        return false;
    if (book->count == book->capacity) {
        book->capacity = book->capacity ? book->capacity * 2 : 256;
        book->rules = mem_resize(book->rules, book->capacity, sizeof(struct rule *));
    }
    rule->number = (uint32_t)book->count;
    rule->builtin = loader.builtin;
    book->rules[book->count++] = rule;
    return true;
}

bool rulebook_add(struct rulebook *book, const char *path, struct text text, bool with_tests,
                  const struct limits *limits, struct diagnostics *diagnostics)
{
    struct loader loader = {
        .book = book,
        .diagnostics = diagnostics,
        .limits = limits ? limits : &limits_default,
        .with_tests = with_tests,
    };
    return add(book, path, text, loader);
}

// ---- the book --------------------------------------------------------------------------------

static int compare_rules(const void *a, const void *b)
{
    const struct rule *left = *(struct rule *const *)a, *right = *(struct rule *const *)b;
    int order = text_compare(left->id, right->id);
    return order ? order : left->number < right->number ? -1 : 1;
}

// Before ids are compared: built-in rules whose id the paths bring too.
static void make_way(struct rulebook *book)
{
    size_t kept = 0;
    if (book->count)
        qsort(book->rules, book->count, sizeof *book->rules, compare_rules);
    for (size_t i = 0; i < book->count; i++) {
        const struct rule *next = i + 1 < book->count ? book->rules[i + 1] : NULL;
        if (!(book->rules[i]->builtin && next && !next->builtin && text_equal(book->rules[i]->id, next->id)))
            book->rules[kept++] = book->rules[i];
    }
    book->count = kept;
}

static void drop_twins(struct rulebook *book, struct diagnostics *diagnostics)
{
    size_t kept = 0;
    for (size_t i = 0; i < book->count; i++) {
        struct rule *rule = book->rules[i];
        const struct rule *before = kept ? book->rules[kept - 1] : NULL;
        if (!before || !text_equal(before->id, rule->id)) {
            book->rules[kept++] = rule;
            continue;
        }
        struct place place = rule_place(rule, yaml_get(rule->root, "id"), 0);
        diagnose(diagnostics, place, DIAGNOSTIC_ERROR, arena_string(&book->arena, rule->id), "identical-id",
                 "the id `%.*s` is taken by %s", TEXT_ARG(rule->id), before->path);
    }
    book->count = kept;
}

void rulebook_finish(struct rulebook *book, struct diagnostics *diagnostics)
{
    if (book->count)
        qsort(book->rules, book->count, sizeof *book->rules, compare_rules);
    drop_twins(book, diagnostics);
    book->pattern_count = 0;
    for (size_t i = 0; i < book->count; i++)
        book->pattern_count += book->rules[i]->pattern_count;
    book->patterns = arena_alloc(&book->arena, book->pattern_count + 1, sizeof *book->patterns);
    uint32_t number = 0;
    for (size_t i = 0; i < book->count; i++) {
        struct rule *rule = book->rules[i];
        rule->number = (uint32_t)i;
        for (size_t p = 0; p < rule->pattern_count; p++) {
            rule->patterns[p].number = number;
            book->patterns[number++] = &rule->patterns[p];
        }
    }
}

static void load_builtin(struct rulebook *book, const struct rule_sources *sources,
                         struct diagnostics *diagnostics)
{
    if (!sources->tests && !sources->from_files && &builtin_image && !book->count) {
        image_read((struct text){builtin_image.content, builtin_image.length}, book);
        return;
    }
    for (const struct builtin *file = builtin_files; file->path; file++) {
        if (!text_starts(text_of(file->path), "rules/") || !text_ends(text_of(file->path), ".yaml"))
            continue;
        struct loader loader = {
            .book = book,
            .diagnostics = diagnostics,
            .limits = sources->limits ? sources->limits : &limits_default,
            .with_tests = sources->tests,
            .builtin = true,
            .trusted = !sources->tests, // who asks for the tests looks for mistakes
        };
        (void)add(book, file->path, (struct text){file->content, file->length}, loader);
    }
}

struct load_context {
    struct rulebook *book;
    const struct rule_sources *sources;
    struct diagnostics *diagnostics;
};

static void load_file(void *context, const char *path, struct text content)
{
    struct load_context *load = context;
    struct text kept = arena_copy(&load->book->arena, content);
    (void)rulebook_add(load->book, path, kept, load->sources->tests, load->sources->limits,
                       load->diagnostics);
}

bool rulebook_load(struct rulebook *book, const struct rule_sources *sources, struct diagnostics *diagnostics,
                   struct error *err)
{
    const struct limits *limits = sources->limits ? sources->limits : &limits_default;
    if (sources->builtin)
        load_builtin(book, sources, diagnostics);
    struct load_context context = {book, sources, diagnostics};
    for (size_t i = 0; i < sources->path_count; i++)
        if (!walk_rules(sources->paths[i], limits, load_file, &context, err))
            return false;
    if (sources->stand_in)
        make_way(book);
    rulebook_finish(book, diagnostics);
    return diagnostics_pass(diagnostics, err);
}

void rulebook_release(struct rulebook *book)
{
    for (size_t i = 0; i < book->regex_count; i++)
        pattern_release(&book->regexes[i]);
    free(book->regexes);
    intern_release(&book->sources);
    requirements_close(&book->required);
    free(book->rules);
    arena_release(&book->arena);
    *book = (struct rulebook){0};
}
