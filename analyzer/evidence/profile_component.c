// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "evidence/profile_rows.h"

// "pprof/kubelet/heap.pb.gz": what stands between. A pasted dump has no folder that means anything.
static struct text from_folder(struct text path)
{
    struct text before = {0}, piece, rest = path;
    while (text_split(&rest, '/', &piece)) {
        bool last = rest.ptr == NULL;
        if (text_is(before, "pprof") && !last && !text_is(piece, "paste"))
            return piece;
        before = piece;
    }
    return (struct text){0};
}

static struct text from_binary(const struct profile *profile)
{
    struct text name = path_base(profile_main_binary(profile));
    if (text_ends(name, " (deleted)"))
        name.len -= sizeof " (deleted)" - 1;
    if (name.len == 0 || name.ptr[0] == '[' || text_is(name, "/") || text_is(name, "."))
        return (struct text){0};
    return name;
}

// As `go tool pprof` saves it: pprof.<component>.<sample types>.<number>.pb.gz.
static struct text from_saved_name(struct text path)
{
    struct text name = path_base(path), component;
    size_t parts = 1;
    for (size_t i = 0; i < name.len; i++)
        parts += name.ptr[i] == '.';
    if (!text_skip(&name, "pprof.") || parts < 5 || !text_split(&name, '.', &component))
        return (struct text){0};
    return component;
}

// As people do: kube-proxy.heap.txt, apiserver-goroutine.pb.gz.
static struct text from_kind(struct text path)
{
    static const char *const kinds[] = {"heap",   "cpu",          "profile", "goroutine", "mutex", "block",
                                        "allocs", "threadcreate", "inuse",   "alloc",     "pprof"};
    struct text name = path_base(path);
    if (text_starts(name, "pprof."))
        return (struct text){0};
    for (size_t at = 1; at + 1 < name.len; at++)
        for (size_t i = 0; text_find_byte(TEXT("._-"), name.ptr[at]) >= 0 && i < sizeof kinds / sizeof *kinds;
             i++)
            if (text_starts(text_from(name, at + 1), kinds[i]))
                return text_slice(name, 0, at);
    return (struct text){0};
}

static bool is_sample_type(struct text word)
{
    static const char *const types[] = {"alloc_objects", "samples",      "goroutine",
                                        "contentions",   "threadcreate", "inuse_objects"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_is(word, types[i]))
            return true;
    return false;
}

struct text profile_component(const struct member *member, const struct profile *profile, struct arena *arena)
{
    static const char *const short_names[] = {"kube-apiserver", "kube-controller-manager", "kube-scheduler"};
    struct text name = from_folder(member->path);
    if (!name.len)
        name = from_binary(profile);
    if (!name.len)
        name = from_saved_name(member->path);
    if (!name.len)
        name = from_kind(member->path);
    if (!name.len || is_sample_type(name))
        return (struct text){0};
    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
        if (text_is(name, short_names[i]))
            name = text_from(name, strlen("kube-"));
    return arena_copy(arena, name);
}
