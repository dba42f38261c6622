// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_proto.h"

#include <string.h>

#include "evidence/profile_message.h"

void proto_init(struct proto *proto, struct profile *profile)
{
    *proto = (struct proto){.profile = profile};
}

void proto_release(struct proto *proto)
{
    buffer_release(&proto->pending);
    buffer_release(&proto->stack);
    array_release(&proto->values);
}

static void stop(struct proto *proto, uint64_t at, const char *why)
{
    profile_warn(proto->profile, 0, "damaged at byte %llu: %s; what follows is not read",
                 (unsigned long long)at, why);
    proto->profile->broken = true;
    proto->stopped = true;
}

// ---- fields of the top level -----------------------------------------------------------------

static void take_message(struct proto *proto, const struct wire_field *field, uint64_t at)
{
    static bool (*const takers[])(struct proto *, struct wire) = {
        NULL,
        proto_take_type,
        proto_take_sample,
        proto_take_mapping,
        proto_take_location,
        proto_take_function,
    };
    if (field->number == 1 && proto->settled && proto->profile->sampling) {
        stop(proto, at, "a second profile begins");
        return;
    }
    bool fine = field->number == 11 ? proto_take_period_type(proto, field->body)
                                    : takers[field->number](proto, field->body);
    if (!fine && proto->malformed++ == 0)
        proto->malformed_at = at;
}

static void take_string(struct proto *proto, struct wire body)
{
    struct profile *profile = proto->profile;
    struct text text = {(const char *)body.at, (size_t)(body.end - body.at)};
    if (profile->lost_strings || !profile_has_room(profile, text.len))
        profile->lost_strings++; // and all that follow: a string's number is its place
    else
        *array_add(&profile->strings) = text.len ? arena_copy(&profile->arena, text) : TEXT("");
}

static void take_time(struct proto *proto, uint64_t value, uint64_t at)
{
    if (proto->profile->time_ns != 0)
        stop(proto, at, "a second profile begins");
    else
        proto->profile->time_ns = (int64_t)value;
}

static void take_number(struct proto *proto, const struct wire_field *field, uint64_t at)
{
    struct profile *profile = proto->profile;
    switch (field->number) {
    case 7:
        profile->drop_frames = proto_string(field->value);
        break;
    case 8:
        profile->keep_frames = proto_string(field->value);
        break;
    case 9:
        take_time(proto, field->value, at);
        break;
    case 10:
        profile->duration_ns = (int64_t)field->value;
        break;
    case 12:
        profile->period = (int64_t)field->value;
        break;
    case 13:
        proto_add_comment(profile, field->value);
        break;
    case 14:
        profile->default_type = proto_string(field->value);
        break;
    default:
        break;
    }
}

static void take_comments(struct proto *proto, struct wire packed)
{
    uint64_t value;
    while (packed.at < packed.end && wire_varint(&packed, &value) == WIRE_OK)
        proto_add_comment(proto->profile, value);
}

static bool is_message(uint64_t number)
{
    return (number >= 1 && number <= 5) || number == 11;
}

static void take_field(struct proto *proto, const struct wire_field *field, uint64_t at)
{
    if (field->type == WIRE_GROUP) {
        proto->groups++;
    } else if (field->type == WIRE_GROUP_END) {
        proto->groups -= proto->groups > 0;
    } else if (proto->groups || field->number == 0 || field->number > 14) {
        return; // of no field that is known
    } else if (is_message(field->number) || field->number == 6) {
        if (field->type != WIRE_BYTES)
            proto->mismatched++;
        else if (field->number == 6)
            take_string(proto, field->body);
        else
            take_message(proto, field, at);
    } else if (field->type == WIRE_VARINT) {
        take_number(proto, field, at);
    } else if (field->type == WIRE_BYTES && field->number == 13) {
        take_comments(proto, field->body);
    } else {
        proto->mismatched++;
    }
}

// ---- the stream ------------------------------------------------------------------------------

// Skips the rest of a varint that is too long; true once it is behind.
static bool skip_varint(struct proto *proto, struct wire *wire)
{
    while (wire->at < wire->end && *wire->at >= 128)
        wire->at++;
    proto->in_varint = wire->at == wire->end;
    if (!proto->in_varint)
        wire->at++;
    return !proto->in_varint;
}

// A number that is too long can be stepped over; anything else leaves no place to go on from.
static void step_over(struct proto *proto, struct wire *wire, const struct wire_field *field, uint64_t at)
{
    uint64_t tag;
    if (field->type != WIRE_VARINT || wire_varint(wire, &tag) != WIRE_OK) {
        stop(proto, at, "no field of a profile");
        return;
    }
    profile_warn(proto->profile, 0, "damaged at byte %llu: a number of more than 10 bytes, left out",
                 (unsigned long long)at);
    proto->profile->broken = true;
    (void)skip_varint(proto, wire);
}

// A field that is too long.
static void leave_out(struct proto *proto, const struct wire_field *field, uint64_t bytes)
{
    profile_warn(proto->profile, 0, "limit profile_message: field %llu has %llu bytes, left out",
                 (unsigned long long)field->number, (unsigned long long)bytes);
    if (field->number == 6) // the strings behind it keep their numbers
        take_string(proto, (struct wire){field->body.at, field->body.at});
}

// A field that is here whole.
static void take_whole(struct proto *proto, const struct wire_field *field, uint64_t at)
{
    uint64_t bytes = field->type == WIRE_BYTES ? (uint64_t)(field->body.end - field->body.at) : 0;
    if (bytes > proto->profile->limits->profile_message && proto->groups == 0)
        leave_out(proto, field, bytes);
    else
        take_field(proto, field, at);
}

// What a field that is cut here needs to be whole, or, where that is too much, how much to skip.
static void wait_for_more(struct proto *proto, struct wire *wire, const struct wire_field *field)
{
    size_t there = (size_t)(wire->end - wire->at);
    proto->need = there + 1;
    if (field->type != WIRE_BYTES || !field->body.at)
        return;
    size_t header = (size_t)(field->body.at - wire->at);
    if (field->value <= proto->profile->limits->profile_message) {
        proto->need = header + (size_t)field->value;
        return;
    }
    if (proto->groups == 0)
        leave_out(proto, field, field->value);
    proto->skip = field->value;
    wire->at += header;
}

// Of strings beyond the limits only the number counts: bombs have a billion empty ones.
static void skip_lost_strings(struct proto *proto, struct wire *wire)
{
    enum { TAG = 6 << 3 | WIRE_BYTES, HEADER = 2 };
    while (wire->end - wire->at >= HEADER && wire->at[0] == TAG && wire->at[1] < 128 &&
           wire->end - wire->at - HEADER >= wire->at[1]) {
        wire->at += HEADER + wire->at[1];
        proto->profile->lost_strings++;
    }
}

// Takes whole fields from the start of `bytes`; says how many bytes that was.
static size_t take_fields(struct proto *proto, struct text bytes)
{
    struct wire wire = wire_of(bytes);
    const unsigned char *start = wire.at;
    if (proto->in_varint)
        (void)skip_varint(proto, &wire);
    while (wire.at < wire.end && !proto->stopped && proto->skip == 0) {
        struct wire_field field;
        if (proto->profile->lost_strings && proto->groups == 0)
            skip_lost_strings(proto, &wire);
        uint64_t at = proto->offset + (uint64_t)(wire.at - start);
        enum wire_result result = wire_next(&wire, &field);
        if (result == WIRE_OK) {
            take_whole(proto, &field, at);
        } else if (result == WIRE_BAD) {
            step_over(proto, &wire, &field, at);
        } else {
            wait_for_more(proto, &wire, &field);
            break;
        }
    }
    return (size_t)(wire.at - start);
}

static size_t feed_pending(struct proto *proto, struct text piece)
{
    size_t more = proto->need > proto->pending.len ? proto->need - proto->pending.len : 1;
    more = more < piece.len ? more : piece.len;
    buffer_add(&proto->pending, text_slice(piece, 0, more));
    if (proto->pending.len >= proto->need) {
        size_t used = take_fields(proto, buffer_text(&proto->pending));
        proto->offset += used;
        proto->pending.len -= used;
        memmove(proto->pending.ptr, proto->pending.ptr + used, proto->pending.len);
    }
    return more;
}

static size_t feed_piece(struct proto *proto, struct text piece)
{
    size_t used = take_fields(proto, piece);
    proto->offset += used;
    if (proto->skip || proto->stopped || used == piece.len)
        return used;
    buffer_add(&proto->pending, text_from(piece, used));
    return piece.len;
}

static size_t feed_skipped(struct proto *proto, struct text piece)
{
    // pending can only hold the start of what is skipped
    uint64_t held = proto->pending.len < proto->skip ? proto->pending.len : proto->skip;
    proto->pending.len -= (size_t)held;
    uint64_t used = proto->skip - held < piece.len ? proto->skip - held : piece.len;
    proto->skip -= held + used;
    proto->offset += held + used;
    return (size_t)used;
}

void proto_feed(struct proto *proto, struct text piece)
{
    while (piece.len && !proto->stopped) {
        size_t used = proto->skip          ? feed_skipped(proto, piece)
                      : proto->pending.len ? feed_pending(proto, piece)
                                           : feed_piece(proto, piece);
        piece = text_from(piece, used);
    }
}

static void warn_counts(struct proto *proto)
{
    struct profile *profile = proto->profile;
    if (proto->malformed)
        profile_warn(profile, 0, "%llu damaged messages, the first at byte %llu",
                     (unsigned long long)proto->malformed, (unsigned long long)proto->malformed_at);
    if (proto->mismatched)
        profile_warn(profile, 0, "%llu fields are of another type than they should be, left out",
                     (unsigned long long)proto->mismatched);
    if (proto->twice)
        profile_warn(profile, 0,
                     "%llu locations, functions or mappings have an id that was there before, left out",
                     (unsigned long long)proto->twice);
    if (proto->zero_ids > 1)
        profile_warn(profile, 0, "%llu functions have no id: they are taken by their place",
                     (unsigned long long)proto->zero_ids);
    if (proto->zero_ids == 1 || proto->zero_locations)
        profile_warn(profile, 0, "a function or location has the reserved id 0");
}

void proto_end(struct proto *proto)
{
    struct profile *profile = proto->profile;
    if (!proto->stopped && (proto->skip || proto->pending.len || proto->in_varint)) {
        profile_warn(profile, 0, "cut short: it ends inside the field that begins at byte %llu",
                     (unsigned long long)proto->offset);
        profile->broken = true;
    }
    if (proto->groups && !proto->stopped) {
        profile_warn(profile, 0, "%llu groups never end: it is damaged or no profile",
                     (unsigned long long)proto->groups);
        profile->broken = true;
    }
    if (profile->strings.count && profile->strings.items[0].len)
        profile_warn(profile, 0, "the first string is not empty");
    if (profile->samples + profile->bad_values > 0 && profile->strings.count == 0) {
        profile_warn(profile, 0, "it has no string table: nothing has a name");
        profile->broken = true;
    }
    proto_end_functions(proto);
    warn_counts(proto);
}
