#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The live hang (tests/collector/live-lab.sh), collected on this machine and diagnosed: FUSE daemon stopped -> loop
# device -> member -> init, umount -> s6-sync. Smaller hangs (hangs.py), each named. And this machine at rest: nothing at
# medium or above.
here=$(cd "$(dirname "$0")/../.." && pwd)
INQUEST=${INQUEST:-$here/build/inquest}
passed=0 failed=0
ok() { passed=$((passed + 1)) && echo "ok - live diagnosis: $*"; }
no() { failed=$((failed + 1)) && echo "not ok - live diagnosis: $*"; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

sh "$here/tests/collector/live-lab.sh" -o "$work/live.tar.gz" >"$work/said" 2>/dev/null
# "# daemon 1 init 2 writer 3 umount 4 s6-sync 5 loops /dev/loop0 …"
ids=$(sed -n 's/^# daemon \([0-9]*\) init \([0-9]*\) writer \([0-9]*\) umount \([0-9]*\) s6-sync \([0-9]*\).*/\1 \2 \3 \4 \5/p' "$work/said")
if [ -e "$work/live.tar.gz" ] && [ -n "$ids" ]; then
	"$INQUEST" -q --format json "$work/live.tar.gz" >"$work/report.json" || no 'the report'
	# shellcheck disable=SC2086 # five words
	python3 "$here/tests/incidents/live.py" "$work/report.json" $ids >"$work/out"
	cat "$work/out"
	passed=$((passed + $(grep -c '^ok' "$work/out")))
	failed=$((failed + $(grep -c '^not ok' "$work/out")))
else
	grep '^skip' "$work/said" || echo 'skip - live diagnosis: the lab could not be set up'
fi

timeout -s KILL 120 python3 "$here/tests/incidents/hangs.py" >"$work/hangs"
grep -E '^(ok|not ok|skip|    )' "$work/hangs"
passed=$((passed + $(grep -c '^ok' "$work/hangs")))
failed=$((failed + $(grep -c '^not ok' "$work/hangs")))

# Whoever works beside the test (a compiler, say) may be in D for a moment; that must be quiet too.
if sh "$here/collector/inquest-collect" --quiet --deadline 30 -o "$work/rest.tar.gz" 2>/dev/null; then
	if "$INQUEST" -q --fail-on medium "$work/rest.tar.gz" >"$work/rest.txt"; then
		ok 'this machine at rest has nothing at medium or above'
	else
		no 'this machine at rest'
		sed 's/^/    /' "$work/rest.txt" | head -n 40
	fi
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
