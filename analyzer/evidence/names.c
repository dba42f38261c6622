// SPDX-License-Identifier: Apache-2.0
#include "evidence/names.h"

static void set_if_absent(struct text *to, struct text value)
{
    if (!to->ptr && value.len)
        *to = value;
}

void name_container(struct row_container_name *row, struct text name)
{
    struct text all = name, rest, container, pod, namespace, uid;
    (void)text_split(&all, ',', &name);
    (void)text_skip(&name, "/");
    rest = name;
    row->name = name.len ? name : (struct text){NULL, 0};
    if (!text_skip(&rest, "k8s_") || !text_split(&rest, '_', &container) || !text_split(&rest, '_', &pod) ||
        !text_split(&rest, '_', &namespace) || !text_split(&rest, '_', &uid))
        return;
    row->name = container;
    set_if_absent(&row->pod, pod);
    set_if_absent(&row->namespace, namespace);
    set_if_absent(&row->pod_uid, uid);
}
