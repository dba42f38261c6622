// SPDX-License-Identifier: Apache-2.0
#include "rule/hits.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/memory.h"

// One row in one block: the struct, its groups, the bytes of its texts.
struct kept {
    struct hit hit;
    size_t groups;
    uint64_t ordinal; // among its member's rows of this pattern, from 0
    uint64_t rank;
};

struct kept_list ARRAY_BODY(struct kept *);

struct rows {
    uint64_t count;        // of all members
    uint64_t cut_groups;   // of these, with a text that was cut
    struct kept_list done; // of members that ended, at most twice the bound
    // of the current member: its first rows, then a ring of its last
    uint64_t member_count;
    struct kept_list head, tail;
    size_t oldest;      // of the ring, once it is full
    struct hit *result; // by source and line
};

struct hit_keeper {
    struct rows *rows; // by pattern
    size_t patterns;
    uint64_t bound, all_rows, group_bytes;
    uint64_t sum;                                            // of what the bound lets each pattern keep
    struct number_list ARRAY_BODY(uint32_t) member_patterns; // with rows in the current member
};

// ---- one row ---------------------------------------------------------------------------------

static struct text put_text(char **at, struct text text, uint64_t limit)
{
    if (!text.ptr)
        return (struct text){0};
    size_t length = text.len < limit ? text.len : (size_t)limit;
    struct text copy = {*at, length};
    memcpy(*at, text.ptr, length);
    *at += length;
    return copy;
}

static struct kept *copy_hit(const struct hit *hit, size_t groups, uint64_t group_bytes)
{
    enum { SHORT = 256 }; // units and hosts have names, not prose
    const struct text *short_texts[] = {&hit->unit, &hit->host, &hit->boot};
    size_t bytes = hit->source.len + hit->path.len;
    for (size_t i = 0; i < 3; i++)
        bytes += short_texts[i]->len < SHORT ? short_texts[i]->len : SHORT;
    for (size_t i = 0; i < groups; i++)
        bytes += hit->groups[i].len < group_bytes ? hit->groups[i].len : (size_t)group_bytes;
    struct kept *kept = mem_resize(NULL, 1, sizeof *kept + groups * sizeof(struct text) + bytes);
    struct text *copies = (struct text *)(kept + 1);
    char *at = (char *)(copies + groups);
    *kept = (struct kept){.hit = *hit, .groups = groups};
    kept->hit.source = put_text(&at, hit->source, UINT64_MAX);
    kept->hit.path = put_text(&at, hit->path, UINT64_MAX);
    kept->hit.unit = put_text(&at, hit->unit, SHORT);
    kept->hit.host = put_text(&at, hit->host, SHORT);
    kept->hit.boot = put_text(&at, hit->boot, SHORT);
    for (size_t i = 0; i < groups; i++)
        copies[i] = put_text(&at, hit->groups[i], group_bytes);
    kept->hit.groups = copies;
    return kept;
}

static bool is_cut(const struct hit *hit, size_t groups, uint64_t group_bytes)
{
    for (size_t i = 0; i < groups; i++)
        if (hit->groups[i].len > group_bytes)
            return true;
    return false;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

// By place; rows of members with the same name and line (a path that stands twice in an archive) by what
// they hold, so that no order of arrival shows.
static int compare_places(const struct kept *a, const struct kept *b)
{
    int order = text_compare(a->hit.source, b->hit.source);
    order = order ? order : compare_numbers(a->hit.line, b->hit.line);
    order = order ? order : compare_numbers(a->hit.time, b->hit.time);
    for (size_t i = 0; i < a->groups && i < b->groups && !order; i++)
        order = text_compare(a->hit.groups[i], b->hit.groups[i]);
    order = order ? order : text_compare(a->hit.unit, b->hit.unit);
    return order ? order : text_compare(a->hit.host, b->hit.host);
}

static int by_place(const void *a, const void *b)
{
    return compare_places(*(struct kept *const *)a, *(struct kept *const *)b);
}

static int by_rank(const void *a, const void *b)
{
    const struct kept *left = *(struct kept *const *)a, *right = *(struct kept *const *)b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return compare_places(left, right);
}

// ---- the rows of one pattern -----------------------------------------------------------------

static void free_all(struct kept_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    array_release(list);
}

static void cut_done(struct rows *rows, uint64_t bound)
{
    if (rows->done.count <= bound)
        return;
    array_sort(&rows->done, by_rank);
    while (rows->done.count > bound)
        free(rows->done.items[--rows->done.count]);
}

static size_t half_of(uint64_t bound)
{
    return (size_t)(bound / 2 + bound % 2);
}

// The member's rows so far in their order: head, then the ring from its oldest on.
static void straighten(struct rows *rows, struct kept_list *all)
{
    for (size_t i = 0; i < rows->head.count; i++)
        *array_add(all) = rows->head.items[i];
    for (size_t i = 0; i < rows->tail.count; i++)
        *array_add(all) = rows->tail.items[(rows->oldest + i) % rows->tail.count];
    array_clear(&rows->head);
    array_clear(&rows->tail);
    rows->oldest = 0;
}

static void put_current(struct rows *rows, struct kept *kept, size_t half)
{
    if (rows->head.count < half) {
        *array_add(&rows->head) = kept;
    } else if (rows->tail.count < half) {
        *array_add(&rows->tail) = kept;
    } else {
        free(rows->tail.items[rows->oldest]);
        rows->tail.items[rows->oldest] = kept;
        rows->oldest = (rows->oldest + 1) % half;
    }
}

static void cut_rows(struct rows *rows, uint64_t bound)
{
    cut_done(rows, bound);
    struct kept_list all = {0};
    straighten(rows, &all);
    for (size_t i = 0; i < all.count; i++)
        put_current(rows, all.items[i], half_of(bound));
    array_release(&all);
}

static void end_rows(struct rows *rows, uint64_t bound)
{
    struct kept_list all = {0};
    straighten(rows, &all);
    for (size_t i = 0; i < all.count; i++) {
        uint64_t behind = rows->member_count - 1 - all.items[i]->ordinal;
        all.items[i]->rank = all.items[i]->ordinal < behind ? all.items[i]->ordinal : behind;
        *array_add(&rows->done) = all.items[i];
    }
    array_release(&all);
    rows->member_count = 0;
    if (rows->done.count / 2 >= bound)
        cut_done(rows, bound);
}

// ---- all patterns ----------------------------------------------------------------------------

struct hit_keeper *hit_keeper_open(size_t patterns, uint64_t rows, uint64_t all_rows, uint64_t group_bytes)
{
    struct hit_keeper *keeper = mem_alloc(1, sizeof *keeper);
    keeper->rows = mem_alloc(patterns ? patterns : 1, sizeof *keeper->rows);
    keeper->patterns = patterns;
    keeper->bound = rows ? rows : 1;
    keeper->all_rows = all_rows;
    keeper->group_bytes = group_bytes;
    return keeper;
}

// Halves the bound until what it lets all patterns keep fits.
static void lower_bound(struct hit_keeper *keeper)
{
    while (keeper->sum > keeper->all_rows && keeper->bound > 1) {
        keeper->bound /= 2;
        keeper->sum = 0;
        for (size_t i = 0; i < keeper->patterns; i++)
            keeper->sum += keeper->rows[i].count < keeper->bound ? keeper->rows[i].count : keeper->bound;
    }
    for (size_t i = 0; i < keeper->patterns; i++)
        cut_rows(&keeper->rows[i], keeper->bound);
}

void hit_keeper_add(struct hit_keeper *keeper, uint32_t pattern, const struct hit *hit, size_t groups)
{
    struct rows *rows = &keeper->rows[pattern];
    struct kept *kept = copy_hit(hit, groups, keeper->group_bytes);
    rows->cut_groups += is_cut(hit, groups, keeper->group_bytes);
    if (rows->member_count == 0)
        *array_add(&keeper->member_patterns) = pattern;
    kept->ordinal = rows->member_count++;
    put_current(rows, kept, half_of(keeper->bound));
    if (rows->count++ < keeper->bound)
        keeper->sum++;
    if (keeper->sum > keeper->all_rows && keeper->bound > 1)
        lower_bound(keeper);
}

void hit_keeper_end_member(struct hit_keeper *keeper)
{
    for (size_t i = 0; i < keeper->member_patterns.count; i++) {
        struct rows *rows = &keeper->rows[keeper->member_patterns.items[i]];
        if (rows->member_count) // not forgotten since
            end_rows(rows, keeper->bound);
    }
    array_clear(&keeper->member_patterns);
}

void hit_keeper_forget(struct hit_keeper *keeper, uint32_t pattern)
{
    struct rows *rows = &keeper->rows[pattern];
    keeper->sum -= rows->count < keeper->bound ? rows->count : keeper->bound;
    free_all(&rows->done);
    free_all(&rows->head);
    free_all(&rows->tail);
    *rows = (struct rows){0};
}

struct hits hit_keeper_hits(struct hit_keeper *keeper, uint32_t pattern)
{
    hit_keeper_end_member(keeper);
    struct rows *rows = &keeper->rows[pattern];
    if (!rows->result && rows->done.count) {
        cut_done(rows, keeper->bound);
        array_sort(&rows->done, by_place);
        rows->result = mem_alloc(rows->done.count, sizeof *rows->result);
        for (size_t i = 0; i < rows->done.count; i++)
            rows->result[i] = rows->done.items[i]->hit;
    }
    return (struct hits){
        .hits = rows->result, .kept = rows->done.count, .count = rows->count, .cut_groups = rows->cut_groups};
}

void hit_keeper_close(struct hit_keeper *keeper)
{
    for (size_t i = 0; i < keeper->patterns; i++) {
        free_all(&keeper->rows[i].done);
        free_all(&keeper->rows[i].head);
        free_all(&keeper->rows[i].tail);
        free(keeper->rows[i].result);
    }
    array_release(&keeper->member_patterns);
    free(keeper->rows);
    free(keeper);
}
