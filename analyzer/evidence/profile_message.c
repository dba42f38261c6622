// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_message.h"

enum { MOST_TYPES = 32, MOST_COMMENTS = 100, LINES_AN_ID = 2 };

// Reads the numbers of a message into `numbers` by field (below `count`); fields of other types are skipped.
// Says whether the message was whole.
static bool read_numbers(struct proto *proto, struct wire body, uint64_t *numbers, size_t count)
{
    struct wire_field field;
    while (body.at < body.end) {
        if (wire_next(&body, &field) != WIRE_OK)
            return false;
        if (field.number == 0 || field.number >= count)
            continue;
        if (field.type == WIRE_VARINT)
            numbers[field.number] = field.value;
        else
            proto->mismatched++;
    }
    return true;
}

// ---- types, comments -------------------------------------------------------------------------

static bool take_value_type(struct proto *proto, struct wire body, struct profile_type *type)
{
    uint64_t numbers[3] = {0};
    bool fine = read_numbers(proto, body, numbers, 3);
    *type = (struct profile_type){proto_string(numbers[1]), proto_string(numbers[2])};
    return fine;
}

bool proto_take_type(struct proto *proto, struct wire body)
{
    if (proto->profile->types.count >= MOST_TYPES)
        return false;
    return take_value_type(proto, body, array_add(&proto->profile->types));
}

bool proto_take_period_type(struct proto *proto, struct wire body)
{
    return take_value_type(proto, body, &proto->profile->period_type);
}

void proto_add_comment(struct profile *profile, uint64_t string)
{
    if (profile->comments.count < MOST_COMMENTS)
        *array_add(&profile->comments) = proto_string(string);
}

// ---- samples ---------------------------------------------------------------------------------

static bool take_locations(struct proto *proto, const struct wire_field *field)
{
    if (field->type == WIRE_VARINT) {
        stack_put(&proto->stack, profile_location(proto->profile, field->value));
        return true;
    }
    struct wire packed = field->body;
    (void)buffer_reserve(&proto->stack, (size_t)(packed.end - packed.at) * STACK_NUMBER_BYTES);
    while (packed.at < packed.end) {
        uint64_t id;
        if (wire_varint(&packed, &id) != WIRE_OK)
            return false;
        stack_put_reserved(&proto->stack, profile_location(proto->profile, id));
    }
    return true;
}

static bool take_values(struct proto *proto, const struct wire_field *field)
{
    if (field->type == WIRE_VARINT) {
        *array_add(&proto->values) = (int64_t)field->value;
        return true;
    }
    struct wire packed = field->body;
    while (packed.at < packed.end) {
        uint64_t value;
        if (wire_varint(&packed, &value) != WIRE_OK)
            return false;
        *array_add(&proto->values) = (int64_t)value;
    }
    return true;
}

// How many labels of this key and kind the sample had before: the values of one key are a list. Only the
// first keys are told apart, real samples have a handful.
static uint64_t place_in_list(struct proto *proto, uint64_t key, bool is_text)
{
    uint64_t mixed = key << 1 | is_text;
    for (size_t i = 0; i < proto->label_keys; i++)
        if (proto->label_key[i].key == mixed)
            return ++proto->label_key[i].count;
    if (proto->label_keys < PROTO_LABEL_KEYS)
        proto->label_key[proto->label_keys++] = (struct proto_label_key){.key = mixed};
    return 0;
}

// A hash that depends on the order of a key's values, not on that of the keys; a label without a value is
// none (google/pprof profile/encode.go, postDecode, and merge.go, Sample.key).
static bool take_label(struct proto *proto, struct wire body, uint32_t *label)
{
    uint64_t numbers[6] = {0};
    if (!read_numbers(proto, body, numbers, 5))
        return false;
    bool is_text = numbers[2] != 0;
    if (is_text)
        numbers[3] = numbers[4] = 0;
    if (!is_text && numbers[3] == 0 && numbers[4] == 0)
        return true;
    numbers[5] = place_in_list(proto, numbers[1], is_text);
    *label += (uint32_t)hash_bytes(numbers + 1, sizeof numbers - sizeof *numbers, 0) | 1;
    return true;
}

static bool read_sample(struct proto *proto, struct wire body, uint32_t *label)
{
    struct wire_field field;
    while (body.at < body.end) {
        if (wire_next(&body, &field) != WIRE_OK)
            return false;
        bool packed = field.type == WIRE_BYTES, number = field.type == WIRE_VARINT;
        if (field.number < 1 || field.number > 3)
            continue;
        if (!packed && (!number || field.number == 3))
            proto->mismatched++;
        else if (field.number == 1   ? !take_locations(proto, &field)
                 : field.number == 2 ? !take_values(proto, &field)
                                     : !take_label(proto, field.body, label))
            return false;
    }
    return true;
}

bool proto_take_sample(struct proto *proto, struct wire body)
{
    struct profile *profile = proto->profile;
    uint32_t label = 0;
    buffer_clear(&proto->stack);
    array_clear(&proto->values);
    proto->label_keys = 0;
    if (!read_sample(proto, body, &label))
        return false;
    if (!profile->sampling) { // in a file that names its types last, the first sample says how many there are
        proto->settled = profile->types.count > 0;
        size_t width = proto->settled ? profile->types.count : proto->values.count;
        profile_begin_samples(profile, (uint32_t)(width < MOST_TYPES ? width : MOST_TYPES));
    }
    if (proto->values.count != profile->stacks.width)
        profile->bad_values++;
    else
        profile_add_sample(profile, buffer_text(&proto->stack), label, proto->values.items);
    return true;
}

// ---- tables ----------------------------------------------------------------------------------

bool proto_take_mapping(struct proto *proto, struct wire body)
{
    struct profile *profile = proto->profile;
    uint64_t numbers[7] = {0};
    if (!read_numbers(proto, body, numbers, 7))
        return false;
    uint32_t number = profile_mapping(profile, numbers[1]);
    if (number == ID_NONE)
        return true;
    struct profile_mapping *mapping = &profile->mappings.items[number];
    if (mapping->defined) {
        proto->twice++;
        return true;
    }
    if (profile->main_mapping == ID_NONE)
        profile->main_mapping = number;
    *mapping = (struct profile_mapping){
        .start = numbers[2],
        .limit = numbers[3],
        .offset = numbers[4],
        .file = proto_string(numbers[5]),
        .build_id = proto_string(numbers[6]),
        .defined = true,
    };
    return true;
}

static void define_function(struct proto *proto, uint64_t id, struct profile_function function)
{
    uint32_t number = profile_function(proto->profile, id);
    if (number == ID_NONE)
        return;
    if (proto->profile->functions.items[number].defined)
        proto->twice++;
    else
        proto->profile->functions.items[number] = function;
}

// A .NET writer gives its functions no ids and means their places, from 1. A lone function without an id
// has the id 0.
static void place_function(struct proto *proto, struct profile_function function)
{
    proto->zero_ids++;
    if (proto->zero_ids == 1) {
        proto->without_id = function;
        proto->without_id_place = proto->functions;
        return;
    }
    if (proto->zero_ids == 2)
        define_function(proto, proto->without_id_place, proto->without_id);
    define_function(proto, proto->functions, function);
}

void proto_end_functions(struct proto *proto)
{
    if (proto->zero_ids == 1)
        define_function(proto, 0, proto->without_id);
}

bool proto_take_function(struct proto *proto, struct wire body)
{
    uint64_t numbers[6] = {0};
    if (!read_numbers(proto, body, numbers, 6))
        return false;
    struct profile_function function = {
        .name = proto_string(numbers[2]),
        .file = proto_string(numbers[4]),
        .start_line = (int64_t)numbers[5],
        .defined = true,
    };
    proto->functions++;
    if (numbers[1] == 0)
        place_function(proto, function);
    else
        define_function(proto, numbers[1], function);
    return true;
}

static bool take_line(struct proto *proto, struct wire body)
{
    struct profile *profile = proto->profile;
    uint64_t numbers[3] = {0};
    if (!read_numbers(proto, body, numbers, 3))
        return false;
    if (profile->lines.count / LINES_AN_ID >= profile_most_ids(profile)) {
        profile->ids_full = true;
        return true;
    }
    uint32_t function = profile_function(profile, numbers[1]);
    *array_add(&profile->lines) = (struct profile_line){.function = function, .line = (int64_t)numbers[2]};
    return true;
}

static bool read_location(struct proto *proto, struct wire body, uint64_t *numbers)
{
    struct wire_field field;
    while (body.at < body.end) {
        if (wire_next(&body, &field) != WIRE_OK)
            return false;
        if (field.number < 1 || field.number > 5)
            continue;
        if (field.type != (field.number == 4 ? WIRE_BYTES : WIRE_VARINT))
            proto->mismatched++;
        else if (field.number != 4)
            numbers[field.number] = field.value;
        else if (!take_line(proto, field.body))
            return false;
    }
    return true;
}

bool proto_take_location(struct proto *proto, struct wire body)
{
    struct profile *profile = proto->profile;
    uint64_t numbers[6] = {0};
    size_t first_line = profile->lines.count;
    bool fine = read_location(proto, body, numbers);
    uint32_t number = fine ? profile_location(profile, numbers[1]) : ID_NONE;
    bool twice = number != ID_NONE && profile->locations.items[number].defined;
    proto->twice += twice;
    if (number == ID_NONE || twice) {
        profile->lines.count = first_line;
        return fine;
    }
    proto->zero_locations += numbers[1] == 0;
    profile->locations.items[number] = (struct profile_location){
        .address = numbers[3],
        .mapping = numbers[2] ? profile_mapping(profile, numbers[2]) : ID_NONE,
        .first_line = (uint32_t)first_line,
        .line_count = (uint32_t)(profile->lines.count - first_line),
        .folded = numbers[5] != 0,
        .defined = true,
    };
    return true;
}
