#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py  -  the reader of strangers' bytes is locked in: watched from outside, and on kernels that cannot.

  what it opens        every command over a folder and an archive under strace: behind the seal there is no socket, no program, no other
                       process, and nothing is opened but in the private folder and, of a folder bundle, name by name below it
  what a kernel lacks  system calls that fail as on an older kernel or in a container (tools/deny.c): the report is the same, -v
                       says once what is missing, --sandbox=require refuses
  what a crash costs   that bundle: one line, exit 4, no output, the next bundle is reported

Prints ok and not ok lines, then `N passed, N failed[, N skipped]`."""
import io
import json
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
SANITIZED = os.environ.get('SAN') == '1'  # seccomp is left out there
work = tempfile.mkdtemp(prefix='sandbox-')
private = os.path.join(work, 'tmp')
os.mkdir(private)
os.environ['TMPDIR'] = private
passed, failed, skipped = 0, 0, 0


def check(name, holds, detail=''):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(('ok - ' if holds else 'not ok - ') + name + ('' if holds else ': ' + str(detail)[:1500]), flush=True)


def skip(name, why):
    global skipped
    skipped += 1
    print('skip - %s: %s' % (name, why))


def run(*words, **more):
    return subprocess.run(words, capture_output=True, timeout=300, **more)


# ---- bundles: enough threads and lines that the database and the lines spill --------------------------

def members():
    random.seed(5)
    yield 'manifest.json', json.dumps({'format': 'inquest-bundle/1', 'hostname': 'node-1', 'kernel': '5.15.0', 'collected_at': '2024-03-12T07:00:00Z'})
    for i in range(300):
        tid = 100 + i
        yield 'proc/%d/status' % tid, 'Name:\tdd%d\nState:\tD (disk sleep)\nTgid:\t%d\nPid:\t%d\nPPid:\t1\n' % (i, tid, tid)
        yield 'proc/%d/stack' % tid, '[<0>] made_up_wait_%d+0x1/0x2\n[<0>] vfs_read+0x9d/0x1a0\n' % (i % 50)
        yield 'proc/%d/mountinfo' % tid, ''.join('%d 1 0:%d / /mnt/%d/%d rw - ext4 /dev/sd%d rw\n' % (k, k, i, k, k) for k in range(60))
    yield 'journal/kernel.log', ''.join('2024-03-12T06:%02d:%02d.000000+0000 node-1 kernel: made up %s\n' %
                                        (i // 60 % 60, i % 60, random.randbytes(60).hex()) for i in range(40000))
    for name in ('heap', 'other'):
        with open(os.path.join(ROOT, 'samples', 'apiserver-list-churn', 'pprof', 'apiserver', 'heap.pb.gz'), 'rb') as file:
            yield 'pprof/%s/heap.pb.gz' % name, file.read()


def write_bundles():
    folder, archive = os.path.join(work, 'folder'), os.path.join(work, 'bundle.tar.gz')
    with tarfile.open(archive, 'w:gz') as tar:
        for name, content in members():
            content = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as file:
                file.write(content)
    os.symlink('/etc/passwd', os.path.join(folder, 'journal', 'passwd.log'))
    return folder, archive


def commands(bundle):
    """What reads a bundle, by name."""
    out = os.path.join(work, 'out')
    few = ['--limit', 'memory_mb=16', '-q']  # so that the database spills
    yield 'analyze', ['analyze', bundle, '--format', 'json', '-o', out, *few]
    yield 'analyze --redact', ['analyze', bundle, '--redact', '-o', out, *few]
    yield 'analyze --db', ['analyze', bundle, '--db', out + '.db', '-o', out, *few]
    yield 'unpack', ['unpack', bundle, '-o', out, *few]
    yield 'redact', ['redact', bundle, '-o', out + '.tar.gz', *few]
    yield 'sql', ['sql', bundle, 'SELECT count(*) FROM log', *few]
    yield 'profile', ['profile', bundle, '--component', 'heap', '--diff', bundle, '--svg', '-o', out, *few]
    yield 'rules why', ['rules', 'why', 'console-slow', bundle, *few]


# ---- watching --------------------------------------------------------------------------------------

CALL = re.compile(r'^(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>)?\((.*)$')
NEVER = ('socket', 'socketpair', 'connect', 'bind', 'listen', 'sendto', 'execve', 'execveat', 'ptrace', 'fork', 'vfork', 'kill', 'tkill', 'memfd_create', 'bpf',
         'io_uring_setup', 'process_vm_readv', 'open_by_handle_at', 'unshare', 'setns', 'mount', 'symlink', 'symlinkat', 'link', 'linkat', 'rename', 'renameat',
         'renameat2', 'mkdir', 'mkdirat', 'chmod', 'fchmodat', 'chown', 'fchownat', 'creat', 'open', 'openat2')
# Tried by libraries, refused, and lived without: SQLite's seed of names of temporary files (its other source is the clock), and
# glibc's question how to give memory of a thread back (malloc/arena.c, shrink_heap).
REFUSED = {'/dev/urandom': 'EACCES', '/proc/sys/vm/overcommit_memory': 'EACCES'}


def classify(call, rest, folder):
    """What a call behind the seal is: 'thread', 'private', 'bundle', 'refused', or None for what must not be."""
    if call in ('clone', 'clone3'):
        return 'thread' if 'CLONE_THREAD' in rest else None
    if call in ('unlink', 'unlinkat'):
        return 'private' if re.search(r'"%s/' % re.escape(private), rest) else None
    if call in NEVER:
        return None
    if call != 'openat':
        return 'other'
    at = re.match(r'(AT_FDCWD|\d+), "([^"]*)", ([A-Z_|]+)', rest)
    if not at:
        return None
    if at[1] == 'AT_FDCWD':
        if re.match(re.escape(private) + r'/inquest-\w{6}(/|$)', at[2]) and '..' not in at[2].split('/'):
            return 'private'
        return 'refused' if at[2] in REFUSED and REFUSED[at[2]] in rest else None
    plain = at[2] == '.' or ('/' not in at[2] and at[2] != '..')
    reads = 'O_NOFOLLOW' in at[3] and 'O_RDONLY' in at[3] and 'O_CREAT' not in at[3]
    return 'bundle' if folder and plain and reads else None


def watch(name, words, folder):
    trace = os.path.join(work, 'trace')
    got = run('strace', '-f', '-qq', '-s', '4096', '-e', 'trace=%file,%network,process,seccomp,landlock_restrict_self,ptrace,memfd_create,bpf,io_uring_setup',
              '-e', 'signal=none', '-o', trace, INQUEST, *words)
    sealed, seen, wrong = set(), {}, []
    with open(trace, errors='replace') as file:
        for line in file:
            match = CALL.match(line)
            if not match:
                continue
            pid, call, rest = int(match[1]), match[2], match[3]
            if call == 'seccomp' and '= 0' in rest:
                sealed.add(pid)
            elif pid in sealed and call not in ('exit', 'exit_group', 'wait4', 'access', 'stat', 'lstat', 'fstat', 'newfstatat', 'getcwd', 'readlink', 'statx',
                                                'faccessat2', 'faccessat', 'statfs', 'unlink', 'unlinkat') or pid in sealed and call.startswith('unlink'):
                kind = classify(call, rest, folder)
                seen[kind] = seen.get(kind, 0) + 1
                if kind is None:
                    wrong.append(line.strip())
                thread = re.search(r'= (\d+)$', rest)
                if kind == 'thread' and thread:
                    sealed.add(int(thread[1]))
    check('%s: sealed, and ends well' % name, sealed and got.returncode in (0, 1), (got.returncode, got.stderr))
    check('%s: nothing but its own behind the seal (%s)' % (name, ', '.join('%d %s' % (n, k) for k, n in sorted(seen.items(), key=str))), not wrong, wrong[:8])
    return seen


def look_through_glass(folder, archive):
    if SANITIZED or not shutil.which('strace') or run('strace', '-qq', 'true').returncode:
        skip('strace', 'not here, not allowed, or a sanitizer build')
        return
    total = {}
    for kind, bundle in (('folder', folder), ('archive', archive)):
        for name, words in commands(bundle):
            for what, n in watch('%s of the %s' % (name, kind), words, kind == 'folder').items():
                total[kind, what] = total.get((kind, what), 0) + n
    check('the watch sees what there is to see', total.get(('folder', 'bundle'), 0) > 900 and total.get(('archive', 'private'), 0) > 3 and
          ('archive', 'bundle') not in total, total)


# ---- kernels -----------------------------------------------------------------------------------------

# numbers of landlock_create_ruleset, landlock_restrict_self (everywhere) and of seccomp, prctl
NUMBERS = {'x86_64': (444, 446, 317, 157), 'aarch64': (444, 446, 277, 167)}


def kernels():
    """(name, what fails, what -v names) of kernels and containers. ENOSYS 38, EPERM 1, EINVAL 22, EOPNOTSUPP 95, E2BIG 7."""
    ruleset, restrict, seccomp, prctl = NUMBERS[platform.machine()]
    none = '%d=38' % ruleset
    no_filter = ['%d=38' % seccomp, '%d=22@22' % prctl]  # PR_SET_SECCOMP
    yield 'before 5.13: no Landlock', [none], ['Landlock']
    yield 'Landlock is not switched on', ['%d=95' % ruleset], ['Landlock']
    yield 'a container refuses Landlock', ['%d=1' % ruleset], ['Landlock']
    yield 'Landlock says EINVAL to each of its versions', ['%d=22@1' % ruleset, '%d=22' % ruleset], ['Landlock']
    yield 'Landlock cannot be entered', ['%d=7' % restrict], ['Landlock']
    yield 'no seccomp', no_filter, ['seccomp']
    yield 'neither', [none, *no_filter], ['Landlock', 'seccomp']


def look_at_kernels(folder, archive):
    deny = os.path.join(work, 'deny')
    built = run(os.environ.get('CC', 'cc'), '-O1', '-o', deny, os.path.join(ROOT, 'tests', 'tools', 'deny.c'))
    if built.returncode or platform.machine() not in NUMBERS or SANITIZED:
        skip('kernels', 'no compiler, an unknown machine, or a sanitizer build')
        return
    database = os.path.join(work, 'database.db')
    run(INQUEST, 'unpack', archive, '-o', database)
    check('with all of it --sandbox=require works', run(INQUEST, '--sandbox=require', archive).returncode == 0)
    few = ['--limit', 'memory_mb=16']
    wanted = {b: run(INQUEST, b, '--format', 'json', *few).stdout for b in (folder, archive, database)}
    for name, fails, missing in kernels():
        for bundle in (folder, archive, database):
            got = run(deny, *fails, '--', INQUEST, '-v', bundle, '--format', 'json', *few)
            lines = got.stderr.decode().splitlines()
            check('%s: %s reads the same' % (name, os.path.basename(bundle)), got.returncode == 0 and got.stdout == wanted[bundle], (got.returncode, got.stderr))
            check('%s: -v says so once' % name, len(lines) == 1 and all(w in lines[0] for w in missing), lines)
        check('%s: nothing is said without -v' % name, not run(deny, *fails, '--', INQUEST, archive).stderr)
        got = run(deny, *fails, '--', INQUEST, '--sandbox=require', archive, '-o', os.path.join(work, 'refused'))
        check('%s: --sandbox=require refuses in one line' % name, got.returncode == 4 and got.stderr.count(b'\n') == 1 and missing[0].encode() in got.stderr and
              not got.stdout and not os.path.exists(os.path.join(work, 'refused')), (got.returncode, got.stderr))
        check('%s: --no-sandbox does not ask' % name, run(deny, *fails, '--', INQUEST, '--no-sandbox', '-v', archive).stderr == b'')
        for command, words in commands(folder):
            got = run(deny, *fails, '--', INQUEST, *words)
            check('%s: %s works' % (name, command), got.returncode in (0, 1), (got.returncode, got.stderr))
        got = run(deny, *fails, '--', INQUEST, os.path.join(work, 'missing'))
        check('%s: a missing bundle is called that' % name, got.returncode == 3 and b'No such file' in got.stderr, got.stderr)
    check('no folder is left behind', not os.listdir(private), os.listdir(private))
    check('--no-sandbox reads the same', run(INQUEST, '--no-sandbox', archive, '--format', 'json', *few).stdout == wanted[archive])
    check('--sandbox=maybe is wrong usage', run(INQUEST, '--sandbox=maybe', archive).returncode == 2)


# ---- crashes -----------------------------------------------------------------------------------------

def children_of(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def crash(words, number, archive):
    """Runs with half of a bundle on standard input and kills the reader while it waits for more."""
    with open(archive, 'rb') as file:
        half = file.read(os.path.getsize(archive) // 2)
    # a sanitizer would catch the signal and tell of it
    options = ':'.join([os.environ.get('ASAN_OPTIONS', ''), 'handle_segv=0:handle_sigbus=0:handle_abort=0']).strip(':')
    program = subprocess.Popen([INQUEST, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, ASAN_OPTIONS=options))
    os.set_blocking(program.stdin.fileno(), False)
    try:
        os.write(program.stdin.fileno(), half)
    except BlockingIOError:
        pass
    reader = []
    for _ in range(200):
        reader = children_of(program.pid)
        if reader:
            break
        time.sleep(0.02)
    time.sleep(0.2)
    for pid in reader:
        os.kill(pid, number)
    program.stdin.close()
    program.stdin = None
    out, err = program.communicate(timeout=60)
    return program.returncode, out, err.decode()


def look_at_crashes(archive):
    small = os.path.join(ROOT, 'samples', 's6-sync')
    out = os.path.join(work, 'crashed')
    for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGKILL):
        for words in (['analyze', '-', '-o', out], ['unpack', '-', '-o', out], ['redact', '-', '-o', out + '.tar.gz'], ['profile', '-', '-o', out],
                      ['analyze', '-', '--db', out + '.db'], ['sql', '-', 'SELECT 1', '-o', out], ['explain', '-']):
            status, said, err = crash(words, number, archive)
            check('%s killed by %s: one line, exit 4' % (' '.join(words[:1]), number.name), status == 4 and err.count('\n') == 1 and 'crashed with signal %d' % number in err and
                  not said, (status, err, said[:200]))
            left = [n for n in os.listdir(work) if n.startswith(('crashed', '.crashed'))] + os.listdir(private)
            check('%s killed by %s: nothing is left' % (' '.join(words[:1]), number.name), not left, left)
    status, said, err = crash(['analyze', '-', small, small, '--format', 'json'], signal.SIGSEGV, archive)
    reports = [json.loads(line) for line in said.decode().splitlines()]
    check('the other bundles of the run are reported', status == 4 and len(reports) == 2 and all(r['findings'] for r in reports) and err.count('\n') == 1, (status, err))


# ---- told to end -----------------------------------------------------------------------------------------

def take_time(words, number, wait_for):
    """Starts it, waits until wait_for() holds, sends the signal, and gives how it ended."""
    program = subprocess.Popen([INQUEST, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    seen = False
    for _ in range(3000):
        seen = wait_for()
        if seen or program.poll() is not None:
            break
        time.sleep(0.01)
    program.send_signal(number)
    out, err = program.communicate(timeout=60)
    return seen, program.returncode, out, err


def look_at_signals():
    """Ended while it waits for more, and while it writes: no output stays, and no folder."""
    folder, large = os.path.join(work, 'ended'), os.path.join(work, 'large.tar')
    os.mkdir(folder)
    line = '2024-03-12T06:%02d:%02d.000000+0000 node-1 dockerd[1]: something was said of %d\n'
    text = ''.join(line % (i // 60 % 60, i % 60, i) for i in range(600000)).encode()
    with tarfile.open(large, 'w') as tar:
        info = tarfile.TarInfo('journal/docker.log')
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    out = os.path.join(folder, 'out')

    def written():
        return any(name.startswith('out.tmp-') and os.path.getsize(os.path.join(folder, name)) > 1 << 20 for name in os.listdir(folder))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for words in (['unpack', large, '-o', out], ['redact', large, '-o', out], ['analyze', large, '--db', out]):
            seen, status, said, err = take_time(words, number, written)
            check('%s ended by %s while it writes' % (words[0], number.name), seen and status == 128 + number and not said, (seen, status, said, err))
            check('%s ended by %s: nothing is left' % (words[0], number.name), not os.listdir(folder) and not os.listdir(private), (os.listdir(folder), os.listdir(private)))
        for words in (['analyze', '-', '-o', out], ['profile', '-', '-o', out], ['sql', '-', 'SELECT 1', '-o', out]):
            seen, status, said, err = take_time(words, number, lambda: bool(os.listdir(folder)))
            check('%s ended by %s while it waits' % (words[0], number.name), seen and status == 128 + number and not said, (seen, status, said, err))
            check('%s ended by %s: nothing is left of it' % (words[0], number.name), not os.listdir(folder) and not os.listdir(private), (os.listdir(folder), os.listdir(private)))


def main():
    try:
        folder, archive = write_bundles()
        look_at_signals()
        look_through_glass(folder, archive)
        look_at_kernels(folder, archive)
        look_at_crashes(archive)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d passed, %d failed%s' % (passed, failed, ', %d skipped' % skipped if skipped else ''))
    sys.exit(failed > 0)


main()
