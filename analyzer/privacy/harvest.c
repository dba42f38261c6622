// SPDX-License-Identifier: Apache-2.0
#include "privacy/harvest.h"

#include "evidence/manifest.h"

static void take_fact(struct harvest *harvest, const struct row_fact *row)
{
    if (text_is(row->key, "hostname"))
        scrubber_learn(harvest->scrubber, NAME_HOST, row->value);
    if (text_is(row->key, "format") && !harvest->refused.message[0])
        (void)manifest_check_format(row->value, &harvest->refused);
}

static void take_log(struct harvest *harvest, const struct row_log *row)
{
    struct text last = {harvest->host, harvest->host_length};
    if (!row->host.len || row->host.len > sizeof harvest->host || text_equal(row->host, last))
        return;
    memcpy(harvest->host, row->host.ptr, row->host.len);
    harvest->host_length = row->host.len;
    scrubber_learn(harvest->scrubber, NAME_HOST, row->host);
}

static void take_container(struct scrubber *scrubber, const struct row_container_name *row)
{
    scrubber_learn(scrubber, NAME_CONTAINER, row->name);
    scrubber_learn(scrubber, NAME_IMAGE, row->image);
    scrubber_learn(scrubber, NAME_POD, row->pod);
    scrubber_learn(scrubber, NAME_NAMESPACE, row->namespace);
}

static bool is_kind(struct text kind, const char *name)
{
    if (kind.len != strlen(name))
        return false;
    for (size_t i = 0; i < kind.len; i++)
        if (byte_lower(kind.ptr[i]) != name[i])
            return false;
    return true;
}

static void take_object(struct scrubber *scrubber, const struct row_k8s_object *row)
{
    enum name_kind kind = is_kind(row->kind, "node")        ? NAME_HOST
                          : is_kind(row->kind, "pod")       ? NAME_POD
                          : is_kind(row->kind, "namespace") ? NAME_NAMESPACE
                                                            : NAME_OBJECT;
    scrubber_learn(scrubber, kind, row->name);
    scrubber_learn(scrubber, NAME_NAMESPACE, row->namespace);
    scrubber_learn(scrubber, NAME_HOST, row->node);
    scrubber_learn(scrubber, is_kind(row->owner_kind, "node") ? NAME_HOST : NAME_OBJECT, row->owner_name);
}

static void take_row(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    struct harvest *harvest = (struct harvest *)sink;
    (void)member;
    if (kind == ROW_fact)
        take_fact(harvest, row);
    else if (kind == ROW_log)
        take_log(harvest, row);
    else if (kind == ROW_container_name)
        take_container(harvest->scrubber, row);
    else if (kind == ROW_k8s_object)
        take_object(harvest->scrubber, row);
}

void harvest_init(struct harvest *harvest, struct scrubber *scrubber)
{
    *harvest = (struct harvest){.sink = {.row = take_row}, .scrubber = scrubber};
}
