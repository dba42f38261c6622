// SPDX-License-Identifier: Apache-2.0
//
// Names without a form, where they stand as words.
#include "privacy/scrubber.h"

// Beside an underscore a name counts only where the whole is made of names: k8s_container_pod_…, a path of
// pods' logs, the kubelet's pod_namespace. Elsewhere it is part of a symbol.
static bool is_composed(const struct walk *walk, size_t at, size_t length)
{
    struct form form;
    size_t start = at, end = at + length;
    bool beside = (at && walk->line.ptr[at - 1] == '_') || byte_at(walk, end) == '_';
    if (!beside)
        return true;
    while (start && (is_alnum(walk->line.ptr[start - 1]) || byte_in(walk->line.ptr[start - 1], "-._")))
        start--;
    size_t pod = pod_name_length(walk->line, start);
    if (text_starts(text_from(walk->line, start), "k8s_") || (pod && start + pod < at))
        return true;
    while (is_alnum(byte_at(walk, end)) || byte_in(byte_at(walk, end), "-._"))
        end++;
    bool called = byte_at(walk, end) == '(';
    for (size_t i = start; i < end; i++)
        if ((i == start || !is_alnum(walk->line.ptr[i - 1])) &&
            (form_of_uuid(walk->line, i, &form) ||
             (form_of_id(walk->line, i, &form) && form.name_length == 64)))
            return true;
    return called && form_of_uuid(walk->line, end + 1, &form);
}

// The longest known name that stands here as a word.
size_t take_known(struct walk *walk, size_t at)
{
    enum { MOST = 63 };
    char bytes[NAME_BYTES];
    const struct names *names = walk->scrubber->names;
    struct text best = {NULL, 0}, word;
    size_t length = 0;
    char first = byte_lower(walk->line.ptr[at]);
    for (size_t n = 1; n <= MOST; n++) {
        char next = byte_at(walk, at + n);
        if (is_alnum(next))
            continue;
        if (names_may_be(names, first, n) && (word = names_free(names, walk_lower(walk, at, n, bytes))).ptr &&
            is_composed(walk, at, n)) {
            best = word;
            length = n;
        }
        if (next != '-' && next != '_' && next != '.')
            break;
    }
    if (length)
        buffer_add(walk->out, best);
    return length;
}

// A name right behind digits, as pasted logs have it: `16:09:15node-7`. Only one that is not found by chance.
size_t take_glued(struct walk *walk, size_t at)
{
    enum { TELLING_BYTES = 6 };
    size_t digits = 0;
    while (byte_is_digit(byte_at(walk, at + digits)))
        digits++;
    if (!digits || !byte_is_alpha(byte_at(walk, at + digits)))
        return 0;
    size_t before = walk->out->len;
    copy(walk, at, digits);
    size_t taken = take_known(walk, at + digits);
    if (taken >= TELLING_BYTES)
        return digits + taken;
    walk->out->len = before;
    return 0;
}
