// SPDX-License-Identifier: Apache-2.0
#include "rule/keys.h"

#include "rule/rule.h"

enum {
    IN_STACK = 1 << MATCH_STACK,
    IN_WCHAN = 1 << MATCH_WCHAN,
    IN_LOG = 1 << MATCH_LOG,
    IN_PROFILE = 1 << MATCH_PROFILE,
    IN_FILE = 1 << MATCH_FILE,
    IN_NAMESPACE = 1 << MATCH_NAMESPACE,
    IN_ALL = (1 << MATCH_KINDS) - 1,
};

const struct key key_table[] = {
#define KEY(where, name, shape, need, kinds, help) \
    {KEY_##where, #name, SHAPE_##shape, NEED_##need, kinds, help},
#include "rule/keys.list"
#undef KEY
    {0, NULL, 0, 0, 0, NULL},
};

const char *const expect_keys[] = {
#define EXPECT_KEY(name, help) name,
#include "rule/expect.list"
#undef EXPECT_KEY
    NULL,
};

const char *const *key_words(enum key_shape shape)
{
    static const char *const kinds[] = {"finding", "wait", NULL};
    static const char *const severities[] = {"info", "low", "medium", "high", "critical", NULL};
    static const char *const confidences[] = {"low", "medium", "high", NULL};
    static const char *const locks[] = {"rwsem-read", "rwsem-write", "mutex", "completion", "none", NULL};
    static const char *const bools[] = {"true", "false", NULL};
    switch (shape) {
    case SHAPE_KIND:
        return kinds;
    case SHAPE_SEVERITY:
        return severities;
    case SHAPE_CONFIDENCE:
        return confidences;
    case SHAPE_LOCK:
        return locks;
    case SHAPE_BOOL:
        return bools;
    default:
        return NULL;
    }
}
