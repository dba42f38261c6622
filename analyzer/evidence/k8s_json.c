// SPDX-License-Identifier: Apache-2.0
//
// Kubernetes objects as JSON: `kubectl get … -o json` (a List), what the API serves (ReplicaSetList, whose
// items say neither kind nor version), single objects, several in a row. Pods also name their containers.
//
// The column json holds the object without blanks, up to JSON_BYTES; of Secrets and ConfigMaps nothing but
// the name is taken.
#include "evidence/json_items.h"
#include "evidence/reading.h"

enum { JSON_BYTES = 65536 };

static bool is_json(struct text head)
{
    (void)text_skip(&head, "\xef\xbb\xbf");
    head = text_trim(head);
    return text_starts(head, "{") || text_starts(head, "[");
}

static bool claims(const struct member *member)
{
    bool tree =
        text_starts(member->path, "namespaces/") || text_starts(member->path, "cluster-scoped-resources/");
    if (member->type != MEMBER_FILE || !is_json(member->head))
        return false;
    if (text_starts(member->path, "k8s/") || (tree && text_ends(member->path, ".json")))
        return true;
    return (member->bare || member_is_output(member) || text_ends(member->path, ".json")) &&
           text_contains(member->head, "\"apiVersion\"");
}

// `<no value>` is what a go-template prints for a field that is not there.
static struct text given(const struct json *value)
{
    struct text text = json_text(value);
    return text.len == 0 || text_is(text, "<no value>") || text_is(text, "null") ? (struct text){NULL, 0}
                                                                                 : text;
}

static int64_t count_of(const struct json *value)
{
    int64_t number;
    return json_integer(value, &number) && number != ROW_NULL ? number : ROW_NULL;
}

// The kind of a list's items, from `"kind":"ReplicaSetList"` in what stood before them.
static struct text kind_from_head(const struct buffer *head, const char *key)
{
    struct text text = buffer_text(head), needle = text_of(key);
    ptrdiff_t at = text_find(text, needle);
    text = text_from(text, at < 0 ? text.len : (size_t)at + needle.len);
    ptrdiff_t end = text_find_byte(text, '"');
    return at < 0 || end <= 0 ? (struct text){NULL, 0} : text_slice(text, 0, (size_t)end);
}

// `ReplicaSetList` of `ReplicaSet`s; absent for kubectl's own `List`, whose items say themselves what they
// are.
static struct text kind_of_list(const struct json_items *items)
{
    struct text kind = kind_from_head(&items->head, "\"kind\":\"");
    return kind.len > 4 && text_ends(kind, "List") ? text_slice(kind, 0, kind.len - 4)
                                                   : (struct text){NULL, 0};
}

static struct text kind_of(struct input *input, const struct json *object)
{
    struct text kind = given(json_get(object, "kind"));
    return kind.ptr ? kind : kind_of_list(input->state);
}

// The controller among the owners, else the first.
static const struct json *owner_of(const struct json *object)
{
    const struct json *owners = json_path(object, "metadata.ownerReferences");
    for (const struct json *owner = json_first(owners); owner; owner = json_sibling(owner))
        if (json_is_true(json_get(owner, "controller")))
            return owner;
    return json_first(owners);
}

static bool is_secret(struct text kind)
{
    return text_is(kind, "Secret") || text_is(kind, "ConfigMap");
}

// ---- containers of a pod ---------------------------------------------------------------------

// containerd://10f0451e1345…
static struct text container_id(const struct json *status)
{
    struct text id = json_text(json_get(status, "containerID"));
    ptrdiff_t at = text_find(id, TEXT("://"));
    return at < 0 ? id : text_from(id, (size_t)at + 3);
}

static void take_containers(struct input *input, const struct json *pod, const char *list, uint64_t line)
{
    for (const struct json *status = json_first(json_path(pod, list)); status;
         status = json_sibling(status)) {
        struct row_container_name row = row_container_name_null;
        row.line = input_line(input, line);
        row.container = container_id(status);
        row.name = given(json_get(status, "name"));
        row.image = given(json_get(status, "image"));
        row.pod = given(json_path(pod, "metadata.name"));
        row.namespace = given(json_path(pod, "metadata.namespace"));
        row.pod_uid = given(json_path(pod, "metadata.uid"));
        row.state = text_of(json_key(json_first(json_get(status, "state"))));
        if (row.container.len)
            emit_container_name(input->sink, input->member, &row);
    }
}

// ---- objects ---------------------------------------------------------------------------------

static void emit_object(struct input *input, const struct json *object, struct text text, struct text kind,
                        uint64_t line)
{
    const struct json *owner = owner_of(object);
    const struct json_items *items = input->state;
    struct row_k8s_object row = row_k8s_object_null;
    row.line = input_line(input, line);
    row.kind = kind;
    row.api_version = given(json_get(object, "apiVersion"));
    if (!row.api_version.ptr && kind_of_list(items).ptr)
        row.api_version = kind_from_head(&items->head, "\"apiVersion\":\"");
    row.namespace = given(json_path(object, "metadata.namespace"));
    if (!row.namespace.ptr)
        row.namespace = TEXT(""); // a key column holds no NULL, and nodes have no namespace
    row.name = given(json_path(object, "metadata.name"));
    row.uid = given(json_path(object, "metadata.uid"));
    row.created = given(json_path(object, "metadata.creationTimestamp"));
    row.owner_kind = given(json_get(owner, "kind"));
    row.owner_name = given(json_get(owner, "name"));
    row.node = given(json_path(object, "spec.nodeName"));
    row.replicas = count_of(json_path(object, "spec.replicas"));
    row.ready_replicas = count_of(json_path(object, "status.readyReplicas"));
    row.revision_history_limit = count_of(json_path(object, "spec.revisionHistoryLimit"));
    if (!is_secret(kind) && text.len <= JSON_BYTES)
        row.json = text;
    emit_k8s_object(input->sink, input->member, &row);
}

static bool take_object(struct input *input, const struct json *object, struct text text, uint64_t line)
{
    struct text kind = kind_of(input, object);
    if (!kind.ptr || !json_is_object(json_get(object, "metadata")))
        return false;
    emit_object(input, object, text, kind, line);
    if (text_is(kind, "Pod")) {
        take_containers(input, object, "status.containerStatuses", line);
        take_containers(input, object, "status.initContainerStatuses", line);
        take_containers(input, object, "status.ephemeralContainerStatuses", line);
    }
    return true;
}

static void feed(struct input *input)
{
    json_items_feed(input, take_object);
}

static void end(struct input *input)
{
    json_items_end(input, "Kubernetes objects");
}

const struct evidence evidence_k8s_json = {
    .name = "k8s-objects",
    .paths = "k8s/<resource>.json, namespaces/**.json, output of kubectl get -o json",
    .help = "Kubernetes objects; pods also name their containers.",
    .claims = claims,
    .state_bytes = sizeof(struct json_items),
    .feed = feed,
    .end = end,
};
