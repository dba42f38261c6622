#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [quick] - speed and memory, each beside `bsdtar -xOf … >/dev/null` on the same file in the same run.
# Medians of RUNS (5). Ratios mean something on a noisy machine, seconds do not. `quick` leaves out what takes
# minutes. Nothing here passes or fails: tests/bench/README.md says what to expect.
set -eu
cd "$(dirname "$0")/../.."
INQUEST=${INQUEST:-$PWD/build/inquest}
RUNS=${RUNS:-5}
quick=${1:-}
for tool in bsdtar gzip zstd; do command -v $tool >/dev/null || { echo "skip: $tool is missing (make check-deps installs it)"; exit 0; }; done
work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'rm -rf "$work"' EXIT
${CC:-gcc} -O2 -o "$work/generate" tests/bench/generate.c

# cost COMMAND...: "seconds kilobytes" of one run; wait4's peak covers children that were waited for
cat > "$work/cost.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    struct timespec a, b;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &a);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (argc > 1 && dup2(null, 1) >= 0 && dup2(null, 2) >= 0)
            execvp(argv[1], argv + 1);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    clock_gettime(CLOCK_MONOTONIC, &b);
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%.4f %ld %d\n", (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9, usage.ru_maxrss, WEXITSTATUS(status));
    return 0;
}
C
${CC:-gcc} -O2 -o "$work/cost" "$work/cost.c"

median() { sort -n | awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }'; }
repeat() { n=0; while [ $n -lt "$RUNS" ]; do "$work/cost" "$@"; n=$((n + 1)); done | median; }

printf '%-46s %9s %9s %7s %9s\n' what seconds bsdtar ratio 'peak MB'
# row NAME FILE COMMAND...
row() {
    name=$1 file=$2; shift 2
    set -- "$(repeat bsdtar -xOf "$file")" "$(repeat "$@")"
    echo "$1 $2" | awk -v name="$name" '{ printf "%-46s %9.3f %9.3f %7.2f %9.1f%s\n", name, $4, $1, $4 / $1, $5 / 1024, ($6 > 1 ? "  exit " $6 : "") }'
}
alone() { # no archive beside it
    name=$1; shift
    repeat "$@" | awk -v name="$name" '{ printf "%-46s %9.4f %9s %7s %9.1f\n", name, $1, "-", "-", $2 / 1024 }'
}

"$work/generate" 2000 5 5 | gzip -1 > "$work/a.tar.gz"
row '2,000 processes x 5 threads, 5 MB of logs, gzip' "$work/a.tar.gz" "$INQUEST" "$work/a.tar.gz"
logs=500; [ -z "$quick" ] || logs=100
"$work/generate" 2000 5 $logs > "$work/b.tar"
gzip -1 -k "$work/b.tar"; zstd -q -3 "$work/b.tar" -o "$work/b.tar.zst"; rm "$work/b.tar"
row "the same and $logs MB of logs, gzip" "$work/b.tar.gz" "$INQUEST" "$work/b.tar.gz"
row "the same and $logs MB of logs, zstd" "$work/b.tar.zst" "$INQUEST" "$work/b.tar.zst"
row 'unpack of the gzip one, every line a row' "$work/b.tar.gz" "$INQUEST" unpack "$work/b.tar.gz" -o "$work/b.db"
rm -f "$work/b.db" "$work/b.tar.zst"
if [ -z "$quick" ]; then
    "$work/generate" 2000 5 5000 | gzip -1 > "$work/l.tar.gz"
    row '5 GB of logs, gzip' "$work/l.tar.gz" "$INQUEST" "$work/l.tar.gz"
    rm "$work/l.tar.gz"
    "$work/generate" 20000 20 5 | gzip -1 > "$work/t.tar.gz"
    row '20,000 processes x 20 threads, gzip' "$work/t.tar.gz" "$INQUEST" "$work/t.tar.gz"
    rm "$work/t.tar.gz"
fi

# rules: copies of the built-in ones under other names
mkdir "$work/r100" "$work/r1000"
n=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    for file in rules/*/*.yaml; do
        case $file in rules/wait/*) continue ;; esac
        n=$((n + 1)); [ $n -le 1000 ] || break 2
        sed "s/^id: .*/id: bench-$n/" "$file" > "$work/r1000/bench-$n.yaml"
        [ $n -gt 100 ] || cp "$work/r1000/bench-$n.yaml" "$work/r100/"
    done
done
row '100 rules' "$work/a.tar.gz" "$INQUEST" --no-builtin-rules --rules "$work/r100" "$work/a.tar.gz"
row '1,000 rules' "$work/a.tar.gz" "$INQUEST" --no-builtin-rules --rules "$work/r1000" "$work/a.tar.gz"

mkdir -p "$work/one/proc/42"
printf '[<0>] do_wait+0x53/0x120\n[<0>] zap_pid_ns_processes+0x103/0x190\n' > "$work/one/proc/42/stack"
alone 'rules list' "$INQUEST" rules list
alone 'a bundle of one stack' "$INQUEST" "$work/one"

# growth: seconds over four sizes, least squares of the logarithms
for size in 25 50 100 200; do
    "$work/generate" $((size * 10)) 5 $size | gzip -1 > "$work/s.tar.gz"
    echo "$size $(repeat "$INQUEST" "$work/s.tar.gz")"
done | awk '{ x = log($1); y = log($2); n++; sx += x; sy += y; sxx += x * x; sxy += x * y }
            END { printf "growth over 25 to 200 MB: seconds ~ size ^ %.2f\n", (n * sxy - sx * sy) / (n * sxx - sx * sx) }'
