// SPDX-License-Identifier: Apache-2.0
//
// Hashes for tables whose keys a stranger chose. They are keyed with random bytes of this process, so that
// nobody can make up keys that all fall into one place and turn a table into a list. They differ from run to
// run: nothing that is printed or stored may depend on one (hash_bytes() of util/intern.h is the same
// always).
#ifndef INQUEST_UTIL_HASH_H
#define INQUEST_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

extern uint64_t hash_key[2]; // set before main()

// SipHash-1-3 (Aumasson and Bernstein, https://131002.net/siphash/), as hash tables of Rust and Python use
// it.
uint64_t hash_text(const void *bytes, size_t length);

// Of a number: the finaliser of MurmurHash3, which any bit of number and key reaches every bit of.
static inline uint64_t hash_number(uint64_t number)
{
    number ^= hash_key[0];
    number = (number ^ number >> 33) * UINT64_C(0xff51afd7ed558ccd);
    number = (number ^ number >> 33 ^ hash_key[1]) * UINT64_C(0xc4ceb9fe1a85ec53);
    return number ^ number >> 33;
}

#endif
