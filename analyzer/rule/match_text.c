// SPDX-License-Identifier: Apache-2.0
//
// The sink that matches log records; files are in match_file.c.
#include "rule/match_text.h"

#include <stdlib.h>

#include "rule/hits.h"
#include "rule/literals.h"
#include "rule/matcher.h"
#include "rule/require.h"

// ---- log patterns ----------------------------------------------------------------------------

static uint32_t add_regex(struct text_matcher *matcher, struct text source)
{
    bool added;
    uint32_t number = intern_add(&matcher->sources, source, &added);
    if (!added)
        return number;
    const struct text *texts;
    size_t count = rulebook_required(matcher->book, source, REQUIRE_IN_LOGS, &texts);
    *array_add(&matcher->regexes) = (struct log_regex){.first = LOG_NONE, .required = count > 0};
    for (size_t i = 0; i < count; i++) {
        *array_add(&matcher->texts) = texts[i];
        *array_add(&matcher->regex_of) = number;
    }
    if (!count)
        *array_add(&matcher->slow) = number;
    return number;
}

static void add_log(struct text_matcher *matcher, const struct rule_pattern *pattern)
{
    uint32_t number = add_regex(matcher, pattern->regex_source);
    struct log_regex *regex = &matcher->regexes.items[number];
    *array_add(&matcher->logs) =
        (struct log_pattern){.pattern = pattern, .regex = number, .next = regex->first};
    regex->first = (uint32_t)matcher->logs.count - 1;
}

// Whether a message holds a text that the pattern requires.
static bool holds_required(struct text_matcher *matcher, uint32_t log, struct text message)
{
    const uint32_t *found = NULL;
    size_t count = matcher->literals ? literals_find(matcher->literals, message, &found) : 0;
    uint32_t regex = matcher->logs.items[log].regex;
    for (size_t i = 0; i < count; i++)
        if (matcher->regex_of.items[found[i]] == regex)
            return true;
    return !matcher->regexes.items[regex].required;
}

void matcher_gave_up(struct text_matcher *matcher, uint32_t pattern)
{
    struct state *state = &matcher->states[pattern];
    state->gave_up++;
    if (state->gave_up < matcher->limits->pattern_giveups || state->out)
        return;
    state->out = true;
    hit_keeper_forget(matcher->keeper, pattern);
}

void matcher_keep(struct text_matcher *matcher, const struct rule_pattern *pattern, struct hit *hit)
{
    size_t groups = pattern_group_count(pattern->regex);
    array_clear(&matcher->groups);
    for (size_t i = 0; i < groups; i++)
        *array_add(&matcher->groups) = pattern_group(pattern->regex, i);
    hit->groups = matcher->groups.items;
    hit_keeper_add(matcher->keeper, pattern->number, hit, groups);
}

static void try_log(struct text_matcher *matcher, uint32_t log, const struct member *member,
                    const struct row_log *row)
{
    const struct rule_pattern *pattern = matcher->logs.items[log].pattern;
    if (matcher->states[pattern->number].out ||
        !filter_passes_unit(&pattern->unit, row->unit, matcher->limits->pattern_steps))
        return;
    enum pattern_result result = pattern_match(pattern->regex, row->message, matcher->limits->pattern_steps);
    // Without the prefilter a regex may give up where with it it would not have been tried.
    if (result == PATTERN_BUDGET && (matcher->prefilter || holds_required(matcher, log, row->message)))
        matcher_gave_up(matcher, pattern->number);
    if (result != PATTERN_HIT)
        return;
    struct hit hit = {
        .source = member->source,
        .line = row->line,
        .time = row->time,
        .clock = row->clock,
        .pid = row->pid,
        .unit = row->unit,
        .host = row->host,
        .boot = row->boot,
    };
    matcher_keep(matcher, pattern, &hit);
}

static void try_regex(struct text_matcher *matcher, const struct log_regex *regex,
                      const struct member *member, const struct row_log *row)
{
    for (uint32_t log = regex->first; log != LOG_NONE; log = matcher->logs.items[log].next)
        try_log(matcher, log, member, row);
}

static void match_record(struct text_matcher *matcher, const struct member *member, const struct row_log *row)
{
    if (!row->message.ptr)
        return;
    if (!matcher->prefilter) {
        for (uint32_t i = 0; i < matcher->logs.count; i++)
            try_log(matcher, i, member, row);
        return;
    }
    const uint32_t *found = NULL;
    size_t count = 0;
    if (matcher->literals && !known_log_texts(matcher, row->message, &found, &count))
        count = literals_find(matcher->literals, row->message, &found);
    matcher->record++;
    for (size_t i = 0; i < count; i++) {
        struct log_regex *regex = &matcher->regexes.items[matcher->regex_of.items[found[i]]];
        if (regex->record != matcher->record) // else two of its texts stand in the message, or one twice
            try_regex(matcher, regex, member, row);
        regex->record = matcher->record;
    }
    for (size_t i = 0; i < matcher->slow.count; i++)
        try_regex(matcher, &matcher->regexes.items[matcher->slow.items[i]], member, row);
}

// ---- the sink --------------------------------------------------------------------------------

void matcher_enter(struct text_matcher *matcher, const struct member *member, int64_t row, int64_t line)
{
    struct member_mark *mark = &matcher->mark;
    bool same = (member->serial && member->serial == mark->serial) ||
                text_equal(buffer_text(&mark->source), member->source);
    mark->serial = member->serial;
    if (!same || (row && row < mark->row) || (line && line < mark->line)) {
        hit_keeper_end_member(matcher->keeper);
        mark->row = mark->line = 0;
    }
    mark->row = row ? row : mark->row;
    mark->line = line ? line : mark->line;
    if (same)
        return;
    buffer_clear(&mark->source);
    buffer_add(&mark->source, member->source);
}

static void take_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    struct text_matcher *matcher = (struct text_matcher *)sink;
    if (kind == ROW_log && matcher->logs.count) {
        const struct row_log *log = row;
        matcher_enter(matcher, member, log->line, 0);
        match_record(matcher, member, log);
    }
    if (sink->next)
        sink->next->row(sink->next, member, kind, row);
}

static void take_lines(struct sink *sink, const struct member *member, struct text lines, uint64_t first_line)
{
    struct text_matcher *matcher = (struct text_matcher *)sink;
    if (matcher->files.count)
        match_lines(matcher, member, lines, first_line);
    if (sink->next && sink->next->lines)
        sink->next->lines(sink->next, member, lines, first_line);
}

static void take_listed(struct sink *sink, const struct member *member, uint64_t bytes, const char *kind)
{
    if (sink->next && sink->next->listed)
        sink->next->listed(sink->next, member, bytes, kind);
}

struct text_matcher *text_matcher_open(const struct rulebook *book, const struct limits *limits,
                                       bool prefilter, struct sink *next)
{
    struct text_matcher *matcher = mem_alloc(1, sizeof *matcher);
    matcher->sink = (struct sink){take_row, take_lines, take_listed, next};
    matcher->book = book;
    matcher->limits = limits;
    matcher->prefilter = prefilter;
    matcher->states = mem_alloc(book->pattern_count + 1, sizeof *matcher->states);
    matcher->keeper =
        hit_keeper_open(book->pattern_count, limits->pattern_rows, limits->match_rows, limits->group_bytes);
    for (size_t i = 0; i < book->pattern_count; i++) {
        if (book->patterns[i]->kind == MATCH_LOG)
            add_log(matcher, book->patterns[i]);
        else if (book->patterns[i]->kind == MATCH_FILE)
            add_file(matcher, book->patterns[i]);
    }
    finish_files(matcher);
    if (matcher->texts.count)
        matcher->literals = literals_open(matcher->texts.items, matcher->texts.count);
    return matcher;
}

struct sink *text_matcher_sink(struct text_matcher *matcher)
{
    return &matcher->sink;
}

bool text_matcher_prefilters(const struct text_matcher *matcher)
{
    return matcher->prefilter;
}

struct hits text_matcher_hits(struct text_matcher *matcher, const struct rule_pattern *pattern)
{
    struct hits hits = hit_keeper_hits(matcher->keeper, pattern->number);
    hits.gave_up = matcher->states[pattern->number].gave_up;
    hits.out = matcher->states[pattern->number].out;
    return hits;
}

void text_matcher_close(struct text_matcher *matcher)
{
    if (!matcher)
        return;
    hit_keeper_close(matcher->keeper);
    if (matcher->literals)
        literals_close(matcher->literals);
    release_files(matcher);
    arena_release(&matcher->arena);
    array_release(&matcher->logs);
    array_release(&matcher->texts);
    array_release(&matcher->regex_of);
    array_release(&matcher->regexes);
    intern_release(&matcher->sources);
    array_release(&matcher->slow);
    array_release(&matcher->groups);
    array_release(&matcher->known_numbers);
    buffer_release(&matcher->mark.source);
    free(matcher->states);
    free(matcher);
}
