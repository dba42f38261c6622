// SPDX-License-Identifier: Apache-2.0
#include "privacy/address.h"

#include <arpa/inet.h>
#include <stdio.h>

enum {
    PRIVATE_FIRST = 240,
    PUBLIC_FIRST = 242,
    PRIVATE_NETS = 2 * 256,
    PUBLIC_NETS = 13 * 256, // up to 254.255
};

// The network of that name; *made says that it is new.
static struct network *network_of(struct address_plan *plan, const char *name, bool *made)
{
    uint32_t number = intern_add(&plan->names, text_of(name), made);
    if (*made)
        (void)array_add(&plan->networks);
    return &plan->networks.items[number];
}

static bool is_private(const unsigned char *byte)
{
    return byte[0] == 10 || (byte[0] == 172 && byte[1] >= 16 && byte[1] < 32) ||
           (byte[0] == 192 && byte[1] == 168) || (byte[0] == 100 && byte[1] >= 64 && byte[1] < 128) ||
           (byte[0] == 169 && byte[1] == 254);
}

static unsigned wide_number(struct address_plan *plan, const unsigned char *byte)
{
    char name[32];
    bool made;
    (void)snprintf(name, sizeof name, "4 %u.%u", byte[0], byte[1]);
    struct network *wide = network_of(plan, name, &made);
    bool private = is_private(byte);
    if (made)
        wide->own = private ? plan->private_nets++ : plan->public_nets++;
    return private ? PRIVATE_FIRST * 256 + wide->own % PRIVATE_NETS
                   : PUBLIC_FIRST * 256 + wide->own % PUBLIC_NETS;
}

// The number of the /24 within its /16: 0 stays 0.
static unsigned narrow_number(struct address_plan *plan, const unsigned char *byte, uint32_t *place)
{
    char wide_name[32], name[32];
    bool made;
    (void)snprintf(wide_name, sizeof wide_name, "4 %u.%u", byte[0], byte[1]);
    (void)snprintf(name, sizeof name, "4 %u.%u.%u", byte[0], byte[1], byte[2]);
    struct network *narrow = network_of(plan, name, &made);
    if (made && byte[2]) {
        uint32_t wide = intern_find(&plan->names, text_of(wide_name));
        narrow->own = plan->networks.items[wide].children++ % 255 + 1;
    }
    *place = intern_find(&plan->names, text_of(name));
    return narrow->own;
}

void address_next_v4(struct address_plan *plan, struct text address, char out[static ADDRESS_BYTES])
{
    unsigned char byte[4] = {0};
    char name[ADDRESS_BYTES];
    uint32_t narrow;
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(address));
    (void)inet_pton(AF_INET, name, byte);
    unsigned wide = wide_number(plan, byte), third = narrow_number(plan, byte, &narrow), fourth = byte[3];
    if (fourth != 0 && fourth != 255)
        fourth = plan->networks.items[narrow].children++ % 254 + 1;
    (void)snprintf(out, ADDRESS_BYTES, "%u.%u.%u.%u", wide / 256, wide % 256, third, fourth);
}

void address_next_v6(struct address_plan *plan, struct text address, char out[static ADDRESS_BYTES])
{
    unsigned char byte[16] = {0}, made_up[16] = {0x20, 0x01, 0x0d, 0xb8};
    char name[ADDRESS_BYTES], network_name[32];
    bool made;
    (void)snprintf(name, sizeof name, "%.*s", TEXT_ARG(address));
    (void)inet_pton(AF_INET6, name, byte);
    (void)snprintf(network_name, sizeof network_name, "6 %02x%02x%02x%02x%02x%02x%02x%02x", byte[0], byte[1],
                   byte[2], byte[3], byte[4], byte[5], byte[6], byte[7]);
    struct network *network = network_of(plan, network_name, &made);
    if (made)
        network->own = ++plan->nets_of_six;
    bool rest_is_zero = true;
    for (int i = 8; i < 16; i++)
        rest_is_zero &= byte[i] == 0;
    unsigned host = rest_is_zero ? 0 : ++network->children;
    for (int i = 0; i < 4; i++) {
        made_up[4 + i] = (unsigned char)(network->own >> (24 - 8 * i));
        made_up[12 + i] = (unsigned char)(host >> (24 - 8 * i));
    }
    (void)inet_ntop(AF_INET6, made_up, out, ADDRESS_BYTES);
}

void address_plan_release(struct address_plan *plan)
{
    intern_release(&plan->names);
    array_release(&plan->networks);
}
