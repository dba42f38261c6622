// SPDX-License-Identifier: Apache-2.0
//
// Goroutine dumps with states and waits: pprof/<component>/goroutine.txt (debug=2), the files that dockerd,
// containerd and CRI-O write on SIGUSR1, or a dump pasted alone. Goroutines of one stack and state are one
// row; the profile rows count each function as for a profile of goroutines.
#include "evidence/profile_read.h"
#include "evidence/profile_rows.h"

struct group {
    struct text stack, state, created_by; // created_by, line and id: of the one that has waited longest
    uint64_t line;
    int64_t count, wait_minutes, id;
    int64_t syscall, syscall_arg0; // ROW_NULL: not known
};

struct goroutine_state {
    bool open;
    struct profile profile;
    struct profile_reader reader;
    struct arena arena;
    struct intern keys;
    ARRAY(struct group) groups;
    uint64_t bytes, left_out; // of the groups; goroutines of further ones
};

static bool claims(const struct member *member)
{
    if (member->type != MEMBER_FILE)
        return false;
    bool named = text_contains(member->path, "pprof/") || text_contains(member->path, "goroutine");
    return profile_detect(member->head, !named) == PROFILE_GOROUTINES;
}

static int64_t known(const struct goroutine *goroutine, uint64_t number)
{
    return goroutine->in_syscall && number <= INT64_MAX ? (int64_t)number : ROW_NULL;
}

enum { GROUP_BYTES = 24 }; // that its key takes beside its text

static struct group *group_of(struct goroutine_state *state, const struct goroutine *goroutine)
{
    CLEANUP(buffer_release) struct buffer key = {0};
    buffer_add(&key, goroutine->state);
    buffer_putc(&key, '\n');
    buffer_add(&key, goroutine->stack);
    if (goroutine->in_syscall) // of one call, but not of one file
        buffer_printf(&key, "\n%llx %llx", (unsigned long long)goroutine->syscall,
                      (unsigned long long)goroutine->syscall_arg0);
    uint32_t number = intern_find(&state->keys, buffer_text(&key));
    if (number != INTERN_NONE)
        return &state->groups.items[number];
    uint64_t bytes = key.len + sizeof(struct group) + GROUP_BYTES;
    if (state->groups.count >= state->profile.limits->stacks ||
        state->bytes + bytes > state->profile.most_memory) {
        state->left_out++;
        return NULL;
    }
    state->bytes += bytes;
    number = intern_add(&state->keys, buffer_text(&key), NULL);
    struct group *group = array_add(&state->groups);
    group->state = text_slice(state->keys.texts[number], 0, goroutine->state.len);
    if (!goroutine->state.ptr)
        group->state = (struct text){0};
    group->stack = text_slice(state->keys.texts[number], goroutine->state.len + 1, goroutine->stack.len);
    group->syscall = known(goroutine, goroutine->syscall);
    group->syscall_arg0 = known(goroutine, goroutine->syscall_arg0);
    group->wait_minutes = -2;
    return group;
}

static void take(void *context, const struct goroutine *goroutine)
{
    struct goroutine_state *state = context;
    struct group *group = group_of(state, goroutine);
    if (!group)
        return;
    group->count++;
    if (goroutine->wait_minutes <= group->wait_minutes)
        return;
    group->wait_minutes = goroutine->wait_minutes;
    group->line = goroutine->line;
    group->id = goroutine->id;
    if (!text_equal(group->created_by, goroutine->created_by))
        group->created_by = arena_copy(&state->arena, goroutine->created_by);
}

static void open(struct input *input)
{
    struct goroutine_state *state = input->state;
    if (state->open)
        return;
    state->open = true;
    profile_init(&state->profile, input->limits, profile_share(input->limits));
    profile_reader_open(&state->reader, &state->profile, PROFILE_GOROUTINES, input->limits->profile_bytes);
    state->reader.take_goroutine = take;
    state->reader.take_context = state;
}

static void feed(struct input *input)
{
    struct goroutine_state *state = input->state;
    open(input);
    profile_reader_feed(&state->reader, input->content);
}

static void emit_group(struct input *input, const struct group *group, struct text component)
{
    struct row_goroutine row = row_goroutine_null;
    row.line = input_line(input, group->line);
    row.component = component;
    row.count = group->count;
    row.state = group->state;
    row.wait_minutes = group->wait_minutes >= 0 ? group->wait_minutes : ROW_NULL;
    row.stack = group->stack;
    row.created_by = group->created_by;
    row.id = group->id;
    row.syscall = group->syscall;
    row.syscall_arg0 = group->syscall_arg0;
    emit_goroutine(input->sink, input->member, &row);
}

static void end(struct input *input)
{
    struct goroutine_state *state = input->state;
    open(input);
    profile_reader_close(&state->reader);
    if (text_ends(input->member->path, ".pb.gz") || text_ends(input->member->path, ".pb"))
        profile_warn(&state->profile, 0, "named like a protobuf, but it is a goroutine dump");
    profile_finish(&state->profile);
    struct text component = profile_component(input->member, &state->profile, input->arena);
    for (size_t i = 0; i < state->groups.count; i++)
        emit_group(input, &state->groups.items[i], component);
    if (state->left_out)
        sink_warn(input->sink, input->member, 0,
                  "limits stacks and %s: %llu goroutines of further stacks are left out",
                  profile_memory_limit(&state->profile), (unsigned long long)state->left_out);
    profile_emit(input, &state->profile);
    profile_release(&state->profile);
    intern_release(&state->keys);
    arena_release(&state->arena);
    array_release(&state->groups);
}

const struct evidence evidence_goroutine = {
    .name = "goroutine",
    .paths = "pprof/<component>/goroutine.txt, goroutine-stacks-*.log, any goroutine dump",
    .help = "Goroutines with state and wait: who waits for what in a Go daemon, and for how long.",
    .claims = claims,
    .state_bytes = sizeof(struct goroutine_state),
    .feed = feed,
    .end = end,
};
