// SPDX-License-Identifier: Apache-2.0
//
// A glob is run as a set of places in it, all at once, so no path can make it backtrack.
#include "rule/glob.h"

#include <string.h>

struct places {
    unsigned char in[GLOB_BYTES_MAX + 1];
    size_t count; // how many are set
};

static bool is_wild(char c)
{
    return c == '*' || c == '?' || c == '[';
}

bool glob_has_wildcard(struct text glob)
{
    for (size_t i = 0; i < glob.len; i++)
        if (is_wild(glob.ptr[i]))
            return true;
    return false;
}

static uint64_t bit_of(char c)
{
    return UINT64_C(1) << ((unsigned char)c & 63);
}

uint64_t path_bytes(struct text path)
{
    uint64_t set = 0;
    for (size_t i = 0; i < path.len; i++)
        set |= bit_of(path.ptr[i]);
    return set;
}

uint64_t glob_bytes(struct text glob)
{
    uint64_t set = 0;
    for (size_t i = 0; i < glob.len && glob.ptr[i] != '['; i++) { // what follows one may stand in a set
        bool optional = glob.ptr[i] == '/' && i >= 2 && glob.ptr[i - 1] == '*' && glob.ptr[i - 2] == '*';
        set |= is_wild(glob.ptr[i]) || optional ? 0 : bit_of(glob.ptr[i]);
    }
    return set;
}

static void put(struct places *places, size_t at)
{
    places->count += !places->in[at];
    places->in[at] = 1;
}

// Sets a place and those that need no byte to get to from there.
static void reach(struct places *places, struct text glob, size_t at)
{
    while (!places->in[at]) {
        put(places, at);
        struct text rest = text_from(glob, at);
        if (text_starts(rest, "**/")) {
            put(places, at + 2);
            at += 3; // nothing at all
        } else if (text_starts(rest, "**")) {
            at += 2;
        } else if (text_starts(rest, "*")) {
            at++;
        } else {
            return;
        }
    }
}

// A byte was taken by the `**` at this place: it goes on, or what follows it comes next. (Not
// reach(): the slash of `**` `/` may be left out only where no byte was taken.)
static void stay(struct places *places, struct text glob, size_t at)
{
    put(places, at);
    if (text_starts(text_from(glob, at), "**/"))
        put(places, at + 2);
    else
        reach(places, glob, at + 2);
}

// Whether the set that starts at glob[at] holds c; *next is the place behind it. An unclosed one is a `[`.
static bool set_holds(struct text glob, size_t at, char c, size_t *next)
{
    size_t i = at + 1;
    bool negated = i < glob.len && (glob.ptr[i] == '!' || glob.ptr[i] == '^'), held = false;
    size_t first = i += negated;
    for (; i < glob.len && (glob.ptr[i] != ']' || i == first); i++) {
        char low = glob.ptr[i], high = low;
        if (i + 2 < glob.len && glob.ptr[i + 1] == '-' && glob.ptr[i + 2] != ']') {
            high = glob.ptr[i + 2];
            i += 2;
        }
        held |= (unsigned char)low <= (unsigned char)c && (unsigned char)c <= (unsigned char)high;
    }
    *next = i + 1;
    if (i < glob.len)
        return held != negated && c != '/';
    *next = at + 1;
    return c == '[';
}

static void step(struct places *next, struct text glob, size_t at, char c)
{
    struct text rest = text_from(glob, at);
    size_t behind = at + 1;
    if (text_starts(rest, "**"))
        stay(next, glob, at);
    else if (rest.ptr[0] == '*' && c != '/')
        reach(next, glob, at);
    else if (rest.ptr[0] == '?' && c != '/')
        reach(next, glob, behind);
    else if (rest.ptr[0] == '[' && set_holds(glob, at, c, &behind))
        reach(next, glob, behind);
    else if (!is_wild(rest.ptr[0]) && rest.ptr[0] == c)
        reach(next, glob, behind);
}

// Cuts what both have in common before the first and behind the last wildcard. False: they differ there.
static bool trim_common(struct text *glob, struct text *path)
{
    while (glob->len && !is_wild(glob->ptr[0])) {
        if (!path->len || glob->ptr[0] != path->ptr[0])
            return false;
        *glob = text_from(*glob, 1);
        *path = text_from(*path, 1);
    }
    // A `]` may end a set: what stands behind the last wildcard begins there.
    size_t tail = glob->len;
    while (tail && !is_wild(glob->ptr[tail - 1]) && glob->ptr[tail - 1] != ']')
        tail--;
    // `**/` may stand for nothing: its slash is no fixed text.
    if (tail >= 2 && glob->ptr[tail - 1] == '*' && glob->ptr[tail - 2] == '*' && tail < glob->len)
        tail++;
    size_t length = glob->len - tail;
    if (length > path->len || memcmp(glob->ptr + tail, path->ptr + path->len - length, length) != 0)
        return false;
    glob->len -= length;
    path->len -= length;
    return true;
}

// The fixed bytes of a glob from `at` on, up to the next wildcard. Behind `**` a slash may be left out.
static struct text fixed_run(struct text glob, size_t at)
{
    if (at >= 2 && glob.ptr[at - 1] == '*' && glob.ptr[at - 2] == '*' && glob.ptr[at] == '/')
        at++;
    size_t end = at;
    while (end < glob.len && !is_wild(glob.ptr[end]))
        end++;
    return text_slice(glob, at, end - at);
}

// Whether the path holds every fixed run of the glob: few do of those that do not match.
static bool holds_runs(struct text glob, struct text path)
{
    for (size_t at = 0; at < glob.len;) {
        if (glob.ptr[at] == '[')
            return true; // what follows may stand in a set
        struct text run = is_wild(glob.ptr[at]) ? (struct text){0} : fixed_run(glob, at);
        if (run.len && text_find(path, run) < 0)
            return false;
        at = run.len ? (size_t)(run.ptr + run.len - glob.ptr) : at + 1;
    }
    return true;
}

bool glob_matches(struct text glob, struct text path)
{
    if (glob.len > GLOB_BYTES_MAX || !glob.len || !path.len || !trim_common(&glob, &path))
        return false;
    if (text_is(glob, "**"))
        return true;
    if (text_is(glob, "*"))
        return text_find_byte(path, '/') < 0;
    if (!holds_runs(glob, path))
        return false;
    struct places now = {0}, next;
    reach(&now, glob, 0);
    for (size_t i = 0; i < path.len && now.count; i++) {
        next = (struct places){0};
        for (size_t at = 0; at < glob.len; at++)
            if (now.in[at])
                step(&next, glob, at, path.ptr[i]);
        now = next;
    }
    return now.in[glob.len];
}
