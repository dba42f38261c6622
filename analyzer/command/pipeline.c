// SPDX-License-Identifier: Apache-2.0
#include "command/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "command/progress.h"
#include "evidence/evidence.h"
#include "evidence/manifest.h"
#include "util/array.h"
#include "util/memory.h"

struct reading_node {
    struct node node;
    struct feeder *feeder;
    bool placed; // a member that stands in a node's tree, not a stray file
};

struct warned {
    const char *source, *problem;
    uint64_t line;
};

struct reading {
    const struct pipeline *pipeline;
    struct arena arena;
    struct store_share *share; // of the nodes, which outlive this
    struct store *early;       // a store with a path: opened before the lock, for the first node
    ARRAY(struct reading_node) nodes;
    ARRAY(struct warned) warnings; // of the bundle, until the nodes are known; it says few (tally.h)
    struct redacting *redacting;   // NULL for none
    struct text_scan *scan;        // of the patterns; NULL until it is worth it
};

static void remember_warning(void *context, struct text source, uint64_t line, const char *problem)
{
    struct reading *reading = context;
    CLEANUP(buffer_release) struct buffer name = {0};
    if (reading->redacting)
        redacting_text(reading->redacting, source, &name);
    else
        buffer_add(&name, source);
    *array_add(&reading->warnings) = (struct warned){
        .source = arena_string(&reading->arena, name.ptr ? buffer_text(&name) : TEXT("")),
        .line = line,
        .problem = arena_string(&reading->arena, text_of(problem)),
    };
}

// ---- nodes -----------------------------------------------------------------------------------

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder ? folder : "/tmp";
}

static struct reading_node *open_node(struct reading *reading, struct text prefix, struct error *err)
{
    const struct pipeline *pipeline = reading->pipeline;
    bool first = reading->nodes.count == 0;
    struct store *store = reading->early;
    reading->early = NULL;
    if (!first && pipeline->db_path) {
        (void)fail_kind(err, ERROR_USAGE, "the bundle holds several nodes; a database holds one");
        return NULL;
    }
    if (!store && !store_open(&store, NULL, pipeline->limits, reading->share, err)) {
        (void)fail_context(err, "a temporary database in %s", temporary_folder());
        return NULL;
    }
    struct reading_node *made = array_add(&reading->nodes);
    made->node.prefix = arena_string(&reading->arena, prefix.ptr ? prefix : TEXT(""));
    made->node.store = store;
    struct sink *sink = store_sink(store);
    if (pipeline->book) {
        made->node.matcher = text_matcher_open(pipeline->book, pipeline->limits, pipeline->prefilter, sink);
        sink = text_matcher_sink(made->node.matcher);
    }
    made->feeder = feeder_open(pipeline->limits, sink);
    return made;
}

// NULL with an error. The bundle gives no more nodes than the limit, and beside them stray files.
static struct reading_node *node_of(struct reading *reading, const struct member *member, struct error *err)
{
    struct text prefix = member->node.ptr ? member->node : TEXT("");
    for (size_t i = 0; i < reading->nodes.count; i++)
        if (text_is(prefix, reading->nodes.items[i].node.prefix))
            return &reading->nodes.items[i];
    return open_node(reading, prefix, err);
}

// Of a large member the thread that unpacks also looks for what patterns require: half of what matching
// costs.
enum { LARGE_BYTES = 512 * 1024 };

static void watch(struct reading *reading, struct bundle *bundle, const struct reading_node *node)
{
    if (!node->node.matcher || !reading->pipeline->prefilter)
        return;
    if (!reading->scan)
        reading->scan = text_scan_open(node->node.matcher); // all nodes have the same patterns
    bundle_watch(bundle, text_scan_block, reading->scan);
}

static void tell_matcher(const struct reading_node *node, const struct bundle *bundle)
{
    struct text block, notes = bundle_notes(bundle, &block);
    if (node->node.matcher)
        text_matcher_known(node->node.matcher, block, notes);
}

static void read_member(struct reading *reading, struct reading_node *node, struct bundle *bundle,
                        const struct member *member, struct progress *progress)
{
    struct text piece;
    uint64_t bytes = 0;
    bool watched = false;
    feeder_begin(node->feeder, member);
    while (bundle_read(bundle, &piece)) {
        bytes += piece.len;
        if (!watched && bytes > LARGE_BYTES && !member->packing) {
            watched = true;
            watch(reading, bundle, node);
        }
        if (watched)
            tell_matcher(node, bundle);
        feeder_piece(node->feeder, piece);
        progress_add(progress, 0, piece.len);
    }
    if (watched) {
        bundle_watch(bundle, NULL, NULL);
        if (node->node.matcher)
            text_matcher_known(node->node.matcher, TEXT(""), (struct text){NULL, 0});
    }
    feeder_end(node->feeder);
    progress_add(progress, 1, 0);
}

static bool read_members(struct reading *reading, struct bundle *bundle, struct error *err)
{
    struct progress progress;
    progress_init(&progress, reading->pipeline->quiet);
    struct member member, as;
    while (bundle_next(bundle, &member)) {
        if (reading->redacting) {
            redacting_member(reading->redacting, &member, &as);
            member = as;
        }
        struct reading_node *node = node_of(reading, &member, err);
        if (!node)
            return false;
        node->placed |= member.node.ptr != NULL;
        if (reading->redacting)
            redacting_feed(reading->redacting, bundle, &member, node->feeder, &progress);
        else
            read_member(reading, node, bundle, &member, &progress);
    }
    progress_end(&progress);
    return true;
}

// ---- the end ---------------------------------------------------------------------------------

static int by_prefix(const void *a, const void *b)
{
    return strcmp(((const struct node *)a)->prefix, ((const struct node *)b)->prefix);
}

static void node_close(struct node *node)
{
    text_matcher_close(node->matcher);
    store_close(&node->store);
    free((char *)node->prefix);
}

// Stray files beside real nodes (a README in the archive) are no node of their own.
static bool is_stray(const struct reading *reading, const struct reading_node *node)
{
    return !node->placed && reading->nodes.count > 1;
}

static void hand_over(struct reading *reading, struct nodes *nodes)
{
    nodes->items = mem_alloc(reading->nodes.count, sizeof *nodes->items);
    for (size_t i = 0; i < reading->nodes.count; i++) {
        struct reading_node *from = &reading->nodes.items[i];
        feeder_close(from->feeder);
        from->node.prefix = mem_copy(from->node.prefix, strlen(from->node.prefix));
        if (is_stray(reading, from))
            node_close(&from->node);
        else
            nodes->items[nodes->count++] = from->node;
    }
    if (nodes->count)
        qsort(nodes->items, nodes->count, sizeof *nodes->items, by_prefix);
}

// A warning goes to the node whose prefix its source carries, else to the first.
static void place_warnings(struct reading *reading, struct nodes *nodes)
{
    for (size_t i = 0; i < reading->warnings.count && nodes->count; i++) {
        const struct warned *warned = &reading->warnings.items[i];
        struct node *node = &nodes->items[0];
        for (size_t k = 0; k < nodes->count; k++) {
            size_t length = strlen(nodes->items[k].prefix);
            if (length && strncmp(warned->source, nodes->items[k].prefix, length) == 0 &&
                warned->source[length] == '/')
                node = &nodes->items[k];
        }
        store_warn(node->store, text_of(warned->source), warned->line, warned->problem);
    }
}

static bool known_format(struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query = statement_open(db, "SELECT value FROM fact WHERE key = 'format'", err);
    enum step step = STEP_FAILED;
    while (query && (step = statement_step(query, err)) == STEP_ROW)
        if (!manifest_check_format(column_text(query, 0), err))
            return false;
    return step == STEP_DONE;
}

static bool finish(struct nodes *nodes, struct error *err)
{
    bool any = false;
    for (size_t i = 0; i < nodes->count; i++) {
        any |= store_has_evidence(nodes->items[i].store);
        if (!store_finish(nodes->items[i].store, err) || !known_format(store_db(nodes->items[i].store), err))
            return false;
    }
    return any || fail_kind(err, ERROR_BUNDLE, "not a bundle: there is no evidence of a known kind in it");
}

static bool read_bundle(struct reading *reading, const char *path, struct nodes *nodes, struct error *err)
{
    struct bundle *bundle;
    const struct pipeline *pipeline = reading->pipeline;
    if (pipeline->redact &&
        !redacting_open(&reading->redacting, path, pipeline->limits, pipeline->quiet, err))
        return false;
    if (!bundle_open(&bundle, path, reading->pipeline->limits, remember_warning, reading, err))
        return false;
    bool ok = read_members(reading, bundle, err);
    struct error closing = {0};
    bool closed = bundle_close(bundle, &nodes->totals, ok ? err : &closing);
    return ok && closed;
}

static bool read_database(struct reading *reading, struct db *database, const char *path, struct error *err)
{
    struct reading_node *node = NULL;
    if (reading->pipeline->redact)
        return fail_kind(err, ERROR_USAGE, "%s: a database cannot be redacted; redact what it was made from",
                         path);
    if (!db_check_foreign(database, path, err) || !(node = open_node(reading, TEXT(""), err)))
        return false;
    node->placed = true;
    struct sink *sink =
        node->node.matcher ? text_matcher_sink(node->node.matcher) : store_sink(node->node.store);
    return store_replay(database, reading->pipeline->limits, sink, err) || fail_context(err, "%s", path);
}

// SQLite opens by a name, so a database is opened before the lock; what is in it is looked at behind.
static bool read_any(struct reading *reading, const char *path, struct nodes *nodes, struct error *err)
{
    CLEANUP(db_close) struct db *database = NULL;
    if (bundle_is_database(path) && !db_open_foreign(&database, path, err))
        return false;
    if (!jail_lock(reading->pipeline->jail, err))
        return false;
    return database ? read_database(reading, database, path, err) : read_bundle(reading, path, nodes, err);
}

bool nodes_sound(const struct nodes *nodes, struct error *err)
{
    struct error reason = {0};
    bool sound = true;
    for (size_t i = 0; i < nodes->count && sound; i++)
        sound = store_sound(nodes->items[i].store, &reason);
    if (sound)
        return true;
    const char *name = nodes->db_name; // SQLite does not say which of its files it was
    return fail(err, "%s%sa temporary file in %s: writing failed: %s (TMPDIR names another folder)",
                name ? name : "", name ? " or " : "", temporary_folder(), reason.message);
}

bool pipeline_read(const struct pipeline *pipeline, const char *path, struct nodes *nodes, struct error *err)
{
    *nodes = (struct nodes){.db_name = pipeline->db_name};
    struct reading reading = {.pipeline = pipeline, .share = &nodes->share};
    bool opened = !pipeline->db_path ||
                  store_open(&reading.early, pipeline->db_path, pipeline->limits, &nodes->share, err) ||
                  fail_context(err, "%s", pipeline->db_name);
    bool ok = opened && read_any(&reading, path, nodes, err);
    text_scan_close(reading.scan);
    hand_over(&reading, nodes);
    nodes->redacting = reading.redacting;
    place_warnings(&reading, nodes);
    store_close(&reading.early);
    array_release(&reading.nodes);
    array_release(&reading.warnings);
    arena_release(&reading.arena);
    ok = ok && (finish(nodes, err) || fail_context(err, "%s", path));
    return nodes_sound(nodes, err) && ok;
}

struct text nodes_text(const struct nodes *nodes, struct text text, struct buffer *out)
{
    if (!nodes->redacting)
        return text;
    redacting_text(nodes->redacting, text, out);
    return buffer_text(out);
}

void nodes_release(struct nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        node_close(&nodes->items[i]);
    free(nodes->items);
    redacting_close(&nodes->redacting);
    store_share_close(&nodes->share);
    *nodes = (struct nodes){0};
}
