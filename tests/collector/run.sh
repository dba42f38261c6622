#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2015,SC2086 # ok and no never fail; a shell may be two words
# shellcheck disable=SC2012,SC2016,SC2115,SC2209 # names are known; literal text; $work is never empty; sh is a word
#
# Tests of the collector: on made-up nodes (--root) whose reads hang, fail or lie, and on this machine.
# A FIFO that nobody writes to is a read that never returns.
#
# usage: run.sh [NAME]...   only the tests of these names; COLLECT_SHELL names another shell than sh

here=$(cd "$(dirname "$0")/../.." && pwd)
collect=$here/collector/inquest-collect
work=$(mktemp -d /dev/shm/inquest-test.XXXXXX 2>/dev/null || mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
passed=0 failed=0 only=" $* " shell=${COLLECT_SHELL:-sh}
ok() { passed=$((passed + 1)) && echo "ok - $*"; }
no() { failed=$((failed + 1)) && echo "not ok - $*"; }
skip() { echo "skip - $*"; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else no "$1: got '$2', not '$3'"; fi; }
has() { if grep -Eq -- "$3" "$2" 2>/dev/null; then ok "$1"; else no "$1: no '$3' in ${2#"$work/"}"; fi; }
hasnot() { if grep -Eq -- "$3" "$2" 2>/dev/null; then no "$1: '$3' in ${2#"$work/"}"; else ok "$1"; fi; }
there() { if [ -e "$2" ]; then ok "$1"; else no "$1: no ${2#"$work/"}"; fi; }
gone() { if [ -e "$2" ]; then no "$1: there is ${2#"$work/"}"; else ok "$1"; fi; }
uptime() { cut -d. -f1 /proc/uptime; }
run() { # ARGUMENT...: the collector on the made-up node; then $rc, $took, $b (unpacked) and $work/err
	began=$(uptime)
	timeout -s KILL 120 $shell "$collect" --no-pprof -o "$work/out.tar.gz" "$@" 2>"$work/err"
	rc=$? took=$(($(uptime) - began)) b=$work/b
	rm -rf "$b" && mkdir "$b"
	[ ! -e "$work/out.tar.gz" ] || tar -xzf "$work/out.tar.gz" -C "$b" 2>/dev/null
	rm -f "$work/out.tar.gz"
}
status() { # NAME STATE PID PPID NSPID [more]
	printf 'Name:\t%s\nUmask:\t0022\nState:\t%s (x)\nTgid:\t%s\nPid:\t%s\nPPid:\t%s\nTracerPid:\t0\nFDSize:\t64\n' "$1" "$2" "$3" "$3" "$4"
	printf 'NStgid:\t%s\nNSpid:\t%s\nNSpgid:\t1\n%b' "$5" "$5" "${6-VmSize:\t 1000 kB\n}"
}
task() { # DIR COMM STATE PID PPID
	mkdir -p "$1"
	printf '%s\n' "$2" >"$1/comm"
	printf '%s (%s) %s %s 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n' "$4" "$2" "$3" "$5" >"$1/stat"
	status "$2" "$3" "$4" "$5" "$4" >"$1/status"
	printf 'do_wait' >"$1/wchan"
	printf '61 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n' >"$1/syscall"
	printf '[<0>] do_wait+0x53/0x120\n[<0>] kernel_wait4+0x9c/0x140\n' >"$1/stack"
}
process() { # PID COMM STATE [PPID]
	p=$root/proc/$1
	task "$p" "$2" "$3" "$1" "${4:-1}" && task "$p/task/$1" "$2" "$3" "$1" "${4:-1}"
	printf '0::/system.slice/x.service\n' >"$p/cgroup"
	mkdir -p "$p/ns" "$p/fd" "$p/net" "$p/fdinfo"
	for kind in cgroup ipc mnt net pid user uts; do ln -s "$kind:[40265399$((${#kind} + 30))]" "$p/ns/$kind"; done
	ln -s /dev/null "$p/fd/0"
	printf 'lo: 1\n' >"$p/net/dev"
	printf '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n' >"$p/mountinfo"
	printf '/usr/bin/%s\000--flag\000a b\000' "$2" >"$p/cmdline"
	printf 'PATH=/bin\000SECRET=hush\000' >"$p/environ"
	ln -s "/usr/bin/$2" "$p/exe"
}
node() { # a small node: init, a shell, a task in D, threads
	root=$work/root && rm -rf "$root" && mkdir -p "$root/proc/sys/kernel/random" "$root/etc"
	echo node-7 >"$root/etc/hostname" && echo node-7 >"$root/proc/sys/kernel/hostname"
	echo 5.4.0-test >"$root/proc/sys/kernel/osrelease" && echo 1-2-3 >"$root/proc/sys/kernel/random/boot_id"
	echo 'MemTotal: 1 kB' >"$root/proc/meminfo" && echo 'root=/dev/sda1 password=hunter2 quiet' >"$root/proc/cmdline"
	echo '//nas/x /mnt cifs rw,username=bob,password=hunter2 0 0' >"$root/proc/mounts"
	process 1 systemd S 0
	process 100 sh S
	process 200 'a b) (c' D
	task "$root/proc/100/task/101" worker S 101 1
	task "$root/proc/100/task/102" stuck D 102 1
}
running() { # TEXT: how many processes have it in their arguments
	count=0
	for p in /proc/[0-9]*; do
		case $(tr '\000' ' ' <"$p/cmdline") in *"$1"*) count=$((count + 1)) ;; esac
	done 2>/dev/null
	echo $count
}
wanted() { [ "$only" = '  ' ] || case $only in *" $1 "*) true ;; *) false ;; esac; }

if wanted usage; then
	for args in '--bogus' '-o' '--deadline' '--deadline 0' '--deadline x' '--deadline=-1' '--max-mb 1.5' '--root' 'file'; do
		$shell "$collect" $args >/dev/null 2>"$work/err"
		is "usage: '$args' ends with 2" "$?" 2
		is "usage: '$args' says one line" "$(wc -l <"$work/err")" 1
	done
	$shell "$collect" --help >"$work/help" && ok 'usage: --help ends with 0' || no 'usage: --help ends with 0'
	for option in -o --since --deadline --max-mb --no-pprof --kubeconfig --root --quiet --help; do
		has "usage: --help names $option" "$work/help" "(^| )$option"
	done
	$shell "$collect" --quiet -o "$work/none/x.tar.gz" 2>"$work/err"
	is 'usage: no such directory ends with 1' "$?" 1
	has 'usage: and says so' "$work/err" 'nothing was written'
	$shell "$collect" --quiet -o "$work" 2>"$work/err"
	is 'usage: a directory as FILE ends with 1' "$?" 1
fi

made_up() { # what a bundle of node() must hold, under any shell
	node && sleep 1 && touch "$work/stamp" && run --root "$root"
	is "$1: ends with 0" "$rc" 0
	is "$1: the manifest is last" "$(tail -c 3 "$b/manifest.json" | head -c 2)" ']}'
	has "$1: manifest: format" "$b/manifest.json" '"format": "inquest-bundle/1"'
	has "$1: manifest: host" "$b/manifest.json" '"hostname": "node-7"'
	has "$1: manifest: kernel" "$b/manifest.json" '"kernel": "5.4.0-test"'
	has "$1: manifest: boot" "$b/manifest.json" '"boot_id": "1-2-3"'
	has "$1: manifest: UTC" "$b/manifest.json" '"collected_at": "20[0-9-]*T[0-9:]*Z"'
	has "$1: manifest: not stopped" "$b/manifest.json" '"stopped_by": null'
	for f in stat status comm wchan syscall stack cgroup; do
		is "$1: $f is copied as it is" "$(cksum <"$b/proc/200/$f")" "$(cksum <"$root/proc/200/$f")"
	done
	for f in stat status comm wchan syscall stack; do
		is "$1: $f of a thread" "$(cksum <"$b/proc/100/task/101/$f")" "$(cksum <"$root/proc/100/task/101/$f")"
	done
	is "$1: second sample" "$(cksum <"$b/proc/200/stack.2")" "$(cksum <"$root/proc/200/stack")"
	there "$1: second sample of a main thread" "$b/proc/200/task/200/stack.2"
	there "$1: second sample of a thread" "$b/proc/100/task/102/stack.2"
	gone "$1: none of what is not in D" "$b/proc/1/stack.2"
	has "$1: ns.txt" "$b/proc/200/ns.txt" ' net -> net:\[40265399'
	is "$1: ns.txt is one listing" "$(grep -c -- '->' "$b/proc/200/ns.txt")" 7
	has "$1: net/dev of a D task" "$b/proc/200/net/dev" '^lo'
	has "$1: mountinfo of a D task" "$b/proc/200/mountinfo" ext4
	has "$1: files of a D task" "$b/proc/200/fd.txt" '0 -> /dev/null'
	gone "$1: no arguments of a D task" "$b/proc/200/cmdline.txt"
	gone "$1: nor where only a thread is in D" "$b/proc/100/cmdline.txt"
	has "$1: meminfo" "$b/proc/meminfo" MemTotal
	has "$1: kernel command line, masked" "$b/proc/cmdline" 'password=\*\*\* quiet'
	has "$1: mounts, masked" "$b/proc/mounts" 'password=\*\*\*'
	is "$1: no secret anywhere" "$(grep -rlE 'hunter2|hush' "$b" | wc -l)" 0
	gone "$1: no environment" "$b/proc/1/environ"
	is "$1: the node is untouched" "$(cd "$root" && find . -newer "$work/stamp" | wc -l)" 0
}
if wanted shells; then
	for shell in dash bash 'busybox sh' sh; do
		command -v ${shell%% *} >/dev/null || { skip "shells: no $shell" && continue; }
		made_up "shells: $shell"
	done
	shell=${COLLECT_SHELL:-sh}
fi

if wanted odd; then # what is missing, unreadable, dropped; names that lie
	node
	process 300 init S 100 && status init S 300 100 "$(printf '300\t1')" '' >"$root/proc/300/status"
	rm "$root/proc/300/ns/net" && touch "$root/proc/300/ns/net" # listed, and no arrow
	process 301 gone S && rm "$root/proc/301/stack" "$root/proc/301/cgroup"
	process 302 "$(printf 'two\nlines')" S
	process 303 'cat: x' S
	process 304 empty S && : >"$root/proc/304/stack"
	process 305 fused S && ln -s /dev/fuse "$root/proc/305/fd/7" && printf 'pos:\t0\nflags:\t02\n' >"$root/proc/305/fdinfo/7"
	process 306 tick S && printf '%s\n' 'a\b* $(x) `y` %s' >"$root/proc/306/comm"
	rm -r "$root/proc/301/ns"
	run --root "$root"
	is 'odd: ends with 0' "$rc" 0
	has 'odd: a dropped namespace is listed without arrow' "$b/proc/300/ns.txt" ' net$'
	has 'odd: files of the init of a pid namespace' "$b/proc/300/fd.txt" '/dev/null'
	has 'odd: a missing file is recorded' "$b/skipped.tsv" '^proc/301/stack	(gone|unsupported)	0'
	gone 'odd: and not made up' "$b/proc/301/stack"
	is 'odd: a name of two lines' "$(cat "$b/proc/302/comm")" "$(printf 'two\nlines')"
	is 'odd: a name that looks like an error' "$(cat "$b/proc/303/comm")" 'cat: x'
	[ -e "$b/proc/304/stack" ] && [ ! -s "$b/proc/304/stack" ] && ok 'odd: an empty stack stays empty' || no 'odd: an empty stack stays empty'
	has 'odd: who holds /dev/fuse' "$b/proc/305/fd.txt" '7 -> /dev/fuse'
	has 'odd: and its fdinfo' "$b/proc/305/fdinfo/7" '^flags:'
	has 'odd: its arguments too' "$b/proc/305/cmdline.txt" '^/usr/bin/fused --flag a b$'
	is 'odd: its program' "$(cat "$b/proc/305/exe.txt")" /usr/bin/fused
	is 'odd: a name for the shell' "$(cat "$b/proc/306/comm")" 'a\b* $(x) `y` %s'
	rm -rf "$root/proc/1/net" && run --root "$root" && is 'odd: no network of process 1' "$rc" 0
fi

if wanted secrets; then
	node
	secret=s3kr1t-Zx9
	n=400
	while IFS= read -r line; do
		n=$((n + 1)) && process "$n" kubelet S
		printf '/usr/bin/kubelet\n%s\n--last=1\n' "$line" | sed "s/ SPLIT /\n/g; s/SECRET/$secret/g" | tr '\n' '\000' >"$root/proc/$n/cmdline"
	done <<-'EOF'
		--token=SECRET
		--token SPLIT SECRET
		--bootstrap-token=SECRET with blanks SECRET
		--db-password SPLIT SECRET
		--DB_PASSWORD=SECRET
		-Dspring.password=SECRET
		MYSQL_ROOT_PASSWORD=SECRET
		--url=https://user:SECRET@host:8443/path?x=1
		--etcd=http://SECRET@host/
		postgres://u:SECRET@db/x
		root:SECRET@tcp(db:3306)/x
		-pSECRET
		-p SPLIT SECRET
		-u SPLIT user:SECRET
		--header=Authorization: Bearer SECRETSECRET
		Authorization: Basic SECRETSECRET==
		--jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiSECRET.xSECRET
		-o SPLIT name=admin,secret=SECRET,mds_namespace=x
		{"password":"SECRET SECRET","user":"x"}
		{"password": "SECRET"}
		{\"token\":\"SECRET\"}
		api_key=SECRET
		--api-key SPLIT SECRET
		--client-key-data=SECRET
		aws_secret_access_key=SECRET
		sh -c export TOKEN='SECRET SECRET'; run
		--private-key SPLIT SECRET
		--enable-token SPLIT --password SPLIT SECRET
		key=SECRET
		passphrase: SECRET
	EOF
	printf '%s\000' ctr -id 0123abc AKIAIOSFODNN7EXAMPLE '-----BEGIN RSA PRIVATE KEY----- AAAA -----END RSA PRIVATE KEY-----' >"$root/proc/401/cmdline"
	printf 'CNI_COMMAND=ADD\000CNI_ARGS=K8S_POD=%s\000GOGC=50\000TOKEN=%s\000S6_SYNC_DISKS=1\000' $secret $secret >"$root/proc/402/environ"
	run --root "$root"
	is 'secrets: ends with 0' "$rc" 0
	i=400
	while [ $i -lt "$n" ]; do
		i=$((i + 1))
		if [ ! -s "$b/proc/$i/cmdline.txt" ]; then no "secrets: no arguments of $i"
		elif grep -q "$secret" "$b/proc/$i/cmdline.txt"; then no "secrets: $(cat "$b/proc/$i/cmdline.txt")"
		else ok "secrets: $(cut -c1-60 "$b/proc/$i/cmdline.txt")"; fi
		[ $i -lt 403 ] || has "secrets: $i keeps the rest" "$b/proc/$i/cmdline.txt" '^/usr/bin/kubelet .*--last=1$'
	done
	is 'secrets: nowhere in the bundle' "$(grep -rl -e $secret -e hunter2 -e hush -e AKIAIO -e AAAA "$b" | wc -l)" 0
	is 'secrets: only the named variables' "$(tr '\n' ' ' <"$b/proc/402/env.txt")" 'CNI_COMMAND=ADD GOGC=50 S6_SYNC_DISKS=1 '
	has 'secrets: an id stays' "$b/proc/401/cmdline.txt" ' -id 0123abc '
fi

fifo() { for f; do rm -f "$root/proc/$f" && mkfifo "$root/proc/$f"; done; }
if wanted hang; then
	node
	process 300 late S
	fifo 200/stack 100/cgroup 300/status
	run --root "$root"
	is 'hang: ends with 0' "$rc" 0
	[ "$took" -lt 30 ] && ok "hang: three reads that hang ($took s)" || no "hang: took $took s"
	for f in 200/stack 100/cgroup 300/status; do
		has "hang: $f is recorded" "$b/skipped.tsv" "^proc/$f	timeout	[1-9]"
		gone "hang: $f is not made up" "$b/proc/$f"
	done
	there 'hang: the others of that task' "$b/proc/200/status"
	there 'hang: the other tasks' "$b/proc/300/stack"
	node
	for i in 1 2 3 4 5 6 7 8; do process 50$i many S && fifo 50$i/wchan; done
	run --root "$root"
	is 'hang: a kind is given up after a few' "$(grep -c '^proc/50./wchan	timeout' "$b/skipped.tsv")" 3
	has 'hang: and that is recorded' "$b/skipped.tsv" '^\*/wchan	timeout'
	there 'hang: other kinds go on' "$b/proc/508/stack"
	node
	fifo 200/task/200/stat meminfo 1/mountinfo
	run --root "$root"
	is 'hang: in the first pass' "$rc" 0
	has 'hang: recorded there too' "$b/skipped.tsv" '^proc/200/task/200/stat	timeout'
	there 'hang: the task is read all the same' "$b/proc/200/stack"
	has 'hang: a file of the node' "$b/skipped.tsv" '^proc/meminfo	timeout'
	node
	fifo 1/environ && process 401 kubelet S && fifo 401/cmdline && process 402 kubelet S
	run --root "$root"
	has 'hang: arguments' "$b/skipped.tsv" '^proc/401/cmdline	timeout'
	has 'hang: those of others are there' "$b/proc/402/cmdline.txt" '^/usr/bin/kubelet --flag a b$'
	is 'hang: nothing is left running' "$(running "$root/proc/")" 0
	is 'hang: nothing is left on tmpfs' "$(ls -d /run/inquest.* /dev/shm/inquest.[0-9]* 2>/dev/null | wc -l)" 0
fi

if wanted deadline; then
	node
	i=600
	while [ $i -lt 640 ]; do # a different kind each, so that none is given up
		process $i hung S && i=$((i + 1))
	done
	fifo 600/stat 601/comm 602/wchan 603/status 604/cgroup 605/syscall 606/stack 607/comm 608/wchan 609/status 610/cgroup 611/stack
	run --root "$root" --deadline 6
	is 'deadline: ends with 0' "$rc" 0
	[ "$took" -le 7 ] && ok "deadline: 6 s took $took s" || no "deadline: 6 s took $took s"
	has 'deadline: the manifest says so' "$b/manifest.json" '"stopped_by": "deadline"'
	has 'deadline: and what is missing' "$b/skipped.tsv" '	deadline	'
	there 'deadline: the D task is there' "$b/proc/200/stack"
	has 'deadline: a warning' "$work/err" 'not complete'
	run --root "$root" --deadline 1 --quiet
	is 'deadline: one second' "$rc" 0
	[ "$took" -le 3 ] && ok "deadline: 1 s took $took s" || no "deadline: 1 s took $took s"
	has 'deadline: one second: a manifest' "$b/manifest.json" inquest-bundle
fi

if wanted signal; then
	signals='TERM INT HUP'
	# under nohup every child ignores HUP for good: no shell can trap it then (POSIX, trap)
	case $(sed -n 's/^SigIgn:.*\(.\)$/\1/p' /proc/self/status) in [13579bdf]) signals='TERM INT' && skip 'signal: HUP is ignored here' ;; esac
	for sig in $signals; do
		node
		for i in 600 601 602 603 604; do process $i hung S; done
		fifo 600/comm 601/wchan 602/status 603/cgroup 604/stack
		rm -f "$work/out.tar.gz"
		(trap - INT; exec $shell "$collect" --no-pprof --root "$root" -o "$work/out.tar.gz") 2>"$work/err" &
		pid=$!
		sleep 3
		if [ $sig = INT ]; then kill -s TERM $pid; else kill -s $sig $pid; fi # a background child ignores INT
		n=0
		while kill -0 $pid 2>/dev/null && [ $n -lt 100 ]; do n=$((n + 1)) && sleep 0.1; done
		wait $pid
		is "signal: $sig ends with 0" "$?" 0
		[ $n -lt 50 ] && ok "signal: soon ($n tenths)" || no "signal: took $n tenths"
		rm -rf "$work/b" && mkdir "$work/b"
		tar -xzf "$work/out.tar.gz" -C "$work/b" 2>/dev/null && ok 'signal: readable' || no 'signal: readable'
		has 'signal: a manifest that says so' "$work/b/manifest.json" '"stopped_by": "signal"'
		there 'signal: what was read is there' "$work/b/proc/200/stack"
	done
fi

if wanted full; then
	mkdir -p "$work/small"
	if [ "$(id -u)" != 0 ] || ! mount -t tmpfs -o size=400k none "$work/small" 2>/dev/null; then skip 'full: cannot mount a small tmpfs'
	else
		node
		i=1000
		while [ $i -lt 1500 ]; do process $i many S && i=$((i + 1)); done
		head -c 1000000 /dev/urandom | od -An -tx1 >"$root/proc/vmstat" # does not compress well
		run --root "$root" -o "$work/small/out.tar.gz"
		is 'full: output disk: ends with 0' "$rc" 0
		tar -xzf "$work/small/out.tar.gz" -C "$b" 2>/dev/null && ok 'full: output disk: readable' || no 'full: output disk: readable'
		there 'full: output disk: the D task' "$b/proc/200/stack"
		has 'full: output disk: the manifest says so' "$b/manifest.json" '"stopped_by": "full"'
		has 'full: output disk: and what was left out' "$b/skipped.tsv" 'too-big'
		rm -f "$work/small"/*
		INQUEST_SPOOL=$work/small run --root "$root"
		is 'full: spool: ends with 0' "$rc" 0
		has 'full: spool: a manifest that says so' "$b/manifest.json" '"stopped_by": "full"'
		is 'full: spool: nothing is left' "$(ls "$work/small" | wc -l)" 0
		head -c 350000 /dev/zero >"$work/small/ballast"
		run --root "$root" -o "$work/small/out.tar.gz"
		[ "$rc" = 0 ] || [ "$rc" = 3 ] && ok "full: hardly any room ends with $rc" || no "full: hardly any room ends with $rc"
		[ "$rc" != 3 ] || rm -f "$(sed -n 's/.*the archive is //p' "$work/err")"
		umount "$work/small"
	fi
fi

if wanted output; then
	node
	$shell "$collect" --quiet --no-pprof --root "$root" -o - >"$work/x.tar.gz" 2>"$work/err" && ok 'output: -' || no 'output: -'
	gzip -t "$work/x.tar.gz" && tar -tzf "$work/x.tar.gz" | grep -q '^manifest.json$' && ok 'output: - is an archive' || no 'output: - is an archive'
	is 'output: --quiet is quiet' "$(wc -c <"$work/err")" 0
	$shell "$collect" --quiet --no-pprof --root "$root" -o "$work/x.tar" && tar -tf "$work/x.tar" | grep -q '^manifest.json$' &&
		ok 'output: .tar' || no 'output: .tar'
	if command -v zstd >/dev/null; then
		$shell "$collect" --quiet --no-pprof --root "$root" -o "$work/x.tar.zst" && zstd -qdc "$work/x.tar.zst" | tar -tf - | grep -q '^manifest.json$' &&
			ok 'output: .tar.zst' || no 'output: .tar.zst'
	else skip 'output: no zstd'; fi
	(cd "$work" && mkdir -p cwd && cd cwd && $shell "$collect" --quiet --no-pprof --root ../root)
	set -- "$work"/cwd/inquest-node-7-20*T*Z.tar.gz
	there 'output: the default name' "$1"
	(cd "$work/cwd" && $shell "$collect" --quiet --no-pprof --root=../root -o rel.tar.gz)
	there 'output: a relative name' "$work/cwd/rel.tar.gz"
	is 'output: only for its owner' "$(stat -c %a "$work/cwd/rel.tar.gz")" 600
	tar -tzf "$work/cwd/rel.tar.gz" | tail -n 1 | grep -q '^manifest.json$' && ok 'output: the manifest is the last entry' || no 'output: the manifest is the last entry'
	is 'output: no entry twice' "$(tar -tzf "$work/cwd/rel.tar.gz" | grep -v '/$' | sort | uniq -d | wc -l)" 0
	# a child that can never be reaped must not hold what the caller waits for
	fifo 200/stack
	began=$(uptime)
	$shell "$collect" --quiet --no-pprof --root "$root" -o "$work/x.tar.gz" 2>&1 5>&1 | cat >/dev/null
	[ $(($(uptime) - began)) -lt 30 ] && ok 'output: the pipe of the caller ends' || no 'output: the pipe of the caller ends'
fi

if wanted bare; then # nothing but what a bare node has
	mkdir -p "$work/bin"
	for tool in cat ls mkdir rm sleep readlink tar gzip; do ln -sf "$(command -v $tool)" "$work/bin/$tool"; done
	ln -sf "$(command -v dash || command -v sh)" "$work/bin/sh"
	node && INQUEST_PATH=$work/bin run --root "$root"
	is 'bare: ends with 0' "$rc" 0
	there 'bare: stacks' "$b/proc/200/stack"
	has 'bare: the manifest' "$b/manifest.json" '"stopped_by": null'
	is 'bare: no secret for want of sed' "$(grep -rl hunter2 "$b" | wc -l)" 0
	if command -v busybox >/dev/null; then
		rm -rf "$work/bin" && mkdir "$work/bin" && busybox --install -s "$work/bin"
		node && shell='busybox sh' && INQUEST_PATH=$work/bin made_up 'bare: busybox alone'
		shell=${COLLECT_SHELL:-sh}
	else skip 'bare: no busybox'; fi
fi

if wanted commands; then # what they say is kept, masked; what they may not be asked is not
	mkdir -p "$work/tools" && rm -f "$work/tools"/* && for tool in journalctl kubectl curl dmesg crictl docker ipvsadm; do
		printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" "password=hunter2"\n' "$tool" >"$work/tools/$tool" && chmod +x "$work/tools/$tool"
	done
	node && echo x >"$work/kubeconfig"
	INQUEST_PATH=$work/tools:$PATH $shell "$collect" --quiet --since 6h --kubeconfig "$work/kubeconfig" -o "$work/out.tar.gz"
	is 'commands: ends with 0' "$?" 0
	rm -rf "$work/b" && mkdir "$work/b" && b=$work/b && tar -xzf "$work/out.tar.gz" -C "$b"
	has 'commands: the journal of a unit' "$b/journal/kubelet.log" 'journalctl --no-pager .*-oshort-iso-precise --since=-6h -u kubelet'
	has 'commands: the journal of the kernel' "$b/journal/kernel.log" 'journalctl .* -k$'
	has 'commands: masked' "$b/journal/kubelet.log" 'password=[*]{3}'
	has 'commands: pods' "$b/k8s/pods.txt" "--kubeconfig=$work/kubeconfig .* get pods -A"
	has 'commands: workloads without their templates' "$b/k8s/replicasets.json" 'get replicasets -A -ogo-template'
	is 'commands: no secrets, no config maps' "$(grep -rilE 'get (secret|configmap|cm)' "$b" | wc -l)" 0
	has 'commands: a heap' "$b/pprof/kube-proxy/heap.pb.gz" '127.0.0.1:10249/debug/pprof/heap'
	has 'commands: a unix socket' "$b/pprof/dockerd/goroutine.txt" 'unix-socket /var/run/docker.sock http://d/debug/pprof/goroutine.debug=2'
	has 'commands: containers' "$b/cmd/crictl-ps.json" 'ps -a -o json'
	INQUEST_PATH=$work/tools:$PATH $shell "$collect" --quiet --root "$root" -o "$work/out.tar.gz"
	rm -rf "$b" && mkdir "$b" && tar -xzf "$work/out.tar.gz" -C "$b"
	gone 'commands: the loopback of another node is not asked' "$b/pprof/kube-proxy"
	has 'commands: but its sockets' "$b/pprof/dockerd/goroutine.txt" "unix-socket $root/var/run/docker.sock"
	has 'commands: and its journal' "$b/journal/kubelet.log" "journalctl .*--root=$root"
	gone 'commands: nor its kernel' "$b/cmd"
	rm "$work/tools"/* && printf '#!/bin/sh\nexit 7\n' >"$work/tools/curl" && chmod +x "$work/tools/curl"
	INQUEST_PATH=$work/tools:$PATH run
	gone 'commands: --no-pprof' "$b/pprof"
	INQUEST_PATH=$work/tools:$PATH $shell "$collect" --quiet -o "$work/out.tar.gz" && tar -xzf "$work/out.tar.gz" -C "$b"
	has 'commands: a closed endpoint is recorded' "$b/skipped.tsv" '^pprof/kube-proxy/heap.pb.gz	unsupported'
	gone 'commands: and asked once' "$b/pprof/kube-proxy/goroutine.pb.gz"
fi

if wanted limit; then
	node
	head -c 3000000 /dev/urandom | od -An -tx1 >"$root/proc/vmstat"
	run --root "$root" --max-mb 1
	is 'limit: ends with 0' "$rc" 0
	has 'limit: a manifest' "$b/manifest.json" inquest-bundle
	there 'limit: the stacks' "$b/proc/200/stack"
	[ "$(du -sk "$b" | cut -f1)" -lt 4000 ] && ok 'limit: not much larger' || no 'limit: not much larger'
fi

if wanted hungtools; then # commands that never return
	mkdir -p "$work/stub" && for tool in journalctl dmesg docker crictl kubectl curl; do
		printf '#!/bin/sh\nexec sleep 1000.%s\n' "$$" >"$work/stub/$tool" && chmod +x "$work/stub/$tool"
	done
	node && began=$(uptime)
	INQUEST_PATH=$work/stub:$PATH timeout -s KILL 90 $shell "$collect" --root "$root" --kubeconfig /nonexistent --deadline 30 -o "$work/out.tar.gz" 2>"$work/err"
	is 'hungtools: ends with 0' "$?" 0
	took=$(($(uptime) - began))
	[ $took -le 31 ] && ok "hungtools: within its deadline ($took s)" || no "hungtools: took $took s of 30"
	tar -xzf "$work/out.tar.gz" -C "$b" && has 'hungtools: recorded' "$b/skipped.tsv" '^journal/kernel.log	timeout'
	is 'hungtools: all are killed' "$(running "1000.$$")" 0
fi

if wanted user; then # not root
	if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then skip 'user: needs root and setpriv'
	else
		mkdir -p "$work/home" && chmod 777 "$work/home" && chmod 711 "$work"
		setpriv --reuid=65534 --regid=65534 --clear-groups $shell "$collect" --no-pprof -o "$work/home/x.tar.gz" 2>"$work/err"
		is 'user: ends with 0' "$?" 0
		rm -rf "$b" && mkdir -p "$b" && tar -xzf "$work/home/x.tar.gz" -C "$b"
		there 'user: what may be read' "$b/proc/1/status"
		has 'user: what may not is recorded' "$b/skipped.tsv" '^proc/1/stack	permission'
		has 'user: and said' "$work/err" 'not root'
		has 'user: namespaces too' "$b/skipped.tsv" '^proc/1/ns	permission'
	fi
fi

if wanted here; then # this machine
	began=$(uptime)
	timeout -s KILL 120 $shell "$collect" -o "$work/out.tar.gz" 2>"$work/err"
	is 'here: ends with 0' "$?" 0
	rm -rf "$work/b" && mkdir "$work/b" && tar -xzf "$work/out.tar.gz" -C "$work/b"
	echo "# $(ls -d "$work"/b/proc/[0-9]* | wc -l) processes in $(($(uptime) - began)) s"
	is 'here: collected_at is now' "$(sed -n 's/.*"collected_at": "\(.............\).*/\1/p' "$work/b/manifest.json")" "$(date -u +%Y-%m-%dT%H)"
	if [ "$(id -u)" = 0 ] && sleep 300 & then
		pid=$!
		timeout -s KILL 120 $shell "$collect" --no-pprof --quiet -o "$work/out.tar.gz"
		kill $pid
		rm -rf "$work/b" && mkdir "$work/b" && tar -xzf "$work/out.tar.gz" -C "$work/b"
		has 'here: a real stack' "$work/b/proc/$pid/stack" nanosleep
		has 'here: a real wchan' "$work/b/proc/$pid/wchan" nanosleep
		has 'here: real namespaces' "$work/b/proc/$pid/ns.txt" ' net -> net:\['
	fi
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
