// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_prune.h"

#include "util/pattern.h"

// A name takes one attempt, as the regex is anchored at both ends; legal ones need a few hundred steps.
enum { STEPS = 2000, NAME_BYTES = 8192 };

// Tables of google/pprof profile/legacy_profile.go (allocRxStr, allocSkipRxStr, lockRxStr, cpuProfilerRxStr).
static const char allocators[] =
    "calloc|cfree|malloc|free|memalign|do_memalign|(__)?posix_memalign|pvalloc|valloc|realloc|tcmalloc::.*|"
    "tc_calloc|tc_cfree|tc_malloc|tc_free|tc_memalign|tc_posix_memalign|tc_pvalloc|tc_valloc|tc_realloc|tc_"
    "new|"
    "tc_delete|tc_newarray|tc_deletearray|tc_new_nothrow|tc_newarray_nothrow|malloc_zone_malloc|"
    "malloc_zone_calloc|malloc_zone_valloc|malloc_zone_realloc|malloc_zone_memalign|malloc_zone_free|"
    "runtime\\..*|BaseArena::.*|(::)?do_malloc_no_errno|(::)?do_malloc_pages|(::)?do_malloc|"
    "DoSampledAllocation|MallocedMemBlock::MallocedMemBlock|_M_allocate|__builtin_(vec_)?delete|"
    "__builtin_(vec_)?new|__gnu_cxx::new_allocator::allocate|__libc_malloc|"
    "__malloc_alloc_template::allocate|allocate|cpp_alloc|operator new(\\[\\])?|simple_alloc::allocate";
static const char not_allocators[] = "runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*";
static const char locks[] =
    "RecordLockProfileData|(base::)?RecordLockProfileData.*|(base::)?SubmitMutexProfileData.*|"
    "(base::)?SubmitSpinLockProfileData.*|(base::Mutex::)?AwaitCommon.*|(base::Mutex::)?Unlock.*|"
    "(base::Mutex::)?UnlockSlow.*|(base::Mutex::)?ReaderUnlock.*|(base::MutexLock::)?~MutexLock.*|"
    "(Mutex::)?AwaitCommon.*|(Mutex::)?Unlock.*|(Mutex::)?UnlockSlow.*|(Mutex::)?ReaderUnlock.*|"
    "(MutexLock::)?~MutexLock.*|(SpinLock::)?Unlock.*|(SpinLock::)?SlowUnlock.*|"
    "(SpinLockHolder::)?~SpinLockHolder.*";
static const char profilers[] = "ProfileData::Add|ProfileData::prof_handler|CpuProfiler::prof_handler|"
                                "__pthread_sighandler|__restore";

static bool types_are(const struct profile *profile, const char *words)
{
    struct text rest = text_of(words), word;
    size_t count = 0;
    for (; text_word(&rest, &word); count++)
        if (count >= profile->types.count || !text_equal(profile_type_name(profile, count), word))
            return false;
    return count == profile->types.count;
}

void profile_legacy_frames(const struct profile *profile, const char **drop, const char **keep)
{
    *drop = profilers;
    *keep = NULL;
    if (types_are(profile, "allocations size") || types_are(profile, "objects space") ||
        types_are(profile, "inuse_objects inuse_space") || types_are(profile, "alloc_objects alloc_space") ||
        types_are(profile, "alloc_objects alloc_space inuse_objects inuse_space")) {
        *drop = allocators;
        *keep = not_allocators;
    } else if (types_are(profile, "contentions delay")) {
        *drop = locks;
    }
}

struct text profile_simple_name(struct text name)
{
    (void)text_skip(&name, "."); // the PPC ELF v1 ABI
    for (size_t i = 0; i < name.len; i++) {
        struct text rest = text_from(name, i);
        if (text_starts(rest, "(anonymous namespace)"))
            i += sizeof "(anonymous namespace)" - 2;
        else if (text_starts(rest, "operator()"))
            i += sizeof "operator()" - 2;
        else if (name.ptr[i] == '(')
            return text_slice(name, 0, i);
    }
    return name;
}

static struct pattern *compile(struct profile *profile, struct text source)
{
    CLEANUP(buffer_release) struct buffer whole = {0};
    buffer_puts(&whole, "^(?:");
    buffer_add(&whole, source);
    buffer_puts(&whole, ")\\z");
    struct error err = {0};
    size_t offset;
    // alone first: "a)|(?:b" would leave its anchors
    CLEANUP(pattern_release) struct pattern *alone = pattern_compile(source, &offset, &err);
    struct pattern *pattern = alone ? pattern_compile(buffer_text(&whole), &offset, &err) : NULL;
    if (!pattern)
        profile_warn(profile, 0, "its regex of frames to drop does not compile: %.120s", err.message);
    return pattern;
}

struct regexes {
    struct pattern *drop, *keep;
    uint64_t giveups_left;
};

static bool matches(struct regexes *regexes, struct pattern *pattern, struct text name)
{
    enum pattern_result result = pattern_match(pattern, name, STEPS);
    regexes->giveups_left -= result == PATTERN_BUDGET && regexes->giveups_left > 0;
    return result == PATTERN_HIT;
}

static bool drops(struct regexes *regexes, struct text name)
{
    if (name.len == 0 || regexes->giveups_left == 0)
        return false;
    name = text_slice(profile_simple_name(name), 0, NAME_BYTES);
    return matches(regexes, regexes->drop, name) && !(regexes->keep && matches(regexes, regexes->keep, name));
}

// By string whether functions of that name are to be dropped: many may share one name.
static bool *dropped_names(struct profile *profile, struct regexes *regexes)
{
    bool *dropped = mem_alloc(profile->strings.count, sizeof *dropped);
    CLEANUP(mem_release) bool *known = mem_alloc(profile->strings.count, sizeof *known);
    for (size_t i = 0; i < profile->functions.count; i++) {
        uint32_t name = profile->functions.items[i].name;
        if (name < profile->strings.count && !known[name]) {
            known[name] = true;
            dropped[name] = drops(regexes, profile->strings.items[name]);
        }
    }
    return dropped;
}

static bool is_dropped(const struct profile *profile, uint32_t function, const bool *dropped)
{
    uint32_t name = function < profile->functions.count ? profile->functions.items[function].name : ID_NONE;
    return name < profile->strings.count && dropped[name];
}

// The outermost line that is to be dropped takes everything inlined into it along.
static void prune_location(struct profile *profile, struct profile_location *location, const bool *dropped)
{
    for (uint32_t i = location->line_count; i-- > 0;) {
        if (!is_dropped(profile, profile->lines.items[location->first_line + i].function, dropped))
            continue;
        profile->pruned = true;
        location->prune_beneath = true;
        if (i + 1 == location->line_count) {
            location->prune = true;
        } else {
            location->first_line += i + 1;
            location->line_count -= i + 1;
        }
        return;
    }
}

void profile_prune(struct profile *profile)
{
    struct text drop =
        profile->drop_regex ? text_of(profile->drop_regex) : profile_text(profile, profile->drop_frames);
    struct text keep =
        profile->drop_regex ? text_of(profile->keep_regex) : profile_text(profile, profile->keep_frames);
    if (drop.len == 0)
        return;
    CLEANUP(pattern_release) struct pattern *drop_pattern = compile(profile, drop);
    CLEANUP(pattern_release)
    struct pattern *keep_pattern = drop_pattern && keep.len ? compile(profile, keep) : NULL;
    if (!drop_pattern || (keep.len && !keep_pattern))
        return;
    struct regexes regexes = {drop_pattern, keep_pattern, profile->limits->pattern_giveups};
    CLEANUP(mem_release) bool *dropped = dropped_names(profile, &regexes);
    if (regexes.giveups_left == 0) {
        profile_warn(
            profile, 0,
            "its regex of frames to drop takes too long (limit pattern_giveups): nothing is dropped");
        return;
    }
    for (size_t i = 0; i < profile->locations.count; i++)
        prune_location(profile, &profile->locations.items[i], dropped);
}
