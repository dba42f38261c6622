// SPDX-License-Identifier: Apache-2.0
#include "command/profile_pick.h"

#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "evidence/profile_read.h"
#include "evidence/profile_rows.h"

struct picker {
    const struct profile_wish *wish;
    struct profile *kept;   // the caller's
    bool has_kept, certain; // certain: it is the one that was named
    bool bare;              // the file is the profile that is kept, and no bundle
    struct profile_offers *offers;
    struct profile *open;    // the one being read, for what the bundle warns of
    struct error unreadable; // why the first that could not be read could not
    size_t seen;             // profiles, whether they fit or not
};

void profile_offers_release(struct profile_offers *offers)
{
    for (size_t i = 0; i < offers->count; i++) {
        free(offers->items[i].member);
        free(offers->items[i].component);
        free(offers->items[i].types);
    }
    array_release(offers);
}

// Damage of what holds the profile is damage of the profile; of other members it does not matter here.
static void warned(void *context, struct text source, uint64_t line, const char *problem)
{
    struct picker *picker = context;
    (void)source;
    (void)line;
    // what ends a packed file before its time is only said at its close
    struct profile *profile = picker->open ? picker->open : picker->bare ? picker->kept : NULL;
    if (!profile)
        return;
    profile->broken = true;
    profile_warn(profile, 0, "%s", problem);
}

// ---- does it fit -----------------------------------------------------------------------------

static bool is_candidate(const struct member *member)
{
    if (member->type != MEMBER_FILE)
        return false;
    bool named = member->bare || text_contains(member->source, "pprof/");
    return profile_detect(member->head, !named) != PROFILE_NONE;
}

// A member by its path, or by the end of it behind a slash.
static bool is_member(struct text path, const char *wanted)
{
    struct text end = text_of(wanted);
    if (!text_ends(path, wanted))
        return false;
    return path.len == end.len || path.ptr[path.len - end.len - 1] == '/';
}

static bool fits(const struct profile_wish *wish, const struct profile *profile, struct text component)
{
    size_t type;
    if (wish->component && !text_is(component, wish->component))
        return false;
    return !wish->sample_type || profile_find_type(profile, text_of(wish->sample_type), &type);
}

// ---- reading ---------------------------------------------------------------------------------

static void read_member(struct picker *picker, struct bundle *bundle, const struct member *member,
                        struct profile *profile)
{
    struct profile_reader reader;
    struct text chunk;
    uint64_t most = member->bare ? UINT64_MAX : picker->wish->limits->profile_bytes;
    bool named = member->bare || text_contains(member->source, "pprof/");
    profile_init(profile, picker->wish->limits,
                 member->bare ? picker->wish->limits->profile_memory : profile_share(picker->wish->limits));
    profile->use_comment_symbols = picker->wish->symbols;
    profile_reader_open(&reader, profile, profile_detect(member->head, !named), most);
    picker->open = profile;
    while (bundle_read(bundle, &chunk))
        profile_reader_feed(&reader, chunk);
    picker->open = NULL;
    profile_reader_close(&reader);
}

static char *type_names(const struct profile *profile)
{
    CLEANUP(buffer_release) struct buffer names = {0};
    for (size_t i = 0; i < profile->types.count; i++) {
        buffer_puts(&names, i ? ", " : "");
        buffer_add(&names, profile_type_name(profile, i));
    }
    return mem_copy(names.ptr ? names.ptr : "", names.len);
}

static struct text whole_path(const struct member *member, struct arena *arena)
{
    if (!member->node.len)
        return member->source;
    return text_of(arena_printf(arena, "%.*s/%.*s", TEXT_ARG(member->node), TEXT_ARG(member->source)));
}

static void offer(struct picker *picker, const struct profile *profile, struct text path,
                  struct text component)
{
    *array_add(picker->offers) = (struct profile_offer){
        .member = mem_copy(path.ptr, path.len),
        .component = mem_copy(component.ptr ? component.ptr : "", component.len),
        .types = type_names(profile),
        .form = profile_form_name(profile->form),
        .samples = profile->samples,
    };
}

static void keep(struct picker *picker, struct profile *profile, bool certain)
{
    if (picker->has_kept)
        profile_release(picker->kept);
    *picker->kept = *profile;
    picker->has_kept = true;
    picker->certain = certain;
}

static void take_member(struct picker *picker, struct bundle *bundle, const struct member *member)
{
    struct profile profile;
    struct arena arena = {0};
    struct text path = whole_path(member, &arena);
    if (picker->wish->member && !is_member(path, picker->wish->member)) {
        arena_release(&arena);
        return;
    }
    picker->seen++;
    read_member(picker, bundle, member, &profile);
    struct text component = profile_component(member, &profile, &arena);
    bool like = picker->wish->like && text_is(path, picker->wish->like);
    bool wanted = profile.types.count > 0 && fits(picker->wish, &profile, component);
    if (wanted)
        offer(picker, &profile, path, component);
    else if (profile.types.count == 0 && profile.warnings.count)
        (void)fail_kind(&picker->unreadable, ERROR_BUNDLE, "no profile that can be read: %.*s",
                        TEXT_ARG(profile.warnings.items[0].problem));
    if (wanted && (!picker->has_kept || like) && !picker->certain) {
        keep(picker, &profile, like);
        picker->bare = member->bare;
    } else {
        profile_release(&profile);
    }
    arena_release(&arena);
}

static bool nothing_fits(const struct picker *picker, struct error *err)
{
    if (picker->seen == 0 || !picker->unreadable.message[0])
        return fail_kind(err, ERROR_BUNDLE,
                         picker->seen ? "holds %zu profiles, but none that was asked for"
                                      : "holds no profile (%zu)",
                         picker->seen);
    *err = picker->unreadable;
    return false;
}

bool profile_pick(const char *path, const struct profile_wish *wish, struct profile *profile,
                  struct profile_offers *offers, bool *picked, struct error *err)
{
    struct picker picker = {.wish = wish, .kept = profile, .offers = offers};
    struct bundle *bundle;
    struct member member;
    *profile = (struct profile){.limits = wish->limits};
    *picked = false;
    if (!bundle_open(&bundle, path, wish->limits, warned, &picker, err))
        return fail_context(err, "%s", path);
    while (bundle_next(bundle, &member))
        if (is_candidate(&member))
            take_member(&picker, bundle, &member);
    if (!bundle_close(bundle, NULL, err) && !picker.has_kept)
        return fail_context(err, "%s", path);
    if (!picker.has_kept)
        return nothing_fits(&picker, err) || fail_context(err, "%s", path);
    *picked = picker.certain || offers->count == 1;
    return true;
}
