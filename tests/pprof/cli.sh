#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command `inquest profile`: what it prints, how it picks a profile of a bundle, exit statuses.
set -u
cd "$(dirname "$0")/../.." || exit 1
INQUEST=${INQUEST:-$PWD/${BUILD:-build}/inquest}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
data=tests/data/profile

ok() { passed=$((passed + 1)); echo "ok - $1"; }
not_ok() { failed=$((failed + 1)); echo "not ok - $1"; sed 's/^/    /' "$work/err" | head -n 5; }
run() { # run NAME STATUS WORDS...: exit status, one line of errors or none
    name=$1 wanted=$2; shift 2
    "$INQUEST" profile "$@" >"$work/out" 2>"$work/err"; got=$?
    lines=$(wc -l <"$work/err")
    if [ "$got" = "$wanted" ] && [ "$lines" = "$([ "$wanted" = 0 ] && echo 0 || echo 1)" ]; then ok "$name"
    else echo "    exit $got, $lines lines of errors"; not_ok "$name"; fi
}
says() { if grep -q -- "$2" "$work/out" "$work/err"; then ok "$1"; else echo "    no '$2'"; not_ok "$1"; fi; }
silent() { if grep -q -- "$2" "$work/out"; then echo "    '$2' is there"; not_ok "$1"; else ok "$1"; fi; }

run 'a profile' 0 $data/folded.txt
says 'the heading' '^Showing nodes accounting for 100, 100% of 100 total$'
says 'the columns' '^ *flat  flat%   sum%        cum   cum%$'
says 'a row' '^ *40 40.00% 40.00%         40 40.00%  encoding/json.Marshal$'
run 'by cum' 0 $data/folded.txt --cum --nodecount 1
says 'the largest' '^ *0     0%     0%        100   100%  main.main$'
run 'focus' 0 $data/folded.txt --focus Marshal
says 'what is in focus' 'of 100 total'
silent 'and nothing else' 'gcBgMarkWorker'
run 'ignore' 0 $data/folded.txt --ignore serve
silent 'what is ignored' 'Marshal'
run 'peek' 0 $data/folded.txt --peek 'conn..serve'
says 'a caller' '| *main.main$'
run 'folded' 0 $data/folded.txt --folded
if sort -c "$work/out" 2>/dev/null && [ "$(wc -l <"$work/out")" = 4 ]; then ok 'folded lines, sorted'; else not_ok 'folded lines, sorted'; fi
run 'json' 0 $data/random-58.pb --json --sample-type 0
if python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert list(d)[:5]==["format","sample_type","unit","total","functions"] and d["format"]=="inquest-profile/1" and set(d["functions"][0])=={"function","flat","cum"}' "$work/out" 2>"$work/err"; then ok 'json of the documented shape'; else not_ok 'json of the documented shape'; fi
run '--format json is --json' 0 $data/random-58.pb --format json
run 'svg into a file' 0 $data/folded.txt --svg -o "$work/f.svg"
if grep -q '^<svg' "$work/f.svg" && [ ! -s "$work/out" ]; then ok 'the file holds it'; else not_ok 'the file holds it'; fi
run '--format svg' 0 $data/folded.txt --format svg
printf 'main.main;net/http.(*conn).serve;encoding/json.Marshal 10\nmain.main;new 5\n' >"$work/before.txt"
run 'a difference' 0 $data/folded.txt --diff "$work/before.txt"
says 'what grew' '^ *30 200.00%.*encoding/json.Marshal$'
says 'what is gone' '^ *-5 33.33%.*  new$'
run 'a difference, folded' 0 $data/folded.txt --diff "$work/before.txt" --folded
says 'before and after' 'Marshal 10 40$'
run 'a goroutine dump' 0 $data/goroutines.txt
says 'its states' '^ *1  semacquire, up to 5611 minutes$'
run 'Go text' 0 $data/heap.txt
says 'counts as the reference does' '<unknown>$'
says 'and says what else there is' '--symbols'
run 'Go text with its names' 0 $data/heap.txt --symbols
says 'the names' 'cacher.New'

mkdir -p "$work/b/pprof/kube-apiserver" "$work/b/pprof/kubelet"
cp $data/heap.txt "$work/b/pprof/kube-apiserver/heap.txt"
cp $data/goroutines.txt "$work/b/pprof/kubelet/goroutine.txt"
cp $data/contention.txt "$work/b/pprof/kubelet/block.txt"
run 'a bundle of several is listed' 0 "$work/b"
says 'each by its member' '^pprof/kubelet/block.txt$'
run 'one by component' 0 "$work/b" --component apiserver
says 'its type' '^Type: inuse_space$'
run 'one by member' 0 "$work/b" --member kubelet/goroutine.txt
says 'that one' '^Type: goroutine$'
run 'one by sample type' 0 "$work/b" --sample-type delay
says 'the only one that has it' '^Type: delay$'
run 'the list as json' 0 "$work/b" --json
says 'with its own format' 'inquest-profiles/1'
run 'no picture of several' 2 "$work/b" --svg
run 'nothing that fits' 3 "$work/b" --component etcd
run 'differences within bundles take the same member' 0 "$work/b" --member block.txt --diff "$work/b"
says 'nothing changed' 'Showing nodes accounting for 0, 0% of'

run 'no such file' 3 "$work/none"
printf 'no profile\n' >"$work/text"
run 'no profile' 3 "$work/text"
: >"$work/empty"
run 'an empty file' 3 "$work/empty"
run 'an unknown sample type' 3 $data/folded.txt --sample-type cpu
run 'a bad regex' 2 $data/folded.txt --focus '('
says 'and where' '--focus'
run 'two shapes' 2 $data/folded.txt --svg --json
run 'a share above one' 2 $data/folded.txt --nodefraction 2
run 'no function to peek at' 2 $data/folded.txt --peek nowhere
run 'profiles that cannot be compared' 2 $data/folded.txt --diff $data/heap.txt
python3 -c 'import gzip,sys; d=open(sys.argv[1],"rb").read(); d=gzip.decompress(d) if d[:2]==b"\x1f\x8b" else d; z=gzip.compress(d); open(sys.argv[2],"wb").write(z[:len(z)*3//4])' $data/random-48.pb "$work/cut.pb.gz"
run 'a profile that is cut' 0 "$work/cut.pb.gz"
says 'is warned of' '^Warning: '
says 'and where' '^Warning: truncated gzip stream at byte [0-9]'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
