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
    bool user_column;  // below the titles of `ps aux`
};

// A walk along a line.
struct walk {
    struct scrubber *scrubber;
    struct text line;
    struct buffer *out; // NULL in the first pass
    bool checking;      // a scrubbed line: what is no made-up word is remembered
    enum name_kind unknown;
    size_t unknown_at, at; // of the word
};

static inline bool is_alnum(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c);
}

static inline char byte_at(const struct walk *walk, size_t at)
{
    return at < walk->line.len ? walk->line.ptr[at] : '\0';
}

static inline void copy(struct walk *walk, size_t at, size_t length)
{
    if (walk->out)
        buffer_add(walk->out, text_slice(walk->line, at, length));
}

static inline struct text walk_lower(struct walk *walk, size_t at, size_t length,
                                     char bytes[static NAME_BYTES])
{
    size_t n = length < NAME_BYTES ? length : NAME_BYTES - 1;
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_lower(walk->line.ptr[at + i]);
    return (struct text){bytes, n};
}

// Appends the word of the longest known name that stands at a place, alone or (take_glued) behind digits;
// bytes taken, 0 for none.
size_t take_known(struct walk *walk, size_t at);
size_t take_glued(struct walk *walk, size_t at);

// The words behind which a name stands; the kind, or NAME_KINDS for none. `at` is where the name begins.
enum name_kind phrase_before(struct text line, size_t at);
// What the key that begins at `at` says of its value, which is learned.
void learn_key(struct scrubber *scrubber, struct text line, size_t at);
// Names round an id: pod_namespace(uid), k8s_container_pod_namespace_uid, pod_namespace_container-id.
void learn_around(struct scrubber *scrubber, struct text line, const struct form *form, size_t at);
// Owners in the lines of `ls -l`.
void learn_owner(struct scrubber *scrubber, struct text line);
// Users in the first column of `ps`, below its titles.
void learn_column(struct scrubber *scrubber, struct text line);
// The parts of a host's full name: what becomes of them. `text` in lower case.
struct host_name {
    struct text label, domain;              // what gets a word; absent: stays as it is
    enum name_kind label_kind, domain_kind; // NAME_HOST, NAME_LABEL, NAME_OBJECT; NAME_DOMAIN, NAME_NAMESPACE
    struct text tail;                       // what stays: ".local", ".svc.cluster.local"
};
struct host_name host_name_parts(const struct scrubber *scrubber, struct text text);

#endif
