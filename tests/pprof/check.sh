#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh [--install] [RANDOM] - compares `inquest profile` with `go tool pprof` itself, byte for byte, for every
# sample type of every profile in tests/data/profile, ../shared/profiles (where it is there) and RANDOM made-up
# ones of each protobuf and text (default 100): -top as it comes and with nothing left out, by flat and by cum, -peek of every function,
# and differences of neighbours. --install brings Go through apt where it is missing.
# Profiles that the reference refuses are left out: there is nothing to compare with.
set -u
cd "$(dirname "$0")/../.." || exit 1
INQUEST=${INQUEST:-$PWD/${BUILD:-build}/inquest}
TZ=UTC LC_ALL=C
export TZ LC_ALL
install=0
if [ "${1:-}" = --install ]; then install=1; shift; fi
random=${1:-100}
if ! command -v go >/dev/null && [ "$install" = 1 ]; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends golang-go >/dev/null
fi
if ! command -v go >/dev/null; then
    echo "skip: no Go here; make check-pprof installs it"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pprof=$(go env GOTOOLDIR)/pprof
passed=0 failed=0 left_out=0

reference() { "$pprof" -symbolize=none "$@" 2>/dev/null; }
# ours escapes control characters, some kernels' symbols hold a tab
ours() { "$INQUEST" profile "$@" 2>/dev/null | sed -e '/^Warning: /d' -e '/^Note: /d' -e "s/\\\\x09/$(printf '\t')/g"; }
same() { # same NAME: $work/want and $work/got
    if cmp -s "$work/want" "$work/got"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok - $1"
        diff "$work/want" "$work/got" | head -n 6 | sed 's/^/    /'
    fi
}
compare() { # compare FILE TYPE
    all='--nodefraction 0 --edgefraction 0' none='-nodefraction=0 -edgefraction=0 -nodecount=0'
    reference -top -sample_index="$2" "$1" >"$work/want"; ours "$1" --sample-type "$2" >"$work/got"
    same "$1: type $2, as it comes"
    # shellcheck disable=SC2086 # words
    { reference -top $none -sample_index="$2" "$1" >"$work/want"; ours "$1" --sample-type "$2" $all >"$work/got"; }
    same "$1: type $2, every function"
    # shellcheck disable=SC2086
    { reference -top -cum $none -sample_index="$2" "$1" >"$work/want"; ours "$1" --sample-type "$2" --cum $all >"$work/got"; }
    same "$1: type $2, every function by cum"
    reference -top -nodecount=7 -sample_index="$2" "$1" >"$work/want"; ours "$1" --sample-type "$2" --nodecount 7 >"$work/got"
    same "$1: type $2, the first seven"
    if reference -peek . -sample_index="$2" "$1" >"$work/want" && ! grep -q '<unknown>' "$work/want"; then
        ours "$1" --sample-type "$2" --peek . >"$work/got"
        # the reference lists calls that differ in sign alone in an order that changes from run to run
        cmp -s "$work/want" "$work/got" || { sort -o "$work/want" "$work/want"; sort -o "$work/got" "$work/got"; }
        same "$1: type $2, callers and callees"
    fi
    reference -top -focus 'main|http|libc' -ignore 'pkg1|malloc' -sample_index="$2" "$1" >"$work/want"
    ours "$1" --sample-type "$2" --focus 'main|http|libc' --ignore 'pkg1|malloc' >"$work/got"
    same "$1: type $2, focus and ignore"
}

python3 tests/pprof/random_profiles.py "$work/random" 1 "$random"
python3 tests/pprof/random_texts.py "$work/random" 1 "$random"
find tests/data/profile "$work/random" ../shared/profiles -type f ! -name '*.txt' ! -name '*.tsv' ! -name '*.expected' \
    ! -name '*.svg' ! -path '*/malformed/*' 2>/dev/null | sort >"$work/files"
find ../shared/profiles -type f -name '*.debug1.txt' 2>/dev/null | sort >>"$work/files"
before=
while read -r file; do
    if ! reference -top "$file" >"$work/want"; then
        left_out=$((left_out + 1))
        continue
    fi
    types=$("$INQUEST" profile "$file" --json 2>/dev/null | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["sample_types"]))')
    type=0
    while [ "$type" -lt "${types:-0}" ]; do
        compare "$file" "$type"
        type=$((type + 1))
    done
    if [ -n "$before" ] && reference -top -diff_base "$before" "$file" >"$work/want"; then
        ours "$file" --diff "$before" >"$work/got"
        same "$file: what changed since $before"
    fi
    before=$file
done <"$work/files"
echo "left out: $left_out that the reference refuses"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
