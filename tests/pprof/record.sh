#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# record.sh - writes tests/data/profile/*.expected anew: what `go tool pprof` says of the fixtures, every
# function of every sample type by flat, and callers and callees where they are few.
set -eu
cd "$(dirname "$0")/../.."
TZ=UTC LC_ALL=C
export TZ LC_ALL
pprof=$(go env GOTOOLDIR)/pprof
for file in tests/data/profile/*.pb; do
    : >"$file.expected"
    type=0
    while "$pprof" -symbolize=none -top -nodecount=0 -nodefraction=0 -edgefraction=0 -sample_index="$type" "$file" >"$file.tmp" 2>/dev/null; do
        { echo "### top $type"; cat "$file.tmp"; } >>"$file.expected"
        "$pprof" -symbolize=none -peek . -sample_index="$type" "$file" >"$file.tmp" 2>/dev/null || : >"$file.tmp"
        [ "$(wc -c <"$file.tmp")" -gt 6000 ] || { echo "### peek $type"; cat "$file.tmp"; } >>"$file.expected"
        type=$((type + 1))
    done
    rm -f "$file.tmp"
done
