// SPDX-License-Identifier: Apache-2.0
#include "kernel/stack.h"

#include <inttypes.h>
#include <stdio.h>

#include "util/array.h"
#include "util/intern.h"

// ---- canonical form --------------------------------------------------------------------------

static void read_frames(struct text frames, struct arena *arena, struct stack *stack)
{
    size_t most = 0;
    for (size_t i = 0; i < frames.len; i++)
        most += frames.ptr[i] == '\n';
    stack->frames = arena_alloc(arena, most + 1, sizeof *stack->frames);
    struct lines lines = {.rest = frames};
    struct text line;
    while (lines_next(&lines, &line))
        if (frame_read(line, arena, &stack->frames[stack->count]))
            stack->count++;
}

static void judge_reliability(struct stack *stack)
{
    size_t reliable = 0, sizes = 0;
    for (size_t i = 0; i < stack->count; i++) {
        reliable += stack->frames[i].reliable;
        sizes += stack->frames[i].has_size;
    }
    stack->all_unreliable = stack->count > 0 && reliable == 0;
    // a tool that prints no offsets or sizes at all has not cut its last line
    stack->cut = sizes > 0 && !stack->frames[stack->count - 1].has_size &&
                 !text_starts(stack->frames[stack->count - 1].symbol, "0x");
}

static bool counts(const struct stack *stack, const struct frame *frame)
{
    return frame->reliable || stack->all_unreliable;
}

// The lock that the frames at the top speak of. The lowest that says anything wins: it is the one the
// caller asked for, what stands above is how that is made (a mutex out of a semaphore, say).
static enum lock lock_at_top(const struct stack *stack)
{
    enum lock lock = LOCK_NONE;
    for (size_t i = 0; i < stack->count; i++) {
        if (!counts(stack, &stack->frames[i]))
            continue;
        if (!frame_is_lock_or_sleep(stack->frames[i].function))
            break;
        enum lock said = frame_lock(stack->frames[i].function);
        lock = said == LOCK_NONE ? lock : said;
    }
    return lock;
}

void stack_canonical(struct text frames, struct arena *arena, struct stack *stack)
{
    *stack = (struct stack){0};
    read_frames(frames, arena, stack);
    judge_reliability(stack);
    stack->lock = lock_at_top(stack);
    stack->canonical = arena_alloc(arena, stack->count + 1, sizeof *stack->canonical);
    for (size_t i = 0; i < stack->count; i++)
        if (counts(stack, &stack->frames[i]) && !frame_is_lock_or_sleep(stack->frames[i].function))
            stack->canonical[stack->canonical_count++] = stack->frames[i];
    while (stack->canonical_count && frame_is_entry(stack->canonical[stack->canonical_count - 1].function))
        stack->canonical_count--;
}

const char *lock_name(enum lock lock)
{
    switch (lock) {
    case LOCK_RWSEM_READ:
        return "rwsem-read";
    case LOCK_RWSEM_WRITE:
        return "rwsem-write";
    case LOCK_MUTEX:
        return "mutex";
    case LOCK_COMPLETION:
        return "completion";
    case LOCK_NONE:
        break;
    }
    return "none";
}

// ---- signature -------------------------------------------------------------------------------

static const struct frame_name wait_list[] = {
#define WAIT(name) FRAME_NAME(name),
#include "kernel/wait.list"
#undef WAIT
};

static const struct frame_name pass_list[] = {
#define PASS(name) FRAME_NAME(name),
#include "kernel/pass.list"
#undef PASS
};

static const struct {
    struct frame_name name;
    const char *other;
} same_list[] = {
#define SAME(name, other) {FRAME_NAME(name), other},
#include "kernel/same.list"
#undef SAME
};

#define FITS(function, list) fits_one((function), (list), sizeof(list) / sizeof *(list))

static bool fits_one(struct text function, const struct frame_name *list, size_t count)
{
    size_t i = 0;
    while (i < count && !frame_name_fits(function, &list[i]))
        i++;
    return i < count;
}

// The name under which frames are compared.
static struct text compared_name(const struct frame *frame)
{
    struct text name = frame->function;
    for (size_t i = 0; i < sizeof same_list / sizeof *same_list; i++)
        if (frame_name_fits(name, &same_list[i].name))
            return text_of(same_list[i].other);
    while (text_skip(&name, "_"))
        ;
    return name;
}

static bool tells(const struct frame *frame)
{
    return !FITS(frame->function, wait_list) && !FITS(frame->function, pass_list) &&
           !frame_is_entry(frame->function) && !text_is(frame->function, "unresolved");
}

// What a hang is known by: NULL where there is none.
struct site {
    const struct frame *wait, *operation, *call;
};

static const struct frame *first_of(const struct stack *stack, bool (*wanted)(const struct frame *))
{
    size_t i = 0;
    while (i < stack->canonical_count && !wanted(&stack->canonical[i]))
        i++;
    return i < stack->canonical_count ? &stack->canonical[i] : NULL;
}

static bool is_wait(const struct frame *frame)
{
    return FITS(frame->function, wait_list);
}

static bool is_any(const struct frame *frame)
{
    return frame->function.len > 0;
}

static struct site find_site(const struct stack *stack)
{
    struct site site = {0};
    site.wait = first_of(stack, tells);
    for (const struct frame *frame = site.wait;
         frame && !site.operation && frame < stack->canonical + stack->canonical_count; frame++)
        if (tells(frame) && !text_equal(compared_name(frame), compared_name(site.wait)))
            site.operation = frame;
    for (size_t i = 0; i < stack->canonical_count && !site.call; i++)
        if (text_starts(stack->canonical[i].function, "sys:"))
            site.call = &stack->canonical[i];
    if (!site.wait)
        site.wait = first_of(stack, is_wait);
    if (!site.wait)
        site.wait = first_of(stack, is_any);
    return site;
}

static const char *module_of(const struct frame *frame, struct arena *arena)
{
    return frame && frame->module.len ? arena_printf(arena, " [%.*s]", TEXT_ARG(frame->module)) : "";
}

// Of a stack that shows nothing but sleeping (cut below it): its lowest frame, `mutex_lock`, and in the
// signature the kind of lock.
static const char *where_it_sleeps(const struct stack *stack, struct arena *arena)
{
    size_t last = stack->count;
    while (last > 0 && !(counts(stack, &stack->frames[last - 1]) &&
                         frame_is_lock_or_sleep(stack->frames[last - 1].function)))
        last--;
    if (last == 0)
        return stack->count ? arena_string(arena, stack->frames[0].function) : "an empty stack";
    return arena_string(arena, stack->frames[last - 1].function);
}

void stack_site(const struct stack *stack, const struct frame **wait, const struct frame **below)
{
    struct site site = find_site(stack);
    *wait = site.wait;
    *below = site.operation ? site.operation : site.call != site.wait ? site.call : NULL;
}

const char *stack_where(const struct stack *stack, struct arena *arena)
{
    struct site site = find_site(stack);
    if (!site.wait)
        return where_it_sleeps(stack, arena);
    struct text wait = site.wait->function;
    if (text_starts(wait, "sys:"))
        return arena_printf(arena, "%.*s()", TEXT_ARG(text_from(wait, 4)));
    if (site.operation)
        return arena_printf(arena, "%.*s in %.*s%s", TEXT_ARG(wait), TEXT_ARG(site.operation->function),
                            module_of(site.operation->module.len ? site.operation : site.wait, arena));
    if (site.call)
        return arena_printf(arena, "%.*s in %.*s()%s", TEXT_ARG(wait),
                            TEXT_ARG(text_from(site.call->function, 4)), module_of(site.wait, arena));
    return arena_printf(arena, "%.*s%s", TEXT_ARG(wait), module_of(site.wait, arena));
}

// ---- plain words -----------------------------------------------------------------------------

enum strength { PLAIN_WEAK, PLAIN_STRONG };

static const struct plain {
    enum strength strength;
    struct frame_name name;
    const char *words;
} plain_list[] = {
#define PLAIN(strength, name, words) {PLAIN_##strength, FRAME_NAME(name), words},
#include "kernel/plain.list"
#undef PLAIN
};

static const struct plain *plain_of(struct text function)
{
    for (size_t i = 0; i < sizeof plain_list / sizeof *plain_list; i++)
        if (frame_name_fits(function, &plain_list[i].name))
            return &plain_list[i];
    return NULL;
}

const char *stack_plain(const struct stack *stack)
{
    const struct plain *weak = NULL;
    for (size_t i = 0; i < stack->canonical_count; i++) {
        const struct plain *plain = plain_of(stack->canonical[i].function);
        if (plain && plain->strength == PLAIN_STRONG)
            return plain->words;
        weak = i == 0 ? plain : weak;
    }
    return weak ? weak->words : NULL;
}

void stack_signature(const struct stack *stack, char signature[static 17])
{
    struct site site = find_site(stack);
    struct text name = site.wait ? compared_name(site.wait) : text_of(lock_name(stack->lock));
    uint64_t hash = stack->count ? hash_bytes(name.ptr, name.len, 0) : 0;
    if (site.operation) {
        name = compared_name(site.operation);
        hash = hash_bytes(name.ptr, name.len, hash);
    }
    (void)snprintf(signature, 17, "%016" PRIx64, hash);
}
