// SPDX-License-Identifier: Apache-2.0
#include "privacy/strip.h"

#include "evidence/profile_wire.h"
#include "util/array.h"
#include "util/memory.h"

// Fields of profile.proto.
enum {
    SAMPLE_TYPE = 1,
    SAMPLE,
    MAPPING,
    LOCATION,
    FUNCTION,
    STRING,
    DROP_FRAMES,
    KEEP_FRAMES,
    PERIOD_TYPE = 11,
    COMMENT = 13,
    DEFAULT_TYPE,
    LAST_FIELD = 14
};
enum { LABEL = 3, LABEL_STRING = 2, STRINGS_MOST = 16777216 };

enum role { ROLE_PRIVATE, ROLE_PATH, ROLE_PUBLIC }; // the highest of all that refer to a string

struct stripping {
    struct scrubber *scrubber;
    ARRAY(unsigned char) roles; // by number of the string
    struct buffer *out;
    size_t string; // the next one's number
};

static void raise(struct stripping *stripping, uint64_t string, enum role role)
{
    if (string >= STRINGS_MOST)
        return;
    while (stripping->roles.count <= string)
        *array_add(&stripping->roles) = ROLE_PRIVATE;
    if (stripping->roles.items[string] < role)
        stripping->roles.items[string] = (unsigned char)role;
}

// ---- who refers to what ----------------------------------------------------------------------

// Roles of the numbers of a message, by field: '-' none, 'p' public, 'f' a path.
static void note_fields(struct stripping *stripping, struct wire body, const char *roles)
{
    struct wire_field field;
    while (body.at < body.end && wire_next(&body, &field) == WIRE_OK) {
        if (field.type != WIRE_VARINT || field.number == 0 || field.number > strlen(roles))
            continue;
        char role = roles[field.number - 1];
        if (role != '-')
            raise(stripping, field.value, role == 'p' ? ROLE_PUBLIC : ROLE_PATH);
    }
}

static bool has_string(struct wire label)
{
    struct wire_field field;
    while (label.at < label.end && wire_next(&label, &field) == WIRE_OK)
        if (field.number == LABEL_STRING && field.type == WIRE_VARINT && field.value)
            return true;
    return false;
}

static void note_labels(struct stripping *stripping, struct wire sample)
{
    struct wire_field field;
    while (sample.at < sample.end && wire_next(&sample, &field) == WIRE_OK)
        if (field.number == LABEL && field.type == WIRE_BYTES && !has_string(field.body))
            note_fields(stripping, field.body, "p--p"); // key and unit of a number
}

static void note(struct stripping *stripping, const struct wire_field *field)
{
    if (field->type == WIRE_VARINT) {
        if (field->number == DROP_FRAMES || field->number == KEEP_FRAMES || field->number == DEFAULT_TYPE)
            raise(stripping, field->value, ROLE_PUBLIC);
    } else if (field->number == SAMPLE) {
        note_labels(stripping, field->body);
    } else if (field->number == FUNCTION) {
        note_fields(stripping, field->body, "-ppf-");
    } else if (field->number == MAPPING) {
        note_fields(stripping, field->body, "----fp");
    } else if (field->number == SAMPLE_TYPE || field->number == PERIOD_TYPE) {
        note_fields(stripping, field->body, "pp");
    }
}

// ---- writing ---------------------------------------------------------------------------------

static void put_varint(struct buffer *out, uint64_t value)
{
    for (; value > 127; value >>= 7)
        buffer_putc(out, (char)(value | 128));
    buffer_putc(out, (char)value);
}

static void put_bytes(struct buffer *out, uint64_t number, struct text bytes)
{
    put_varint(out, number << 3 | WIRE_BYTES);
    put_varint(out, bytes.len);
    buffer_add(out, bytes);
}

static struct text text_of_wire(struct wire body)
{
    return (struct text){(const char *)body.at, (size_t)(body.end - body.at)};
}

static void put_string(struct stripping *stripping, struct text string)
{
    size_t number = stripping->string++;
    enum role role = number < stripping->roles.count ? stripping->roles.items[number] : ROLE_PRIVATE;
    if (!stripping->out) {
        if (role == ROLE_PATH)
            scrub_learn(stripping->scrubber, string);
        return;
    }
    CLEANUP(buffer_release) struct buffer scrubbed = {0};
    if (role == ROLE_PATH)
        scrub_line(stripping->scrubber, string, &scrubbed);
    put_bytes(stripping->out, STRING, role == ROLE_PUBLIC ? string : buffer_text(&scrubbed));
}

// All but the labels with text.
static void put_sample(struct stripping *stripping, struct wire sample)
{
    CLEANUP(buffer_release) struct buffer kept = {0};
    struct wire_field field;
    const unsigned char *start = sample.at;
    while (sample.at < sample.end && wire_next(&sample, &field) == WIRE_OK) {
        if (field.number < LABEL ||
            (field.number == LABEL && field.type == WIRE_BYTES && !has_string(field.body)))
            buffer_add(&kept, (struct text){(const char *)start, (size_t)(sample.at - start)});
        start = sample.at;
    }
    put_bytes(stripping->out, SAMPLE, buffer_text(&kept));
}

static void put(struct stripping *stripping, const struct wire_field *field, struct text whole)
{
    if (field->number == STRING && field->type == WIRE_BYTES)
        put_string(stripping, text_of_wire(field->body));
    else if (!stripping->out || field->number == COMMENT || field->number > LAST_FIELD || field->number == 0)
        return;
    else if (field->number == SAMPLE && field->type == WIRE_BYTES)
        put_sample(stripping, field->body);
    else
        buffer_add(stripping->out, whole);
}

bool strip_profile(struct scrubber *scrubber, struct text profile, struct buffer *out)
{
    struct stripping stripping = {.scrubber = scrubber, .out = out};
    struct wire_field field;
    struct wire wire = wire_of(profile);
    while (wire.at < wire.end && wire_next(&wire, &field) == WIRE_OK)
        note(&stripping, &field);
    raise(&stripping, 0, ROLE_PUBLIC); // the empty one
    wire = wire_of(profile);
    const unsigned char *start = wire.at;
    while (wire.at < wire.end && wire_next(&wire, &field) == WIRE_OK) {
        put(&stripping, &field, (struct text){(const char *)start, (size_t)(wire.at - start)});
        start = wire.at;
    }
    array_release(&stripping.roles);
    return wire.at == wire.end;
}
