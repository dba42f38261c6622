// SPDX-License-Identifier: Apache-2.0
#include "privacy/vocabulary.h"

#include <stdlib.h>

#include "util/builtin.h"
#include "util/intern.h"
#include "util/memory.h"

static const char *const common_words[] = {
#define WORD(word) #word,
#include "privacy/known.list"
    NULL,
};

static const char *const public_domains[] = {
#define DOMAIN(domain) domain,
#include "privacy/known.list"
    NULL,
};

enum { WORD_BYTES_MOST = 64 };

struct vocabulary {
    struct intern common, words;
};

// Letters in a row; digits end a word, as do signs of regular expressions.
static void add_words(struct vocabulary *vocabulary, struct text line)
{
    char word[WORD_BYTES_MOST];
    size_t length = 0;
    for (size_t i = 0; i <= line.len; i++) {
        if (i < line.len && byte_is_alpha(line.ptr[i])) {
            if (length < sizeof word)
                word[length++] = byte_lower(line.ptr[i]);
            continue;
        }
        if (length > 1)
            (void)intern_add(&vocabulary->words, (struct text){word, length}, NULL);
        length = 0;
    }
}

// Of a rule only what it looks for: its prose and the bundles of its tests hold names.
static void add_rule(struct vocabulary *vocabulary, struct text rule)
{
    struct lines lines = {.rest = rule};
    struct text line;
    bool wanted = false;
    while (lines_next(&lines, &line)) {
        if (line.len && byte_is_alpha(line.ptr[0]))
            wanted = text_starts(line, "patterns:") || text_starts(line, "query:");
        if (wanted)
            add_words(vocabulary, line);
    }
}

struct vocabulary *vocabulary_open(void)
{
    struct vocabulary *vocabulary = mem_alloc(1, sizeof *vocabulary);
    for (const char *const *word = common_words; *word; word++)
        (void)intern_add(&vocabulary->common, text_of(*word), NULL);
    for (const struct builtin *file = builtin_files; file->path; file++) {
        struct text content = {file->content, file->length};
        if (!text_starts(text_of(file->path), "rules/"))
            continue;
        if (text_ends(text_of(file->path), ".yaml"))
            add_rule(vocabulary, content);
        else
            add_words(vocabulary, content);
    }
    return vocabulary;
}

void vocabulary_close(struct vocabulary **vocabulary)
{
    if (!*vocabulary)
        return;
    intern_release(&(*vocabulary)->common);
    intern_release(&(*vocabulary)->words);
    free(*vocabulary);
    *vocabulary = NULL;
}

bool vocabulary_is_common(const struct vocabulary *vocabulary, struct text name)
{
    return intern_find(&vocabulary->common, name) != INTERN_NONE;
}

static bool has_word(const struct vocabulary *vocabulary, struct text word)
{
    return intern_find(&vocabulary->words, word) != INTERN_NONE || vocabulary_is_common(vocabulary, word);
}

bool vocabulary_has(const struct vocabulary *vocabulary, struct text name)
{
    if (has_word(vocabulary, name))
        return true;
    size_t start = 0;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && !strchr("-._", name.ptr[i]))
            continue;
        if (i == start || !has_word(vocabulary, text_slice(name, start, i - start)))
            return false;
        start = i + 1;
    }
    return true;
}

bool domain_is_public(struct text domain)
{
    for (const char *const *known = public_domains; *known; known++) {
        size_t length = strlen(*known);
        if (text_ends(domain, *known) && (domain.len == length || domain.ptr[domain.len - length - 1] == '.'))
            return true;
    }
    return false;
}
