// SPDX-License-Identifier: Apache-2.0
//
// Made-up addresses, given in order: equal networks become equal networks.
#ifndef INQUEST_PRIVACY_ADDRESS_H
#define INQUEST_PRIVACY_ADDRESS_H

#include "util/array.h"
#include "util/intern.h"

struct network {
    unsigned own, children; // its number among its siblings; how many it has
};

struct address_plan {
    struct intern names; // of networks: "4 10.20", "4 10.20.3", "6 2001:db8:0:5"
    struct network_list ARRAY_BODY(struct network) networks;
    unsigned private_nets, public_nets, nets_of_six;
};

// The next made-up address for `address` (as inet_pton takes it), written to `out` as inet_ntop does.
// 240/4 is nobody's: 240 and 241 stand for the private networks of RFC 1918 and their like, the rest for
// public ones. 2001:db8::/32 is RFC 3849's, a /64 each.
enum { ADDRESS_BYTES = 46 };
void address_next_v4(struct address_plan *plan, struct text address, char out[static ADDRESS_BYTES]);
void address_next_v6(struct address_plan *plan, struct text address, char out[static ADDRESS_BYTES]);
void address_plan_release(struct address_plan *plan);

#endif
