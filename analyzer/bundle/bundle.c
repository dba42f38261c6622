// SPDX-License-Identifier: Apache-2.0
#include "bundle/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/inside.h"
#include "util/memory.h"

#define WHOLE TEXT("bundle") // source of what is said of the bundle as a whole

static void warn_of(struct bundle *bundle, struct text source, const char *problem)
{
    bundle->warn(bundle->warn_context, source, 0, problem);
}

// Of the present member; when there are many, the rest are only counted.
static void warn_member(struct bundle *bundle, const char *problem)
{
    if (bundle->troubles++ < MEMBER_TROUBLES)
        warn_of(bundle, bundle->member.source, problem);
    else
        tally_add(&bundle->tally, ODD_TROUBLE, bundle->member.source);
}

// ---- the bytes of a member -----------------------------------------------------------------------

// From the archive, or from the file when it is the only member.
static bool pull_packed(struct bundle *bundle, struct text *chunk)
{
    if (bundle->reader)
        return bundle->reader->read(bundle->reader, chunk);
    return source_read(bundle->ahead, chunk);
}

static bool pull(struct bundle *bundle, struct text *chunk)
{
    return bundle->inner ? source_read(bundle->inner, chunk) : pull_packed(bundle, chunk);
}

// Reads ahead until there is a head's worth, without losing what is more.
static void fill_head(struct bundle *bundle, struct buffer *head)
{
    struct text chunk;
    buffer_clear(head);
    bundle->pending = (struct text){NULL, 0};
    while (head->len < MEMBER_HEAD_BYTES && pull(bundle, &chunk)) {
        if (head->len == 0 && chunk.len >= MEMBER_HEAD_BYTES) {
            bundle->pending = chunk;
            break;
        }
        buffer_add(head, chunk);
    }
    if (!bundle->pending.ptr)
        bundle->pending = buffer_text(head);
    bundle->member.head = text_slice(bundle->pending, 0, MEMBER_HEAD_BYTES);
}

struct content { // the present member's packed content
    struct source source;
    struct bundle *bundle;
};

static bool content_next(struct source *source, struct text *block)
{
    return pull_packed(((struct content *)source)->bundle, block);
}

static void content_close(struct source *source)
{
    free(source);
}

// `docker.log.gz` is claimed as docker.log; a profile's name says `.pb.gz` whether it is packed or not.
static void drop_suffix(struct text *path)
{
    static const char *const suffixes[] = {".gz", ".xz", ".zst", NULL};
    for (const char *const *suffix = suffixes; *suffix && !text_ends(*path, ".pb.gz"); suffix++)
        if (text_ends(*path, *suffix)) {
            path->len -= strlen(*suffix);
            return;
        }
}

// A member that is itself gzip, xz or zstd is read unpacked. False when that is packed again.
static bool open_inner(struct bundle *bundle)
{
    if (!format_may_be_packed(bundle->member.head))
        return true;
    struct format format = format_of(bundle->member.head);
    if (format.kind != FORMAT_PACKED || format.packing == PACKING_BZIP2)
        return true;
    struct content *content = mem_alloc(1, sizeof *content);
    *content = (struct content){{.next = content_next, .close = content_close}, bundle};
    content->source.pushed = bundle->pending;
    content->source.bytes = bundle->pending.len;
    bundle->packed = &content->source;
    bundle->inner = source_unpack(bundle->packed, format.packing, &bundle->inner_budget);
    bundle->member.packing = format.packing;
    drop_suffix(&bundle->member.path);
    member_place_task(&bundle->member);
    fill_head(bundle, &bundle->head);
    if (format_of(bundle->member.head).kind != FORMAT_PACKED)
        return true;
    tally_add(&bundle->tally, ODD_NESTED, bundle->member.source);
    return false;
}

// Says what is wrong with the present member, once, and lets go of it.
static void finish_member(struct bundle *bundle)
{
    if (bundle->inner && bundle->inner->note[0])
        warn_member(bundle, bundle->inner->note);
    if (bundle->inner && bundle->inner->damage[0])
        warn_member(bundle, bundle->inner->damage);
    else if (bundle->reader && bundle->reader->damage[0] && bundle->reading)
        warn_member(bundle, "cut short: the archive ends or is damaged inside it");
    else if (bundle->reader && bundle->reader->trouble[0])
        warn_member(bundle, bundle->reader->trouble);
    if (bundle->reader)
        bundle->reader->trouble[0] = '\0';
    source_close(&bundle->inner);
    source_close(&bundle->packed);
    bundle->pending = (struct text){NULL, 0};
    bundle->reading = false;
}

static bool over_limit(struct bundle *bundle)
{
    const struct limits *limits = bundle->limits;
    char problem[120];
    if (bundle->totals.bytes > limits->total_bytes) {
        bundle->stopped = true;
        warn_of(bundle, WHOLE, "more bytes than limit total_bytes: the rest was left out");
        return true;
    }
    if (bundle->member_bytes <= limits->member_bytes)
        return false;
    (void)snprintf(problem, sizeof problem,
                   "longer than %llu bytes (limit member_bytes): the rest was left out",
                   (unsigned long long)limits->member_bytes);
    warn_member(bundle, problem);
    return true;
}

bool bundle_read(struct bundle *bundle, struct text *chunk)
{
    if (!bundle->reading)
        return false;
    if (bundle->pending.len) {
        *chunk = bundle->pending;
        bundle->pending = (struct text){NULL, 0};
    } else if (!pull(bundle, chunk)) {
        finish_member(bundle);
        return false;
    }
    bundle->member_bytes += chunk->len;
    bundle->totals.bytes += chunk->len;
    if (!over_limit(bundle))
        return true;
    finish_member(bundle);
    return false;
}

// ---- the members -------------------------------------------------------------------------------

static bool is_too_deep(struct text path, uint64_t most)
{
    uint64_t depth = 1;
    for (size_t i = 0; i < path.len; i++)
        depth += path.ptr[i] == '/';
    return depth > most;
}

// The path of the entry, cleaned and placed. False: the oddity says why not.
static bool place(struct bundle *bundle, struct text raw, enum oddity *odd)
{
    *odd = ODD_LONG_NAME;
    if (raw.len > bundle->limits->path_bytes)
        return false;
    buffer_clear(&bundle->name);
    path_clean(raw, &bundle->name);
    *odd = ODD_DEEP_NAME;
    if (is_too_deep(buffer_text(&bundle->name), bundle->limits->path_depth))
        return false;
    *odd = ODD_UNSAFE_NAME;
    return member_place(&bundle->member, buffer_text(&bundle->name));
}

// Links that /proc and /sys are made of; any other stands where a file should be.
static bool is_natural_link(const struct member *member)
{
    struct text leaf = member->leaf;
    if (member->pid != NO_ID)
        return text_starts(leaf, "ns/") || text_starts(leaf, "fd/") || text_starts(leaf, "map_files/") ||
               text_is(leaf, "exe") || text_is(leaf, "cwd") || text_is(leaf, "root");
    return text_starts(leaf, "sys/") || text_is(leaf, "proc/self") || text_is(leaf, "proc/thread-self") ||
           text_is(leaf, "proc/mounts") || text_is(leaf, "proc/net");
}

// Remembers the node and whether its manifest came. False for one node too many.
static bool note_node(struct bundle *bundle)
{
    const struct member *member = &bundle->member;
    if (!member->node.ptr)
        return true;
    uint32_t node = intern_find(&bundle->nodes, member->node);
    if (node == INTERN_NONE && bundle->nodes.count >= bundle->limits->nodes)
        return false;
    if (node == INTERN_NONE) {
        node = intern_add(&bundle->nodes, member->node, NULL);
        *array_add(&bundle->manifests) = false;
    }
    // another collector's tree has none
    if (text_is(member->path, "manifest.json") || text_starts(member->path, "sos_commands/") ||
        text_starts(member->path, "cluster-scoped-resources/"))
        bundle->manifests.items[node] = true;
    return true;
}

static enum oddity oddity_of(enum entry_type type)
{
    static const enum oddity oddities[] = {
        [ENTRY_HARD_LINK] = ODD_HARD_LINK, [ENTRY_DEVICE] = ODD_DEVICE,       [ENTRY_PIPE] = ODD_PIPE,
        [ENTRY_SOCKET] = ODD_SOCKET,       [ENTRY_ENCRYPTED] = ODD_ENCRYPTED, [ENTRY_CLOSED] = ODD_CLOSED,
        [ENTRY_TOO_DEEP] = ODD_DEEP_NAME,  [ENTRY_LINK] = ODD_LINK,
    };
    return oddities[type];
}

static bool odd(struct bundle *bundle, enum oddity oddity, struct text path)
{
    tally_add(&bundle->tally, oddity, path);
    return false;
}

// What can be told from the entry's name alone.
static bool accept_name(struct bundle *bundle, const struct entry *entry)
{
    enum oddity why;
    struct member *member = &bundle->member;
    if (!place(bundle, entry->path, &why))
        return odd(bundle, why, entry->path);
    struct text name = buffer_text(&bundle->name);
    if (entry->type != ENTRY_FILE && entry->type != ENTRY_LINK)
        return odd(bundle, oddity_of(entry->type), name);
    if (entry->type == ENTRY_LINK && !is_natural_link(member))
        return odd(bundle, ODD_LINK, name);
    if (!note_node(bundle))
        return odd(bundle, ODD_NODE, name);
    if (bundle->file && seen_before(&bundle->seen, name))
        (void)odd(bundle, ODD_DUPLICATE, name);
    if (member_has_odd_pid(member))
        (void)odd(bundle, ODD_ODD_PID, name);
    return true;
}

// An entry that becomes a member, with its head read.
static bool accept(struct bundle *bundle, const struct entry *entry)
{
    struct member *member = &bundle->member;
    *member = (struct member){.type = entry->type == ENTRY_LINK ? MEMBER_LINK : MEMBER_FILE};
    if (entry->type == ENTRY_FOLDER || !accept_name(bundle, entry))
        return false;
    member->link_target = entry->target;
    bundle->member_bytes = 0;
    if (member->type == MEMBER_LINK)
        return true;
    bundle->reading = true;
    fill_head(bundle, &bundle->packed_head);
    // an entry of which nothing can be read (an unknown method, a password) is no member
    bool lost = member->head.len == 0 && bundle->reader->trouble[0];
    if (!lost && open_inner(bundle))
        return true;
    finish_member(bundle);
    return false;
}

static bool next_entry(struct bundle *bundle, struct entry *entry)
{
    enum entry_result result;
    while ((result = bundle->reader->next(bundle->reader, entry)) == ENTRY_DAMAGED)
        tally_add(&bundle->tally, ODD_DAMAGED, WHOLE);
    if (result == ENTRY_END)
        return false;
    bundle->zip_entries++;
    if (entry->type == ENTRY_FOLDER || ++bundle->totals.entries <= bundle->limits->members)
        return true;
    bundle->totals.entries--;
    bundle->stopped = true;
    warn_of(bundle, WHOLE, "more members than limit members: the rest was left out");
    return false;
}

// A file that is no archive is its own only member, called by its last name; a path with a process in it
// says whose stack that is.
static bool next_single(struct bundle *bundle)
{
    struct member *member = &bundle->member;
    if (bundle->single_given)
        return false;
    bundle->single_given = true;
    bundle->totals.entries = 1;
    const char *slash = strrchr(bundle->path, '/');
    const char *name = slash ? slash + 1 : bundle->path;
    buffer_puts(&bundle->name, strcmp(name, "-") == 0 ? "stdin" : name);
    *member = (struct member){.type = MEMBER_FILE, .bare = true};
    const char *proc = strstr(bundle->path, "proc/");
    if (proc && (proc == bundle->path || proc[-1] == '/') && member_place(member, text_of(proc)) &&
        member->pid == NO_ID)
        *member = (struct member){.type = MEMBER_FILE, .bare = true};
    if (!member->path.ptr) {
        member->path = member->source = buffer_text(&bundle->name);
        member_place_task(member);
    }
    member->node = TEXT("");
    if (bundle->unpacked != bundle->file)
        drop_suffix(&member->path);
    bundle->reading = true;
    fill_head(bundle, &bundle->head);
    return true;
}

bool bundle_next(struct bundle *bundle, struct member *member)
{
    struct entry entry;
    finish_member(bundle);
    bool found = !bundle->reader && next_single(bundle);
    while (bundle->reader && !bundle->stopped && !found && next_entry(bundle, &entry))
        found = accept(bundle, &entry);
    if (!found)
        return false;
    bundle->readable++;
    *member = bundle->member;
    return true;
}

// ---- looking ahead -----------------------------------------------------------------------------

void bundle_watch(struct bundle *bundle, bundle_look *look, void *context)
{
    if (bundle->ahead)
        source_watch(bundle->ahead, look, context);
}

struct text bundle_notes(const struct bundle *bundle, struct text *block)
{
    *block = (struct text){NULL, 0};
    return bundle->ahead ? source_notes(bundle->ahead, block) : *block;
}
