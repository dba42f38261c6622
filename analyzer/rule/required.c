// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "rule/require.h"
#include "rule/rule.h"
#include "util/array.h"

struct required {
    bool known;
    const struct text *texts; // none: nothing is required for certain
    size_t count, shortest;
};

struct requirements {
    struct arena arena;
    struct required_list ARRAY_BODY(struct required) list; // by number of the source in the book
};

void requirements_close(struct requirements **requirements)
{
    if (!*requirements)
        return;
    arena_release(&(*requirements)->arena);
    array_release(&(*requirements)->list);
    free(*requirements);
    *requirements = NULL;
}

static struct required make_required(const struct text *texts, size_t count)
{
    struct required required = {.known = true, .texts = texts, .count = count};
    for (size_t i = 0; i < count; i++)
        if (i == 0 || texts[i].len < required.shortest)
            required.shortest = texts[i].len;
    return required;
}

static struct required take_apart(struct requirements *requirements, struct text source)
{
    struct text texts[REQUIRE_MAX];
    size_t count = required_texts(source, 1, &requirements->arena, texts);
    struct text *kept = arena_alloc(&requirements->arena, count + 1, sizeof *kept);
    memcpy(kept, texts, count * sizeof *texts);
    return make_required(kept, count);
}

static struct required *required_at(struct requirements *requirements, uint32_t number)
{
    while (requirements->list.count <= number)
        *array_add(&requirements->list) = (struct required){0};
    return &requirements->list.items[number];
}

static struct requirements *requirements_of(struct rulebook *book)
{
    if (!book->required)
        book->required = mem_alloc(1, sizeof *book->required);
    return book->required;
}

size_t rulebook_required(const struct rulebook *book, struct text source, size_t least,
                         const struct text **texts)
{
    uint32_t number = intern_find(&book->sources, source);
    if (number == INTERN_NONE)
        abort(); // no regex of the book
    struct requirements *requirements = requirements_of((struct rulebook *)book);
    struct required *required = required_at(requirements, number);
    if (!required->known)
        *required = take_apart(requirements, source);
    *texts = required->texts;
    return required->shortest >= least ? required->count : 0;
}

void rulebook_requires(struct rulebook *book, uint32_t number, const struct text *texts, size_t count)
{
    *required_at(requirements_of(book), number) = make_required(texts, count);
}
