// SPDX-License-Identifier: Apache-2.0
//
// What can be said against patterns: regexes that cost too much or match everything, items that never match.
#include "rule/attack.h"
#include "rule/linter.h"
#include "rule/match_stack.h"
#include "rule/require.h"
#include "rule/vocabulary.h"
#include "util/show.h"

// ---- regexes ---------------------------------------------------------------------------------

struct attack_size {
    size_t bytes;
    unsigned walks; // each tries other texts; many a part hurts on few of them
    enum diagnostic_level level;
    const char *check, *advice;
};

struct trial {
    struct pattern *regex;
    uint64_t steps;
    struct buffer hurt; // the text on which it gave up, made visible; empty: none
};

static bool try_text(void *context, struct text text)
{
    struct trial *trial = context;
    if (pattern_match(trial->regex, text, trial->steps) != PATTERN_BUDGET)
        return true;
    show_line(&trial->hurt, text);
    return false;
}

static bool gives_up(struct linter *linter, const struct yaml *node, struct pattern *regex,
                     struct text source, const struct attack_size *size)
{
    enum { SHOWN_BYTES = 60 };
    struct trial trial = {.regex = regex, .steps = linter->limits->pattern_steps};
    attack_texts(source, size->bytes, size->walks, try_text, &trial);
    bool hurts = trial.hurt.len > 0;
    if (hurts)
        lint_say(linter, node, 0, size->level, size->check,
                 "gives up on some texts of %zu bytes: %s (try `%.*s%s`)", size->bytes, size->advice,
                 TEXT_ARG(text_slice(buffer_text(&trial.hurt), 0, SHOWN_BYTES)),
                 trial.hurt.len > SHOWN_BYTES ? "…" : "");
    buffer_release(&trial.hurt);
    return hurts;
}

static void lint_cost(struct linter *linter, const struct yaml *node, struct pattern *regex,
                      struct text source)
{
    static const struct attack_size sizes[] = {
        {240, 64, DIAGNOSTIC_MISTAKE, "catastrophic-regex",
         "parts of it match the same bytes in too many ways"}, // any log line may be so long
        {4096, 1, DIAGNOSTIC_ADVICE, "slow-regex",
         "say more closely what may repeat"}, // kubelets log whole objects
    };
    if (!gives_up(linter, node, regex, source, &sizes[0]))
        (void)gives_up(linter, node, regex, source, &sizes[1]);
}

static void lint_regex(struct linter *linter, const struct yaml *node, struct pattern *regex,
                       struct text source)
{
    if (pattern_matches_empty(regex))
        lint_say(linter, node, 0, DIAGNOSTIC_MISTAKE, "matches-empty",
                 "matches the empty text, so it matches anything");
    lint_cost(linter, node, regex, source);
}

// A number (digits, a class of them, what holds no blank, with the ends of groups behind it), then one blank,
// then a unit: a wrapped paste loses the blank.
static void lint_units(struct linter *linter, const struct yaml *node, struct text source)
{
    static const char units[] =
        "(?:(?:\\\\d|\\\\S[+*]|\\[[^\\]]*(?:0-9|\\\\d)[^\\]]*\\])[+*]?[?+]?(?:\\{[0-9,]+\\})?(?:\\)[?*+]?){0,"
        "3}"
        "|(?<![\\\\0-9{,])[0-9]+)"
        "(?<blank> |\\\\s|\\[ \\])(?![?*{])"
        "\\(?(?:\\?:)?(?:s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|ms|us|ns|[kKMGT]i?B|B|bytes|"
        "jiffies|pages|"
        "sectors|%)(?![A-Za-z])";
    struct error err = {0};
    size_t offset;
    struct pattern *pattern = pattern_compile(text_of(units), &offset, &err);
    if (pattern && pattern_match(pattern, source, UINT32_MAX) == PATTERN_HIT)
        lint_say(linter, node, (size_t)(pattern_group(pattern, 0).ptr - source.ptr), DIAGNOSTIC_MISTAKE,
                 "blank-before-unit",
                 "a wrapped paste loses the blank between a number and its unit: write ` ?`");
    pattern_release(&pattern);
}

static void lint_log(struct linter *linter, const struct rule_pattern *pattern)
{
    const struct yaml *node = yaml_get(pattern->node, "log");
    struct arena arena = {0};
    struct text texts[REQUIRE_MAX];
    if (!required_texts(pattern->regex_source, REQUIRE_IN_LOGS, &arena, texts))
        lint_say(linter, node, 0, DIAGNOSTIC_MISTAKE, "no-literal",
                 "no text of %d bytes or more stands in every match, so it runs on every line",
                 REQUIRE_IN_LOGS);
    arena_release(&arena);
    lint_units(linter, node, pattern->regex_source);
}

static const struct yaml *item_node(const struct yaml *list, size_t index)
{
    const struct yaml *node = list->kind == YAML_LIST ? list->first : list;
    for (; index && node->next && list->kind == YAML_LIST; index--)
        node = node->next;
    return node;
}

static void lint_functions(struct linter *linter, const struct rule_pattern *pattern)
{
    const struct yaml *list = yaml_get(pattern->node, "function");
    for (size_t i = 0; i < pattern->function_count; i++) {
        const struct yaml *node = item_node(list, i);
        lint_regex(linter, node, pattern->functions[i], node->text);
    }
}

// ---- stacks ----------------------------------------------------------------------------------

static void lint_items(struct linter *linter, const struct yaml *list, const struct stack_item *items,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct yaml *node = item_node(list, i);
        if (items[i].regex)
            lint_regex(linter, node, items[i].regex, items[i].source);
        else if (frame_is_lock_or_sleep(items[i].function))
            lint_say(linter, node, 0, DIAGNOSTIC_MISTAKE, "never-matches",
                     "`%.*s` only sleeps or takes a lock, so it is set apart; ask with `lock:`",
                     TEXT_ARG(items[i].function));
        else if (frame_is_entry(items[i].function))
            lint_say(linter, node, 0, DIAGNOSTIC_MISTAKE, "never-matches",
                     "`%.*s` is how every thread enters the kernel, so it is left out",
                     TEXT_ARG(items[i].function));
    }
}

// Whether an idle thread would be a row of the pattern.
static bool idle_fits(const struct rule_pattern *pattern, const struct idle_threads *idle, uint64_t steps)
{
    struct arena arena = {0};
    struct stack stack;
    if (!match_thread(pattern, idle->state, idle->comm, steps))
        return false;
    stack_canonical(idle->frames, &arena, &stack);
    bool fits;
    if (pattern->kind == MATCH_STACK)
        fits = stack_pattern_matches(pattern, &stack, steps, NULL);
    else
        fits = stack.canonical_count && match_wchan(pattern, stack.canonical[0].function, steps);
    arena_release(&arena);
    return fits;
}

static void lint_idle(struct linter *linter, const struct rule_pattern *pattern)
{
    struct idle_threads idle = {0};
    size_t all = 0, hit = 0;
    while (idle_next(&idle)) {
        all++;
        hit += idle_fits(pattern, &idle, linter->limits->pattern_steps);
    }
    const struct yaml *node = yaml_get(pattern->node, match_kind_name(pattern->kind));
    bool alone = !linter->rule->query.ptr; // every match is a finding
    if (hit * 2 > all)
        lint_say(linter, node, 0, DIAGNOSTIC_MISTAKE, "matches-idle", "matches %zu of %zu idle threads", hit,
                 all);
    else if (hit && alone)
        lint_say(linter, node, 0, DIAGNOSTIC_MISTAKE, "matches-idle",
                 "matches %zu of %zu idle threads, and every match is a finding", hit, all);
}

void lint_patterns(struct linter *linter)
{
    for (size_t i = 0; i < linter->rule->pattern_count; i++) {
        const struct rule_pattern *pattern = &linter->rule->patterns[i];
        const struct yaml *node = pattern->node;
        if (pattern->kind == MATCH_STACK) {
            lint_items(linter, yaml_get(node, "stack"), pattern->items, pattern->item_count);
            lint_items(linter, yaml_get(node, "not"), pattern->without, pattern->without_count);
        }
        if (pattern->kind == MATCH_STACK || pattern->kind == MATCH_WCHAN)
            lint_idle(linter, pattern);
        if (pattern->regex)
            lint_regex(linter, yaml_get(node, pattern->kind == MATCH_LOG ? "log" : "text"), pattern->regex,
                       pattern->regex_source);
        if (pattern->kind == MATCH_LOG)
            lint_log(linter, pattern);
        lint_functions(linter, pattern);
    }
}
