#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tests that the rules carry, as a suite.
INQUEST=${INQUEST:-build/inquest}
cd "$(dirname "$0")/../.." || exit 1
out=$("$INQUEST" rules test); status=$?
printf '%s\n' "$out"
printf '%s\n' "$out" | sed -n 's/^[0-9]* rules, \([0-9]*\) tests passed, \([0-9]*\) failed.*/\1 passed, \2 failed/p'
exit $status
