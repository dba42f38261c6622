// SPDX-License-Identifier: Apache-2.0
#include "rule/literals.h"

#include <stdlib.h>
#include <string.h>

#include "rule/pairs16.h"
#include "util/memory.h"

enum {
    LONG = 7,       // texts of this length are searched apart from shorter ones
    GRAM = 4,       // bytes
    SHORT_GRAM = 2, // where a text is shorter than that, or texts are few
    STRIDE_MAX = 4, // more grams a text find more in vain than longer strides save
    LESSON = 65536, // bytes that it is learned from, and after which it is asked again
    IN_VAIN = 64,   // bytes a check, below which the grams are chosen anew
    REBUILDS_MAX = 16,
    FILTER_MIN = 10, // bits of a hash
    FILTER_MAX = 15, // 32 KiB of marks: a first-level cache
};

// One gram of one text.
struct entry {
    struct text text;
    uint32_t number;
    uint32_t start; // of the gram within the text
    uint32_t key;   // the gram
};

struct engine {
    size_t gram, stride;   // bytes
    size_t texts, count;   // entries: a stride's for each text
    unsigned shift;        // of a hash, to the filter's size
    unsigned bucket_shift; // likewise, to the buckets'
    struct entry *entries; // by bucket
    uint32_t *first;       // entry of each bucket, and one behind the last
    uint8_t *marks;        // of each hash: whether an entry has it
    uint32_t *met;         // likewise: how often it was met in subjects; NULL until it first learns
    struct pairs16 pairs;  // the grams, where they are compared with every place rather than looked up
};

// What the subjects are like: the grams that often stand in them are the wrong ones to look for.
struct lesson {
    uint64_t looked, checked; // bytes and places, since it was last asked whether to learn
    unsigned rebuilds;
    bool learning; // the grams of subjects are being counted
};

struct literals {
    struct text *texts;
    size_t count;
    struct engine *engines[2]; // of short and of long texts; NULL where there are none
    uint64_t *seen;            // of each text: the search it was last found in
    uint64_t search;
    uint32_t *found;
    struct lesson lesson;
};

static inline uint32_t key_at(const char *at, size_t gram)
{
    uint32_t key;
    uint16_t half;
    if (gram == GRAM) {
        memcpy(&key, at, sizeof key);
        return key;
    }
    memcpy(&half, at, sizeof half);
    return half;
}

static inline uint32_t hash_of(uint32_t key)
{
    return key * UINT32_C(2654435761);
}

// How often a byte stands in logs, as a weight: of the grams that a text has, those of the least product are
// looked for.
static void fill_weights(uint8_t weights[static 256])
{
    static const char *const classes[] = {" e", "tnaior", "sdlcum0123456789", "pfhgb\"=:", "vwyk./-_"};
    static const uint8_t of_class[] = {12, 8, 6, 4, 3};
    memset(weights, 1, 256);
    for (size_t i = 0; i < sizeof of_class; i++)
        for (const char *byte = classes[i]; *byte; byte++)
            weights[(unsigned char)*byte] = of_class[i];
}

// What it costs to look for a gram: how often its mark was met, and before that is known, how likely it is.
static uint64_t gram_weight(const struct engine *engine, const uint8_t *weights, const char *at)
{
    uint64_t weight = 1;
    for (size_t i = 0; i < engine->gram; i++)
        weight *= weights[(unsigned char)at[i]];
    if (engine->met)
        weight += (uint64_t)engine->met[hash_of(key_at(at, engine->gram)) >> engine->shift] << 16;
    return weight;
}

// Where in the text the grams stand best: those that are least likely to be met, the first of equals.
static uint32_t best_start(const struct engine *engine, const uint8_t *weights, struct text text)
{
    uint32_t best = 0;
    uint64_t least = UINT64_MAX, score = 0;
    for (size_t at = 0; at + engine->gram <= text.len; at++) {
        score += gram_weight(engine, weights, text.ptr + at);
        if (at + 1 < engine->stride)
            continue;
        size_t start = at + 1 - engine->stride;
        if (score < least) {
            least = score;
            best = (uint32_t)start;
        }
        score -= gram_weight(engine, weights, text.ptr + start);
    }
    return best;
}

static uint32_t bucket_of(const struct engine *engine, uint32_t key)
{
    return hash_of(key) >> engine->bucket_shift;
}

// The filter has 64 places for each entry, if that is not too many.
static void size_tables(struct engine *engine)
{
    unsigned bits = FILTER_MIN;
    while (bits < FILTER_MAX && (UINT64_C(1) << bits) / 64 < engine->texts * engine->stride)
        bits++;
    engine->shift = 32 - bits;
    engine->bucket_shift = 32 - (bits - 5);
    engine->marks = mem_alloc((size_t)1 << bits, sizeof *engine->marks);
    engine->first = mem_alloc(((size_t)1 << (bits - 5)) + 2, sizeof *engine->first);
}

// Puts the entries in the order of their buckets.
static void fill_tables(struct engine *engine)
{
    size_t buckets = (size_t)1 << (32 - engine->bucket_shift);
    struct entry *sorted = mem_alloc(engine->count, sizeof *sorted);
    uint32_t *first = engine->first;
    memset(engine->marks, 0, (size_t)1 << (32 - engine->shift));
    memset(first, 0, (buckets + 2) * sizeof *first);
    for (size_t i = 0; i < engine->count; i++) { // two behind: adding up and placing move each down by one
        first[bucket_of(engine, engine->entries[i].key) + 2]++;
        engine->marks[hash_of(engine->entries[i].key) >> engine->shift] = 1;
    }
    for (size_t i = 2; i < buckets + 2; i++)
        first[i] += first[i - 1];
    for (size_t i = 0; i < engine->count; i++)
        sorted[first[bucket_of(engine, engine->entries[i].key) + 1]++] = engine->entries[i];
    free(engine->entries);
    engine->entries = sorted;
}

// Few short texts are not looked up: their grams are compared with many places at once.
static void fill_pairs(struct engine *engine)
{
    engine->pairs.count = 0;
    for (size_t i = 0; i < engine->count && engine->gram == SHORT_GRAM && engine->count <= PAIRS_MAX; i++)
        if (i == 0 || engine->entries[i].key != engine->entries[i - 1].key)
            pairs16_add(&engine->pairs, engine->entries[i].text.ptr + engine->entries[i].start);
}

static bool is_in(struct text text, bool of_long)
{
    return text.len >= SHORT_GRAM && (text.len >= LONG) == of_long;
}

static void add_entries(struct engine *engine, const uint8_t *weights, struct text text, uint32_t number)
{
    uint32_t start = best_start(engine, weights, text);
    for (uint32_t at = start; at < start + engine->stride; at++)
        engine->entries[engine->count++] =
            (struct entry){text, number, at, key_at(text.ptr + at, engine->gram)};
}

// Measures the texts: gram and stride are those that the shortest has room for. NULL where there are none.
static struct engine *engine_open(const struct literals *literals, bool of_long)
{
    size_t mine = 0, shortest = SIZE_MAX;
    for (size_t i = 0; i < literals->count; i++)
        if (is_in(literals->texts[i], of_long)) {
            mine++;
            shortest = literals->texts[i].len < shortest ? literals->texts[i].len : shortest;
        }
    if (!mine)
        return NULL;
    struct engine *engine = mem_alloc(1, sizeof *engine);
    engine->texts = mine;
    engine->gram = shortest < GRAM || (!of_long && mine <= PAIRS_MAX) ? SHORT_GRAM : GRAM;
    engine->stride = engine->gram == GRAM ? shortest - GRAM + 1 : 1;
    if (engine->stride > STRIDE_MAX)
        engine->stride = STRIDE_MAX;
    size_tables(engine);
    return engine;
}

// Chooses the grams, for the first time or anew.
static void engine_fill(struct engine *engine, const struct literals *literals, const uint8_t *weights,
                        bool of_long)
{
    free(engine->entries);
    engine->entries = mem_alloc(engine->texts * engine->stride, sizeof *engine->entries);
    engine->count = 0;
    for (size_t i = 0; i < literals->count; i++)
        if (is_in(literals->texts[i], of_long))
            add_entries(engine, weights, literals->texts[i], (uint32_t)i);
    fill_tables(engine);
    fill_pairs(engine);
}

static void fill_all(struct literals *literals)
{
    uint8_t weights[256];
    fill_weights(weights);
    for (int of_long = 0; of_long < 2; of_long++)
        if (literals->engines[of_long])
            engine_fill(literals->engines[of_long], literals, weights, of_long);
}

struct literals *literals_open(const struct text *texts, size_t count)
{
    struct literals *literals = mem_alloc(1, sizeof *literals);
    literals->count = count;
    literals->texts = mem_alloc(count ? count : 1, sizeof *texts);
    if (count)
        memcpy(literals->texts, texts, count * sizeof *texts);
    literals->seen = mem_alloc(count ? count : 1, sizeof *literals->seen);
    literals->found = mem_alloc(count ? count : 1, sizeof *literals->found);
    for (int of_long = 0; of_long < 2; of_long++)
        literals->engines[of_long] = engine_open(literals, of_long);
    fill_all(literals);
    return literals;
}

// ---- learning ----------------------------------------------------------------------------------

static void count_grams(struct engine *engine, struct text subject)
{
    if (!engine)
        return;
    if (!engine->met)
        engine->met = mem_alloc((size_t)1 << (32 - engine->shift), sizeof *engine->met);
    for (size_t at = 0; at + engine->gram <= subject.len && at < LESSON; at++)
        engine->met[hash_of(key_at(subject.ptr + at, engine->gram)) >> engine->shift]++;
}

// Begins to learn where too many places are checked in vain, and ends it after some subjects. What was
// learned before stays, so that the choice settles.
static void learn(struct literals *literals)
{
    struct lesson *lesson = &literals->lesson;
    bool learning = lesson->learning;
    if (lesson->learning) {
        fill_all(literals);
        lesson->rebuilds++;
    }
    lesson->learning =
        !learning && lesson->rebuilds < REBUILDS_MAX && lesson->looked / IN_VAIN < lesson->checked;
    lesson->looked = lesson->checked = 0;
}

// ---- searching ---------------------------------------------------------------------------------

static bool stands_at(const struct entry *entry, struct text subject, size_t gram_at)
{
    if (gram_at < entry->start)
        return false;
    size_t start = gram_at - entry->start;
    return subject.len - start >= entry->text.len &&
           memcmp(subject.ptr + start, entry->text.ptr, entry->text.len) == 0;
}

struct search {
    struct literals *literals;
    const struct engine *engine;
    struct text subject;
    size_t found;
    struct literal_place *places; // NULL: each text once will do
    size_t most;
};

static void note_place(struct search *search, const struct entry *entry, size_t gram_at)
{
    if (search->found < search->most)
        search->places[search->found] =
            (struct literal_place){(uint32_t)(gram_at - entry->start), entry->number};
    search->found += search->found <= search->most;
}

// The texts that have the gram at `at`.
static void check(struct search *search, size_t at)
{
    struct literals *literals = search->literals;
    const struct engine *engine = search->engine;
    literals->lesson.checked++;
    uint32_t key = key_at(search->subject.ptr + at, engine->gram), bucket = bucket_of(engine, key);
    for (uint32_t i = engine->first[bucket]; i < engine->first[bucket + 1]; i++) {
        const struct entry *entry = &engine->entries[i];
        if (entry->key != key || literals->seen[entry->number] == literals->search ||
            !stands_at(entry, search->subject, at))
            continue;
        if (search->places) {
            note_place(search, entry, at);
            continue;
        }
        literals->seen[entry->number] = literals->search;
        literals->found[search->found++] = entry->number;
    }
}

static inline uint8_t mark_at(const uint8_t *marks, unsigned shift, const char *at, size_t gram)
{
    return marks[hash_of(key_at(at, gram)) >> shift];
}

// Eight places at once, so that what seldom happens costs one branch for all. Inlined for each gram and
// stride there is: then they cost nothing.
static inline __attribute__((always_inline)) void search_by(struct search *search, size_t gram, size_t stride)
{
    enum { PLACES = 8 };
    const uint8_t *marks = search->engine->marks;
    const unsigned shift = search->engine->shift;
    const char *base = search->subject.ptr;
    size_t at = 0, length = search->subject.len;
    for (; at + (PLACES - 1) * stride + gram <= length; at += PLACES * stride) {
        const char *here = base + at;
        uint8_t any = mark_at(marks, shift, here, gram);
        any |= mark_at(marks, shift, here + stride, gram);
        any |= mark_at(marks, shift, here + 2 * stride, gram);
        any |= mark_at(marks, shift, here + 3 * stride, gram);
        any |= mark_at(marks, shift, here + 4 * stride, gram);
        any |= mark_at(marks, shift, here + 5 * stride, gram);
        any |= mark_at(marks, shift, here + 6 * stride, gram);
        any |= mark_at(marks, shift, here + 7 * stride, gram);
        if (__builtin_expect(!any, 1))
            continue;
        for (size_t place = at; place < at + PLACES * stride; place += stride)
            if (mark_at(marks, shift, base + place, gram))
                check(search, place);
    }
    for (; at + gram <= length; at += stride)
        if (mark_at(marks, shift, base + at, gram))
            check(search, at);
}

static void search_pairs(struct search *search)
{
    const struct engine *engine = search->engine;
    const char *base = search->subject.ptr;
    size_t at = 0, length = search->subject.len;
    uint8_t hits[PAIRS_STEP];
    for (; at + PAIRS_STEP + 1 <= length; at += PAIRS_STEP)
        for (size_t i = 0, any = pairs16_meet(&engine->pairs, base + at, hits); any && i < PAIRS_STEP; i++)
            if (hits[i])
                check(search, at + i);
    for (; at + SHORT_GRAM <= length; at++)
        if (mark_at(engine->marks, engine->shift, base + at, SHORT_GRAM))
            check(search, at);
}

static void search_engine(struct search *search, const struct engine *engine)
{
    search->engine = engine;
    if (!engine)
        return;
    if (engine->pairs.count)
        search_pairs(search);
    else if (engine->gram == SHORT_GRAM)
        search_by(search, SHORT_GRAM, 1);
    else if (engine->stride == STRIDE_MAX)
        search_by(search, GRAM, STRIDE_MAX);
    else if (engine->stride == 2)
        search_by(search, GRAM, 2);
    else
        search_by(search, GRAM, engine->stride);
}

static void search_all(struct search *search)
{
    struct literals *literals = search->literals;
    literals->search++;
    search_engine(search, literals->engines[1]);
    search_engine(search, literals->engines[0]);
    for (size_t i = 0; i < 2 && literals->lesson.learning; i++)
        count_grams(literals->engines[i], search->subject);
    literals->lesson.looked += search->subject.len;
    if (literals->lesson.looked >= LESSON)
        learn(literals);
}

size_t literals_find(struct literals *literals, struct text subject, const uint32_t **numbers)
{
    struct search search = {.literals = literals, .subject = subject};
    *numbers = literals->found;
    search_all(&search);
    return search.found;
}

static int by_at(const void *a, const void *b)
{
    const struct literal_place *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

size_t literals_places(struct literals *literals, struct text subject, struct literal_place *places,
                       size_t most)
{
    struct search search = {.literals = literals, .subject = subject, .places = places, .most = most};
    search_all(&search);
    if (search.found <= most && search.found)
        qsort(places, search.found, sizeof *places, by_at);
    return search.found;
}

static void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    free(engine->entries);
    free(engine->first);
    free(engine->marks);
    free(engine->met);
    free(engine);
}

void literals_close(struct literals *literals)
{
    for (int i = 0; i < 2; i++)
        engine_close(literals->engines[i]);
    free(literals->texts);
    free(literals->seen);
    free(literals->found);
    free(literals);
}
