// SPDX-License-Identifier: Apache-2.0
//
// Part of the build: loads the built-in rules, as the program would, and writes their image (rule/image.h) as
// C.
#include <stdio.h>

#include "rule/image.h"
#include "rule/load.h"
#include "util/memory.h"

static bool write_source(const struct buffer *image)
{
    bool ok = puts("// Made by analyzer/bake.c; do not edit.\n#include \"rule/image.h\"\n"
                   "static const char content[] =") >= 0;
    for (size_t i = 0; i < image->len; i++)
        ok &= printf("%s\\%03o%s", i % 32 ? "" : "\"", (unsigned char)image->ptr[i],
                     i % 32 == 31 || i + 1 == image->len ? "\"\n" : "") > 0;
    ok &= printf(";\nconst struct builtin builtin_image = {\"rules\", content, sizeof content - 1};\n") > 0;
    return ok && fflush(stdout) == 0;
}

int main(void)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(diagnostics_release) struct diagnostics diagnostics = {0};
    CLEANUP(buffer_release) struct buffer image = {0};
    struct rule_sources sources = {.builtin = true, .from_files = true};
    struct error err = {0};
    if (!rulebook_load(&book, &sources, &diagnostics, &err)) {
        (void)fprintf(stderr, "bake: %s\n", err.message);
        return 1;
    }
    image_write(&book, &image);
    return write_source(&image) ? 0 : 1;
}
