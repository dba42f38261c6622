// SPDX-License-Identifier: Apache-2.0
#include "bundle/limits.h"

#include <string.h>

#include "util/suggest.h"

const struct limits limits_default = {
#define LIMIT(name, value, reason) .name = value,
#include "bundle/limits.list"
#undef LIMIT
};

const struct limit_info limit_table[] = {
#define LIMIT(name, value, reason) {#name, reason, value},
#include "bundle/limits.list"
#undef LIMIT
    {NULL, NULL, 0},
};

static const char *const names[] = {
#define LIMIT(name, value, reason) #name,
#include "bundle/limits.list"
#undef LIMIT
    NULL,
};

static uint64_t *find(struct limits *limits, struct text name)
{
#define LIMIT(field, value, reason) \
    if (text_is(name, #field)) \
        return &limits->field;
#include "bundle/limits.list"
#undef LIMIT
    return NULL;
}

static bool unknown(struct text name, struct error *err)
{
    const char *near = suggest(name, names);
    return fail_kind(err, ERROR_USAGE, "there is no limit '%.*s'%s%s%s", TEXT_ARG(text_slice(name, 0, 100)),
                     near ? "; did you mean '" : "; `inquest --limits` prints them all", near ? near : "",
                     near ? "'?" : "");
}

bool limits_set(struct limits *limits, const char *assignment, struct error *err)
{
    struct text rest = text_of(assignment);
    struct text name;
    (void)text_split(&rest, '=', &name);
    if (!rest.ptr)
        return fail_kind(err, ERROR_USAGE, "a limit is NAME=VALUE, not '%.*s'",
                         TEXT_ARG(text_slice(name, 0, 100)));
    uint64_t *field = find(limits, name);
    if (!field)
        return unknown(name, err);
    if (!text_to_u64(rest, field))
        return fail_kind(err, ERROR_USAGE, "limit %.*s: '%.*s' is no whole number", TEXT_ARG(name),
                         TEXT_ARG(text_slice(rest, 0, 100)));
    return true;
}
