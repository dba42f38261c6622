// SPDX-License-Identifier: Apache-2.0
#include "report/report.h"

#include <string.h>

#define FORMAT(name) extern const struct format format_##name;
#include "report/format.list"
#undef FORMAT

const struct format *const format_table[] = {
#define FORMAT(name) &format_##name,
#include "report/format.list"
#undef FORMAT
    NULL,
};

const struct format *format_find(const char *name)
{
    for (size_t i = 0; format_table[i]; i++)
        if (strcmp(format_table[i]->name, name) == 0)
            return format_table[i];
    return NULL;
}
