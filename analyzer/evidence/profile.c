// SPDX-License-Identifier: Apache-2.0
//
// Go profiles (and everybody's in profile.proto): pprof/<component>/heap.pb.gz, or by content. Goroutine
// dumps with states are goroutine.c's.
#include "evidence/profile_read.h"
#include "evidence/profile_rows.h"

struct profile_state {
    bool open;
    struct profile profile;
    struct profile_reader reader;
};

static bool in_folder(struct text path)
{
    return text_starts(path, "pprof/") || text_contains(path, "/pprof/");
}

static bool claims(const struct member *member)
{
    if (member->type != MEMBER_FILE)
        return false;
    enum profile_form form = profile_detect(member->head, !in_folder(member->path));
    if (form == PROFILE_GOROUTINES)
        return false;
    return in_folder(member->path) || form != PROFILE_NONE;
}

static void open(struct input *input)
{
    struct profile_state *state = input->state;
    if (state->open)
        return;
    state->open = true;
    profile_init(&state->profile, input->limits, profile_share(input->limits));
    state->profile.use_comment_symbols = true; // the database is for rules, which need names
    enum profile_form form = profile_detect(input->member->head, !in_folder(input->member->path));
    uint64_t most = input->member->bare ? UINT64_MAX : input->limits->profile_bytes;
    profile_reader_open(&state->reader, &state->profile, form, most);
    if (profile_is_trace(input->member->head))
        profile_warn(&state->profile, 0, "an execution trace, not a profile: `go tool trace` reads it");
    else if (form == PROFILE_NONE && input->member->head.len)
        profile_warn(&state->profile, 0, "not a profile of a form that is known");
}

static void feed(struct input *input)
{
    struct profile_state *state = input->state;
    open(input);
    profile_reader_feed(&state->reader, input->content);
}

static void end(struct input *input)
{
    struct profile_state *state = input->state;
    open(input);
    profile_reader_close(&state->reader);
    profile_finish(&state->profile);
    profile_emit(input, &state->profile);
    profile_emit_goroutines(input, &state->profile);
    profile_release(&state->profile);
}

const struct evidence evidence_profile = {
    .name = "profile",
    .paths = "pprof/<component>/*, any file that is a profile",
    .help =
        "Go profiles (heap, CPU, goroutine, mutex, block) with flat and cumulative values of every function.",
    .claims = claims,
    .state_bytes = sizeof(struct profile_state),
    .feed = feed,
    .end = end,
};
