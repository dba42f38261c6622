// SPDX-License-Identifier: Apache-2.0
//
// Part of the build: what the program would make anew at each start, made once and written as C. The built-in
// rules as its loader reads them (rule/image.h), and an empty database (store/schema.h).
#include <stdio.h>

#include "rule/image.h"
#include "rule/load.h"
#include "store/schema.h"
#include "util/memory.h"

static bool write_bytes(const char *name, const struct buffer *bytes)
{
    bool ok = printf("static const char %s[] =\n", name) > 0;
    for (size_t i = 0; i < bytes->len; i++)
        ok &= printf("%s\\%o%s", i % 32 ? "" : "\"", (unsigned char)bytes->ptr[i],
                     i % 32 == 31 || i + 1 == bytes->len ? "\"\n" : "") > 0;
    return printf(";\nconst struct builtin builtin_%s = {\"%s\", %s, sizeof %s - 1};\n", name, name, name,
                  name) > 0 &&
           ok;
}

static bool bake_rules(struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(diagnostics_release) struct diagnostics diagnostics = {0};
    CLEANUP(buffer_release) struct buffer image = {0};
    struct rule_sources sources = {.builtin = true, .from_files = true};
    if (!rulebook_load(&book, &sources, &diagnostics, err))
        return false;
    image_write(&book, &image);
    return write_bytes("image", &image) || fail(err, "cannot write");
}

static bool bake_schema(struct error *err)
{
    CLEANUP(buffer_release) struct buffer image = {0};
    return db_image(&image, err) && (write_bytes("schema", &image) || fail(err, "cannot write"));
}

int main(void)
{
    struct error err = {0};
    (void)puts("// Made by analyzer/bake.c; do not edit.\n#include \"rule/image.h\"\n"
               "#include \"store/schema.h\"\n");
    if (bake_rules(&err) && bake_schema(&err) && fflush(stdout) == 0)
        return 0;
    (void)fprintf(stderr, "bake: %s\n", err.message);
    return 1;
}
