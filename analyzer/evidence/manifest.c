// SPDX-License-Identifier: Apache-2.0
//
// manifest.json: what the collector says of the node, as facts named like its keys.
#include "evidence/manifest.h"

#include "evidence/reading.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/times.h"

enum { VALUE_BYTES = 1024 }; // a host name has at most 64

bool manifest_check_format(struct text format, struct error *err)
{
    struct text version = format;
    if (!text_skip(&version, "inquest-bundle/") || text_is(version, "1") || text_starts(version, "1."))
        return true;
    return fail_kind(err, ERROR_BUNDLE, "the manifest says format %.*s; this version reads inquest-bundle/1",
                     TEXT_ARG(format));
}

static bool claims(const struct member *member)
{
    return member->type == MEMBER_FILE && text_is(member->path, "manifest.json");
}

static void take_text(struct input *input, const struct json *manifest, const char *key)
{
    const struct json *value = json_get(manifest, key);
    struct text text = json_text(value);
    if (!value || json_is_null(value)) // the collector writes null for what it could not find out
        return;
    if (!text.ptr || text.len > VALUE_BYTES)
        sink_warn(input->sink, input->member, 0, "%s is %s", key, text.ptr ? "too long" : "no text");
    else if (text.len)
        add_fact(input, 1, key, text);
}

static void take_time(struct input *input, const struct json *manifest)
{
    struct text text = json_text(json_get(manifest, "collected_at"));
    int64_t time_ns;
    bool zoned;
    if (!text.ptr || !text.len)
        sink_warn(input->sink, input->member, 0, "does not say when it was collected");
    else if (!time_parse_rfc3339(text, &time_ns, &zoned))
        sink_warn(input->sink, input->member, 0, "collected_at is no time: %.*s",
                  TEXT_ARG(text_slice(text, 0, 64)));
    else
        add_fact(input, 1, "collected_at", text);
}

static void take_duration(struct input *input, const struct json *manifest)
{
    double seconds;
    if (json_number(json_get(manifest, "duration_s"), &seconds) && seconds >= 0 && seconds < 1e9)
        add_fact(input, 1, "duration_s", text_of(arena_printf(input->arena, "%.1f", seconds)));
}

static void parse(struct input *input)
{
    static const char *const keys[] = {"format", "hostname", "kernel", "boot_id", "collector", "stopped_by"};
    struct error err = {0};
    CLEANUP(json_release)
    struct json *manifest = json_parse(input->content, (size_t)input->limits->json_depth, &err);
    if (!manifest || !json_is_object(manifest)) {
        sink_warn(input->sink, input->member, 0, "%s", manifest ? "no JSON object" : err.message);
        return;
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        take_text(input, manifest, keys[i]);
    take_time(input, manifest);
    take_duration(input, manifest);
}

const struct evidence evidence_manifest = {
    .name = "manifest",
    .paths = "manifest.json",
    .help = "Which node this is, its kernel and boot, and when and by what it was collected.",
    .claims = claims,
    .parse = parse,
};
