// SPDX-License-Identifier: Apache-2.0
#include "report/profile_report.h"
#include "util/json.h"

static void write_warnings(struct json_writer *json, const struct profile *profile)
{
    json_open_array(json, "warnings");
    for (size_t i = 0; i < profile->warnings.count; i++)
        json_add_text(json, NULL, profile->warnings.items[i].problem);
    json_close_array(json);
}

static void write_states(struct json_writer *json, const struct profile *profile)
{
    if (profile->states.count == 0)
        return;
    json_open_array(json, "states");
    for (size_t i = 0; i < profile->states.count; i++) {
        const struct profile_state_count *state = &profile->states.items[i];
        json_open_object(json, NULL);
        json_add_text(json, "state", state->state);
        json_add_integer(json, "count", state->count);
        if (state->wait_minutes >= 0)
            json_add_integer(json, "wait_minutes", state->wait_minutes);
        else
            json_add_null(json, "wait_minutes");
        json_close_object(json);
    }
    json_close_array(json);
}

void profile_write_json(struct buffer *out, const struct profile_report *report)
{
    const struct profile *profile = report->profile;
    struct json_writer json = {.out = out, .indent = 2};
    struct graph graph;
    struct graph_options options = report->options;
    options.node_fraction = options.edge_fraction = 0; // every function: a program can cut for itself
    options.without_calls = true;
    graph_build(&graph, profile, &options);
    json_open_object(&json, NULL);
    json_add_string(&json, "format", "inquest-profile/1");
    json_add_text(&json, "sample_type", profile_type_name(profile, options.type));
    json_add_text(&json, "unit", profile_type_unit(profile, options.type));
    json_add_integer(&json, "total", graph.total);
    json_open_array(&json, "functions");
    for (size_t i = 0; i < graph.nodes.count; i++) {
        const struct graph_node *node = &graph.nodes.items[i];
        json_open_object(&json, NULL);
        json_add_text(&json, "function", profile->nodes.items[node->node].name);
        json_add_integer(&json, "flat", node->flat);
        json_add_integer(&json, "cum", node->cum);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_open_array(&json, "sample_types");
    for (size_t i = 0; i < profile->types.count; i++)
        json_add_text(&json, NULL, profile_type_name(profile, i));
    json_close_array(&json);
    write_states(&json, profile);
    write_warnings(&json, profile);
    json_close_object(&json);
    buffer_putc(out, '\n');
    graph_release(&graph);
}
