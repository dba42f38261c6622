// SPDX-License-Identifier: Apache-2.0
#include "privacy/form.h"

#include <arpa/inet.h>
#include <stdio.h>

static bool is_alnum(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c);
}

// The byte at a place, NUL outside.
static char byte_at(struct text text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static char byte_before(struct text text, size_t at)
{
    return at ? byte_at(text, at - 1) : '\0';
}

static bool set_name(struct form *form, enum name_kind kind, struct text name, size_t length)
{
    form->kind = kind;
    form->length = length;
    form->name_length = name.len < sizeof form->name ? name.len : sizeof form->name - 1;
    for (size_t i = 0; i < form->name_length; i++)
        form->name[i] = byte_lower(name.ptr[i]);
    form->name[form->name_length] = '\0';
    return true;
}

static size_t digits_at(struct text text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && byte_is_digit(text.ptr[at + n]))
        n++;
    return n;
}

static size_t hex_at(struct text text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && byte_is_hex(text.ptr[at + n]))
        n++;
    return n;
}

// ---- IPv4 ------------------------------------------------------------------------------------

// Four numbers up to 255 with dots between; their length, 0 for anything else.
static size_t dotted_quad(struct text text, size_t at, unsigned byte[4])
{
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        size_t digits = digits_at(text, at + n);
        if (digits < 1 || digits > 3 || (digits > 1 && text.ptr[at + n] == '0'))
            return 0;
        byte[i] = 0;
        for (; digits; digits--)
            byte[i] = byte[i] * 10 + (unsigned)(text.ptr[at + n++] - '0');
        if (byte[i] > 255 || (i < 3 && byte_at(text, at + n++) != '.'))
            return 0;
    }
    return n;
}

// Networks that everybody has, and addresses that say nothing of whose they are.
static bool is_common_address(const unsigned byte[4], struct text behind)
{
    if (byte[0] == 0 || byte[0] == 127 || byte[0] >= 224 ||
        (byte[0] == 169 && byte[1] == 254 && byte[2] == 169))
        return true;
    bool rest_is_zero = byte[2] == 0 && byte[3] == 0;
    return rest_is_zero && ((byte[0] == 10 && byte[1] == 0 && text_starts(behind, "/8")) ||
                            (byte[0] == 172 && byte[1] == 16 && text_starts(behind, "/12")) ||
                            (byte[0] == 192 && byte[1] == 168 && text_starts(behind, "/16")) ||
                            (byte[0] == 100 && byte[1] == 64 && text_starts(behind, "/10")));
}

// A version has four numbers, too: lib-2.4.1.0, 5.1.0.0-k. Their first is small, that of an address is not.
static bool looks_like_version(struct text text, size_t at, size_t end, const unsigned byte[4])
{
    char before = byte_before(text, at), behind = byte_at(text, end);
    bool joined = before == '-' || before == '_' || before == '+' || before == '~' || behind == '+' ||
                  behind == '~' || behind == '_' || (behind == '-' && byte_is_alpha(byte_at(text, end + 1)));
    struct text said = text_slice(text, 0, at);
    joined |= text_ends(said, "ersion ") || text_ends(said, "ersion: ") || text_ends(said, "elease ");
    return joined && byte[0] < 10;
}

bool form_of_v4(struct text text, size_t at, struct form *form)
{
    unsigned byte[4];
    size_t length = byte_is_digit(byte_at(text, at)) ? dotted_quad(text, at, byte) : 0;
    size_t end = at + length;
    if (!length || byte_before(text, at) == '.' || is_alnum(byte_at(text, end)) ||
        (byte_at(text, end) == '.' && byte_is_digit(byte_at(text, end + 1))) ||
        is_common_address(byte, text_from(text, end)) || looks_like_version(text, at, end, byte))
        return false;
    return set_name(form, NAME_V4, text_slice(text, at, length), length);
}

// ---- IPv6 ------------------------------------------------------------------------------------

static bool is_global_or_local(const unsigned char byte[16])
{
    return (byte[0] & 0xe0) == 0x20 || (byte[0] & 0xfe) == 0xfc ||
           (byte[0] == 0xfe && (byte[1] & 0xc0) == 0x80) ||
           (byte[0] == 0 && byte[1] == 0x64 && byte[2] == 0xff && byte[3] == 0x9b);
}

bool form_of_v6(struct text text, size_t at, struct form *form)
{
    enum { MOST = 39 };
    size_t length = 0, colons = 0;
    while (length <= MOST && (byte_is_hex(byte_at(text, at + length)) || byte_at(text, at + length) == ':'))
        colons += text.ptr[at + length++] == ':';
    if (colons < 2 || length > MOST || byte_before(text, at) == ':' || byte_before(text, at) == '.')
        return false;
    if (text.ptr[at + length - 1] == ':' && text.ptr[at + length - 2] != ':')
        length--;
    char address[MOST + 1], canonical[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    (void)snprintf(address, sizeof address, "%.*s", (int)length, text.ptr + at);
    if (is_alnum(byte_at(text, at + length)) || inet_pton(AF_INET6, address, bytes) != 1 ||
        !is_global_or_local(bytes) || !inet_ntop(AF_INET6, bytes, canonical, sizeof canonical))
        return false;
    return set_name(form, NAME_V6, text_of(canonical), length);
}

// ---- MAC -------------------------------------------------------------------------------------

// Pairs of hexadecimal digits with `joint` between: how many.
static size_t pairs_at(struct text text, size_t at, char joint)
{
    size_t pairs = 0;
    while (hex_at(text, at) == 2) {
        pairs++;
        at += 2;
        if (byte_at(text, at) != joint)
            break;
        at++;
    }
    return pairs;
}

static bool all_the_same(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != text.ptr[i % 3])
            return false;
    return text.len > 1 && text.ptr[0] == text.ptr[1];
}

bool form_of_mac(struct text text, size_t at, struct form *form)
{
    size_t pairs = pairs_at(text, at, ':');
    if (pairs != 6 && pairs != 8 && pairs != 14 && pairs != 20)
        return false;
    bool second =
        byte_before(text, at) == ':'; // of a netfilter log's: six, and the two of the type behind it
    if (second && pairs != 8)
        return false;
    size_t used = pairs == 14 || second ? 6 : pairs, length = used * 3 - 1;
    if (is_alnum(byte_at(text, at + length)) || all_the_same(text_slice(text, at, length)))
        return false;
    return set_name(form, NAME_MAC, text_slice(text, at, length), length);
}

// ---- ids -------------------------------------------------------------------------------------

// What joins the groups of a uuid: systemd writes `\x2d` for a dash within a unit's name, JSON doubles that
// backslash, the kubelet writes `_`.
static struct text joint_at(struct text text, size_t at)
{
    static const char *const joints[] = {"-", "_", "\\x2d", "\\\\x2d", "%2D", NULL};
    for (const char *const *joint = joints; *joint; joint++)
        if (text_starts(text_from(text, at), *joint))
            return text_of(*joint);
    return (struct text){NULL, 0};
}

bool form_of_uuid(struct text text, size_t at, struct form *form)
{
    static const size_t groups[5] = {8, 4, 4, 4, 12};
    if (hex_at(text, at) != 8)
        return false;
    struct text joint = joint_at(text, at + 8);
    char name[40];
    size_t length = 0, used = 0;
    bool zero = true;
    for (int i = 0; i < 5 && joint.ptr; i++) {
        if (hex_at(text, at + length) != groups[i])
            return false;
        for (size_t k = 0; k < groups[i]; k++) {
            zero &= text.ptr[at + length] == '0';
            name[used++] = text.ptr[at + length++];
        }
        if (i < 4 && !text_equal(text_slice(text, at + length, joint.len), joint))
            return false;
        length += i < 4 ? joint.len : 0;
        name[used++] = '-';
    }
    if (!joint.ptr || zero || is_alnum(byte_at(text, at + length)))
        return false;
    form->joint = joint;
    return set_name(form, NAME_UUID, (struct text){name, used - 1}, length);
}

// 7f3c5e000000-7f3c5e021000 of a process's maps, and the hash of a Go module's version behind its date.
static bool in_a_range(struct text text, size_t at, size_t length)
{
    if (byte_at(text, at + length) == '-' && hex_at(text, at + length + 1) >= 8 && length < 32)
        return true;
    size_t before = 0;
    while (before + 1 < at && byte_is_hex(text.ptr[at - 2 - before]))
        before++;
    return byte_before(text, at) == '-' && before >= 8 && length < 32;
}

bool form_of_id(struct text text, size_t at, struct form *form)
{
    size_t length = hex_at(text, at), letters = 0, capitals = 0;
    for (size_t i = 0; i < length; i++) {
        letters += !byte_is_digit(text.ptr[at + i]);
        capitals += text.ptr[at + i] >= 'A' && text.ptr[at + i] <= 'F';
    }
    bool is_short = length == 12 || length == 13, is_long = length >= 20 && length < NAME_BYTES;
    char before = byte_before(text, at), behind = byte_at(text, at + length);
    if ((!is_short && !is_long) || is_alnum(behind) || letters == 0 || letters == length ||
        (capitals && capitals != letters))
        return false;
    if (is_short && (before == '_' || behind == '_' || capitals || in_a_range(text, at, length)))
        return false;
    return set_name(form, NAME_ID, text_slice(text, at, length), length);
}

bool form_of_cloud_id(struct text text, size_t at, struct form *form)
{
    static const char *const starts[] = {"i-",    "vol-", "eni-", "subnet-", "vpc-", "sg-",
                                         "snap-", "ami-", "igw-", "rtb-",    "nat-", NULL};
    const char *dash = memchr(text.ptr + at, '-', text.len - at < 7 ? text.len - at : 7);
    for (const char *const *start = starts; dash && *start; start++) {
        size_t before = strlen(*start);
        if (!text_starts(text_from(text, at), *start))
            continue;
        size_t digits = hex_at(text, at + before);
        if ((digits != 8 && digits != 17) || is_alnum(byte_at(text, at + before + digits)))
            return false;
        return set_name(form, NAME_CLOUD, text_slice(text, at + before, digits), before + digits);
    }
    return false;
}
