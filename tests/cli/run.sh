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

# nothing stays behind: not when memory runs out, not when it is told to end, and of a killed run not for long
mkdir "$work/tmp"
if [ "${SAN:-}" != 1 ]; then
    status 'out of memory' 4 env TMPDIR="$work/tmp" "$INQUEST" "$bundle" --limit address_mb=1 -o "$work/poor"
    check 'is one line' [ "$(wc -l <"$work/err")" = 1 ]
    says 'that names it' 'out of memory'
    check 'no output and no folder stay' [ -z "$(find "$work/tmp" "$work" -name 'poor*' -o -name 'inquest-*')" ]
fi
waits_for_input() { # ends with the run in the background as $run, its folder made
    mkfifo "$work/pipe"
    TMPDIR=$work/tmp "$INQUEST" - -o "$work/late" <"$work/pipe" >/dev/null 2>&1 &
    run=$!
    exec 9>"$work/pipe"
    tries=0
    while [ -z "$(find "$work/tmp" -name 'inquest-*')" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
}
for signal in TERM KILL; do
    waits_for_input
    check "a run that waits has its folder ($signal)" [ "$(find "$work/tmp" -name 'inquest-*' | wc -l)" = 1 ]
    kill -$signal "$run" 2>/dev/null; wait "$run" 2>/dev/null
    exec 9>&-; rm -f "$work/pipe"
    [ $signal != TERM ] || check 'what SIGTERM ends leaves nothing' [ -z "$(find "$work/tmp" "$work" -name 'late*' -o -name 'inquest-*')" ]
done
TMPDIR=$work/tmp "$INQUEST" "$bundle" >/dev/null 2>&1
check 'the next run removes the folder of a killed one' [ -z "$(find "$work/tmp" -name 'inquest-*')" ]
rm -f "$work"/late*

# two nodes in one archive
mkdir -p "$work/two/a" "$work/two/b" && cp -r "$bundle/." "$work/two/a/" && cp -r "$bundle/." "$work/two/b/" && echo hello >"$work/two/README"
status 'two nodes in one archive' 0 "$INQUEST" "$work/two" --format json
check 'one object with a report in it' python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
assert report["bundle"]["node"] == "a" and [n["bundle"]["node"] for n in report["nodes"]] == ["b"], report["bundle"]
assert any("2 nodes" in w["problem"] for w in report["warnings"]), report["warnings"]
assert "findings" in report["nodes"][0] and "nodes" not in report["nodes"][0]' "$work/out"
status 'and of another bundle behind it' 0 "$INQUEST" "$work/two" "$bundle" --format json
check 'a line a bundle' [ "$(wc -l <"$work/out")" = 2 ]
status 'as text' 0 "$INQUEST" "$work/two"
check 'one behind the other' [ "$(grep -c '^Looked at' "$work/out")" = 2 ]

# nothing of the evidence reaches a terminal but as visible text
printf 'Name:\tevil\033[31m\033]0;x\007\nState:\tD (disk sleep)\n' >"$bundle/proc/42/status"
printf 'evil\033[2J\n' >"$bundle/proc/42/comm"
"$INQUEST" "$bundle" --color never >"$work/out" 2>"$work/err"
check 'no control bytes in the text' [ "$(tr -d '\n\040-\176\200-\377' <"$work/out" | wc -c)" = 0 ]
check 'at most 80 columns' [ "$(LC_ALL=C.UTF-8 wc -L <"$work/out")" -le 80 ]

# readers that go away
"$INQUEST" rules list 2>"$work/err" | head -n 1 >/dev/null
check 'a closed pipe makes no noise' [ ! -s "$work/err" ]

# the bench for rule authors
sample=samples/s6-sync
drafts=$work/drafts; mkdir "$drafts"
stuck=$("$INQUEST" sql "$sample" "SELECT tid FROM thread WHERE state = 'D' AND stack IS NOT NULL ORDER BY tid LIMIT 1" --format csv | tail -n 1 | tr -d '\r')
signature=$("$INQUEST" sql "$sample" "SELECT s.signature FROM thread t JOIN stack s ON s.id = t.stack WHERE t.tid = $stuck" --format csv | tail -n 1 | tr -d '\r')
status 'rules new from a task' 0 "$INQUEST" rules new --from "$sample" --tid "$stuck" -o "$drafts/from-tid.yaml"
status 'rules new from a signature' 0 "$INQUEST" rules new --from "$sample" --signature "$signature" -o "$drafts/from-signature.yaml"
status 'rules new from a log' 0 "$INQUEST" rules new --from "$sample" --log 'mds0 caps stale' -o "$drafts/from-log.yaml"
status 'what it wrote passes lint' 0 "$INQUEST" rules lint "$drafts"
status 'and its own tests' 0 "$INQUEST" rules test "$drafts"
says 'of which there are as many as the rules need' '3 rules, 8 tests passed, 0 failed'
printf '%s\n' '2024-03-12T06:59:00.000000+0000 node-1 kernel: nfs: server nfs7.prod.example.com (10.20.30.40) not responding, still trying' >"$bundle/journal/kernel.log"
status 'names in a draft' 0 "$INQUEST" rules new --from "$bundle" --log 'server nfs7.prod.example.com (10.20.30.40) not responding'
check 'are made up' sh -c '! grep -Eq "nfs7|example.com|10\.20|node-1" "$1"' - "$work/out"
says 'and left open in the pattern' 'server \\S+ \\(\\S+\\) not responding'
status 'rules of one folder, beside the others they need' 0 "$INQUEST" rules test rules/container
cp rules/container/pidns-init-waits-children.yaml "$work/copy.yaml"
status 'a copy of a built-in rule' 0 "$INQUEST" rules test "$work/copy.yaml"
says 'stands in for it' '^1 rules, '
status 'and lints alone' 0 "$INQUEST" rules lint "$work/copy.yaml"
says 'with what it refers to at hand' '^1 rule, 0 mistakes'
status 'a rule to test that is misspelt' 2 "$INQUEST" rules test ceph-dead-netns hung-taks
says 'is named though the other is right' 'did you mean hung-tasks'
status 'rules new of nothing' 2 "$INQUEST" rules new --from "$sample"
status 'rules new of an unknown thread' 2 "$INQUEST" rules new --from "$sample" --tid 99999999
status 'rules new of a text that stands everywhere' 2 "$INQUEST" rules new --from "$sample" --log 'a'
status 'rules new of two things' 2 "$INQUEST" rules new --from "$sample" --tid 362091 --log 'caps stale'
says 'says so' 'takes only one of'
status 'rules new of a pattern as a signature' 2 "$INQUEST" rules new --from "$sample" --signature '%'
status 'rules new of a line as a terminal shows it' 0 "$INQUEST" rules new --from "$sample" --log 'Mar 12 06:41:15 node kernel: Ceph: mds0 caps STALE'
check 'leaves no file' [ "$(find "$drafts" -type f | wc -l)" = 3 ]

# explain: the founding post, and what people do to a stack on its way into a ticket
post=${INQUEST_SHARED:-../shared}/knowledge/founding-post.txt
if [ -r "$post" ]; then
    status 'the founding post' 0 "$INQUEST" explain "$post"
    check 'is explained as it was' diff -u tests/data/explain/founding-post.txt "$work/out"
else
    echo 'skip - the founding post is not here'
fi
printf '[<ffffffffa0072807>] do_wait+0x1d7/0x250\n[<ffffffffa0124183>] zap_pid_ns_processes+0x103/0x1a0\n[<ffffffffa00739b9>] do_exit+0xb29/0xbe0 [made_up]\n' >"$work/stack"
meaning='waits for the other processes of its pid namespace to end'
for way in 's/^/> /' 's/^/>> /' '=;s/^//' 's/$/\r/' 's/^/    /' 's/^/| /' 's/^/- /' 's/</\&lt;/;s/>/\&gt;/' 's/^\[<[0-9a-f]*>\] //' 's/\(.\{38\}\)\(..*\)/\1\n\2/'; do
    sed "$way" "$work/stack" | if [ "${way%%;*}" = '=' ]; then sed 'N;s/\n/. /'; else cat; fi >"$work/p"
    status "a stack after sed '$way'" 0 "$INQUEST" explain "$work/p"
    check 'is one stack' [ "$(grep -c "$meaning" "$work/out") $(grep -c '^p:' "$work/out")" = '1 1' ] || head -n 5 "$work/out"
done
check 'in 80 columns' [ -z "$(grep -E '^.{81}' "$work/out")" ]
says 'and what else would tell' 'whether it stays there'
status 'prose is no evidence' 3 "$INQUEST" explain "$work/prose"

cat >"$work/why.yaml" <<'RULE'
id: why
title: T
severity: low
cause: draft
patterns:
  stuck: {stack: [made_up_wait_for_nothing, '> vfs_write'], state: D}
  said: {log: 'something was (heard|seen) by [0-9]+ men', unit: docker}
query: |
  WITH x AS (SELECT 1 AS n) SELECT s.tid, s.evidence FROM stuck s JOIN x ON x.n = 1 WHERE s.tid > 0
summary: 's {tid}'
RULE
printf 'Name:\tdd\nState:\tD (disk sleep)\nTgid:\t42\n' >"$bundle/proc/42/status"
rm "$bundle/proc/42/comm"
echo '2024-03-12T06:59:00.000000+0000 node-1 kernel: made up: something was heard by 12 women' >"$bundle/journal/kernel.log"
status 'rules why of a rule that did not fire' 0 "$INQUEST" rules why why "$bundle" --rules "$work/why.yaml"
says 'says so' '^why is undecided: journal/docker.log'
says 'the nearest stack and its first frame that differs' 'proc/42/task/42/stack:1 (dd, D): 1 of 2 items; `vfs_write` is not directly below `made_up_wait_for_nothing`: there begins `vfs_read`'
says 'how far a line matched' 'kernel.log:1: matches as far as `something was (heard|seen) by \[0-9\]+ `'
says 'where the rows were lost' '0  FROM stuck s   <- from here on nothing is left'
says 'what each table of WITH holds' '1  WITH x'
says 'what evidence is lacking' '^  journal/docker.log'
sed 's/made_up_wait_for_nothing/unheard_of/' "$work/why.yaml" >"$work/other.yaml"
status 'rules why of a frame that is nowhere' 0 "$INQUEST" rules why why "$bundle" --rules "$work/other.yaml"
says 'says what stands there instead' 'proc/42/task/42/stack:1 (dd, D) begins with `made_up_wait_for_nothing`, `vfs_read`'
sed -i "s/vfs_write/vfs_read/; /said:/d" "$work/why.yaml"
status 'rules why of a rule that fired' 0 "$INQUEST" rules why why "$bundle" --rules "$work/why.yaml"
says 'how its confidence came about' 'confidence medium (it follows from the evidence)'
says 'its rows' 'proc/42/task/42/stack:1  tid=42'
"$INQUEST" unpack "$bundle" -o "$work/why.db" >"$work/out" 2>"$work/err"
status 'the same of a database' 0 "$INQUEST" rules why why "$work/why.db" --rules "$work/why.yaml"
status 'rules why of an unknown rule' 2 "$INQUEST" rules why ceph-dead-netn "$bundle"
says 'which suggests another' 'did you mean ceph-dead-netns'
cat >>"$work/why.yaml" <<'RULE'
tests:
  - name: holds
    files: {proc/1/status: "Name:\tx\nState:\tD (disk sleep)\n", proc/1/stack: "[<0>] made_up_wait_for_nothing+0x1/0x2\n[<0>] vfs_read+0x1/0x2\n"}
    expect: {tid: 1}
  - name: does not hold
    files: {proc/1/status: "Name:\tx\nState:\tS (sleeping)\n", proc/1/stack: "[<0>] made_up_wait_for_nothing+0x1/0x2\n[<0>] vfs_read+0x1/0x2\n"}
    expect: {tid: 1}
  - name: holds too
    files: {proc/1/status: "Name:\tx\nState:\tS (sleeping)\n"}
    expect: none
RULE
status 'a test that fails' 1 "$INQUEST" rules test "$work/why.yaml" -v
says 'says what came near' 'the stack fits, but 1 thread is S, not D'
check 'and the results stay in order' [ "$(grep -E '^(not )?ok ' "$work/out" | sed 's/ (.*//')" = 'ok  why: holds
not ok  why: does not hold
ok  why: holds too' ]

# one line of thousands counts: rules stay within their budget
mkdir -p "$work/many/journal"
awk 'BEGIN { for (i = 0; i < 9000; i++) printf "2024-03-12T06:%02d:%02d.000000+0000 node-1 dockerd[900]: Container %012d%052d failed to exit within 10s of signal 15 - using the force\n", i / 60 % 60, i % 60, i, 0
    printf "2024-03-12T08:00:00.000000+0000 node-1 dockerd[900]: Container %012d%052d failed to exit within 10 seconds of kill - trying direct SIGKILL\n", 7, 0 }' >"$work/many/journal/docker.log"
status 'a container among thousands that does not stop' 0 "$INQUEST" "$work/many"
says 'is found' 'Container 000000000007 does not stop'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
