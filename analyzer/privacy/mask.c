// SPDX-License-Identifier: Apache-2.0
#include "privacy/mask.h"

#include <stdio.h>
#include <stdlib.h>

#include "privacy/trigger.h"
#include "util/array.h"
#include "util/builtin.h"
#include "util/memory.h"
#include "util/pattern.h"

enum operation {
    DO_SUBSTITUTE,
    DO_UNLESS, // jumps where the address does not match
    DO_NEXT,   // the line is done; the next one goes on from here
    DO_TEST,   // t: jumps where something was substituted
    DO_JUMP,   // b
    DO_NOTHING,
};

struct step {
    enum operation operation;
    struct pattern *pattern;
    unsigned number; // of the pattern, for the trigger
    struct text replacement;
    bool all; // the flag g
    struct text label;
    size_t target;
};

struct mask {
    struct arena arena;
    ARRAY(struct step) steps;
    struct trigger trigger; // which patterns may match: nearly always none
    size_t at;              // where the next line goes on
    bool substituted;
};

// ---- reading the script ----------------------------------------------------------------------

struct script {
    struct mask *mask;
    struct text rest;
    unsigned patterns;
    ARRAY(size_t) open; // blocks: their DO_UNLESS
    struct error *err;
};

static bool wrong(struct script *script, const char *why)
{
    struct text line = script->rest, first = {NULL, 0};
    (void)text_split(&line, '\n', &first);
    return fail(script->err, "mask patterns: %s at '%.*s'", why, TEXT_ARG(text_slice(first, 0, 60)));
}

// Up to the next slash that is not escaped; `\/` becomes `/`. A slash in brackets must be escaped, too, as
// sed has it.
static bool take_part(struct script *script, struct buffer *out)
{
    struct text *rest = &script->rest;
    for (size_t i = 0; i < rest->len && rest->ptr[i] != '\n'; i++) {
        if (rest->ptr[i] == '/') {
            *rest = text_from(*rest, i + 1);
            return true;
        }
        if (rest->ptr[i] == '\\' && i + 1 < rest->len) {
            if (rest->ptr[i + 1] != '/')
                buffer_putc(out, '\\');
            i++;
        }
        buffer_putc(out, rest->ptr[i]);
    }
    return wrong(script, "no closing slash");
}

static bool take_flag(struct script *script, char flag)
{
    bool there = script->rest.len && script->rest.ptr[0] == flag;
    script->rest = text_from(script->rest, there);
    return there;
}

static struct pattern *compile(struct script *script, const struct buffer *source, bool any_case)
{
    size_t offset;
    struct error err = {0};
    struct text whole = text_of(
        arena_printf(&script->mask->arena, "%s%s", any_case ? "(?i)" : "", source->ptr ? source->ptr : ""));
    struct pattern *pattern = pattern_compile(whole, &offset, &err);
    if (!pattern)
        (void)wrong(script, err.message);
    trigger_add(&script->mask->trigger, script->patterns++, buffer_text(source));
    return pattern;
}

static bool take_substitution(struct script *script)
{
    CLEANUP(buffer_release) struct buffer source = {0}, replacement = {0};
    if (!take_part(script, &source) || !take_part(script, &replacement))
        return false;
    bool any_case = take_flag(script, 'I'), all = take_flag(script, 'g');
    any_case |= take_flag(script, 'I');
    struct pattern *pattern = compile(script, &source, any_case);
    *array_add(&script->mask->steps) =
        (struct step){.operation = DO_SUBSTITUTE,
                      .pattern = pattern,
                      .number = script->patterns - 1,
                      .all = all,
                      .replacement = arena_copy(&script->mask->arena, buffer_text(&replacement))};
    return pattern != NULL;
}

static bool take_address(struct script *script)
{
    CLEANUP(buffer_release) struct buffer source = {0};
    if (!take_part(script, &source))
        return false;
    struct pattern *pattern = compile(script, &source, take_flag(script, 'I'));
    *array_add(&script->mask->steps) =
        (struct step){.operation = DO_UNLESS, .pattern = pattern, .number = script->patterns - 1};
    *array_add(&script->open) = script->mask->steps.count - 1;
    return pattern != NULL;
}

static void take_label(struct script *script, enum operation operation)
{
    size_t length = 0;
    while (length < script->rest.len && byte_is_word(script->rest.ptr[length]))
        length++;
    *array_add(&script->mask->steps) =
        (struct step){.operation = operation, .label = text_slice(script->rest, 0, length)};
    script->rest = text_from(script->rest, length);
}

static bool end_block(struct script *script)
{
    if (!script->open.count)
        return wrong(script, "a block that was not opened");
    size_t opened = script->open.items[--script->open.count];
    script->mask->steps.items[opened].target = script->mask->steps.count;
    return true;
}

static bool take_simple(struct script *script, char command)
{
    switch (command) {
    case 's':
        return take_flag(script, '/') ? take_substitution(script) : wrong(script, "s without a slash");
    case '}':
        return end_block(script);
    case 'n':
        array_add(&script->mask->steps)->operation = DO_NEXT;
        return true;
    case ':':
    case 't':
    case 'b':
        take_label(script, command == ':' ? DO_NOTHING : command == 't' ? DO_TEST : DO_JUMP);
        return true;
    default:
        return wrong(script, "an unknown command");
    }
}

// An address stands before a block or before one command.
static bool take_command(struct script *script, char command)
{
    if (command != '/')
        return take_simple(script, command);
    if (!take_address(script))
        return false;
    if (take_flag(script, '{'))
        return true;
    char next = script->rest.len ? script->rest.ptr[0] : '\0';
    script->rest = text_from(script->rest, 1);
    return take_simple(script, next) && end_block(script);
}

// An empty label is the end of the script.
static bool resolve(struct script *script)
{
    struct mask *mask = script->mask;
    for (size_t i = 0; i < mask->steps.count; i++) {
        struct step *step = &mask->steps.items[i];
        if (step->operation != DO_TEST && step->operation != DO_JUMP)
            continue;
        step->target = mask->steps.count;
        bool found = step->label.len == 0;
        for (size_t k = 0; k < mask->steps.count && !found; k++)
            if (mask->steps.items[k].operation == DO_NOTHING &&
                text_equal(mask->steps.items[k].label, step->label)) {
                step->target = k;
                found = true;
            }
        if (!found)
            return wrong(script, "a label that is nowhere");
    }
    return script->open.count == 0 || wrong(script, "a block that is not closed");
}

static bool read_script(struct script *script)
{
    bool ok = true;
    while (ok && script->rest.len) {
        char command = script->rest.ptr[0];
        if (command == '#') {
            struct text comment;
            (void)text_split(&script->rest, '\n', &comment);
            if (!script->rest.ptr)
                break;
            continue;
        }
        script->rest = text_from(script->rest, 1);
        if (!strchr("\n; \t", command))
            ok = take_command(script, command);
    }
    return ok && resolve(script);
}

// ---- opening ---------------------------------------------------------------------------------

// What stands between `# mask-NAME: begin` and `end`.
static struct text collectors_script(const char *name)
{
    char begin[64], end[64];
    (void)snprintf(begin, sizeof begin, "# mask-%s: begin\n", name);
    (void)snprintf(end, sizeof end, "# mask-%s: end", name);
    for (const struct builtin *file = builtin_files; file->path; file++) {
        struct text text = {file->content, file->length};
        ptrdiff_t from = text_find(text, text_of(begin));
        if (strcmp(file->path, "collector/inquest-collect") != 0 || from < 0)
            continue;
        text = text_from(text, (size_t)from + strlen(begin));
        ptrdiff_t to = text_find(text, text_of(end));
        return text_slice(text, 0, to < 0 ? text.len : (size_t)to);
    }
    return (struct text){NULL, 0};
}

static bool open_script(struct mask **mask, struct text text, struct error *err)
{
    *mask = mem_alloc(1, sizeof **mask);
    struct script script = {.mask = *mask, .rest = text, .err = err};
    bool ok = (script.rest.ptr || fail(err, "there are no mask patterns")) && read_script(&script);
    array_release(&script.open);
    if (!ok)
        mask_close(mask);
    return ok;
}

struct mask *mask_open(enum mask_kind kind)
{
    struct error err = {0};
    struct mask *mask;
    if (!open_script(&mask, collectors_script(kind == MASK_LINES ? "patterns" : "arguments"), &err)) {
        (void)fprintf(stderr, "inquest: %s\n", err.message); // our own script: a test would have seen it
        abort();
    }
    return mask;
}

bool mask_open_script(struct mask **mask, struct text script, struct error *err)
{
    return open_script(mask, script, err);
}

void mask_close(struct mask **mask)
{
    struct mask *old = *mask;
    if (!old)
        return;
    for (size_t i = 0; i < old->steps.count; i++)
        pattern_release(&old->steps.items[i].pattern);
    trigger_release(&old->trigger);
    array_release(&old->steps);
    arena_release(&old->arena);
    free(old);
    *mask = NULL;
}

// ---- a line ----------------------------------------------------------------------------------

enum { MATCH_STEPS = 20000, JUMPS_MOST = 100 };

struct masking {
    uint64_t may; // bits of the patterns that may match
    struct text line;
    struct buffer one, other; // the line is in one of them once it was changed
    bool in_one, gave_up;
};

static void replace(const struct step *step, struct buffer *out)
{
    struct text text = step->replacement;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\' || i + 1 == text.len) {
            buffer_putc(out, text.ptr[i]);
            continue;
        }
        char next = text.ptr[++i];
        if (byte_is_digit(next))
            buffer_add(out, pattern_numbered(step->pattern, (unsigned)(next - '0')));
        else
            buffer_putc(out, next);
    }
}

// True where something was replaced.
static bool substitute(const struct step *step, struct masking *masking)
{
    struct text rest = masking->line;
    struct buffer *out = masking->in_one ? &masking->other : &masking->one;
    bool changed = false;
    enum pattern_result result;
    buffer_clear(out);
    while ((result = pattern_match(step->pattern, rest, MATCH_STEPS)) == PATTERN_HIT) {
        struct text hit = pattern_matched(step->pattern);
        if (!hit.len)
            break;
        size_t before = (size_t)(hit.ptr - rest.ptr);
        buffer_add(out, text_slice(rest, 0, before));
        replace(step, out);
        rest = text_from(rest, before + hit.len);
        changed = true;
        if (!step->all)
            break;
    }
    masking->gave_up |= result == PATTERN_BUDGET;
    if (!changed)
        return false;
    buffer_add(out, rest);
    masking->in_one = !masking->in_one;
    masking->line = buffer_text(out);
    return true;
}

// Runs the script on the line from mask->at on, up to its end or to `n`.
static void run(struct mask *mask, struct masking *masking)
{
    size_t at = mask->at, jumps = 0;
    mask->at = 0;
    while (at < mask->steps.count && jumps < JUMPS_MOST && !masking->gave_up) {
        const struct step *step = &mask->steps.items[at++];
        bool may = masking->may >> step->number % TRIGGER_EXPRESSIONS & 1;
        switch (step->operation) {
        case DO_SUBSTITUTE:
            mask->substituted |= may && substitute(step, masking);
            break;
        case DO_UNLESS: {
            if (!may) {
                at = step->target;
                break;
            }
            enum pattern_result result = pattern_match(step->pattern, masking->line, MATCH_STEPS);
            masking->gave_up |= result == PATTERN_BUDGET;
            at = result == PATTERN_HIT ? at : step->target;
            break;
        }
        case DO_NEXT:
            mask->at = at;
            return;
        case DO_TEST:
            at = mask->substituted ? step->target : at;
            jumps += mask->substituted;
            mask->substituted = false;
            break;
        case DO_JUMP:
            at = step->target;
            jumps++;
            break;
        case DO_NOTHING:
            break;
        }
    }
}

void mask_line(struct mask *mask, struct text line, struct buffer *out)
{
    bool fresh = mask->at == 0;
    if (fresh)
        mask->substituted = false;
    uint64_t may = trigger_find(&mask->trigger, line);
    if (fresh && !may) {
        buffer_add(out, line);
        return;
    }
    struct masking masking = {.line = line, .may = may};
    run(mask, &masking);
    buffer_add(out, masking.gave_up ? TEXT("***") : masking.line);
    buffer_release(&masking.one);
    buffer_release(&masking.other);
}

void mask_restart(struct mask *mask)
{
    mask->at = 0;
}

bool mask_would(struct mask *mask, struct text line)
{
    CLEANUP(buffer_release) struct buffer masked = {0};
    mask->at = 0;
    mask_line(mask, line, &masked);
    mask->at = 0;
    return !text_equal(buffer_text(&masked), line);
}
