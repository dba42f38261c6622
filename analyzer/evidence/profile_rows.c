// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_emitter.h"

#include <stdlib.h>
#include <string.h>

// ---- names -----------------------------------------------------------------------------------

static struct text type_name(struct emitter *emitter, size_t type)
{
    struct text name = profile_type_name(emitter->profile, type);
    bool twice = name.len == 0;
    for (size_t i = 0; i < type && !twice; i++)
        twice = text_equal(emitter->types[i], name);
    if (!twice)
        return name;
    return text_of(
        arena_printf(emitter->input->arena, "%.*s%s#%zu", TEXT_ARG(name), name.len ? " " : "", type));
}

// Two nodes may print alike ("[libc.so]" of two paths): in the database they are one function.
static void name_nodes(struct emitter *emitter)
{
    const struct profile *profile = emitter->profile;
    ARRAY(uint32_t) first = {0};
    CLEANUP(buffer_release) struct buffer name = {0};
    emitter->as = mem_alloc(profile->nodes.count, sizeof *emitter->as);
    emitter->name = mem_alloc(profile->nodes.count, sizeof *emitter->name);
    for (uint32_t i = 0; i < profile->nodes.count; i++) {
        bool added;
        buffer_clear(&name);
        buffer_add(&name, profile->nodes.items[i].name);
        for (size_t k = 0; k < name.len; k++)
            if ((unsigned char)name.ptr[k] < ' ')
                name.ptr[k] = ' ';
        emitter->name[i] = intern_add(&emitter->names, buffer_text(&name), &added);
        if (added)
            *array_add(&first) = i;
        emitter->as[i] = first.items[emitter->name[i]];
    }
    array_release(&first);
}

// ---- the profile and its types ---------------------------------------------------------------

static int64_t known(int64_t number)
{
    return number ? number : ROW_NULL;
}

static struct text joined_comments(const struct emitter *emitter)
{
    const struct profile *profile = emitter->profile;
    CLEANUP(buffer_release) struct buffer text = {0};
    for (size_t i = 0; i < profile->comments.count; i++) {
        if (i)
            buffer_putc(&text, '\n');
        buffer_add(&text, profile_text(profile, profile->comments.items[i]));
    }
    return profile->comments.count ? arena_copy(emitter->input->arena, buffer_text(&text)) : (struct text){0};
}

static void emit_header(const struct emitter *emitter)
{
    const struct profile *profile = emitter->profile;
    struct row_profile row = row_profile_null;
    struct text type = profile_text(profile, profile->period_type.type);
    row.component = emitter->component;
    row.format = text_of(profile_form_name(profile->form));
    row.time_ns = known(profile->time_ns);
    row.duration_ns = known(profile->duration_ns);
    if (type.len)
        row.period_type = text_of(arena_printf(emitter->input->arena, "%.*s/%.*s", TEXT_ARG(type),
                                               TEXT_ARG(profile_text(profile, profile->period_type.unit))));
    row.period = known(profile->period);
    row.samples = (int64_t)profile->samples;
    row.delta = profile_is_delta(profile);
    if (profile->types.count)
        row.default_type = emitter->types[profile_default_type(profile)];
    row.comments = joined_comments(emitter);
    emit_profile(emitter->input->sink, emitter->input->member, &row);
}

static void emit_types(const struct emitter *emitter)
{
    for (size_t i = 0; i < emitter->profile->types.count; i++) {
        struct row_profile_type row = row_profile_type_null;
        row.type = emitter->types[i];
        row.unit = profile_type_unit(emitter->profile, i);
        row.total = profile_total(emitter->profile, i);
        row.position = (int64_t)i;
        emit_profile_type(emitter->input->sink, emitter->input->member, &row);
    }
}

static void emit_memstats(const struct emitter *emitter)
{
    struct text scope = TEXT("memstats");
    if (emitter->component.len)
        scope = text_of(arena_printf(emitter->input->arena, "memstats/%.*s", TEXT_ARG(emitter->component)));
    for (size_t i = 0; i < emitter->profile->memstats.count; i++) {
        const struct profile_number *stat = &emitter->profile->memstats.items[i];
        struct row_value row = row_value_null;
        row.line = input_line(emitter->input, stat->line);
        row.scope = scope;
        row.key = stat->key;
        row.number = stat->number;
        emit_value(emitter->input->sink, emitter->input->member, &row);
    }
}

// ---- sums ------------------------------------------------------------------------------------

enum { MOST_SUMS = 4000000 };

static void sum_all(struct emitter *emitter)
{
    size_t nodes = emitter->profile->nodes.count, types = emitter->profile->types.count;
    if (nodes * types > MOST_SUMS)
        return;
    emitter->flat = mem_alloc(nodes * types, sizeof *emitter->flat);
    emitter->cum = mem_alloc(nodes * types, sizeof *emitter->cum);
    profile_sum(emitter->profile, 0, types, emitter->as, emitter->flat, emitter->cum);
}

struct sums emitter_sums(const struct emitter *emitter, size_t type)
{
    size_t nodes = emitter->profile->nodes.count;
    if (emitter->flat)
        return (struct sums){emitter->flat + type * nodes, emitter->cum + type * nodes, NULL};
    int64_t *own = mem_alloc(nodes * 2, sizeof *own);
    profile_sum(emitter->profile, type, 1, emitter->as, own, own + nodes);
    return (struct sums){own, own + nodes, own};
}

// ---- functions -------------------------------------------------------------------------------

struct function_sum {
    struct text name;
    int64_t flat, cum;
};

static int by_cum(const void *left, const void *right)
{
    const struct function_sum *a = left, *b = right;
    if (absolute(a->cum) != absolute(b->cum))
        return absolute(a->cum) > absolute(b->cum) ? -1 : 1;
    if (absolute(a->flat) != absolute(b->flat))
        return absolute(a->flat) > absolute(b->flat) ? -1 : 1;
    return text_compare(a->name, b->name);
}

static void emit_functions(const struct emitter *emitter, size_t type)
{
    const struct profile *profile = emitter->profile;
    ARRAY(struct function_sum) sums = {0};
    struct sums of_type = emitter_sums(emitter, type);
    for (size_t i = 0; i < profile->nodes.count; i++)
        if (of_type.flat[i] != 0 || of_type.cum[i] != 0)
            *array_add(&sums) = (struct function_sum){emitter->names.texts[emitter->name[i]], of_type.flat[i],
                                                      of_type.cum[i]};
    free(of_type.own);
    array_sort(&sums, by_cum);
    size_t most = emitter->input->limits->profile_functions < sums.count
                      ? (size_t)emitter->input->limits->profile_functions
                      : sums.count;
    for (size_t i = 0; i < most; i++) {
        struct row_profile_function row = row_profile_function_null;
        row.type = emitter->types[type];
        row.function = sums.items[i].name;
        row.flat = sums.items[i].flat;
        row.cum = sums.items[i].cum;
        emit_profile_function(emitter->input->sink, emitter->input->member, &row);
    }
    if (most < sums.count)
        sink_warn(emitter->input->sink, emitter->input->member, 0,
                  "limit profile_functions: the largest %zu of %zu functions of %.*s are kept", most,
                  sums.count, TEXT_ARG(emitter->types[type]));
    array_release(&sums);
}

// ---- all of it -------------------------------------------------------------------------------

static void open_emitter(struct emitter *emitter, struct input *input, const struct profile *profile)
{
    *emitter = (struct emitter){
        .input = input,
        .profile = profile,
        .component = profile_component(input->member, profile, input->arena),
        .types = arena_alloc(input->arena, profile->types.count, sizeof *emitter->types),
    };
    for (size_t i = 0; i < profile->types.count; i++)
        emitter->types[i] = type_name(emitter, i);
    name_nodes(emitter);
    sum_all(emitter);
}

static void close_emitter(struct emitter *emitter)
{
    intern_release(&emitter->names);
    free(emitter->as);
    free(emitter->name);
    free(emitter->flat);
    free(emitter->cum);
}

void profile_emit(struct input *input, const struct profile *profile)
{
    struct emitter emitter;
    for (size_t i = 0; i < profile->warnings.count; i++)
        sink_warn(input->sink, input->member, profile->warnings.items[i].line, "%.*s",
                  TEXT_ARG(profile->warnings.items[i].problem));
    if (profile->types.count == 0)
        return;
    open_emitter(&emitter, input, profile);
    emit_header(&emitter);
    emit_types(&emitter);
    emit_memstats(&emitter);
    for (size_t type = 0; type < profile->types.count; type++)
        emit_functions(&emitter, type);
    emitter_stacks(&emitter);
    close_emitter(&emitter);
}

void profile_emit_goroutines(struct input *input, const struct profile *profile)
{
    if (profile->types.count != 1 || !text_is(profile_type_name(profile, 0), "goroutine"))
        return;
    struct emitter emitter;
    struct stack_set stacks;
    CLEANUP(buffer_release) struct buffer names = {0};
    open_emitter(&emitter, input, profile);
    (void)emitter_collect(&emitter, NULL, UINT64_MAX, &stacks);
    for (uint32_t i = 0; i < stacks.count; i++) {
        struct row_goroutine row = row_goroutine_null;
        emitter_names(&emitter, stack_set_stack(&stacks, i), &names);
        row.line = (int64_t)i + 1;
        row.component = emitter.component;
        row.count = stack_set_values(&stacks, i)[0];
        row.stack = buffer_text(&names);
        emit_goroutine(input->sink, input->member, &row);
    }
    stack_set_release(&stacks);
    close_emitter(&emitter);
}
