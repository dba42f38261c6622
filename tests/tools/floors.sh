#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# floors.sh - a folder of analyzer/ may include headers of itself and of the folders above it in
# analyzer/FLOORS; siblings that are registered things (evidence kinds, formats, commands) share nothing but
# headers of their floor; each third-party header has its place.
set -eu
cd "$(dirname "$0")/../.."
bad=0
above=' '
while read -r floor; do
    case $floor in ''|'#'*) continue ;; esac
    above="$above$floor "
    for file in analyzer/"$floor"/*.[ch] analyzer/"$floor"/*.list; do
        [ -e "$file" ] || continue
        for used in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$file" | sort -u); do
            case $above in *" $used "*) ;; *) echo "$file includes $used/, which stands below $floor/"; bad=1 ;; esac
        done
    done
done < analyzer/FLOORS
for folder in analyzer/*/; do
    name=$(basename "$folder")
    grep -qx "$name" analyzer/FLOORS || { echo "analyzer/$name is no floor of analyzer/FLOORS"; bad=1; }
done
# header, how many files may include it
while read -r header most; do
    files=$(grep -lE "#include <([a-z0-9-]+/)?$header>" analyzer/*/*.[ch] analyzer/*.c || true)
    count=$(printf '%s' "$files" | grep -c . || true)
    [ "$count" -le "$most" ] || { echo "<$header> is included by $count files (at most $most): $files"; bad=1; }
done <<LIST
archive.h 1
pcre2.h 1
yaml.h 1
cJSON.h 1
zstd.h 2
lz4.h 1
zlib.h 1
igzip_lib.h 1
sqlite3.h 2
LIST
exit $bad
