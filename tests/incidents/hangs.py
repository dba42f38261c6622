#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hangs.py  -  real hangs on this machine, all at once: made, collected, diagnosed and undone.

  fuse     a stopped daemon (bindfs) and its readers      freezer   a task in a frozen cgroup, v2 or v1
  frozen   a frozen ext4 on a loop device, and a writer   fanotify  a listener that lets nobody open a file
  autofs   an automounter that never answers              ptrace    a task that its tracer has stopped

and a program that writes and syncs in a loop, which is busy and not stuck. What this machine lacks is skipped.
Prints `ok - live hangs: …` lines; the caller adds up. Needs root; everything is undone, whatever happens.
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
LIBC = ctypes.CDLL(None, use_errno=True)
lab = tempfile.mkdtemp(prefix='inquest-hangs.', dir='/dev/shm' if os.path.isdir('/dev/shm') else None)
spawned, undo, expected = [], [], []  # expected: (cause, pid that the finding names, text in its summary)


class Skip(Exception):
    pass


def spawn(*command, **more):
    task = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            start_new_session=True, **more)
    spawned.append(task)
    return task.pid


def python(code, *arguments, **more):
    return spawn(sys.executable, '-c', code, *arguments, **more)


def call(*command):
    done = subprocess.run(('timeout', '-s', 'KILL', '10') + command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode:
        raise Skip(command[0] + ' fails')
    return done.stdout.decode().strip()


def folder(name):
    os.makedirs(os.path.join(lab, name))
    return os.path.join(lab, name)


def until(holds, seconds=5):
    for _ in range(int(seconds * 20)):
        if holds():
            return
        time.sleep(0.05)
    raise Skip('it does not come to that')


def stack(pid):
    try:
        with open('/proc/%d/stack' % pid) as frames:
            return frames.read()
    except OSError:
        return ''


def stands(pids, word):
    until(lambda: any(word in stack(pid) for pid in pids))


def state(pid):
    with open('/proc/%d/stat' % pid) as stat:
        return stat.read().rsplit(') ', 1)[1][0]


def mount(source, target, kind, options=''):
    if LIBC.mount(source.encode(), target.encode(), kind.encode(), 0, options.encode()):
        raise Skip('%s does not mount: %s' % (kind, os.strerror(ctypes.get_errno())))
    undo.append(lambda: LIBC.umount2(target.encode(), 2))  # MNT_DETACH


def fuse():
    if not shutil.which('bindfs') or not os.path.exists('/dev/fuse'):
        raise Skip('no bindfs')
    back, front = folder('back'), folder('front')
    open(os.path.join(back, 'file'), 'w').close()
    daemon = spawn('bindfs', '-f', back, front)
    undo.append(lambda: (os.kill(daemon, signal.SIGCONT), time.sleep(0.2), LIBC.umount2(front.encode(), 2)))
    until(lambda: os.path.ismount(front))
    os.kill(daemon, signal.SIGSTOP)
    until(lambda: state(daemon) == 'T')
    readers = [spawn('cat', os.path.join(front, 'file')) for _ in range(3)]
    stands(readers, 'fuse')
    expected.append(('fuse-daemon-stopped', daemon, 'is stopped'))


def frozen():
    image, place = os.path.join(lab, 'disk.img'), folder('ext4')
    call('truncate', '-s', '32M', image)
    call('mkfs.ext4', '-q', image)
    loop = call('losetup', '-f', '--show', image)
    undo.append(lambda: call('losetup', '-d', loop))
    mount(loop, place, 'ext4')
    call('fsfreeze', '-f', place)
    undo.append(lambda: call('fsfreeze', '-u', place))
    writer = spawn('dd', 'if=/dev/zero', 'of=' + os.path.join(place, 'f'), 'bs=4k', 'count=1')
    until(lambda: state(writer) == 'D')
    expected.append(('fs-freeze-wait', writer, ''))


def freezer():
    for root, file, on, off in (('/sys/fs/cgroup/unified', 'cgroup.freeze', '1', '0'), ('/sys/fs/cgroup', 'cgroup.freeze', '1', '0'),
                                ('/sys/fs/cgroup/freezer', 'freezer.state', 'FROZEN', 'THAWED')):
        group = os.path.join(root, 'inquest-hangs')
        try:
            os.mkdir(group)
        except OSError:
            continue
        undo.append(lambda: os.rmdir(group))
        if not os.path.exists(os.path.join(group, file)):
            continue
        task = spawn('sleep', '1000')
        with open(os.path.join(group, 'cgroup.procs'), 'w') as procs:
            procs.write(str(task))
        with open(os.path.join(group, file), 'w') as switch:
            switch.write(on)

        def thaw():
            with open(os.path.join(group, file), 'w') as switch:
                switch.write(off)
            os.kill(task, signal.SIGKILL)
            time.sleep(0.3)
        undo.append(thaw)
        time.sleep(0.3)
        expected.append(('cgroup-freezer-frozen', task, ''))
        return
    raise Skip('no freezer')


FANOTIFY = '''
import ctypes, os, sys, time
libc = ctypes.CDLL(None)
fd = libc.fanotify_init(4, 0)                                  # FAN_CLASS_CONTENT
if libc.fanotify_mark(fd, 1 | 16, ctypes.c_ulong(0x10000), -100, sys.argv[1].encode()):  # ADD|MOUNT, OPEN_PERM
    sys.exit(1)
open(sys.argv[2], "w").close()
time.sleep(1000)
'''


def fanotify():
    place, ready = folder('guarded'), os.path.join(lab, 'ready')
    mount('none', place, 'tmpfs')
    open(os.path.join(place, 'file'), 'w').close()
    listener = python(FANOTIFY, place, ready)
    until(lambda: os.path.exists(ready) or state(listener) == 'Z')
    reader = spawn('cat', os.path.join(place, 'file'))
    stands([reader], 'fanotify')
    expected.append(('fanotify', reader, '(%d,' % listener))


def autofs():
    place = folder('auto')
    reading, writing = os.pipe()
    daemon = spawn('sleep', '1000')  # its process group is its own
    mount('inquest', place, 'autofs', 'fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect' % (writing, daemon))
    walker = spawn('ls', os.path.join(place, 'host'))
    os.close(writing)
    stands([walker], 'autofs')
    expected.append(('autofs-wait', walker, ''))


def ptrace():
    task = spawn('sleep', '1000')
    python('import ctypes, sys, time; ctypes.CDLL(None).ptrace(16, int(sys.argv[1]), 0, 0); time.sleep(1000)', str(task))
    until(lambda: state(task) == 't')
    expected.append(('ptrace-stop', task, ''))


def diagnose():
    bundle = os.path.join(lab, 'bundle.tar')
    subprocess.run(['sh', os.path.join(ROOT, 'collector', 'inquest-collect'), '--quiet', '--no-pprof', '--since=-1min', '--deadline', '30',
                    '-o', bundle], stderr=subprocess.DEVNULL, timeout=60)
    run = subprocess.run([INQUEST, '-q', '--format', 'json', bundle], stdout=subprocess.PIPE, timeout=60)
    return json.loads(run.stdout)


def say(name, holds, report=None):
    print('%s - live hangs: %s' % ('ok' if holds else 'not ok', name))
    if not holds and report:
        print('    ' + '; '.join('%s %s/%s %s' % (f['cause'], f['severity'], f['confidence'], f['summary'][:90]) for f in report['findings']))


def named(finding):
    return set(finding['subjects'].get('pid') or []) | set(finding['subjects'].get('tid') or [])


def main():
    for make in (fuse, frozen, freezer, fanotify, autofs, ptrace):
        try:
            make()
        except (Skip, OSError) as error:
            print('skip - live hangs: %s: %s' % (make.__name__, error))
    busy = python('import os, sys\nfd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\nwhile True: os.pwrite(fd, b"x" * 65536, 0); os.fsync(fd)',
                  os.path.join(ROOT, 'build', 'hangs-busy'))
    undo.append(lambda: os.unlink(os.path.join(ROOT, 'build', 'hangs-busy')))
    time.sleep(1)
    report = diagnose()
    for cause, pid, words in expected:
        mine = [f for f in report['findings'] if f['cause'] == cause and pid in named(f)]
        say('%s is found and names its task' % cause, mine and mine[0]['severity'] in ('medium', 'high', 'critical') and
            words in mine[0]['summary'], report)
    ours = ('fuse', 'd_alloc_parallel', 'fanotify', 'autofs', 'sb_start_write', 'percpu', 'get_signal', 'freez', 'ptrace')
    say('none of them is unexplained', not [u for u in report['unexplained'] if any(word in u['where'] for word in ours)], report)
    say('a program that syncs in a loop is busy, not stuck',
        not [f for f in report['findings'] if busy in named(f) and f['severity'] not in ('info', 'low')], report)


try:
    main()
finally:
    for step in reversed(undo):
        try:
            step()
        except (Skip, OSError):
            pass
    for task in spawned:
        try:
            os.kill(task.pid, signal.SIGCONT)
            os.kill(task.pid, signal.SIGKILL)
            task.wait(3)
        except (OSError, subprocess.TimeoutExpired):
            pass
    shutil.rmtree(lab, ignore_errors=True)
