#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line: exit statuses, one-line errors, outputs that are whole or not there, inputs of every form.
set -u
cd "$(dirname "$0")/../.." || exit 1
INQUEST=${INQUEST:-$PWD/build/inquest}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

ok() { passed=$((passed + 1)); echo "ok - $1"; }
not_ok() { failed=$((failed + 1)); echo "not ok - $1"; [ ! -s "$work/err" ] || sed 's/^/    /' "$work/err"; }
check() { name=$1; shift; if "$@"; then ok "$name"; else not_ok "$name"; fi; }
# status NAME WANTED COMMAND...: exit status, and one line on standard error unless it is 0 or 1
status() {
    name=$1 wanted=$2; shift 2
    "$@" >"$work/out" 2>"$work/err"; got=$?
    lines=$(wc -l <"$work/err")
    if [ "$got" != "$wanted" ]; then echo "    exit $got, wanted $wanted"; not_ok "$name"
    elif [ "$wanted" -gt 1 ] && [ "$lines" != 1 ]; then echo "    $lines lines of errors"; not_ok "$name"
    elif [ "$wanted" -le 1 ] && [ "$lines" != 0 ]; then echo "    $lines lines of errors"; not_ok "$name"
    else ok "$name"; fi
}
says() { name=$1; shift; if grep -q -- "$1" "$work/out" "$work/err"; then ok "$name"; else echo "    no '$1'"; not_ok "$name"; fi; }

# a small bundle: one task stuck in a wait that nobody else takes part in
bundle=$work/bundle
mkdir -p "$bundle/proc/42/task/42" "$bundle/journal"
echo '{"format":"inquest-bundle/1","hostname":"node-1","kernel":"5.15.0","collected_at":"2024-03-12T07:00:00Z"}' >"$bundle/manifest.json"
printf 'Name:\tdd\nState:\tD (disk sleep)\nTgid:\t42\nPid:\t42\nPPid:\t1\nVmRSS:\t 100 kB\n' >"$bundle/proc/42/status"
cp "$bundle/proc/42/status" "$bundle/proc/42/task/42/status"
printf '[<0>] made_up_wait_for_nothing+0x10/0x20 [made_up]\n[<0>] vfs_read+0x9d/0x1a0\n[<0>] do_syscall_64+0x5c/0xc0\n' >"$bundle/proc/42/task/42/stack"
echo '2024-03-12T06:59:00.000000+0000 node-1 kernel: made up: something was said' >"$bundle/journal/kernel.log"
(cd "$bundle" && tar cf "$work/b.tar" . && tar czf "$work/b.tar.gz" . && tar cJf "$work/b.tar.xz" . && tar cjf "$work/b.tar.bz2" .)
(cd "$bundle" && tar c . | zstd -q >"$work/b.tar.zst"; zip -qr "$work/b.zip" .)

status 'no words is wrong usage' 2 "$INQUEST"
status '--help' 0 "$INQUEST" --help
status '--version' 0 "$INQUEST" --version
says 'the version names the libraries' libarchive
status '--limits' 0 "$INQUEST" --limits
says 'limits have reasons' pattern_rows
for command in analyze unpack sql rules $("$INQUEST" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    status "$command --help" 0 "$INQUEST" "$command" --help
done
status 'a missing bundle' 3 "$INQUEST" "$work/missing.tar.gz"
status 'an unknown option' 2 "$INQUEST" analyze --formt json "$bundle"
says 'and what was meant' 'did you mean --format'
status 'an unknown format' 2 "$INQUEST" --format pdf "$bundle"
status 'an unknown limit' 2 "$INQUEST" --limit membrs=3 "$bundle"
status 'a limit that is no number' 2 "$INQUEST" --limit members=many "$bundle"
status 'an unknown severity' 2 "$INQUEST" --fail-on awful "$bundle"
status 'an option without its value' 2 "$INQUEST" "$bundle" --format
status 'a word too many' 2 "$INQUEST" unpack "$bundle" "$bundle" -o "$work/x.db"
status 'rules of a missing folder' 2 "$INQUEST" --rules "$work/no-rules" "$bundle"
printf 'id: x\ntitel: broken\n' >"$work/broken.yaml"
status 'a rule that does not load' 2 "$INQUEST" --rules "$work/broken.yaml" "$bundle"
says 'is named with line and column' 'broken.yaml:2:1'
printf 'not a bundle at all' >"$work/prose"
status 'prose' 3 "$INQUEST" "$work/prose"
says 'is no bundle' 'no evidence'
: >"$work/empty"
status 'an empty file' 3 "$INQUEST" "$work/empty"
mkdir "$work/emptydir"
status 'an empty folder' 3 "$INQUEST" "$work/emptydir"

# the same report, whatever it came in
"$INQUEST" --format json "$bundle" | grep -v '"path"\|"sha256"\|"entries"' >"$work/want"
check 'the bundle is read' grep -q made_up_wait_for_nothing "$work/want"
for form in tar tar.gz tar.xz tar.bz2 tar.zst zip; do
    "$INQUEST" --format json "$work/b.$form" 2>"$work/err" | grep -v '"path"\|"sha256"\|"entries"' >"$work/got"
    check "$form reads like the folder" cmp -s "$work/want" "$work/got"
done
"$INQUEST" --format json - <"$work/b.tar.gz" 2>"$work/err" | grep -v '"path"\|"sha256"\|"entries"' >"$work/got"
check 'standard input reads like the folder' cmp -s "$work/want" "$work/got"
(cd "$bundle" && tar cf "$work/reversed.tar" $(find . -type f | sort -r))
"$INQUEST" --format json "$work/reversed.tar" | grep -v '"path"\|"sha256"\|"entries"' >"$work/got"
check 'the order of entries changes nothing' cmp -s "$work/want" "$work/got"
TZ=Asia/Shanghai LC_ALL=de_DE.UTF-8 "$INQUEST" --format json "$bundle" | grep -v '"path"\|"sha256"\|"entries"' >"$work/got"
check 'time zone and locale change nothing' cmp -s "$work/want" "$work/got"
"$INQUEST" --no-prefilter --format json "$bundle" | grep -v '"path"\|"sha256"\|"entries"' >"$work/got"
check '--no-prefilter changes nothing' cmp -s "$work/want" "$work/got"

status 'unpack' 0 "$INQUEST" unpack "$work/b.tar.gz" -o "$work/b.db"
"$INQUEST" --format json "$work/b.db" 2>"$work/err" | grep -v '"path"\|"sha256"\|"entries"\|"bytes"' >"$work/got"
grep -v '"bytes"' "$work/want" >"$work/want.db"
check 'a database reads like the bundle' cmp -s "$work/want.db" "$work/got"
if command -v sqlite3 >/dev/null; then
    got=$(sqlite3 "$work/b.db" "SELECT comm || ' ' || state || ' ' || place FROM blocked" 2>"$work/err")
    check 'any SQLite tool opens it' [ "$got" = 'dd D made_up_wait_for_nothing [made_up]' ]
    check 'nothing of ours is needed to read the log' [ "$(sqlite3 "$work/b.db" 'SELECT count(*) FROM log')" = 1 ]
fi
status 'unpack without -o' 2 "$INQUEST" unpack "$bundle"
status 'sql' 0 "$INQUEST" sql "$bundle" 'SELECT tid, comm FROM thread' --format csv
says 'its rows' '42,dd'
status 'sql over the log' 0 "$INQUEST" sql "$bundle" "SELECT message FROM log WHERE unit = 'kernel' AND message REGEXP 'som.thing'"
says 'a log line' 'something was said'
status 'sql that writes' 2 "$INQUEST" sql "$bundle" 'DELETE FROM thread'
status 'sql of an unknown column' 2 "$INQUEST" sql "$bundle" 'SELECT colour FROM thread'
status 'sql as json' 0 "$INQUEST" sql "$bundle" 'SELECT NULL AS a, 1.5 AS b, comm FROM thread' --format json
says 'with types' '"b": 1.5'
status 'a formula in a cell' 0 "$INQUEST" sql "$bundle" "SELECT '=cmd()' AS x" --format csv
says 'is no formula any more' "\"'=cmd()\""

status '-o writes a file' 0 "$INQUEST" "$bundle" --format json -o "$work/report.json"
check 'that is whole' grep -q inquest-report/1 "$work/report.json"
check 'readable by its owner alone' [ "$(stat -c %a "$work/report.json")" = 600 ]
echo before >"$work/kept"
status 'a failing run' 3 "$INQUEST" "$work/missing" -o "$work/kept"
check 'leaves the old output alone' [ "$(cat "$work/kept")" = before ]
check 'and nothing beside it' [ "$(find "$work" -name 'kept*' | wc -l)" = 1 ]
status '-o into a missing folder' 4 "$INQUEST" "$bundle" -o "$work/no/such/folder"
if [ -w /dev/full ]; then status 'a full disk' 4 sh -c '"$1" "$2" >/dev/full' - "$INQUEST" "$bundle"; fi
status '--db' 0 "$INQUEST" "$bundle" --db "$work/kept.db"
check 'keeps the findings beside the evidence' [ "$("$INQUEST" sql "$work/kept.db" 'SELECT count(*) FROM thread' --format csv | tail -n 1 | tr -d '\r')" = 1 ]
status 'several bundles' 0 "$INQUEST" "$bundle" "$work/b.tar.gz" --format json
check 'one a line' [ "$(wc -l <"$work/out")" = 2 ]
status 'a bad one among them' 3 "$INQUEST" "$work/missing" "$bundle" --format json
check 'does not stop the others' [ "$(wc -l <"$work/out")" = 1 ]

# two nodes in one archive
mkdir -p "$work/two/a" "$work/two/b" && cp -r "$bundle/." "$work/two/a/" && cp -r "$bundle/." "$work/two/b/" && echo hello >"$work/two/README"
status 'two nodes in one archive' 0 "$INQUEST" "$work/two" --format json
check 'two reports' [ "$(wc -l <"$work/out")" = 2 ]

# nothing of the evidence reaches a terminal but as visible text
printf 'Name:\tevil\033[31m\033]0;x\007\nState:\tD (disk sleep)\n' >"$bundle/proc/42/status"
printf 'evil\033[2J\n' >"$bundle/proc/42/comm"
"$INQUEST" "$bundle" --color never >"$work/out" 2>"$work/err"
check 'no control bytes in the text' [ "$(tr -d '\n\040-\176\200-\377' <"$work/out" | wc -c)" = 0 ]
check 'at most 80 columns' [ "$(LC_ALL=C.UTF-8 wc -L <"$work/out")" -le 80 ]

# readers that go away
"$INQUEST" rules list 2>"$work/err" | head -n 1 >/dev/null
check 'a closed pipe makes no noise' [ ! -s "$work/err" ]

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
