// SPDX-License-Identifier: Apache-2.0
#include "util/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/literal.h"
#include "util/memory.h"

// How a search is bounded, without a clock so that a report does not depend on the machine. PCRE2's match
// limit counts from zero at each start offset, so a search goes in windows of start offsets, each attempt
// under a small limit; only where that is hit the window is split, down to one offset, and that one is tried
// again with more. What these retries may take is added up: over RETRY_ATTEMPTS full attempts the search
// gives up.
enum {
    FIRST_STEPS = 512,     // of an attempt in a window: enough for nearly every line
    RETRY_FACTOR = 8,      // each retry of one offset has this many times more
    RETRY_ATTEMPTS = 32,   // full attempts that all retries of a search may cost together
    STEPS_PER_BYTE = 4,    // a full attempt has at least so many: one `.*` over a long line is no attack
    WINDOW_OFFSETS = 1024, // start offsets of a window, and of a part of one
    PART_OFFSETS = 64,
    HEAP_KIB = 32768,
    SOURCE_BYTES = 65536, // of a pattern
    SHORT_BYTES = 1024,   // of a subject that is interpreted,
    SHORT_SUBJECTS = 24,  // as long as there were no more of them
};

struct group {
    const char *name; // in PCRE2's table
    ARRAY(uint32_t) numbers;
};

struct pattern {
    struct text source; // the caller's
    pcre2_code *code;   // NULL until a deferred one is used
    pcre2_match_data *data;
    pcre2_match_context *context;
    struct arena arena;
    struct text literal;
    bool literal_known, matches_empty, jit_tried;
    unsigned interpreted; // subjects
    ARRAY(struct group) groups;
    struct text subject; // of the last hit
    uint64_t retry_left; // steps
    uint64_t giveups;    // of pattern_hits()
};

static enum pattern_jit jit;
static struct pattern_bounds bounds = {.steps = 20000, .depth = UINT32_MAX, .giveups = UINT64_MAX};

void pattern_bound(const struct pattern_bounds *wanted)
{
    bounds = *wanted;
}

void pattern_use_jit(enum pattern_jit use)
{
    jit = use;
}

// The name table is sorted by name; each entry is a number of two bytes and a NUL-ended name. A name that
// stands for several groups has several entries.
static void read_groups(struct pattern *pattern)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++, table += size) {
        const char *name = (const char *)table + 2;
        size_t last = pattern->groups.count;
        if (last == 0 || strcmp(pattern->groups.items[last - 1].name, name) != 0)
            array_add(&pattern->groups)->name = name;
        *array_add(&pattern->groups.items[pattern->groups.count - 1].numbers) =
            (uint32_t)table[0] << 8 | table[1];
    }
}

// Automatic possessification is off: with it `\w+=` scans on to the end of the line from each start offset
// and the match limit counts none of it.
static pcre2_code *compile(struct text source, size_t *offset, struct error *err)
{
    const uint32_t options =
        PCRE2_DUPNAMES | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_USE_OFFSET_LIMIT | PCRE2_NO_AUTO_POSSESS;
    int code = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *compiled = source.len > SOURCE_BYTES
                               ? NULL
                               : pcre2_compile((PCRE2_SPTR)(source.ptr ? source.ptr : ""), source.len,
                                               options, &code, &at, NULL);
    *offset = at;
    if (compiled)
        return compiled;
    PCRE2_UCHAR message[256] = "longer than 65536 bytes";
    if (code)
        (void)pcre2_get_error_message(code, message, sizeof message);
    (void)fail_kind(err, ERROR_USAGE, "%s", (const char *)message);
    return NULL;
}

static void prepare(struct pattern *pattern, pcre2_code *code)
{
    pattern->code = code;
    pattern->data = pcre2_match_data_create_from_pattern(code, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (!pattern->data || !pattern->context)
        mem_exhausted();
    pcre2_set_heap_limit(pattern->context, HEAP_KIB);
    pcre2_set_depth_limit(pattern->context, bounds.depth > UINT32_MAX ? UINT32_MAX : (uint32_t)bounds.depth);
    read_groups(pattern);
    uint32_t empty = 0;
    pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &empty);
    pattern->matches_empty = empty;
}

struct pattern *pattern_defer(struct text source)
{
    struct pattern *pattern = mem_alloc(1, sizeof *pattern);
    pattern->source = source;
    return pattern;
}

struct pattern *pattern_compile(struct text source, size_t *offset, struct error *err)
{
    pcre2_code *code = compile(source, offset, err);
    if (!code)
        return NULL;
    struct pattern *pattern = pattern_defer(source);
    prepare(pattern, code);
    return pattern;
}

struct text pattern_source(const struct pattern *pattern)
{
    return pattern->source;
}

// What every use begins with. A deferred pattern that does not compile is our own bug.
static void make_ready(const struct pattern *pattern)
{
    struct error err = {0};
    size_t offset;
    if (pattern->code)
        return;
    pcre2_code *code = compile(pattern->source, &offset, &err);
    if (!code)
        abort();
    prepare((struct pattern *)pattern, code); // as if it had always been so
}

void pattern_release(struct pattern **pattern)
{
    struct pattern *old = *pattern;
    if (!old)
        return;
    pcre2_match_context_free(old->context);
    pcre2_match_data_free(old->data);
    pcre2_code_free(old->code);
    for (size_t i = 0; i < old->groups.count; i++)
        array_release(&old->groups.items[i].numbers);
    array_release(&old->groups);
    arena_release(&old->arena);
    free(old);
    *pattern = NULL;
}

// A hit's code is positive (never 0: the match data has room for every group).
static bool over_budget(int code)
{
    return code < 0 && code != PCRE2_ERROR_NOMATCH;
}

// Tries the start offsets `from` … `last`, each under `steps`. Where JIT runs out of its stack the
// interpreter, which uses the heap, decides.
static int attempt(struct pattern *pattern, struct text subject, size_t from, size_t last, uint64_t steps)
{
    pcre2_set_match_limit(pattern->context, steps > UINT32_MAX ? UINT32_MAX : (uint32_t)steps);
    pcre2_set_offset_limit(pattern->context, last);
    PCRE2_SPTR bytes = (PCRE2_SPTR)(subject.ptr ? subject.ptr : "");
    uint32_t options = jit == PATTERN_JIT_NEVER ? PCRE2_NO_JIT : 0;
    int code = pcre2_match(pattern->code, bytes, subject.len, from, options, pattern->data, pattern->context);
    if (code == PCRE2_ERROR_JIT_STACKLIMIT)
        code = pcre2_match(pattern->code, bytes, subject.len, from, PCRE2_NO_JIT, pattern->data,
                           pattern->context);
    return code;
}

// One start offset, with more and more steps up to `steps`, as long as the search may.
static int retry(struct pattern *pattern, struct text subject, size_t at, uint64_t steps)
{
    int code = PCRE2_ERROR_MATCHLIMIT;
    for (uint64_t now = FIRST_STEPS; over_budget(code); now *= RETRY_FACTOR) {
        if (now > steps)
            now = steps;
        if (now > FIRST_STEPS && now > pattern->retry_left)
            return PCRE2_ERROR_MATCHLIMIT;
        pattern->retry_left -= now > FIRST_STEPS ? now : 0;
        code = attempt(pattern, subject, at, at, now);
        if (now == steps)
            break;
    }
    return code;
}

// The start offsets from `from` to before `end`, in windows of `width`; a window over budget is split.
static int search(struct pattern *pattern, struct text subject, size_t from, size_t end, size_t width,
                  uint64_t steps)
{
    uint64_t first = steps < FIRST_STEPS ? steps : FIRST_STEPS;
    int code = PCRE2_ERROR_NOMATCH;
    for (; from < end && code == PCRE2_ERROR_NOMATCH; from += width) {
        if (width == 1) {
            code = retry(pattern, subject, from, steps);
            continue;
        }
        size_t stop = end - from < width ? end : from + width;
        code = attempt(pattern, subject, from, stop - 1, first);
        if (over_budget(code))
            code = search(pattern, subject, from, stop, width == WINDOW_OFFSETS ? PART_OFFSETS : 1, steps);
    }
    return code;
}

static void compile_jit(struct pattern *pattern)
{
    pattern->jit_tried = true;
    if (jit != PATTERN_JIT_NEVER) // where it fails (no memory may be made executable) the
                                  // interpreter does the same
        (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
}

// The first few short subjects are interpreted: most patterns meet no more, and compiling one for JIT takes
// as long as a hundred of them. What is not found soon that way is left to JIT, so that budgets are its.
static int interpret(struct pattern *pattern, struct text subject)
{
    int code = PCRE2_ERROR_MATCHLIMIT;
    if (jit != PATTERN_JIT_LATER || pattern->jit_tried || subject.len > SHORT_BYTES ||
        pattern->interpreted >= SHORT_SUBJECTS)
        return code;
    pattern->interpreted++;
    return attempt(pattern, subject, 0, subject.len, FIRST_STEPS);
}

enum pattern_result pattern_match(struct pattern *pattern, struct text subject, uint64_t steps)
{
    make_ready(pattern);
    subject = text_slice(subject, 0, PATTERN_SUBJECT_BYTES);
    steps = steps ? steps : bounds.steps;
    int code = steps < FIRST_STEPS ? PCRE2_ERROR_MATCHLIMIT : interpret(pattern, subject);
    if (over_budget(code) && !pattern->jit_tried)
        compile_jit(pattern);
    if (steps < subject.len * STEPS_PER_BYTE)
        steps = subject.len * STEPS_PER_BYTE;
    pattern->subject = (struct text){NULL, 0};
    pattern->retry_left = steps > UINT64_MAX / RETRY_ATTEMPTS ? UINT64_MAX : steps * RETRY_ATTEMPTS;
    if (over_budget(code))
        code = search(pattern, subject, 0, subject.len + 1, WINDOW_OFFSETS, steps);
    if (code == PCRE2_ERROR_NOMATCH)
        return PATTERN_MISS;
    if (code < 0)
        return PATTERN_BUDGET;
    pattern->subject = subject.ptr ? subject : TEXT("");
    return PATTERN_HIT;
}

bool pattern_hits(struct pattern *pattern, struct text subject, uint64_t steps)
{
    if (pattern->giveups && pattern->giveups >= bounds.giveups)
        return false;
    enum pattern_result result = pattern_match(pattern, subject, steps);
    pattern->giveups += result == PATTERN_BUDGET;
    return result == PATTERN_HIT;
}

uint64_t pattern_giveups(const struct pattern *pattern)
{
    return pattern->giveups;
}

void pattern_forget_giveups(struct pattern *pattern)
{
    pattern->giveups = 0;
}

// Group `number` of the last hit. `\K` in a lookahead can put a start behind its end: then empty.
static struct text matched(const struct pattern *pattern, uint32_t number)
{
    if (!pattern->subject.ptr || number >= pcre2_get_ovector_count(pattern->data))
        return (struct text){NULL, 0};
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(pattern->data) + 2 * (size_t)number;
    if (at[0] == PCRE2_UNSET)
        return (struct text){NULL, 0};
    return text_slice(pattern->subject, at[0], at[1] > at[0] ? at[1] - at[0] : 0);
}

struct text pattern_matched(const struct pattern *pattern)
{
    return matched(pattern, 0);
}

struct text pattern_numbered(const struct pattern *pattern, unsigned number)
{
    return matched(pattern, number);
}

size_t pattern_group_count(const struct pattern *pattern)
{
    make_ready(pattern);
    return pattern->groups.count;
}

const char *pattern_group_name(const struct pattern *pattern, size_t index)
{
    return pattern->groups.items[index].name;
}

struct text pattern_group(const struct pattern *pattern, size_t index)
{
    const struct group *group = &pattern->groups.items[index];
    struct text text = {NULL, 0};
    for (size_t i = 0; i < group->numbers.count && !text.ptr; i++)
        text = matched(pattern, group->numbers.items[i]);
    return text;
}

struct text pattern_literal(struct pattern *pattern)
{
    if (!pattern->literal_known)
        pattern->literal = literal_of(pattern->source, &pattern->arena);
    pattern->literal_known = true;
    return pattern->literal;
}

bool pattern_matches_empty(const struct pattern *pattern)
{
    make_ready(pattern);
    return pattern->matches_empty;
}

const char *pattern_library_version(void)
{
    static char version[64];
    (void)pcre2_config(PCRE2_CONFIG_VERSION, version); // at most 24 bytes, pcre2api(3)
    return version;
}
