// SPDX-License-Identifier: Apache-2.0
//
// Who containers are, as JSON: `docker inspect` (an array), `docker ps --format json` and podman's (an object
// a line), `crictl ps -o json` ({"containers": […]}), `crictl pods -o json` ({"items": […]}: sandboxes, whose
// id is that of the pause container), `crictl inspect` ({"status": {…}}). Names of dockershim and cri-dockerd
// say pod, namespace and uid: k8s_<container>_<pod>_<namespace>_<uid>_<attempt>.
#include "evidence/json_items.h"
#include "evidence/names.h"
#include "evidence/reading.h"

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

static void take_container(const struct json *object, struct row_container_name *row)
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
}

static bool take_object(struct input *input, const struct json *object, struct text text, uint64_t line)
{
    static const char *const ids[] = {"id", "Id", "ID", "status.id", NULL}, *const states[] = {
                                                                                "state", "State",
                                                                                "State.Status",
                                                                                "status.state", NULL};
    struct row_container_name row = row_container_name_null;
    struct text said = text_at(object, states);
    (void)text;
    row.container = text_at(object, ids);
    if (!row.container.ptr)
        return false;
    row.line = input_line(input, line);
    row.state = state_of(input, said);
    if (text_starts(said, "SANDBOX_"))
        take_sandbox(object, &row);
    else
        take_container(object, &row);
    emit_container_name(input->sink, input->member, &row);
    return true;
}

static void feed(struct input *input)
{
    json_items_feed(input, take_object);
}

static void end(struct input *input)
{
    json_items_end(input, "containers");
}

const struct evidence evidence_containers_json = {
    .name = "containers",
    .paths = "output of docker inspect, docker ps --format json, crictl ps|pods|inspect -o json",
    .help = "Which container has which name, image and pod.",
    .claims = claims,
    .state_bytes = sizeof(struct json_items),
    .feed = feed,
    .end = end,
};
