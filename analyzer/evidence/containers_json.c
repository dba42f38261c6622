// SPDX-License-Identifier: Apache-2.0
//
// Who containers are, as JSON: `docker inspect` (an array), `docker ps --format json` and podman's (an object
// a line), `crictl ps -o json` ({"containers": […]}), `crictl pods -o json` ({"items": […]}: sandboxes, whose
// id is that of the pause container), `crictl inspect` ({"status": {…}}). Names of dockershim and cri-dockerd
// say pod, namespace and uid: k8s_<container>_<pod>_<namespace>_<uid>_<attempt>.
#include "evidence/json_items.h"
#include "evidence/names.h"
#include "evidence/reading.h"
#include "util/json.h"
#include "util/memory.h"

struct state {
    struct json_items items;
    uint64_t bad, first_bad;
};

static bool claims(const struct member *member)
{
    struct text head = member->head;
    (void)text_skip(&head, "\xef\xbb\xbf");
    head = text_trim(head);
    if (member->type != MEMBER_FILE || (!text_starts(head, "{") && !text_starts(head, "[")))
        return false;
    if (!member->bare && !member_is_output(member) && !text_ends(member->path, ".json"))
        return false;
    bool docker = text_contains(head, "\"Id\"") || text_contains(head, "\"ID\"");
    bool crictl = text_contains(head, "\"podSandboxId\"") || text_contains(head, "\"SANDBOX_") ||
                  text_contains(head, "\"CONTAINER_");
    return crictl || (docker && (text_contains(head, "\"Image\"") || text_contains(head, "\"Names\"")));
}

// The first of the paths that holds a text.
static struct text text_at(const struct json *object, const char *const *paths)
{
    struct text found = {NULL, 0};
    for (; *paths && !found.len; paths++)
        found = json_text(json_path(object, *paths));
    return found.len ? found : (struct text){NULL, 0};
}

// A label: its key has dots, so no path leads to it.
static struct text label_at(const struct json *object, const char *key)
{
    static const char *const places[] = {"labels", "Labels", "Config.Labels", "status.labels"};
    struct text found = {NULL, 0};
    for (size_t i = 0; i < sizeof places / sizeof *places && !found.len; i++)
        found = json_text(json_get(json_path(object, places[i]), key));
    return found.len ? found : (struct text){NULL, 0};
}

// CONTAINER_RUNNING, SANDBOX_READY, running: the last part, in lower case.
static struct text state_of(struct input *input, struct text state)
{
    (void)(text_skip(&state, "CONTAINER_") || text_skip(&state, "SANDBOX_"));
    char *out = arena_alloc(input->arena, state.len + 1, 1);
    for (size_t i = 0; i < state.len; i++)
        out[i] = byte_lower(state.ptr[i]);
    return (struct text){state.ptr ? out : NULL, state.len};
}

static void take_sandbox(const struct json *object, struct row_container_name *row)
{
    row->pod = json_text(json_path(object, "metadata.name"));
    row->namespace = json_text(json_path(object, "metadata.namespace"));
    row->pod_uid = json_text(json_path(object, "metadata.uid"));
    row->name = TEXT("POD");
}

static void take_container(struct input *input, const struct json *object, struct row_container_name *row)
{
    static const char *const names[] = {"metadata.name", "Name", "Names", "status.metadata.name", NULL};
    static const char *const images[] = {"Config.Image",
                                         "image.userSpecifiedImage",
                                         "image.image",
                                         "Image",
                                         "status.image.image",
                                         "imageRef",
                                         NULL};
    struct text name = text_at(object, names);
    if (!name.ptr) // podman: an array of names
        name = json_text(json_first(json_get(object, "Names")));
    row->image = text_at(object, images);
    row->pod = label_at(object, "io.kubernetes.pod.name");
    row->namespace = label_at(object, "io.kubernetes.pod.namespace");
    row->pod_uid = label_at(object, "io.kubernetes.pod.uid");
    name_container(row, name);
    struct text label = label_at(object, "io.kubernetes.container.name");
    if (label.ptr)
        row->name = label;
    (void)input;
}

static void take_object(void *context, struct text text, uint64_t line, bool whole)
{
    static const char *const ids[] = {"id", "Id", "ID", "status.id", NULL}, *const states[] = {
                                                                                "state", "State",
                                                                                "State.Status",
                                                                                "status.state", NULL};
    struct input *input = context;
    struct state *state = input->state;
    struct error err = {0};
    CLEANUP(json_release)
    struct json *object = whole ? json_parse(text, (size_t)input->limits->json_depth, &err) : NULL;
    struct row_container_name row = row_container_name_null;
    row.container = text_at(object, ids);
    if (!row.container.ptr) {
        state->first_bad = state->bad++ ? state->first_bad : line;
        return;
    }
    struct text said = text_at(object, states);
    row.line = input_line(input, line);
    row.state = state_of(input, said);
    if (text_starts(said, "SANDBOX_"))
        take_sandbox(object, &row);
    else
        take_container(input, object, &row);
    emit_container_name(input->sink, input->member, &row);
}

static void feed(struct input *input)
{
    struct state *state = input->state;
    state->items.limit = input->limits->object_bytes;
    json_items_feed(&state->items, input->content, take_object, input);
}

static void end(struct input *input)
{
    struct state *state = input->state;
    if (state->bad)
        sink_warn(input->sink, input->member, state->first_bad, "%llu objects are no containers",
                  (unsigned long long)state->bad);
    if (!json_items_end(&state->items))
        sink_warn(input->sink, input->member, 0, "ends in the middle of its JSON");
}

const struct evidence evidence_containers_json = {
    .name = "containers",
    .paths = "output of docker inspect, docker ps --format json, crictl ps|pods|inspect -o json",
    .help = "Which container has which name, image and pod.",
    .claims = claims,
    .state_bytes = sizeof(struct state),
    .feed = feed,
    .end = end,
};
