#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Full disks, real ones: exit 4, one line that names what could not be written and why, no file left. Small
# tmpfs are mounted, which takes root; the rest goes everywhere. (tests/cli has signals and a closed pipe.)
set -u
cd "$(dirname "$0")/../.." || exit 1
INQUEST=${INQUEST:-$PWD/build/inquest}
work=$(mktemp -d)
trap 'umount "$work/64k" "$work/1m" 2>/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); echo "ok - $1"; }
not_ok() { failed=$((failed + 1)); echo "not ok - $1"; sed 's/^/    /' "$work/err"; }
# fails NAME FOLDER REASON COMMAND...: exit 4, one line with REASON, nothing in FOLDER but what was there
fails() {
    name=$1 folder=$2 reason=$3; shift 3
    before=$(ls -A "$folder")
    "$@" >"$work/out" 2>"$work/err"; got=$?
    if [ "$got" != 4 ]; then echo "    exit $got"; not_ok "$name"
    elif [ "$(wc -l <"$work/err")" != 1 ] || ! grep -q "^inquest: .*$reason" "$work/err"; then not_ok "$name"
    elif [ "$(ls -A "$folder")" != "$before" ]; then ls -A "$folder"; not_ok "$name"
    else ok "$name"; fi
}

# a bundle whose every output is more than a megabyte
bundle=$work/bundle
cp -r samples/s6-sync "$bundle"
mkdir "$bundle/pprof"; cp -r samples/apiserver-replicasets/pprof/. "$bundle/pprof/"
awk 'BEGIN { srand(7); for (i = 0; i < 12000; i++)
    printf "2026-03-12T05:%02d:%02d.%06d+0000 node-7 kernel: usb %d-%d: device %x%x%x said %x%x\n", i / 60 % 60, i % 60, i,
        i % 7, i % 5, rand() * 1e9, rand() * 1e9, rand() * 1e9, rand() * 1e9, rand() * 1e9 }' >"$bundle/journal/usb.log"
profile=$(find "$bundle/pprof" -type f | head -n 1)

writes() { # writes FOLDER PLACE: each kind of output into a folder without room
    fails "unpack, $2" "$1" "$1/x.db.*No space" "$INQUEST" unpack "$bundle" -o "$1/x.db"
    fails "--db, $2" "$1" "$1/x.db.*No space" "$INQUEST" "$bundle" --db "$1/x.db"
    fails "redact, $2" "$1" "$1/x.tar: .*No space" "$INQUEST" redact "$bundle" -o "$1/x.tar"
    fails "sql, $2" "$1" "$1/x: .*No space" "$INQUEST" sql "$bundle" 'SELECT * FROM log' -o "$1/x"
}
small() { # what also fills a folder that has next to no room
    for format in text json; do
        fails "a report as $format" "$1" "$1/x: .*No space" "$INQUEST" "$bundle" --format $format -o "$1/x"
    done
    for shape in --svg --json --folded --top; do
        fails "profile $shape" "$1" "$1/x: .*No space" "$INQUEST" profile "$profile" $shape -o "$1/x"
    done
    fails 'explain' "$1" "$1/x: .*No space" "$INQUEST" explain "$bundle/proc/362091/stack" -o "$1/x"
    for end in gz xz zst; do
        fails "redact to $end" "$1" "$1/x.tar.$end: .*No space" "$INQUEST" redact "$bundle" -o "$1/x.tar.$end" --map "$work/map"
        [ ! -e "$work/map" ] && ok 'no map without its bundle' || not_ok 'no map without its bundle'
    done
    fails 'the map of redact' "$1" "$1/x.map: .*No space" "$INQUEST" redact "$bundle" -o "$work/r.tar" --map "$1/x.map"
    [ ! -e "$work/r.tar" ] && ok 'no bundle without its map' || not_ok 'no bundle without its map'
    fails 'a temporary folder without room' "$1" "temporary.*No space\|TMPDIR" \
        env TMPDIR="$1" "$INQUEST" "$bundle" --limit memory_mb=1 -o /dev/null
}
mkdir "$work/64k" "$work/1m"
if mount -t tmpfs -o size=64k none "$work/64k" 2>/dev/null && mount -t tmpfs -o size=1m none "$work/1m" 2>/dev/null; then
    writes "$work/64k" '64 kB'
    writes "$work/1m" '1 MB'
    cat /dev/zero >"$work/64k/filler" 2>/dev/null # to the last byte
    small "$work/64k"
else
    skipped=1
    echo 'skip - full disks: a tmpfs can be mounted by root alone'
fi

# standard output
for command in "$bundle" "$bundle --format json" "profile $profile" "explain $bundle/proc/362091/stack" 'rules list' '--limits' \
    "redact $bundle -o $work/r.tar"; do
    # shellcheck disable=SC2086 # words
    [ ! -w /dev/full ] || fails "$command >/dev/full" "$work" 'standard output: .*No space' sh -c '"$@" >/dev/full' - "$INQUEST" $command
    # shellcheck disable=SC2086
    fails "$command >&-" "$work" 'standard output: .*Bad file' sh -c '"$@" >&-' - "$INQUEST" $command
done

# nothing that was meant for a closed descriptor gets into a file
"$INQUEST" "$bundle" -o "$work/whole" 2>/dev/null
(exec "$INQUEST" "$bundle" -o "$work/bare" <&- >&- 2>&-)
cmp -s "$work/whole" "$work/bare" && ok 'without standard descriptors' || not_ok 'without standard descriptors'
(exec "$INQUEST" "$work/missing" -o "$work/none" <&- >&- 2>&-)
[ ! -e "$work/none" ] && ok 'also where it fails' || not_ok 'also where it fails'

# files that may not grow (in blocks of 512 bytes)
mkdir "$work/limited"
for blocks in 1 100; do
    fails "unpack, ulimit -f $blocks" "$work/limited" 'x.db.*' sh -c 'ulimit -f $0; exec "$@"' $blocks "$INQUEST" unpack "$bundle" -o "$work/limited/x.db"
    fails "redact, ulimit -f $blocks" "$work/limited" 'File too large' sh -c 'ulimit -f $0; exec "$@"' $blocks "$INQUEST" redact "$bundle" -o "$work/limited/x.tar"
done
fails 'a report, ulimit -f 1' "$work/limited" 'x: .*File too large' sh -c 'ulimit -f 1; exec "$@"' - "$INQUEST" "$bundle" -o "$work/limited/x"

echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
