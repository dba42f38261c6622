// SPDX-License-Identifier: Apache-2.0
#include "evidence/recall.h"

#include <stdlib.h>

#include "util/array.h"
#include "util/intern.h"

// Enough for every distinct stack of a large node; a stranger's bundle gets no more memory than this.
enum { MOST_TEXTS = 4096, MOST_BYTES = 4 * 1024 * 1024 };

struct result {
    struct text text;
    uint64_t number;
};

struct recall {
    struct intern texts;
    struct result_list ARRAY_BODY(struct result) results; // by number in texts
    size_t bytes;
};

struct recall *recall_open(void)
{
    return mem_alloc(1, sizeof(struct recall));
}

void recall_close(struct recall *recall)
{
    if (!recall)
        return;
    intern_release(&recall->texts);
    array_release(&recall->results);
    free(recall);
}

bool recall_find(const struct recall *recall, struct text text, struct text *result, uint64_t *number)
{
    uint32_t known = recall && recall->texts.count ? intern_find(&recall->texts, text) : INTERN_NONE;
    if (known == INTERN_NONE)
        return false;
    *result = recall->results.items[known].text;
    *number = recall->results.items[known].number;
    return true;
}

void recall_keep(struct recall *recall, struct text text, struct text result, uint64_t number)
{
    if (!recall || recall->texts.count >= MOST_TEXTS || recall->bytes + text.len + result.len > MOST_BYTES)
        return;
    bool added;
    (void)intern_add(&recall->texts, text, &added);
    if (!added)
        return;
    recall->bytes += text.len + result.len;
    *array_add(&recall->results) =
        (struct result){.text = arena_copy(&recall->texts.arena, result), .number = number};
}
