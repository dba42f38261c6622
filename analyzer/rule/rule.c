// SPDX-License-Identifier: Apache-2.0
#include "rule/rule.h"

#include "rule/keys.h"

static const char *word_at(enum key_shape shape, size_t index)
{
    return key_words(shape)[index];
}

static bool index_of(enum key_shape shape, struct text word, size_t *index)
{
    const char *const *words = key_words(shape);
    for (*index = 0; words[*index]; (*index)++)
        if (text_is(word, words[*index]))
            return true;
    return false;
}

const char *severity_name(enum severity severity)
{
    return word_at(SHAPE_SEVERITY, severity);
}

bool severity_of(struct text word, enum severity *severity)
{
    size_t index;
    bool known = index_of(SHAPE_SEVERITY, word, &index);
    if (known)
        *severity = (enum severity)index;
    return known;
}

const char *confidence_name(enum confidence confidence)
{
    return confidence == CONFIDENCE_UNSET ? NULL : word_at(SHAPE_CONFIDENCE, confidence - CONFIDENCE_LOW);
}

bool confidence_of(struct text word, enum confidence *confidence)
{
    size_t index;
    bool known = index_of(SHAPE_CONFIDENCE, word, &index);
    if (known)
        *confidence = (enum confidence)(CONFIDENCE_LOW + index);
    return known;
}

const char *match_kind_name(enum match_kind kind)
{
    static const char *const names[MATCH_KINDS] = {"stack", "wchan", "log", "profile", "file", "namespace"};
    return names[kind];
}

struct place rule_place(const struct rule *rule, const struct yaml *node, size_t offset)
{
    struct place place = {.path = rule->path, .line = 1, .column = 1};
    if (node)
        yaml_position(rule->source, node, offset, &place.line, &place.column);
    return place;
}

const struct rule *rulebook_find(const struct rulebook *book, struct text id)
{
    size_t low = 0, high = book->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(book->rules[middle]->id, id);
        if (order == 0)
            return book->rules[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
