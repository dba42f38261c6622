// SPDX-License-Identifier: Apache-2.0
//
// The inside of a scrubber, shared by scrub.c (replacing) and learn.c (finding names).
#ifndef INQUEST_PRIVACY_SCRUBBER_H
#define INQUEST_PRIVACY_SCRUBBER_H

#include "privacy/form.h"
#include "privacy/mask.h"
#include "privacy/scrub.h"

// strchr finds the NUL behind its set, too, and evidence may hold one.
static inline bool byte_in(char c, const char *set)
{
    return c && strchr(set, c);
}

struct scrubber {
    struct vocabulary *vocabulary;
    struct names *names;
    struct mask *mask; // opened when it is needed
};

// The words behind which a name stands; the kind, or NAME_KINDS for none. `at` is where the name begins.
enum name_kind phrase_before(struct text line, size_t at);
// What the key that begins at `at` says of its value, which is learned.
void learn_key(struct scrubber *scrubber, struct text line, size_t at);
// Names round an id: pod_namespace(uid), k8s_container_pod_namespace_uid, pod_namespace_container-id.
void learn_around(struct scrubber *scrubber, struct text line, const struct form *form, size_t at);
// Owners in the lines of `ls -l`.
void learn_owner(struct scrubber *scrubber, struct text line);
// The parts of a host's full name: what becomes of them. `text` in lower case.
struct host_name {
    struct text label, domain;              // what gets a word; absent: stays as it is
    enum name_kind label_kind, domain_kind; // NAME_HOST, NAME_LABEL, NAME_OBJECT; NAME_DOMAIN, NAME_NAMESPACE
    struct text tail;                       // what stays: ".local", ".svc.cluster.local"
};
struct host_name host_name_parts(const struct scrubber *scrubber, struct text text);

#endif
