#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [TARGET...] - builds the fuzz targets with libFuzzer, ASan and UBSan and runs each for FUZZ_S seconds
# (default 60). Seeds come from tests/fuzz/seeds.py. Finds are left in build/fuzz/finds/ and fail the run.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_S:-60}
out=build/fuzz
# shellcheck disable=SC2089 # the quotes are part of the macro's value
flags='-std=c11 -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -DINQUEST_VERSION="0" -Ianalyzer -Ibuild'
mkdir -p "$out/finds"
make -s build/builtin.c
inflate=zlib other=isal
! pkg-config --exists libisal || { inflate=libisal; other=zlib; }
squeeze=lz4 without=zstd
pkg-config --exists liblz4 || { squeeze=zstd; without=lz4; }
rm -f "$out"/analyzer_bundle_inflate_"$other".c.o "$out"/analyzer_store_squeeze_"$without".c.o
libraries=$(pkg-config --libs libarchive zlib sqlite3 libpcre2-8 libcjson yaml-0.1 libzstd liblzma nettle $inflate "lib$squeeze")
# a header or a list that changed: everything anew
[ -e "$out/built" ] && [ -z "$(find analyzer \( -name '*.h' -o -name '*.list' \) -newer "$out/built")" ] || rm -f "$out"/*.o
touch "$out/built"
# shellcheck disable=SC2016,SC2086 # $1 is the inner shell's; flags are words
find analyzer -name '*.c' ! -name main.c ! -name bake.c ! -name "inflate_$other.c" ! -name "squeeze_$without.c" | sort | FLAGS="$flags" xargs -P 2 -n 1 sh -c '
    object=build/fuzz/$(echo "$1" | tr / _).o
    [ "$object" -nt "$1" ] || clang $FLAGS -c "$1" -o "$object"' -
# shellcheck disable=SC2086,SC2090
clang $flags -Wno-overlength-strings -c build/builtin.c -o "$out/builtin.o"
# shellcheck disable=SC2086,SC2090
clang $flags -fsanitize=fuzzer tests/fuzz/fuzz.c "$out"/*.o $libraries -lm -pthread -o "$out/inquest-fuzz"

rm -rf "$out/seeds"
python3 tests/fuzz/seeds.py "$out/seeds"

status=0
# shellcheck disable=SC2046 # one word a target
[ $# != 0 ] || set -- $(FUZZ_TARGET=list "$out/inquest-fuzz")
for target; do
    mkdir -p "$out/seeds/$target" "$out/corpus/$target"
    words=$out/seeds/$target.dict
    dictionary=
    [ ! -s "$words" ] || dictionary=-dict=$words
    longest=65536
    [ "$target" != database ] || longest=1048576
    # shellcheck disable=SC2086 # without words there is no option
    if FUZZ_TARGET=$target "$out/inquest-fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=$longest $dictionary \
        -artifact_prefix="$out/finds/$target-" -print_final_stats=1 "$out/corpus/$target" "$out/seeds/$target" > "$out/$target.log" 2>&1
    then echo "ok - $target: $(grep -E 'cov:' "$out/$target.log" | tail -n 1 | sed 's/.*\(cov: [0-9]* ft: [0-9]*\).*/\1/'), $(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log") runs"
    else echo "not ok - $target: see $out/$target.log"; grep -E 'ERROR|SUMMARY|runtime error' "$out/$target.log" | head -n 3; status=1
    fi
done
exit $status
