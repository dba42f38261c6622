#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2015,SC2086 # ok and no never fail; a shell may be two words
#
# A real hang on a real kernel, and the collector in the middle of it:
#
#   FUSE daemon (stopped) <- loop device <- ext4 <- dd in a PID namespace <- its init, killed
#                         <- loop device <- ext4 <- umount <- s6-sync
#
# usage: live-lab.sh [-o FILE] [-s SHELL] [--deadline N] [--keep SECONDS]
#   -o FILE keeps the bundle, -s runs the collector under that shell, --keep lets the hang last so much longer.
# Needs root, FUSE, bindfs and two free loop devices; says `skip` and ends with 0 where one is missing.
# Everything is undone at the end, whatever happens; each step has a limit of its own.

here=$(cd "$(dirname "$0")/../.." && pwd)
out='' shell=sh deadline=60 keep=0
while [ $# -gt 0 ]; do
	case $1 in
	-o) out=$2 && shift ;;
	-s) shell=$2 && shift ;;
	--deadline) deadline=$2 && shift ;;
	--keep) keep=$2 && shift ;;
	*) echo "usage: live-lab.sh [-o FILE] [-s SHELL] [--deadline N] [--keep SECONDS]" >&2 && exit 2 ;;
	esac
	shift
done

passed=0 failed=0
ok() { passed=$((passed + 1)) && echo "ok - live: $*"; }
no() { failed=$((failed + 1)) && echo "not ok - live: $*"; }
skip() { echo "skip - live: $*" && exit 0; }
[ "$(id -u)" = 0 ] || skip 'not root'
[ -e /dev/fuse ] || skip 'no /dev/fuse'
[ -e /dev/loop-control ] || skip 'no loop devices'
for tool in bindfs losetup mkfs.ext4 unshare umount truncate timeout mktemp; do
	command -v "$tool" >/dev/null || skip "no $tool"
done

lab=$(mktemp -d /dev/shm/inquest-lab.XXXXXX) || skip 'no /dev/shm'
daemon='' loops='' spawned='' fusectl=''
state() { sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null; }
await() { # PID LETTER: until the task is in that state, three seconds at most
	n=0
	until [ "$(state "$1")" = "$2" ]; do
		n=$((n + 1))
		[ "$n" -lt 60 ] || return 1
		sleep 0.05
	done
}
stands() { # PID PATTERN: until its stack has that, three seconds at most; D alone may be a moment on the way there
	left=30
	until grep -qE "$2" "/proc/$1/stack" 2>/dev/null; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.1
	done
}
unmount() { # DIRECTORY
	n=0
	while grep -q " $1 " /proc/mounts && [ "$n" -lt 20 ]; do
		timeout -s KILL 5 umount "$1" 2>/dev/null || sleep 0.2
		n=$((n + 1))
	done
}
undo() {
	trap '' INT TERM
	trap - EXIT
	[ -z "$daemon" ] || kill -CONT "$daemon" 2>/dev/null
	for pid in $spawned; do
		n=0
		while [ -d "/proc/$pid" ] && [ "$(state "$pid")" != Z ] && [ "$n" -lt 100 ]; do
			[ "$n" -lt 40 ] || kill -9 "$pid" 2>/dev/null
			n=$((n + 1)) && sleep 0.05
		done
	done
	unmount "$lab/data"
	unmount "$lab/gone"
	for loop in $loops; do timeout -s KILL 5 losetup -d "$loop" 2>/dev/null; done
	unmount "$lab/fuse"
	[ -z "$daemon" ] || kill -TERM "$daemon" 2>/dev/null
	[ -z "$fusectl" ] || timeout -s KILL 5 umount /sys/fs/fuse/connections
	if grep -q " $lab/" /proc/mounts; then
		echo "live lab: something is still mounted below $lab" >&2
	else
		rm -rf "$lab"
	fi
}
trap undo EXIT
trap 'exit 1' INT TERM

mkdir "$lab/back" "$lab/fuse" "$lab/gone" "$lab/data"
for disk in gone data; do
	truncate -s 64M "$lab/back/$disk.img" && mkfs.ext4 -q "$lab/back/$disk.img" || skip 'mkfs.ext4 fails'
done
if [ -d /sys/fs/fuse/connections ] && ! grep -q ' /sys/fs/fuse/connections ' /proc/mounts; then
	timeout -s KILL 5 mount -t fusectl none /sys/fs/fuse/connections 2>/dev/null && fusectl=1
fi
bindfs -f "$lab/back" "$lab/fuse" >/dev/null 2>&1 &
daemon=$!
n=0
until grep -q " $lab/fuse " /proc/mounts; do
	n=$((n + 1))
	[ "$n" -lt 40 ] || skip 'bindfs does not mount'
	sleep 0.05
done
for disk in gone data; do # sync meets the older superblock first: the one that umount holds
	loop=$(timeout -s KILL 10 losetup -f --show "$lab/fuse/$disk.img") || skip 'no free loop device'
	loops="$loops $loop"
	timeout -s KILL 10 mount "$loop" "$lab/$disk" || skip 'the loop device does not mount'
done
dd if=/dev/zero of="$lab/data/h" bs=1M count=4 conv=fsync 2>/dev/null
cp "$(command -v sync)" "$lab/s6-sync"
dd if=/dev/zero of="$lab/gone/f" bs=1M count=4 2>/dev/null

kill -STOP "$daemon"
await "$daemon" T
umount "$lab/gone" 2>/dev/null &
umount=$!
await "$umount" D && stands "$umount" 'generic_shutdown_super|deactivate_locked_super' || no 'umount does not hang'
unshare -p -n -m -f sh -c "dd if=/dev/zero of=$lab/data/h bs=1M count=4 oflag=sync conv=notrunc 2>/dev/null & exec sleep 1000" &
spawned="$umount $!" outer=$!
sleep 0.5
init=$(cat "/proc/$outer/task/$outer/children" 2>/dev/null) && init=${init%% *}
[ -n "$init" ] || for p in /proc/[0-9]*; do
	case $(sed -n 's/^PPid:[[:space:]]*//p' "$p/status" 2>/dev/null) in "$outer") init=${p#/proc/} ;; esac
done
writer=$(cat "/proc/$init/task/$init/children" 2>/dev/null) && writer=${writer%% *}
spawned="$writer $init $spawned"
await "$writer" D || no 'the writer does not hang'
kill -9 "$init"
"$lab/s6-sync" &
sync=$! spawned="$spawned $!"
await "$sync" D && stands "$sync" 'iterate_supers|super_lock' || no 's6-sync does not hang'
echo "# daemon $daemon init $init writer $writer umount $umount s6-sync $sync loops$loops"

began=$(cut -d. -f1 /proc/uptime)
timeout -s KILL $((deadline + 20)) $shell "$here/collector/inquest-collect" --deadline "$deadline" -o "$lab/bundle.tar.gz" &&
	ok 'the collector ends with 0' || no "the collector ends with $?"
took=$(($(cut -d. -f1 /proc/uptime) - began))
echo "# the collector took $took s"
[ "$took" -le "$deadline" ] && ok "done within its deadline" || no "took $took s of $deadline"
if [ "$deadline" -ge 20 ]; then # the output on the sick disk: the bundle stays on tmpfs
	{
		timeout -s KILL 40 $shell "$here/collector/inquest-collect" --deadline 15 -o "$lab/data/x.tar.gz" 2>&1
		echo "rc $?"
	} | timeout -s KILL 60 cat >"$lab/err" && ok 'a child that hangs holds no pipe' || no 'a child that hangs holds no pipe'
	grep -q '^rc 3' "$lab/err" && ok 'an output on the sick disk ends with 3' || no "an output on the sick disk: $(tail -n 1 "$lab/err")"
	kept=$(sed -n 's/.*the archive is //p' "$lab/err")
	tar -tzf "$kept" | grep -q '^manifest.json$' && ok 'and the bundle is kept elsewhere' || no 'and the bundle is kept elsewhere'
	rm -f "$kept"
fi
[ "$keep" = 0 ] || sleep "$keep"

mkdir "$lab/b" && tar -xzf "$lab/bundle.tar.gz" -C "$lab/b" && ok 'the bundle is readable' || no 'the bundle is readable'
has() { # NAME FILE PATTERN
	if grep -Eq -- "$3" "$lab/b/$2" 2>/dev/null; then ok "$1"; else no "$1 ($2 lacks $3)"; fi
}
data=${loops##* /dev/} gone=${loops% *} gone=${gone# /dev/}
has 'the daemon is stopped' "proc/$daemon/status" '^State:.T'
has 'the daemon holds /dev/fuse' "proc/$daemon/fd.txt" ' -> /dev/fuse$'
fd=$(sed -n 's/.* \([0-9]*\) -> \/dev\/fuse$/\1/p' "$lab/b/proc/$daemon/fd.txt" | head -n 1)
has 'fdinfo of /dev/fuse' "proc/$daemon/fdinfo/$fd" '^pos:'
has 'arguments of the daemon' "proc/$daemon/cmdline.txt" "bindfs.*$lab/fuse"
has 'the FUSE mount' "proc/$writer/mountinfo" " $lab/fuse .* - fuse"
for disk in "$gone" "$data"; do
	has "what $disk stands on" "sys/block/$disk/loop/backing_file" "$lab/fuse/"
	has "requests of $disk in flight" "sys/block/$disk/inflight" '[1-9]'
done
[ ! -e /sys/fs/fuse/connections/1 ] && [ -z "$(ls /sys/fs/fuse/connections)" ] ||
	has 'FUSE requests wait' "$(cd "$lab/b" && grep -l '[1-9]' sys/fs/fuse/connections/*/waiting | head -n 1)" '[1-9]'
has 'the writer is in D' "proc/$writer/status" '^State:.D'
has 'the writer is the second of its namespace' "proc/$writer/status" '^NSpid:.*[[:space:]]2$'
for f in stack stack.2; do
	has "the writer waits in ext4 ($f)" "proc/$writer/$f" 'ext4'
	has "umount holds the superblock ($f)" "proc/$umount/$f" 'generic_shutdown_super|deactivate_locked_super'
	has "s6-sync waits for it ($f)" "proc/$sync/$f" 'iterate_supers|super_lock'
done
has 'a thread sample too' "proc/$sync/task/$sync/stack.2" 'iterate_supers|super_lock'
has 'the writer shows all its namespaces' "proc/$writer/ns.txt" 'net -> net:'
has 'and its mounts' "proc/$writer/mountinfo" " $lab/data .* - ext4 /dev/$data"
has 'and its network' "proc/$writer/net/dev" 'lo:'
has 'and its files' "proc/$writer/fd.txt" ' -> .*/data/h$'
has 'the init zaps its namespace' "proc/$init/stack" 'zap_pid_ns_processes'
has 'the init dropped its network' "proc/$init/ns.txt" ' net$'
has 'the init keeps its pid namespace' "proc/$init/ns.txt" ' pid -> pid:'
[ ! -e "$lab/b/proc/$writer/cmdline.txt" ] && ok 'no arguments of a D task' || no 'no arguments of a D task'
has 'the name of s6-sync' "proc/$sync/comm" '^s6-sync$'
has 'the manifest' manifest.json '"format": "inquest-bundle/1"'
if [ -n "$out" ]; then mkdir -p "$(dirname "$out")" && cp "$lab/bundle.tar.gz" "$out"; fi
undo
[ ! -e "$lab" ] && ok 'all is undone' || no 'all is undone'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
