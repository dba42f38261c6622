#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [NAME...]  -  one bundle never needs more than 256 MB of resident memory, whatever is in it (`make check-memory`).

Makes bundles that are as nasty as could be thought of, one at a time, in MEMORY_TMP (default /tmp; the largest takes 1.5 GB there),
and runs analyze (text and JSON), unpack and redact over each. Measured is the peak of the reader plus that of the program that waits for it
(VmHWM of both, looked at 100 times a second). Prints a row of a table for each, then `N passed, N failed`.

NAME       only these bundles (the functions below)
MEMORY_SHARE  of their sizes (1); MEMORY_WAYS  which of text, json, unpack, redact"""
import gzip
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
SHARE = float(os.environ.get('MEMORY_SHARE', '1'))  # of the sizes below
WAYS = os.environ.get('MEMORY_WAYS', 'text json unpack redact').split()
MOST_MB = 256
work = tempfile.mkdtemp(prefix='memory-', dir=os.environ.get('MEMORY_TMP', '/tmp'))


def many(count):
    return range(int(count * SHARE))


def status(tid, pid=None, name='worker'):
    return b'Name:\t%s\nState:\tD (disk sleep)\nTgid:\t%d\nPid:\t%d\nPPid:\t1\n' % (name.encode(), pid or tid, tid)


def stack(number, frames=3):
    return b''.join(b'[<0>] made_up_%d_%d+0x10/0x20\n' % (number if f == 0 else f, f) for f in range(frames))


def log(lines, width=80):
    text = b'x' * width
    return b''.join(b'2024-03-12T06:%02d:%02d.000000+0000 node kernel: made up %d %s\n' % (i // 60 % 60, i % 60, i, text) for i in range(lines))


def threads():
    for i in many(1000000):
        yield 'proc/%d/task/%d/status' % (i // 50 + 1, i + 1), status(i + 1, i // 50 + 1)
        yield 'proc/%d/task/%d/stack' % (i // 50 + 1, i + 1), stack(i % 1000)


def named_threads():
    for i in many(1000000):
        yield 'proc/%d/task/%d/status' % (i // 50 + 1, i + 1), status(i + 1, i // 50 + 1, 'worker%09d' % i)


def little_members():
    for i in many(5000000):
        yield 'x/%d' % i, b''


def stacks():
    for i in many(200000):
        yield 'proc/%d/stack' % (i + 1), stack(i, 256)


def logs():
    text = log(2)
    for i in many(100000):
        yield 'var/log/pods/%060d/%d.log' % (i, i), text


def log_names():
    text = log(1)
    for i in many(100000):
        yield 'journal/' + ('%06d' % i) * 600 + '.log', text


def log_units():
    yield 'journal/all.log', b''.join(b'2024-03-12T06:40:00.000000+0000 host%07d unit%07d[1]: said\n' % (i, i) for i in many(3000000))


def warnings():
    for i in many(200000):
        yield 'proc/%d/task/%d/stack' % (i + 1, i + 1), b'no frame\n'
        yield 'journal/' + ('%06d' % i) * 600 + '.log', b'\x00\x01'


def whole():
    text = b'Name:\tx\n' + b'Groups:\t1 2 3\n' * 290000
    for i in many(200):
        yield 'proc/%d/status' % (i + 1), text


def manifest():
    yield 'manifest.json', b'{"format":"inquest-bundle/1","hostname":"n","a":[' + b','.join(b'{"k%d":1}' % i for i in many(300000)) + b'1]}'


def kubernetes():
    pod = json.dumps({'kind': 'Pod', 'metadata': {'name': 'p', 'annotations': {str(i): 'x' for i in range(60000)}}}).encode()
    yield 'k8s/pods.json', b'{"kind":"PodList","items":[' + b','.join([pod] * max(1, int(60 * SHARE))) + b']}'


def varint(n):
    out = b''
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def one_profile(count):
    strings = [b'', b'inuse_space', b'bytes']
    out = [field(1, field(1, 1) + field(2, 2))]
    for i in range(count):
        out.append(field(2, field(1, varint(i + 1) + varint((i * 7) % count + 1) + varint((i * 13) % count + 1)) + field(2, varint(i + 1))))
        out.append(field(4, field(1, i + 1) + field(4, field(1, i + 1))) + field(5, field(1, i + 1) + field(2, 3 + i)))
    out += [field(6, s) for s in strings] + [field(6, b'example.org/made/up.function%d' % i) for i in range(count)]
    return gzip.compress(b''.join(out), 1)


def profiles():
    text = one_profile(int(1000000 * SHARE))
    for name in 'abc':
        yield 'pprof/%s/heap.pb.gz' % name, text


def nodes():
    for node in range(64):
        yield 'node%d/manifest.json' % node, b'{"format":"inquest-bundle/1","hostname":"n%d"}' % node
        for i in many(2000):
            yield 'node%d/proc/%d/status' % (node, i + 1), status(i + 1)
            yield 'node%d/proc/%d/stack' % (node, i + 1), stack(i)
        yield 'node%d/journal/kernel.log' % node, log(int(20000 * SHARE))


def mounts():
    text = b''.join(b'%d 1 0:%d / /var/lib/kubelet/pods/%d/volumes/%d rw - nfs server%d:/x rw\n' % (i, i, i, i, i) for i in range(20000))
    for i in many(50):
        yield 'proc/%d/mountinfo' % (i + 1), text


def descriptors():
    for i in many(1000):
        yield 'proc/%d/fd.txt' % (i + 1), b''.join(b'lrwx------ 1 root root 64 Mar 12 06:40 %d -> /some/where/else/%d/%d\n' % (k, i, k) for k in range(1000))


def namespaces():
    for i in many(200000):
        yield 'proc/%d/ns.txt' % (i + 1), b''.join(b'lrwxrwxrwx 1 root root 0 Mar 12 06:40 %s -> %s:[%d]\n' % (k, k, 4026531840 + i * 7 + j)
                                                   for j, k in enumerate((b'net', b'pid', b'mnt', b'ipc', b'uts')))


def cgroups():
    for i in many(100000):
        yield 'proc/%d/cgroup' % (i + 1), b'0::/kubepods/burstable/pod%032x/%064x\n' % (i, i)
        yield 'sys/fs/cgroup/kubepods/pod%032x/memory.stat' % i, b'anon 1\nfile 2\nslab 3\n'


def flood():
    line = b'2024-03-12T06:40:00.000000+0000 node kernel: INFO: task dd:%d blocked for more than 120 seconds. libceph: osd1 down %s\n'
    yield 'journal/kernel.log', b''.join(line % (i, b'x' * 65000) for i in many(4000))


def hits():
    """Lines that patterns want and whose groups are long: what is kept of each has its bounds."""
    said = [b'INFO: task dd:%d blocked for more than 120 seconds.', b'libceph: osd%d down', b'nfs: server ' + b'a' * 480 + b'%d not responding, still trying',
            b'EXT4-fs error (device sd%d): ext4_find_entry', b'XFS (sd%d): log I/O error', b'blk_update_request: I/O error, dev sd%d, sector 1']
    at = b'2024-03-12T06:%02d:%02d.000000+0000 node kernel: '
    yield 'journal/kernel.log', b''.join(at % (i // 10000 % 60, i // 100 % 60) + said[i % len(said)] % i + b' ' + b'x' * 400 + b'\n' for i in many(400000))


def reports():
    lines = []
    for i in many(30000):
        at = b'2024-03-12T06:40:00.000000+0000 node kernel: '
        lines += [at + b'INFO: task dd:%d blocked for more than 120 seconds.\n' % i, at + b'Call Trace:\n'] + [at + b' made_up_%d_%d+0x1/0x2\n' % (i, f) for f in range(20)]
    yield 'journal/kernel.log', b''.join(lines)


def goroutines():
    yield 'pprof/x/goroutine.txt', b''.join(b'goroutine %d [chan receive, 5 minutes]:\nmain.wait%d(0x1)\n\t/src/m.go:%d +0x1\nmain.main()\n\t/src/m.go:1 +0x1\n\n' % (i, i, i)
                                            for i in many(500000))


CASES = [threads, named_threads, little_members, stacks, logs, log_names, log_units, warnings, whole, manifest, kubernetes, profiles, nodes, mounts, descriptors, namespaces, cgroups, flood, hits,
         reports, goroutines]


def write(path, content):
    packer = subprocess.Popen(['zstd', '-q', '-1', '-f', '-o', path], stdin=subprocess.PIPE)
    with tarfile.open(fileobj=packer.stdin, mode='w|', format=tarfile.GNU_FORMAT) as tar:
        alone = [] if content is nodes else [('proc/1/status', status(1))]  # evidence that can be read
        for name, text in itertools.chain(alone, content()):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
            tar.members = []
    packer.stdin.close()
    if packer.wait():
        sys.exit('zstd failed')


def high_water(pid):
    try:
        with open('/proc/%d/status' % pid) as file:
            for line in file:
                if line.startswith('VmHWM'):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def measure(words):
    """(status, MB, seconds)"""
    start, peaks = time.monotonic(), {}
    with open(os.path.join(work, 'said'), 'wb') as said:
        program = subprocess.Popen([INQUEST, *words], stdout=subprocess.DEVNULL, stderr=said)
    ended = threading.Event()

    def look():
        while not ended.wait(0.01):
            pids = [program.pid]
            try:
                with open('/proc/%d/task/%d/children' % (program.pid, program.pid)) as file:
                    pids += [int(w) for w in file.read().split()]
            except OSError:
                pass
            for pid in pids:
                peaks[pid] = max(peaks.get(pid, 0), high_water(pid))
    watcher = threading.Thread(target=look)
    watcher.start()
    _, code = os.waitpid(program.pid, 0)
    ended.set()
    watcher.join()
    program.returncode = os.waitstatus_to_exitcode(code)
    return program.returncode, sum(peaks.values()) / 1024, time.monotonic() - start


def look_at(case, bundle, out):
    """A row: the peak of each command in MB and its seconds. How many of them were fine, and how many not."""
    good, bad, cells = 0, 0, []
    commands = {'text': ['analyze', bundle], 'json': ['analyze', bundle, '--format', 'json'], 'unpack': ['unpack', bundle, '-o', out], 'redact': ['redact', bundle, '-o', out]}
    write(bundle, case)
    for way in WAYS:
        status, mb, took = measure(commands[way] + ['-q'])
        wanted = (2,) if way == 'unpack' and case is nodes else (0, 1)  # a database holds one node
        fine = mb <= MOST_MB and status in wanted
        good, bad = good + fine, bad + (not fine)
        with open(os.path.join(work, 'said'), errors='replace') as said:
            why = '' if status in wanted else ' exit %d %s' % (status, said.read().strip()[-120:])
        cells.append('%s%.0f, %.1f%s' % ('' if mb <= MOST_MB else '**over** ', mb, took, why))
    print('| %s | %s |' % (case.__name__, ' | '.join(cells)), flush=True)
    return good, bad


def main():
    good = bad = 0
    print('| MB, seconds | %s |\n%s|' % (' | '.join(WAYS), '| --- ' * (len(WAYS) + 1)))
    try:
        for case in CASES:
            if not sys.argv[1:] or case.__name__ in sys.argv[1:]:
                fine, not_fine = look_at(case, os.path.join(work, 'bundle.tar.zst'), os.path.join(work, 'out.tar.zst'))
                good, bad = good + fine, bad + not_fine
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d passed, %d failed' % (good, bad))
    sys.exit(bad > 0)


main()
