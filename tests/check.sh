#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh - runs every suite and adds up. A suite is a program that ends with a line
# `N passed, N failed[, N skipped]`; a plain command counts as one test.
# BUILD is the folder of the build, SAN=1 says that it has sanitizers (static checks are then left out).
set -u
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
INQUEST=$PWD/$BUILD/inquest
export BUILD INQUEST
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count() { # count NAME PASSED FAILED SKIPPED
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    printf '%-28s %s passed, %s failed%s\n' "$1" "$2" "$3" "$([ "$4" = 0 ] || echo ", $4 skipped")"
    [ "$3" = 0 ] || sed 's/^/    /' "$log"
}

suite() { # suite NAME COMMAND...: ends with the line above
    name=$1; shift
    "$@" >"$log" 2>&1; status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    set -- $(echo "$line" | tr -d ,)
    if [ -z "$line" ]; then
        echo "no closing line; exit $status" >>"$log"; count "$name" 0 1 0
    elif [ "$status" != 0 ] && [ "$3" = 0 ]; then
        echo "exit $status" >>"$log"; count "$name" "$1" 1 "${5:-0}"
    else
        count "$name" "$1" "$3" "${5:-0}"
    fi
    grep -E '^skip' "$log" | sed 's/^/    /'
}

plain() { # plain NAME COMMAND...: one test
    name=$1; shift
    if "$@" >"$log" 2>&1; then count "$name" 1 0 0; else count "$name" 0 1 0; fi
}

unit() { # a cmocka program
    "$1" >"$log" 2>&1; status=$?
    good=$(grep -cE '^\[ +OK \]' "$log") bad=$(grep -cE '^\[  FAILED  \] [a-z_0-9]+$' "$log") left=$(grep -cE '^\[  SKIPPED \] [a-z_0-9]+$' "$log")
    [ "$status" = 0 ] || [ "$bad" != 0 ] || bad=1
    count "unit: $(basename "$1")" "$good" "$bad" "$left"
}

for program in "$BUILD"/tests/*_test; do unit "$program"; done
suite 'schema/*.schema.json' python3 tests/tools/schemas.py
suite 'schema/README.md' python3 tests/tools/schema_readme.py --check
plain 'rules lint' "$INQUEST" rules lint
suite 'rules test' sh tests/rules/run.sh
suite 'rules new' python3 tests/rules/new.py
suite 'inquest profile' tests/pprof/cli.sh
suite 'flame graphs in a browser' tests/pprof/browser.sh
for suite in golden cli limits sandbox docs incidents corpus redact text; do
    for program in tests/$suite/run.sh tests/$suite/run.py; do
        [ ! -e "$program" ] || suite "$suite" "$program"
    done
done
if [ "${SAN:-}" != 1 ]; then
    suite 'full disks' tests/faults/disk.sh
    suite 'calls that fail' python3 tests/faults/run.py # a sanitizer's malloc is not to be stood before
    suite collector tests/collector/run.sh
    plain floors make -s floors
    plain headers make -s headers
    plain format sh -c 'clang-format --dry-run -Werror $(find analyzer tests -name "*.[ch]")'
    plain 'static analysis' make -s lint
fi
if [ "$skipped" = 0 ]; then echo "$passed passed, $failed failed"; else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ "$failed" = 0 ]
