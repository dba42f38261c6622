// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_read.h"

#include "evidence/profile_prune.h"

// ---- forms of one line a stack ---------------------------------------------------------------

// A function that has no other address than its name.
static void push_name(struct profile_reader *reader, struct text name)
{
    struct profile *profile = reader->profile;
    uint32_t string = profile_string(profile, name);
    uint32_t number = profile_location(profile, string), function = profile_function(profile, string);
    stack_put(&reader->legacy.stack, number);
    if (number == ID_NONE || function == ID_NONE || profile->locations.items[number].defined)
        return;
    profile->functions.items[function] = (struct profile_function){.name = string, .defined = true};
    profile->locations.items[number] = (struct profile_location){
        .mapping = ID_NONE, .first_line = (uint32_t)profile->lines.count, .line_count = 1, .defined = true};
    *array_add(&profile->lines) = (struct profile_line){.function = function};
}

// States are few: the runtime has about forty wait reasons. What a hostile dump makes up beyond that is lost.
static void count_state(struct profile *profile, const struct goroutine *goroutine)
{
    enum { MOST_STATES = 100 };
    size_t i = 0;
    while (i < profile->states.count && !text_equal(profile->states.items[i].state, goroutine->state))
        i++;
    if (i >= MOST_STATES)
        return;
    if (i == profile->states.count)
        *array_add(&profile->states) = (struct profile_state_count){
            .state = goroutine->state.len ? arena_copy(&profile->arena, goroutine->state) : TEXT(""),
            .wait_minutes = -1,
        };
    struct profile_state_count *state = &profile->states.items[i];
    state->count++;
    if (goroutine->wait_minutes > state->wait_minutes)
        state->wait_minutes = goroutine->wait_minutes;
}

static int by_count(const void *left, const void *right)
{
    const struct profile_state_count *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return text_compare(a->state, b->state);
}

static void take_goroutine(void *context, const struct goroutine *goroutine)
{
    struct profile_reader *reader = context;
    struct text rest = goroutine->stack, name;
    while (rest.len && text_split(&rest, '\n', &name))
        push_name(reader, name);
    legacy_add(&reader->legacy, 0, &(int64_t){1});
    count_state(reader->profile, goroutine);
    if (reader->take_goroutine)
        reader->take_goroutine(reader->take_context, goroutine);
}

// "main;work;leaf 17": the root first, the value behind the last blank.
static void folded_line(struct profile_reader *reader, struct text line)
{
    line = text_trim(line);
    reader->legacy.line++;
    size_t end = line.len;
    while (end > 0 && line.ptr[end - 1] != ' ')
        end--;
    int64_t value;
    if (line.len == 0)
        return;
    if (end == 0 || !text_to_i64(text_from(line, end), &value)) {
        legacy_malformed(&reader->legacy);
        return;
    }
    struct text names = text_trim_end(text_slice(line, 0, end));
    for (size_t start = names.len + 1; start-- > 0;) {
        if (start > 0 && names.ptr[start - 1] != ';')
            continue;
        push_name(reader, text_from(names, start));
        names.len = start > 0 ? start - 1 : 0;
    }
    legacy_add(&reader->legacy, 0, &value);
}

// ---- lines -----------------------------------------------------------------------------------

static void take_line(struct profile_reader *reader, struct text line)
{
    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (reader->profile->form == PROFILE_GOROUTINES)
        goroutine_dump_line(&reader->dump, line);
    else if (reader->profile->form == PROFILE_FOLDED)
        folded_line(reader, line);
    else
        legacy_line(&reader->legacy, line);
}

static void keep_start(struct profile_reader *reader, struct text part)
{
    uint64_t most = reader->profile->limits->line_bytes;
    size_t room = most > reader->line.len ? (size_t)(most - reader->line.len) : 0;
    if (part.len > room && !reader->line_cut) {
        reader->line_cut = true;
        reader->lines_cut++;
    }
    buffer_add(&reader->line, text_slice(part, 0, room));
}

static void feed_lines(struct profile_reader *reader, struct text piece)
{
    while (piece.len) {
        ptrdiff_t end = text_find_byte(piece, '\n');
        if (end < 0) {
            keep_start(reader, piece);
            return;
        }
        struct text line = text_slice(piece, 0, (size_t)end);
        if (reader->line.len || reader->line_cut || line.len > reader->profile->limits->line_bytes) {
            keep_start(reader, line);
            line = buffer_text(&reader->line);
        }
        take_line(reader, line);
        buffer_clear(&reader->line);
        reader->line_cut = false;
        piece = text_from(piece, (size_t)end + 1);
    }
}

static void end_lines(struct profile_reader *reader)
{
    if (reader->line.len)
        take_line(reader, buffer_text(&reader->line));
    if (reader->dump.stacks_cut)
        profile_warn(reader->profile, 0, "limit frames: of %llu stacks the frames beyond %llu are left out",
                     (unsigned long long)reader->dump.stacks_cut,
                     (unsigned long long)reader->profile->limits->frames);
    if (reader->lines_cut)
        profile_warn(reader->profile, 0, "limit line_bytes: %llu lines were cut",
                     (unsigned long long)reader->lines_cut);
}

// ---- the reader ------------------------------------------------------------------------------

static void begin_form(struct profile_reader *reader)
{
    struct profile *profile = reader->profile;
    if (profile->form == PROFILE_GOROUTINES) {
        profile_add_type(profile, "goroutine", "count");
        goroutine_dump_init(&reader->dump, take_goroutine, reader, (size_t)profile->limits->frames);
    } else if (profile->form == PROFILE_FOLDED) {
        profile_add_type(profile, "samples", "count");
    }
}

void profile_reader_open(struct profile_reader *reader, struct profile *profile, enum profile_form form,
                         uint64_t most_bytes)
{
    *reader = (struct profile_reader){.profile = profile, .most_bytes = most_bytes};
    profile->form = form;
    proto_init(&reader->proto, profile);
    legacy_init(&reader->legacy, profile);
    cpu_init(&reader->cpu, profile, &reader->legacy);
    begin_form(reader);
}

void profile_reader_feed(struct profile_reader *reader, struct text piece)
{
    struct profile *profile = reader->profile;
    uint64_t room = reader->most_bytes - reader->bytes;
    if (piece.len > room) {
        if (!profile->broken)
            profile_warn(profile, 0, "limit profile_bytes: only the first %llu bytes are read",
                         (unsigned long long)reader->most_bytes);
        profile->broken = true;
        piece = text_slice(piece, 0, (size_t)room);
    }
    reader->bytes += piece.len;
    if (profile->form == PROFILE_PROTOBUF)
        proto_feed(&reader->proto, piece);
    else if (profile->form == PROFILE_CPU_BINARY)
        feed_lines(reader, cpu_feed(&reader->cpu, piece));
    else if (profile->form != PROFILE_NONE)
        feed_lines(reader, piece);
}

static void end_legacy(struct profile_reader *reader)
{
    struct profile *profile = reader->profile;
    end_lines(reader);
    if (profile->form == PROFILE_GOROUTINES)
        goroutine_dump_end(&reader->dump);
    array_sort(&profile->states, by_count);
    if (profile->form == PROFILE_CPU_BINARY)
        cpu_end(&reader->cpu);
    if (profile->form == PROFILE_GOROUTINES || profile->form == PROFILE_FOLDED)
        reader->legacy.part = PART_SAMPLES;
    legacy_end(&reader->legacy);
    if (profile->form != PROFILE_GOROUTINES && profile->form != PROFILE_FOLDED)
        profile_legacy_frames(profile, &profile->drop_regex, &profile->keep_regex);
}

void profile_reader_close(struct profile_reader *reader)
{
    struct profile *profile = reader->profile;
    if (reader->bytes == 0) {
        profile_warn(profile, 0, "it is empty");
        profile->broken = true;
    } else if (profile->form == PROFILE_PROTOBUF) {
        proto_end(&reader->proto);
    } else if (profile->form != PROFILE_NONE) {
        end_legacy(reader);
    }
    if (profile->form != PROFILE_NONE)
        profile_settle_types(profile);
    proto_release(&reader->proto);
    legacy_release(&reader->legacy);
    cpu_release(&reader->cpu);
    buffer_release(&reader->line);
}
