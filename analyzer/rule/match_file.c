// SPDX-License-Identifier: Apache-2.0
//
// File patterns: lines of the members that a glob names. A pattern that requires texts looks at the lines
// that hold one of them.
#include "rule/matcher.h"

#include <stdlib.h>
#include <string.h>

#include "rule/glob.h"
#include "rule/literals.h"
#include "rule/require.h"
#include "util/memory.h"

static char fixed_byte(char c)
{
    return strchr("*?[]/", c) ? '\0' : c;
}

static uint32_t add_glob(struct text_matcher *matcher, struct text glob)
{
    bool added;
    uint32_t number = intern_add(&matcher->glob_names, glob, &added);
    if (added)
        *array_add(&matcher->globs) = (struct file_glob){
            .glob = glob,
            .bytes = glob_bytes(glob),
            .first = glob.len ? fixed_byte(glob.ptr[0]) : '\0',
            .last = glob.len ? fixed_byte(glob.ptr[glob.len - 1]) : '\0',
        };
    return number;
}

void add_file(struct text_matcher *matcher, const struct rule_pattern *pattern)
{
    struct file_pattern *file = array_add(&matcher->files);
    file->pattern = pattern;
    file->glob = add_glob(matcher, pattern->glob);
    file->text_count = rulebook_required(matcher->book, pattern->regex_source, REQUIRE_IN_LOGS, &file->texts);
    file->next = arena_alloc(&matcher->arena, file->text_count + 1, sizeof *file->next);
    file->first = matcher->file_texts.count;
    for (size_t i = 0; i < file->text_count; i++)
        *array_add(&matcher->file_texts) = file->texts[i];
}

void finish_files(struct text_matcher *matcher)
{
    if (!matcher->file_texts.count)
        return;
    matcher->file_seen = mem_alloc(matcher->file_texts.count, sizeof *matcher->file_seen);
}

// A piece of a member with the place in it: the number of the line at `at`.
struct piece {
    const struct member *member;
    const char *at, *end;
    uint64_t line;
};

static const char *find(const char *from, const char *end, struct text text)
{
    return memmem(from, (size_t)(end - from), text.ptr, text.len);
}

// The first place from `from` on where one of the required texts stands; each is searched for only
// when the last place found lies behind.
static const char *next_required(struct file_pattern *file, const char *from, const char *end)
{
    const char *first = NULL;
    for (size_t i = 0; i < file->text_count; i++) {
        if (file->next[i] && file->next[i] < from)
            file->next[i] = find(from, end, file->texts[i]);
        if (file->next[i] && (!first || file->next[i] < first))
            first = file->next[i];
    }
    return first;
}

// Moves to the line that holds `place`.
static void move_to(struct piece *piece, const char *place)
{
    const char *newline;
    while ((newline = memchr(piece->at, '\n', (size_t)(place - piece->at)))) {
        piece->at = newline + 1;
        piece->line++;
    }
}

static bool holds_any(const struct file_pattern *file, struct text line)
{
    for (size_t i = 0; i < file->text_count; i++)
        if (text_find(line, file->texts[i]) >= 0)
            return true;
    return file->text_count == 0;
}

static void try_line(struct text_matcher *matcher, const struct file_pattern *file, const struct piece *piece,
                     struct text line)
{
    const struct rule_pattern *pattern = file->pattern;
    enum pattern_result result = pattern_match(pattern->regex, line, matcher->limits->pattern_steps);
    if (result == PATTERN_BUDGET && (matcher->prefilter || holds_any(file, line)))
        matcher_gave_up(matcher, pattern->number);
    if (result != PATTERN_HIT)
        return;
    struct hit hit = {
        .source = piece->member->source,
        .path = piece->member->path,
        .line = (int64_t)(piece->line + piece->member->line_base),
        .time = ROW_NULL,
        .pid = ROW_NULL,
    };
    matcher_keep(matcher, pattern, &hit);
}

// Takes the line at the piece's place.
static struct text take_line(struct piece *piece)
{
    const char *newline = memchr(piece->at, '\n', (size_t)(piece->end - piece->at));
    const char *stop = newline ? newline : piece->end;
    struct text line = {piece->at, (size_t)(stop - piece->at)};
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    piece->at = newline ? newline + 1 : piece->end;
    return line;
}

// Which texts stand in the piece, in one pass for all patterns: mostly none does.
static void note_texts(struct text_matcher *matcher, struct text lines)
{
    const uint32_t *found;
    matcher->piece++;
    if (!matcher->file_literals || known_file_texts(matcher, lines))
        return;
    size_t count = literals_find(matcher->file_literals, lines, &found);
    for (size_t i = 0; i < count; i++)
        matcher->file_seen[found[i]] = matcher->piece;
}

static void match_piece(struct text_matcher *matcher, struct file_pattern *file, struct piece piece)
{
    bool required = matcher->prefilter && file->text_count;
    for (size_t i = 0; i < file->text_count && required; i++) {
        bool stands = matcher->file_seen[file->first + i] == matcher->piece;
        file->next[i] = stands ? find(piece.at, piece.end, file->texts[i]) : NULL;
    }
    while (piece.at < piece.end && !matcher->states[file->pattern->number].out) {
        if (required) {
            const char *place = next_required(file, piece.at, piece.end);
            if (!place)
                return;
            move_to(&piece, place);
        }
        struct text line = take_line(&piece);
        try_line(matcher, file, &piece, line);
        piece.line++;
    }
}

// The texts of the active files alone, the others' left empty, so that they keep their numbers.
static struct literals *open_active(const struct text_matcher *matcher)
{
    struct text *texts = mem_alloc(matcher->file_texts.count, sizeof *texts);
    for (size_t i = 0; i < matcher->active.count; i++) {
        const struct file_pattern *file = &matcher->files.items[matcher->active.items[i]];
        if (file->text_count) // a regex alone has none
            memcpy(texts + file->first, file->texts, file->text_count * sizeof *texts);
    }
    struct literals *literals = literals_open(texts, matcher->file_texts.count);
    free(texts);
    return literals;
}

static bool is_active_set(const struct text_matcher *matcher, const struct file_set *set)
{
    return set->count == matcher->active.count &&
           memcmp(set->files, matcher->active.items, set->count * sizeof *set->files) == 0;
}

// Globs are few, so are the sets of files that some path is named by; where they are not, all texts are
// looked for.
static struct literals *literals_of_active(struct text_matcher *matcher)
{
    if (!matcher->file_texts.count || !matcher->active.count)
        return NULL;
    for (size_t i = 0; i < matcher->sets.count; i++)
        if (is_active_set(matcher, &matcher->sets.items[i]))
            return matcher->sets.items[i].literals;
    if (matcher->sets.count == FILE_SETS_MAX) {
        if (!matcher->all_file_literals)
            matcher->all_file_literals = literals_open(matcher->file_texts.items, matcher->file_texts.count);
        return matcher->all_file_literals;
    }
    struct file_set *set = array_add(&matcher->sets);
    set->count = matcher->active.count;
    set->files = mem_alloc(set->count, sizeof *set->files);
    memcpy(set->files, matcher->active.items, set->count * sizeof *set->files);
    set->literals = open_active(matcher);
    return set->literals;
}

static bool match_globs(struct text_matcher *matcher, struct text path)
{
    uint64_t bytes = path_bytes(path);
    char first = path.len ? path.ptr[0] : '\0', last = path.len ? path.ptr[path.len - 1] : '\0';
    bool any = false;
    for (size_t i = 0; i < matcher->globs.count; i++) {
        struct file_glob *glob = &matcher->globs.items[i];
        glob->matches = !(glob->bytes & ~bytes) && (!glob->last || glob->last == last) &&
                        (!glob->first || glob->first == first) && glob_matches(glob->glob, path);
        any |= glob->matches;
    }
    return any;
}

static void choose_files(struct text_matcher *matcher, struct text path)
{
    buffer_clear(&matcher->active_path);
    buffer_add(&matcher->active_path, path);
    array_clear(&matcher->active);
    bool any = match_globs(matcher, path);
    for (size_t i = 0; i < matcher->files.count && any; i++)
        if (matcher->globs.items[matcher->files.items[i].glob].matches)
            *array_add(&matcher->active) = i;
    matcher->file_literals = matcher->prefilter ? literals_of_active(matcher) : NULL;
}

void release_files(struct text_matcher *matcher)
{
    for (size_t i = 0; i < matcher->sets.count; i++) {
        literals_close(matcher->sets.items[i].literals);
        free(matcher->sets.items[i].files);
    }
    if (matcher->all_file_literals)
        literals_close(matcher->all_file_literals);
    array_release(&matcher->sets);
    array_release(&matcher->files);
    array_release(&matcher->globs);
    intern_release(&matcher->glob_names);
    array_release(&matcher->file_texts);
    array_release(&matcher->active);
    buffer_release(&matcher->active_path);
    free(matcher->file_seen);
}

void match_lines(struct text_matcher *matcher, const struct member *member, struct text lines,
                 uint64_t first_line)
{
    matcher_enter(matcher, member, 0, (int64_t)first_line);
    if (!text_equal(buffer_text(&matcher->active_path), member->path))
        choose_files(matcher, member->path);
    if (matcher->prefilter && matcher->active.count)
        note_texts(matcher, lines);
    struct piece piece = {member, lines.ptr, lines.ptr + lines.len, first_line};
    for (size_t i = 0; i < matcher->active.count && lines.len; i++)
        match_piece(matcher, &matcher->files.items[matcher->active.items[i]], piece);
}
