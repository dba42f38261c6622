#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lint.sh - cppcheck, the warnings of the other compiler and shellcheck; TIDY=1 adds clang-tidy, which takes minutes.
set -eu
cd "$(dirname "$0")/../.."
jobs=$(nproc)
include='-Ianalyzer -Ibuild -D_GNU_SOURCE -DINQUEST_VERSION="0"'
warnings='-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wimplicit-fallthrough -Werror'
# shellcheck disable=SC2086
find analyzer -name '*.c' | sort | xargs -P "$jobs" -n 8 clang $include $warnings -fsyntax-only
# what only `make fuzz` builds; libFuzzer calls functions that nobody declares
# shellcheck disable=SC2086
clang $include $warnings -Wno-missing-prototypes -fsyntax-only tests/fuzz/fuzz.c
cppcheck --quiet --std=c11 --error-exitcode=1 -j "$jobs" --enable=warning,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=internalAstError -Ianalyzer -D_GNU_SOURCE '-DINQUEST_VERSION="0"' analyzer
checks='-*,bugprone-infinite-loop,bugprone-sizeof-*,bugprone-suspicious-mem*,bugprone-suspicious-string-compare,bugprone-integer-division,bugprone-misplaced-widening-cast,bugprone-signal-handler,cert-err34-c,cert-flp30-c,cert-str34-c,misc-redundant-expression,readability-duplicate-include'
# shellcheck disable=SC2086
[ -z "${TIDY:-}" ] || find analyzer -name '*.c' | sort | xargs -P "$jobs" -n 10 clang-tidy --quiet --warnings-as-errors='*' --checks="$checks" -- 2>/dev/null -std=c11 $include || {
    echo 'clang-tidy found something: see above'; exit 1; }
shellcheck collector/inquest-collect
# shellcheck disable=SC2046
shellcheck -S error $(find tests .ci -name '*.sh' -o -path .ci/run)
