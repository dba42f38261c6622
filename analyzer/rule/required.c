// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "rule/require.h"
#include "rule/rule.h"
#include "util/array.h"

struct required {
    const struct text *texts; // none: nothing is required for certain
    size_t count, shortest;
};

struct requirements {
    struct arena arena;
    struct intern sources;
    struct required_list ARRAY_BODY(struct required) list; // by source
};

struct requirements *requirements_open(void)
{
    return mem_alloc(1, sizeof(struct requirements));
}

void requirements_close(struct requirements **requirements)
{
    if (!*requirements)
        return;
    arena_release(&(*requirements)->arena);
    intern_release(&(*requirements)->sources);
    array_release(&(*requirements)->list);
    free(*requirements);
    *requirements = NULL;
}

static struct required take_apart(struct requirements *requirements, struct text source)
{
    struct text texts[REQUIRE_MAX];
    struct required required = {.count = required_texts(source, 1, &requirements->arena, texts)};
    struct text *kept = arena_alloc(&requirements->arena, required.count + 1, sizeof *kept);
    memcpy(kept, texts, required.count * sizeof *texts);
    required.texts = kept;
    for (size_t i = 0; i < required.count; i++)
        if (i == 0 || texts[i].len < required.shortest)
            required.shortest = texts[i].len;
    return required;
}

size_t rulebook_required(const struct rulebook *book, struct text source, size_t least,
                         const struct text **texts)
{
    struct requirements *requirements = book->required;
    bool added;
    uint32_t number = intern_add(&requirements->sources, source, &added);
    if (added)
        *array_add(&requirements->list) = take_apart(requirements, source);
    const struct required *required = &requirements->list.items[number];
    *texts = required->texts;
    return required->shortest >= least ? required->count : 0;
}
