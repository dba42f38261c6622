// SPDX-License-Identifier: Apache-2.0
#include "rule/vocabulary.h"

#include "rule/lint.h"
#include "util/builtin.h"

static struct text file_text(const char *path)
{
    for (const struct builtin *file = builtin_files; file->path; file++)
        if (text_is(text_of(path), file->path))
            return (struct text){file->content, file->length};
    return TEXT("");
}

// The next line that is neither empty nor a remark. Moves *rest behind it.
static bool next_line(struct text *rest, struct text *line)
{
    while (text_split(rest, '\n', line)) {
        *line = text_trim_end(*line);
        if (line->len && line->ptr[0] != '#')
            return true;
    }
    return false;
}

bool cause_next(struct cause_words *causes)
{
    struct text line;
    if (!causes->open)
        causes->rest = file_text("rules/causes.txt");
    causes->open = true;
    if (!next_line(&causes->rest, &line) || !text_word(&line, &causes->word))
        return false;
    causes->meaning = text_trim(line);
    return true;
}

bool cause_known(struct text word)
{
    struct cause_words causes = {0};
    while (cause_next(&causes))
        if (text_equal(causes.word, word))
            return true;
    return false;
}

bool idle_next(struct idle_threads *idle)
{
    struct text line, after;
    if (!idle->open)
        idle->rest = file_text("rules/idle.txt");
    idle->open = true;
    if (!next_line(&idle->rest, &line) || !text_skip(&line, "= ") || !text_word(&line, &idle->label) ||
        !text_word(&line, &idle->state))
        return false;
    idle->comm = text_trim(line);
    idle->frames = (struct text){idle->rest.ptr, 0};
    after = idle->rest;
    while (text_split(&after, '\n', &line) && line.len && line.ptr[0] != '#' && line.ptr[0] != '=')
        idle->rest = after;
    idle->frames.len = (size_t)(idle->rest.ptr - idle->frames.ptr);
    return true;
}
