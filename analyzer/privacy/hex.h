// SPDX-License-Identifier: Apache-2.0
//
// IPv4 addresses as the kernel writes them below proc/net: eight hexadecimal digits.
#ifndef INQUEST_PRIVACY_HEX_H
#define INQUEST_PRIVACY_HEX_H

#include "bundle/member.h"
#include "privacy/scrub.h"

enum hex_order {
    HEX_NONE,
    HEX_READABLE,  // ip_vs, ip_vs_conn: 0A600001 is 10.96.0.1
    HEX_IN_MEMORY, // tcp, udp, raw: 0A00600A:01BB is 10.96.0.10:443, on a little-endian machine
    HEX_ROUTE,     // route: likewise, without ports
};

enum hex_order hex_order_of(const struct member *member);

// First pass (`out` NULL): learns. Second: appends the line with made-up addresses. With HEX_NONE it is
// copied.
void hex_addresses(struct scrubber *scrubber, enum hex_order order, struct text line, struct buffer *out);

#endif
