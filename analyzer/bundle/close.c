// SPDX-License-Identifier: Apache-2.0
//
// The end of a bundle: what is said of it as a whole.
#include <stdio.h>

#include "bundle/inside.h"
#include "util/memory.h"

static void warn_whole(struct bundle *bundle, struct text source, const char *problem)
{
    bundle->warn(bundle->warn_context, source, 0, problem);
}

enum { DAMAGE = 256 };

// What ended the bytes before their time; the innermost knows best where. False when nothing did.
static bool damage_of(const struct bundle *bundle, char damage[static DAMAGE])
{
    damage[0] = '\0';
    if (bundle->file && bundle->file->damage[0])
        (void)snprintf(damage, DAMAGE, "%s", bundle->file->damage);
    else if (bundle->unpacked && bundle->unpacked->damage[0])
        (void)snprintf(damage, DAMAGE, "%s", bundle->unpacked->damage);
    else if (bundle->reader && bundle->reader->damage[0])
        (void)snprintf(damage, DAMAGE, "damaged %s (%.200s)", bundle->format, bundle->reader->damage);
    return damage[0];
}

static void warn_damage(struct bundle *bundle, const char *damage)
{
    char problem[DAMAGE + 80];
    (void)snprintf(problem, sizeof problem, "%s; %llu of its entries were read", damage,
                   (unsigned long long)bundle->totals.entries);
    warn_whole(bundle, TEXT("bundle"), problem);
}

// Several nodes, and those whose collector never came to its end.
static void warn_nodes(struct bundle *bundle)
{
    char problem[120];
    (void)snprintf(problem, sizeof problem, "holds %u nodes: each is looked at by itself",
                   bundle->nodes.count);
    if (bundle->nodes.count > 1)
        warn_whole(bundle, TEXT("bundle"), problem);
    struct buffer name CLEANUP(buffer_release) = {0};
    for (uint32_t i = 0; i < bundle->nodes.count; i++) {
        if (bundle->manifests.items[i])
            continue;
        buffer_clear(&name);
        buffer_add(&name, bundle->nodes.texts[i]);
        buffer_puts(&name, name.len ? "/manifest.json" : "manifest.json");
        warn_whole(bundle, buffer_text(&name),
                   "absent: the collection was cut short, or made by another tool");
    }
}

// What the zip's directory says and its members do not.
static void warn_directory(struct bundle *bundle)
{
    const struct zip_directory *directory = &bundle->directory;
    char problem[160];
    if (!bundle->is_zip || !bundle->is_regular)
        return;
    if (!directory->whole)
        (void)snprintf(problem, sizeof problem, "zip: its directory is %s; members were read without it",
                       directory->entries ? "damaged" : "missing");
    else if (directory->entries != bundle->zip_entries)
        (void)snprintf(problem, sizeof problem, "zip: its directory lists %llu entries, %llu were found",
                       (unsigned long long)directory->entries, (unsigned long long)bundle->zip_entries);
    else
        return;
    warn_whole(bundle, TEXT("bundle"), problem);
}

static bool nothing_read(const struct bundle *bundle, const char *damage, struct error *err)
{
    const char *format = bundle->format;
    if (bundle->tally.odd[ODD_ENCRYPTED].count)
        return fail_kind(err, ERROR_BUNDLE, "every member is encrypted: unpack it with its password first");
    if (damage[0])
        return fail_kind(err, ERROR_BUNDLE, "%s; nothing could be read", damage);
    if (bundle->tally.odd[ODD_DAMAGED].count)
        return fail_kind(err, ERROR_BUNDLE, "damaged %s: not one good header", format);
    return fail_kind(err, ERROR_BUNDLE, "%s: no members, nothing to read", format);
}

bool bundle_close(struct bundle *bundle, struct bundle_totals *totals, struct error *err)
{
    char damage[DAMAGE];
    source_close(&bundle->ahead); // the sources below may be asked from here on
    bool damaged = damage_of(bundle, damage);
    bool good = bundle->readable > 0;
    if (good) {
        if (damaged)
            warn_damage(bundle, damage);
        if (bundle->unpacked && bundle->unpacked->note[0])
            warn_whole(bundle, TEXT("bundle"), bundle->unpacked->note);
        tally_report(&bundle->tally, bundle->warn, bundle->warn_context);
        warn_nodes(bundle);
        warn_directory(bundle);
        if (bundle->file)
            source_digest(bundle->file, bundle->limits->total_bytes, bundle->totals.sha256);
    } else if (!nothing_read(bundle, damage, err)) {
        (void)fail_context(err, "%.300s", bundle->path);
    }
    if (totals)
        *totals = bundle->totals;
    bundle_release(bundle);
    return good;
}
