// SPDX-License-Identifier: Apache-2.0
//
// Tables of `kubectl get`: replicasets, deployments, pods and others. What the rows are stands in the file's
// name (k8s/replicasets.txt), before the name (replicaset.apps/web-1), or follows from the columns:
//
//   replicasets  DESIRED CURRENT READY
//   deployments  READY (1/2) UP-TO-DATE AVAILABLE; to 1.15 DESIRED CURRENT UP-TO-DATE AVAILABLE
//   pods         READY STATUS RESTARTS; with -o wide also IP NODE
//   nodes        STATUS ROLES AGE VERSION
//
// Rows are taken as they stream in; a header between them starts another table.
#include "evidence/reading.h"
#include "evidence/table.h"
#include "util/buffer.h"

#include <string.h>

struct state {
    struct buffer carry; // a line whose end has not come yet
    struct buffer header;
    struct table table; // its names point into header
    uint64_t line;
};

static const struct {
    const char *resource, *kind; // a resource's name, plural or short, and its kind
} kinds[] = {
    {"replicasets", "ReplicaSet"},
    {"replicaset", "ReplicaSet"},
    {"rs", "ReplicaSet"},
    {"deployments", "Deployment"},
    {"deployment", "Deployment"},
    {"deploy", "Deployment"},
    {"pods", "Pod"},
    {"pod", "Pod"},
    {"po", "Pod"},
    {"nodes", "Node"},
    {"node", "Node"},
    {"statefulsets", "StatefulSet"},
    {"statefulset", "StatefulSet"},
    {"daemonsets", "DaemonSet"},
    {"daemonset", "DaemonSet"},
    {"services", "Service"},
    {"service", "Service"},
    {"svc", "Service"},
    {"events", "Event"},
    {"jobs", "Job"},
    {"job", "Job"},
};

static struct text kind_of_resource(struct text resource)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_is(resource, kinds[i].resource))
            return text_of(kinds[i].kind);
    return (struct text){NULL, 0};
}

static bool is_header(const struct table *table)
{
    return table_column(table, "NAME") >= 0 &&
           table_column(table, "AGE|READY|DESIRED|STATUS|UP-TO-DATE|CLUSTER-IP") >= 0 &&
           table_column(table, "POD ID|POD|CONTAINER ID|ATTEMPT") < 0; // crictl's
}

static bool claims(const struct member *member)
{
    struct table table;
    struct lines rest;
    if (!member_is_output(member) && !text_starts(member->path, "namespaces/"))
        return false;
    if (!table_find(&table, member->head, "NAME", "AGE|READY|DESIRED|STATUS|UP-TO-DATE|CLUSTER-IP", &rest))
        return false;
    return is_header(&table);
}

static struct text kind_of_columns(const struct table *table)
{
    if (table_column(table, "DESIRED") >= 0 && table_column(table, "CURRENT") >= 0)
        return table_column(table, "UP-TO-DATE") < 0      ? TEXT("ReplicaSet")
               : table_column(table, "NODE SELECTOR") < 0 ? TEXT("Deployment")
                                                          : TEXT("DaemonSet");
    if (table_column(table, "UP-TO-DATE") >= 0)
        return TEXT("Deployment");
    if (table_column(table, "RESTARTS") >= 0)
        return TEXT("Pod");
    if (table_column(table, "ROLES") >= 0)
        return TEXT("Node");
    if (table_column(table, "CLUSTER-IP") >= 0)
        return TEXT("Service");
    return (struct text){NULL, 0};
}

// k8s/replicasets.txt, cmd/kubectl-get-rs.txt: the last word of the file's name that is a resource.
static struct text kind_of_path(struct text path)
{
    struct text kind = {NULL, 0};
    size_t start = 0;
    for (size_t i = 0; i <= path.len; i++) {
        if (i < path.len && byte_is_alpha(path.ptr[i]))
            continue;
        struct text found = kind_of_resource(text_slice(path, start, i - start));
        kind = found.ptr ? found : kind;
        start = i + 1;
    }
    return kind;
}

// `replicaset.apps/web-1`: gives the kind and leaves the name.
static struct text kind_of_name(struct text *name)
{
    struct text rest = *name, before, resource;
    if (text_find_byte(rest, '/') < 0 || !text_split(&rest, '/', &before) ||
        !text_split(&before, '.', &resource))
        return (struct text){NULL, 0};
    struct text kind = kind_of_resource(resource);
    if (kind.ptr)
        *name = rest;
    return kind;
}

// READY is `1/2` of deployments, statefulsets and pods, `2` of replicasets.
static void take_counts(const struct table *table, const struct text *cells, struct text kind,
                        struct row_k8s_object *row)
{
    struct text ready = table_cell(table, cells, "READY"), part;
    row->replicas = row_number(table_cell(table, cells, "DESIRED"));
    if (text_find_byte(ready, '/') > 0 && text_split(&ready, '/', &part)) {
        if (!text_is(kind, "Pod"))
            row->replicas = row_number(ready);
        row->ready_replicas = row_number(part);
    } else {
        row->ready_replicas = row_number(ready);
    }
}

static void take_row(struct input *input, struct state *state, struct text line)
{
    struct text cells[TABLE_COLUMNS];
    struct row_k8s_object row = row_k8s_object_null;
    (void)table_cells(&state->table, line, cells);
    row.name = table_cell(&state->table, cells, "NAME");
    row.kind = kind_of_name(&row.name);
    if (!row.kind.ptr)
        row.kind = kind_of_path(input->member->path);
    if (!row.kind.ptr)
        row.kind = kind_of_columns(&state->table);
    if (!row.kind.ptr || !row.name.ptr)
        return;
    row.line = input_line(input, state->line);
    row.namespace = table_cell(&state->table, cells, "NAMESPACE");
    if (!row.namespace.ptr)
        row.namespace = TEXT(""); // of one namespace alone, or none: a key column holds no NULL
    row.node = table_cell(&state->table, cells, "NODE");
    take_counts(&state->table, cells, row.kind, &row);
    emit_k8s_object(input->sink, input->member, &row);
}

static void take_line(struct input *input, struct state *state, struct text line)
{
    struct table table;
    state->line++;
    line = text_trim_end(line);
    if (table_open(&table, line) && is_header(&table)) {
        buffer_clear(&state->header);
        buffer_add(&state->header, line);
        (void)table_open(&state->table, buffer_text(&state->header));
    } else if (line.len == 0) {
        state->table.columns = 0;
    } else if (state->table.columns) {
        take_row(input, state, line);
    }
}

static void feed(struct input *input)
{
    struct state *state = input->state;
    struct text rest = input->content;
    ptrdiff_t end;
    while ((end = text_find_byte(rest, '\n')) >= 0) {
        buffer_add(&state->carry, text_slice(rest, 0, (size_t)end));
        take_line(input, state, text_slice(buffer_text(&state->carry), 0, (size_t)input->limits->line_bytes));
        buffer_clear(&state->carry);
        rest = text_from(rest, (size_t)end + 1);
    }
    if (state->carry.len < input->limits->line_bytes)
        buffer_add(&state->carry, rest);
}

static void end(struct input *input)
{
    struct state *state = input->state;
    if (state->carry.len)
        take_line(input, state, buffer_text(&state->carry));
    buffer_release(&state->carry);
    buffer_release(&state->header);
}

const struct evidence evidence_k8s_table = {
    .name = "k8s-table",
    .paths = "k8s/<resource>.txt, output of kubectl get",
    .help = "Kubernetes objects as kubectl's tables show them: counts of ReplicaSets, Deployments, pods.",
    .claims = claims,
    .state_bytes = sizeof(struct state),
    .feed = feed,
    .end = end,
};
