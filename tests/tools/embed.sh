#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# embed.sh FILE... - writes C source that holds the files' bytes as builtin_files[] (util/builtin.h).
# String literals line by line: octal for what is not plain ASCII, so any compiler takes them.
set -eu
LC_ALL=C
export LC_ALL
printf '// Made by tests/tools/embed.sh; do not edit.\n#include "util/builtin.h"\n'
n=0
for file in "$@"; do
    printf 'static const char content_%d[] =\n""\n' "$n"
    # sed 1: quote; awk: one literal a line, bytes above ASCII in octal
    od -An -v -tu1 "$file" | awk '
        BEGIN { for (i = 32; i < 127; i++) plain[i] = sprintf("%c", i); plain[34] = "\\\""; plain[92] = "\\\\"; plain[63] = "\\077" }
        { for (i = 1; i <= NF; i++) {
              if (!open) { printf "\""; open = 1 }
              if ($i == 10) { printf "\\n\"\n"; open = 0 }
              else if ($i in plain) printf "%s", plain[$i]
              else printf "\\%03o", $i } }
        END { if (open) printf "\"\n" }'
    printf ';\n'
    n=$((n + 1))
done
printf 'const struct builtin builtin_files[] = {\n'
n=0
for file in "$@"; do
    printf '    {"%s", content_%d, sizeof content_%d - 1},\n' "$file" "$n" "$n"
    n=$((n + 1))
done
printf '    {0, 0, 0},\n};\n'
