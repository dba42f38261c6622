// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "diagnosis/finding.h"
#include "util/intern.h"
#include "util/memory.h"

enum { SHORT_ID = 12, LONG_ID = 64 };

struct containers {
    struct intern ids;
    uint32_t inhabited; // the first ids are those of threads
};

struct containers *containers_open(struct db *db, struct error *err)
{
    struct containers *containers = mem_alloc(1, sizeof *containers);
    static const char *const sources[] = {"SELECT DISTINCT container FROM thread WHERE container IS NOT NULL",
                                          "SELECT DISTINCT container FROM container_name"};
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(statement_release) struct statement *query = statement_open(db, sources[i], err);
        enum step step = query ? STEP_ROW : STEP_FAILED;
        while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW)
            containers_note(containers, column_text(query, 0));
        if (step == STEP_FAILED) {
            containers_close(&containers);
            return NULL;
        }
        if (i == 0)
            containers->inhabited = containers->ids.count;
    }
    return containers;
}

void containers_close(struct containers **containers)
{
    if (*containers)
        intern_release(&(*containers)->ids);
    free(*containers);
    *containers = NULL;
}

void containers_note(struct containers *containers, struct text id)
{
    if (id.len >= SHORT_ID && id.len <= LONG_ID)
        (void)intern_add(&containers->ids, id, NULL);
}

struct text containers_longest(const struct containers *containers, struct text id)
{
    struct text longest = id;
    bool several = false;
    if (id.len < SHORT_ID)
        return id;
    for (uint32_t i = 0; i < containers->ids.count; i++) {
        struct text other = containers->ids.texts[i];
        if (other.len <= id.len || !text_equal(text_slice(other, 0, id.len), id))
            continue;
        // a longer prefix of the same id is no second container
        struct text both = text_slice(other, 0, longest.len < other.len ? longest.len : other.len);
        several |= longest.len > id.len && !text_equal(text_slice(longest, 0, both.len), both);
        if (other.len > longest.len)
            longest = other;
    }
    return several ? id : longest;
}

bool containers_inhabited(const struct containers *containers, struct text id)
{
    uint32_t number = intern_find(&containers->ids, containers_longest(containers, id));
    return number != INTERN_NONE && number < containers->inhabited;
}
