// SPDX-License-Identifier: Apache-2.0
#include "store/stacks.h"

#include <stdlib.h>

#include "evidence/rows.h"
#include "kernel/stack.h"
#include "util/array.h"

struct ordered {
    uint32_t number;
    struct text text;
};

static int by_text(const void *a, const void *b)
{
    return text_compare(((const struct ordered *)a)->text, ((const struct ordered *)b)->text);
}

static int by_raw_frame(const struct frame *a, const struct frame *b)
{
    return a->symbol.ptr < b->symbol.ptr ? -1 : a->symbol.ptr > b->symbol.ptr;
}

// Whether a frame is one of the canonical ones (which are copies of those that matter, in order).
static bool matters(const struct stack *stack, size_t *next, const struct frame *frame)
{
    if (*next >= stack->canonical_count || by_raw_frame(&stack->canonical[*next], frame) != 0)
        return false;
    (*next)++;
    return true;
}

static bool write_frames(struct statement *insert, uint32_t id, const struct stack *stack, struct error *err)
{
    size_t next = 0;
    for (size_t i = 0; i < stack->count; i++) {
        const struct frame *frame = &stack->frames[i];
        bind_integer(insert, 1, id);
        bind_integer(insert, 2, (int64_t)i);
        bind_text(insert, 3, frame->function);
        bind_text(insert, 4, frame->symbol);
        bind_integer(insert, 5, frame->has_offset ? (int64_t)frame->offset : ROW_NULL);
        bind_integer(insert, 6, frame->has_size ? (int64_t)frame->size : ROW_NULL);
        bind_text(insert, 7, frame->module.ptr ? frame->module : TEXT(""));
        bind_integer(insert, 8, frame->reliable);
        bind_integer(insert, 9, matters(stack, &next, frame));
        if (!statement_run(insert, err))
            return false;
    }
    return true;
}

static bool has_do_exit(const struct stack *stack)
{
    for (size_t i = 0; i < stack->count; i++)
        if (text_is(stack->frames[i].function, "do_exit"))
            return true;
    return false;
}

static bool write_stack(struct statement *insert, struct statement *insert_frame, uint32_t id,
                        const struct stack *stack, struct text frames, struct arena *arena, struct error *err)
{
    char signature[17] = "";
    stack_signature(stack, signature);
    const struct frame *top = stack->canonical_count ? &stack->canonical[0] : NULL;
    bind_integer(insert, 1, id);
    bind_text(insert, 2, frames);
    bind_integer(insert, 3, (int64_t)stack->count);
    bind_text(insert, 4, top ? top->function : TEXT(""));
    bind_text(insert, 5, top && top->module.ptr ? top->module : TEXT(""));
    bind_text(insert, 6, text_of(lock_name(stack->lock)));
    bind_text(insert, 7, text_of(stack_where(stack, arena)));
    bind_text(insert, 8, text_of(signature));
    return statement_run(insert, err) && write_frames(insert_frame, id, stack, err);
}

bool stacks_write(const struct intern *stacks, struct db *db, uint32_t *ids, uint8_t *exits,
                  struct error *err)
{
    CLEANUP(statement_release)
    struct statement *insert = statement_open(
        db,
        "INSERT INTO stack(id, frames, depth, top, module, lock, place, signature) VALUES(?,?,?,?,?,?,?,?)",
        err);
    CLEANUP(statement_release)
    struct statement *insert_frame =
        statement_open(db,
                       "INSERT INTO frame(stack, depth, function, symbol, offset, size, module, reliable, "
                       "matters) VALUES(?,?,?,?,?,?,?,?,?)",
                       err);
    CLEANUP(mem_release) struct ordered *order = mem_alloc(stacks->count, sizeof *order);
    for (uint32_t i = 0; i < stacks->count; i++)
        order[i] = (struct ordered){i, stacks->texts[i]};
    qsort(order, stacks->count, sizeof *order, by_text);
    struct arena arena = {0};
    uint32_t id = 0;
    bool ok = insert && insert_frame;
    for (uint32_t i = 0; i < stacks->count && ok; i++) {
        if (!order[i].text.len)
            continue;
        struct stack stack = {0};
        stack_canonical(order[i].text, &arena, &stack);
        ids[order[i].number] = ++id;
        exits[order[i].number] = has_do_exit(&stack);
        ok = write_stack(insert, insert_frame, id, &stack, order[i].text, &arena, err);
        arena_reset(&arena);
    }
    arena_release(&arena);
    return ok;
}
