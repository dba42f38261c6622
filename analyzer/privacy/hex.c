// SPDX-License-Identifier: Apache-2.0
#include "privacy/hex.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "privacy/form.h"

enum { DIGITS = 8 };

enum hex_order hex_order_of(const struct member *member)
{
    static const char *const in_memory[] = {"tcp", "udp", "raw", "udplite", NULL};
    ptrdiff_t at = text_find(member->path, TEXT("net/"));
    if (at < 0 || !text_starts(member->path, "proc/"))
        return HEX_NONE;
    struct text name = text_from(member->path, (size_t)at + 4);
    if (text_is(name, "route"))
        return HEX_ROUTE;
    if (text_is(name, "ip_vs") || text_is(name, "ip_vs_conn"))
        return HEX_READABLE;
    for (const char *const *known = in_memory; *known; known++)
        if (text_is(name, *known))
            return HEX_IN_MEMORY;
    return HEX_NONE;
}

static bool is_capital_hex(char c)
{
    return byte_is_digit(c) || (c >= 'A' && c <= 'F');
}

// Eight digits that stand alone or before a port of four, and are an address of somebody's.
static bool address_at(struct text line, size_t at, enum hex_order order, unsigned byte[4])
{
    for (size_t i = 0; i < DIGITS; i++)
        if (at + i >= line.len || !is_capital_hex(line.ptr[at + i]))
            return false;
    struct text behind = text_from(line, at + DIGITS), port = text_slice(behind, 1, 4);
    bool alone = !behind.len || strchr(" \t", behind.ptr[0]);
    bool before_port = text_starts(behind, ":") && text_all_hex(port) && port.len == 4 &&
                       (behind.len == 5 || strchr(" \t", behind.ptr[5]));
    bool begins = at == 0 || strchr(" \t", line.ptr[at - 1]);
    uint64_t value;
    if (!begins || !((alone && order != HEX_IN_MEMORY) || before_port) ||
        !text_to_hex(text_slice(line, at, DIGITS), &value))
        return false;
    for (int i = 0; i < 4; i++)
        byte[i] = (unsigned)(value >> (order == HEX_READABLE ? 24 - 8 * i : 8 * i) & 255);
    return true;
}

static void put(struct scrubber *scrubber, enum hex_order order, const unsigned byte[4],
                struct text as_it_was, struct buffer *out)
{
    char name[20];
    unsigned char made_up[4];
    struct form form;
    (void)snprintf(name, sizeof name, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
    if (!form_of_v4(text_of(name), 0, &form)) { // a mask, 0.0.0.0, 127.0.0.1
        if (out)
            buffer_add(out, as_it_was);
        return;
    }
    if (!out) {
        names_add(scrubber_names(scrubber), NAME_V4, text_of(name));
        return;
    }
    struct text word = names_word(scrubber_names(scrubber), NAME_V4, text_of(name));
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(word));
    (void)inet_pton(AF_INET, name, made_up);
    for (int i = 0; i < 4; i++)
        buffer_printf(out, "%02X", made_up[order == HEX_READABLE ? i : 3 - i]);
}

void hex_addresses(struct scrubber *scrubber, enum hex_order order, struct text line, struct buffer *out)
{
    size_t copied = 0;
    for (size_t at = 0; order != HEX_NONE && at + DIGITS <= line.len; at++) {
        unsigned byte[4];
        if (!address_at(line, at, order, byte))
            continue;
        if (out)
            buffer_add(out, text_slice(line, copied, at - copied));
        put(scrubber, order, byte, text_slice(line, at, DIGITS), out);
        copied = at + DIGITS;
        at = copied - 1;
    }
    if (out)
        buffer_add(out, text_from(line, copied));
}
