// SPDX-License-Identifier: Apache-2.0
//
// Private names and the made-up words that stand for them: the same word for the same name, of the same
// shape, so that what belonged together still does.
//
//   host-3, domain-1.example     pod-2, coredns-pod-2      user-1, namespace-1, image-1 …
//   240.1.7.3 (was private), 242.0.1.9 (was public): two addresses of one /16 or /24 stay so; .0 and .255
//   stay 2001:db8:0:5::2              02:00:00:00:00:07         00000000-0000-4000-8000-00000000001f
//   c0de00000004…                an id of 12 or more digits, as long as it was. One of 12, 13 or 64 digits is
//                                known by its first 12: docker and crictl shorten so
//
// First every name is told (names_add), then names_settle numbers them in the order of the names, so that the
// words sort as the names did and do not depend on the order of a bundle. What comes later is numbered as it
// comes.
#ifndef INQUEST_PRIVACY_NAMES_H
#define INQUEST_PRIVACY_NAMES_H

#include "privacy/vocabulary.h"
#include "util/buffer.h"

enum name_kind { // a name that is known as several kinds is of the first
    NAME_HOST,
    NAME_USER,
    NAME_NAMESPACE,
    NAME_POD,
    NAME_CONTAINER,
    NAME_IMAGE,
    NAME_CLUSTER,
    NAME_OBJECT, // of Kubernetes
    NAME_LABEL,  // the first label of a host's full name, where that is no host's short name
    NAME_DOMAIN,
    NAME_V4,
    NAME_V6,
    NAME_MAC,
    NAME_UUID,
    NAME_ID,
    NAME_CLOUD, // i-0abc…: the digits
    NAME_KINDS
};

struct names;
struct names *names_open(const struct vocabulary *vocabulary, uint64_t most); // most names it keeps
void names_close(struct names **names);                                       // fits CLEANUP()

// `name` in lower case; an address in its short form; an id as it stands. Up to NAMES_BYTES long.
enum { NAME_BYTES = 256 };
void names_add(struct names *names, enum name_kind kind, struct text name);
void names_settle(struct names *names);

// The word for a name, which is added when it is new. Valid as long as the names; beyond `most` names
// (names_full) until the next call: then ids get their word from a digest, and the others of a kind share
// one.
struct text names_word(struct names *names, enum name_kind kind, struct text name);
bool names_full(const struct names *names);

enum { NAMES_FREE_BYTES = 63 }; // a longer name is replaced only where its form tells it
// The word of a name that is replaced wherever it stands as a word of its own: a host, pod or the like that
// is no word of the vocabulary. Absent for any other text. `name` in lower case.
struct text names_free(const struct names *names, struct text name);
// Gives a name a word of the caller's; it is then replaced wherever it stands, whatever it is.
void names_fix(struct names *names, struct text name, struct text word);
// Quick: false where no such name of that length begins with that byte.
bool names_may_be(const struct names *names, char first, size_t length);

// Whether the text is a made-up word (or an id that continues one).
bool names_made_up(const struct names *names, struct text word);
// Length of the longest made-up word that `rest` starts with, 0 for none. Slow.
size_t names_made_up_at(const struct names *names, struct text rest);

// Calls take() for every name that is replaced wherever it stands, in no order.
void names_each_free(const struct names *names,
                     void (*take)(void *context, enum name_kind kind, struct text name), void *context);
const char *names_kind_name(enum name_kind kind); // as in the map
uint64_t names_count(const struct names *names, enum name_kind kind);

// Appends `kind<TAB>name<TAB>word` a line, sorted.
void names_write(const struct names *names, struct buffer *out);

#endif
