#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [LIMIT...]  -  every limit of limits.list is enforced, and says so.

Each limit has a row in the table below: a bundle made for it, in which one member (rule, profile, node) goes over the limit
when it is set small. Of each:
  within      with the default nothing is said of the limit
  over        the report as JSON has a warning that names the limit and the member (or rule), and so has the one as text
  the rest    what comes after the over-limit thing is in the report: a task in a made-up wait and a line of a log
  the status  0, unless the row says otherwise
A limit without a row fails, and so does a row without a limit. Prints ok and not ok lines, then `N passed, N failed`."""
import gzip
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from protobuf import field, varint  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
work = tempfile.mkdtemp(prefix='limits-')
passed, failed = 0, 0


def check(name, holds, detail=''):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(('ok - ' if holds else 'not ok - ') + name + ('' if holds else ': ' + str(detail)[:1000]), flush=True)


def run(*arguments, **more):
    return subprocess.run([INQUEST, *arguments], capture_output=True, timeout=300, **more)


# ---- what bundles are made of ------------------------------------------------------------------------

MANIFEST = json.dumps({'format': 'inquest-bundle/1', 'hostname': 'node-1', 'kernel': '5.15.0', 'collected_at': '2024-03-12T07:00:00Z'})
STAMP = '2024-03-12T06:59:%02d.000000+0000 node-1 '


def task(tid, stack, state='D (disk sleep)', comm='dd'):
    return {'proc/%d/status' % tid: 'Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t1\n' % (comm, state, tid, tid),
            'proc/%d/stack' % tid: ''.join('[<0>] %s+0x10/0x20\n' % f for f in stack)}


def log(lines, writer='kernel'):
    return ''.join(STAMP % (i % 50) + '%s: %s\n' % (writer, line) for i, line in enumerate(lines))


# found after whatever went over its limit: zz sorts and stands last
AFTER = {'journal/zz.log': STAMP % 59 + 'kernel: everything behind it was read\n', **task(900, ['made_up_wait_after', 'vfs_read'])}
# of a node's tree, for bundles of several nodes
DEEP = {'a': {'b': {'c': {'d': {'e': {'f': {'g': 1}}}}}}}


def profile(functions=20, samples=20, pad=0):
    """A heap profile in protobuf: `functions` functions, each its own location; `samples` distinct stacks of two."""
    strings = [b'', b'inuse_space', b'bytes'] + [b'main.function%d' % i + b'x' * pad for i in range(functions)]
    out = field(1, field(1, 1) + field(2, 2))
    for i in range(samples):
        out += field(2, field(1, varint(i % functions + 1) + varint(i // functions % functions + 1)) + field(2, varint(1000 + i)))
    for i in range(functions):
        out += field(4, field(1, i + 1) + field(4, field(1, i + 1)))
        out += field(5, field(1, i + 1) + field(2, 3 + i))
    return gzip.compress(out + b''.join(field(6, s) for s in strings), mtime=0)


HEAP = 'pprof/kubelet/heap.pb.gz'
GOROUTINES = ''.join('goroutine %d [chan receive]:\nmain.wait%d(0x1)\n\t/src/m.go:%d +0x1\nmain.second()\n\t/src/m.go:1 +0x1\nmain.third()\n\t/src/m.go:2 +0x1\n'
                     'main.fourth()\n\t/src/m.go:3 +0x1\n\n' % (i, i, i) for i in range(1, 6))
TRACE = ['INFO: task dd:77 blocked for more than 120 seconds.', '      Not tainted 5.15.0 #1', 'task:dd state:D stack: 0 pid:   77 ppid:     1 flags:0x00000004',
         'Call Trace:'] + [' made_up_%d+0x10/0x20' % i for i in range(9)] + [' </TASK>']


def pods(size, count=3):
    return json.dumps({'kind': 'PodList', 'apiVersion': 'v1', 'items': [
        {'kind': 'Pod', 'metadata': {'name': 'pod-%d' % i, 'namespace': 'default', 'annotations': {'a': 'x' * (size if i == 0 else 1)}}} for i in range(count)]})


# ---- rules -----------------------------------------------------------------------------------------------

RULE = '''id: %s
title: A rule of the tests
severity: low
cause: block-io-wait
patterns:
  seen:
%squery: |
  %s
summary: '%s'
remedy: none
prevention: none
references: [https://example.org/]
'''


def rule(name, pattern, query='SELECT evidence FROM seen', summary='seen', more=''):
    return RULE % (name, ''.join('    %s\n' % line for line in pattern), query, summary) + more


AFTER_RULE = rule('after-it', ["log: 'everything behind it was read'"])
GREEDY = 'x' * 1000 + 'y'  # (x+x+)+y of a line without y takes more steps than there are
LIFT = ''.join('x' * 120 + str(i) for i in range(3))


# ---- the table -----------------------------------------------------------------------------------------

class Row:
    """A limit: `value` it is set to, the `bundle` (paths to bytes; or a function that gives the path of one), and what the
    warning names beside the limit: `names`. `rest` says what must be found nevertheless. `rules`: more rules. `status`: of the
    run; where it is not 0 the one line on standard error is looked at in place of the report."""

    def __init__(self, value, bundle, names, rest=('task', 'log'), rules=(), status=0, also=(), within=True, command=None, packed=None, builtin=False,
                 first=()):
        self.__dict__.update(locals())


def files(*parts):
    out = {'manifest.json': MANIFEST}
    for part in parts:
        out.update(part)
    return out


def many(count):
    return {'proc/%d/comm' % i: 'x\n' for i in range(1, count + 1)}


def steps_rule(name, limit=''):
    return rule(name, ["log: 'bad (x+x+)+[yz]'"])


BAD_LINES = {'journal/kernel.log': log(['bad ' + 'x' * 300 + str(i) for i in range(6)])}

TABLE = {
    'members': Row(12, files(many(30)), 'bundle', first=tuple(AFTER)),
    'member_bytes': Row(1000, files({'journal/kernel.log': log(['word ' * 10] * 100)}), 'journal/kernel.log'),
    'total_bytes': Row(2000, files({'journal/kernel.log': log(['word ' * 10] * 100)}), 'bundle', first=tuple(AFTER)),
    'ratio': Row(2, files({'journal/kernel.log': log(['word ' * 10] * 20000)}), 'bundle', also=('dense_bytes=400000',), packed='gz', first=tuple(AFTER)),
    'dense_bytes': Row(400000, files({'journal/kernel.log': log(['word ' * 1000] * 800)}), 'bundle', packed='gz', first=tuple(AFTER)),
    'whole_bytes': Row(40, files({'proc/5/status': 'Name:\tinit\nState:\tS (sleeping)\nTgid:\t5\nPid:\t5\nPPid:\t1\nUid:\t0\n'}), 'proc/5/status', rest=('log',)),
    'profile_bytes': Row(200, files({HEAP: profile()}), HEAP),
    'keep_bytes': Row(50, files({'cmd/uname-of-us.txt': 'a line of no kind\n' * 20}), 'cmd/uname-of-us.txt', command='unpack'),
    'path_bytes': Row(40, files({'journal/' + 'n' * 60 + '.log': log(['x'])}), 'journal/nnnnn'),
    'path_depth': Row(4, files({'journal/1/2/3/4/5/kernel.log': log(['x'])}), 'journal/1/2/3/4/5/kernel.log'),
    'line_bytes': Row(200, files({'journal/kernel.log': log(['y' * 500])}), 'journal/kernel.log'),
    'join_lines': Row(4, files({'journal/kubelet.log': log(['panic: it broke'], 'kubelet[7]') + ''.join('\tmain.go:%d\n' % i for i in range(12))}), 'journal/kubelet.log'),
    'report_rows': Row(2, files({'journal/kernel.log': log(TRACE * 4)}), 'journal/kernel.log'),
    'log_members': Row(2, files({'journal/%s.log' % n: log(['x'], n) for n in ('dockerd', 'kubelet', 'crio')}), 'journal/'),
    'name_mb': Row(0, files({'journal/%s.log' % n: log(['x'], n) for n in ('dockerd', 'kubelet', 'crio')}), 'journal/'),
    'frames': Row(3, files(task(7, ['made_up_%d' % i for i in range(9)])), 'proc/7/stack'),
    'threads': Row(3, files(*[task(i, ['made_up_one']) for i in range(11, 16)]), 'proc/', rest=('log',)),
    'stacks': Row(3, files(*[task(i, ['made_up_%d' % i]) for i in range(11, 16)]), 'proc/', rest=('log',)),
    'task_mb': Row(0, files(*[task(i, ['made_up_%d' % i]) for i in range(11, 16)]), 'proc/', rest=('log',)),
    'nodes': Row(1, {k + '/' + p: c for k in 'ab' for p, c in files(AFTER).items()}, 'b/'),
    'json_depth': Row(4, files({'manifest.json': json.dumps(dict(json.loads(MANIFEST), more=DEEP))}), 'manifest.json'),
    'rule_bytes': Row(2000, files(), 'long.yaml', rules=[('long.yaml', rule('long', ["log: 'x'"], more='# ' + 'x' * 3000 + '\n'))], status=2),
    'yaml_depth': Row(3, files(), '0deep.yaml', rules=[('0deep.yaml', rule('deep', ["any: [[[['x']]]]"]))], status=2, within=False),
    'object_bytes': Row(300, files({'k8s/pods.json': pods(500)}), 'k8s/pods.json'),
    'profile_strings': Row(10, files({HEAP: profile()}), HEAP),
    'profile_ids': Row(10, files({HEAP: profile()}), HEAP),
    'profile_stacks': Row(5, files({HEAP: profile()}), HEAP),
    'profile_memory': Row(500, files({HEAP: profile(pad=100)}), HEAP),
    'profile_message': Row(40, files({HEAP: profile(pad=100)}), HEAP),
    'profile_functions': Row(5, files({HEAP: profile()}), HEAP),
    'profile_text': Row(200, files({HEAP: profile(pad=100)}), HEAP),
    'pattern_rows': Row(4, files({'journal/kernel.log': log(['many rows'] * 20)}), 'rule rows, pattern seen', rules=[('r.yaml', rule('rows', ["log: 'many rows'"]))]),
    'match_rows': Row(6, files({'journal/kernel.log': log(['many rows'] * 20)}), 'rule rows, pattern seen', rules=[('r.yaml', rule('rows', ["log: 'many rows'"]))]),
    'group_bytes': Row(8, files({'journal/kernel.log': log(['caught: ' + 'w' * 40])}), 'rule group, pattern seen',
                       rules=[('r.yaml', rule('group', ["log: 'caught: (?<what>w+)'"], 'SELECT evidence, what FROM seen'))]),
    'pattern_giveups': Row(3, files(BAD_LINES), 'rule bad, pattern seen', rules=[('r.yaml', steps_rule('bad'))], within=False),
    'pattern_steps': Row(1, files({'journal/kernel.log': log(['it is ' + 'x' * 12 + 'w'])}), 'rule bad, pattern seen',
                         rules=[('r.yaml', rule('bad', ["log: 'it is (x+x+)+[yz]'"]))]),
    'pattern_depth': Row(20, files({'journal/kernel.log': log(['deep ' + 'ab' * 8000])}), 'rule deep, pattern seen',
                         rules=[('r.yaml', rule('deep', ["log: 'deep (?:(a)|(b))*[cd]'"]))]),
    'query_steps': Row(1000, files({'journal/kernel.log': log(['many rows'] * 9)}), 'rule slow was left out',
                       rules=[('r.yaml', rule('slow', ["log: 'many rows'"], 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) '
                                                                           'SELECT evidence FROM seen, n WHERE i = 4999'))]),
    'query_rows': Row(2, files({'journal/kernel.log': log(['many rows'] * 9)}), 'rule rows', rules=[('r.yaml', rule('rows', ["log: 'many rows'"]))]),
    'findings': Row(3, files({'journal/kernel.log': log(['row of %d' % i for i in range(9)])}), 'rule rows',
                    rules=[('r.yaml', rule('rows', ["log: 'row of (?<which>[0-9]+)'"], 'SELECT evidence, which FROM seen', 'seen {which}', 'group: which\n'))]),
    'warnings': Row(3, files({'proc/%d/stack' % i: 'no frame at all\n' for i in range(20, 30)}), 'further warnings are not shown'),
    'memory_mb': Row(8, files({'journal/kernel.log.xz': lzma.compress(log(['x']).encode(), preset=6)}), 'journal/kernel.log.xz'),
    'address_mb': Row(1, files(), 'bundle.tar', status=4),
    'cpu_s': Row(1, files({'journal/kernel.log': log(['many rows'] * 9)}), 'bundle.tar', status=4, also=('query_steps=9000000000000',), within=False,
                 rules=[('r.yaml', rule('slow', ["log: 'many rows'"], 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) '
                                                                     'SELECT evidence, count(*) FROM seen, n'))]),
    'wall_s': Row(1, None, '-', status=4, within=False),
}


# ---- one row -------------------------------------------------------------------------------------------

def write_bundle(path, members, packed, first):
    """A tar whose AFTER stands last, or first where the run ends at the limit."""
    members = dict(members)
    if not any(name.startswith('a/') for name in members):
        members.update(AFTER)
    order = [n for n in members if n in AFTER or n == 'manifest.json'] + [n for n in members if n not in AFTER and n != 'manifest.json']
    if not first:
        order = [n for n in members if n not in AFTER] + [n for n in members if n in AFTER]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name in order:
            content = members[name] if isinstance(members[name], bytes) else members[name].encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    data = out.getvalue()
    with open(path, 'wb') as file:
        file.write(gzip.compress(data) if packed == 'gz' else data)


def squeeze(text):
    """Without the line breaks, indents and marks of a text report."""
    return re.sub(r'\s+', '', text)


def reports(output):
    return [json.loads(line) for line in output.decode().splitlines() if line.startswith('{')] if output.lstrip().startswith(b'{"') else [json.loads(output)]


def warnings_of(report):
    return ['%s: %s' % (w['source'], w['problem']) for w in report['warnings']]


def rest_is_there(row, report):
    found = {'log': any(f['rule'] == 'after-it' for f in report['findings']),
             'task': any('made_up_wait_after' in (u['where'] or '') for u in report['unexplained'])}
    return [what for what in row.rest if not found[what]]


def options(row, folder, limits):
    out = ['--rules', os.path.join(folder, 'rules')]
    if not row.builtin:
        out.append('--no-builtin-rules')
    for limit in limits:
        out += ['--limit', limit]
    return out


def named(limit):
    return re.compile(r'\blimits?\b.*\b%s\b' % limit)


def look_at_error(name, row, folder, path, limits):
    """Where the run ends: one line that names both, nothing of an output, and another bundle of the run is reported."""
    other = os.path.join(folder, 'other.tar')
    write_bundle(other, files(), None, False)
    out = os.path.join(folder, 'out')
    silent = os.pipe()  # standard input that gives nothing
    got = run('analyze', path, *options(row, folder, limits), '-o', out, stdin=silent[0])
    line = got.stderr.decode()
    check('%s: exit %d' % (name, row.status), got.returncode == row.status, (got.returncode, line))
    check('%s: one line that names the limit and the place' % name, line.count('\n') == 1 and named(name).search(line) and row.names in line, line)
    left = [n for n in os.listdir(folder) if n.startswith('out') or '.tmp' in n]
    check('%s: no output is left' % name, not left, left)
    if row.status == 4 and name != 'address_mb':
        got = run('analyze', path, other, '--format', 'json', *options(row, folder, limits), stdin=silent[0])
        check('%s: the next bundle of the run is reported' % name, got.returncode == 4 and b'made_up_wait_after' in got.stdout, got.stderr)


def look_at_report(name, row, folder, path, limits):
    path_of_report = path
    if row.command == 'unpack':
        path_of_report = os.path.join(folder, 'bundle.db')
        got = run('unpack', path, '-o', path_of_report, *[x for limit in limits for x in ('--limit', limit)])
        check('%s: unpack' % name, got.returncode == row.status, got.stderr)
    got = run('analyze', path_of_report, '--format', 'json', *options(row, folder, limits))
    check('%s: exit %d' % (name, row.status), got.returncode == row.status, got.stderr)
    if got.returncode:
        return
    report = reports(got.stdout)[0]
    said = [w for w in warnings_of(report) if named(name).search(w)]
    hit = [w for w in said if row.names in w]
    check('%s: the warning names the limit and %s' % (name, row.names), hit, warnings_of(report))
    lost = rest_is_there(row, report)
    check('%s: the rest is there' % name, not lost, (lost, warnings_of(report)))
    text = squeeze(run('analyze', path_of_report, *options(row, folder, limits)).stdout.decode())
    check('%s: so says the text' % name, hit and squeeze(hit[0].split(': ', 1)[1]) in text, hit)


def look_within(name, row, folder, path):
    got = run('analyze', path, '--format', 'json', *options(row, folder, row.also))
    said = [w for w in warnings_of(reports(got.stdout)[0]) if named(name).search(w)] if got.returncode == 0 else got.stderr
    check('%s: by default nothing is said' % name, not said, said)


def look_at(name, row):
    folder = os.path.join(work, name)
    os.makedirs(os.path.join(folder, 'rules'))
    for file, text in [('after.yaml', AFTER_RULE), *row.rules]:
        with open(os.path.join(folder, 'rules', file), 'w') as out:
            out.write(text)
    path = '-' if row.bundle is None else os.path.join(folder, 'bundle.tar')
    if row.bundle is not None:
        write_bundle(path, row.bundle, row.packed, row.first)
    limits = ['%s=%d' % (name, row.value), *row.also]
    if row.within:
        look_within(name, row, folder, path)
    (look_at_error if row.status else look_at_report)(name, row, folder, path, limits)


# ---- the words of the command line ------------------------------------------------------------------

def listed():
    with open(os.path.join(ROOT, 'analyzer', 'bundle', 'limits.list')) as file:
        return re.findall(r'^LIMIT\((\w+),', file.read(), re.M)


def look_at_words():
    names = listed()
    check('every limit has a row here', set(names) == set(TABLE), set(names) ^ set(TABLE))
    got = run('--limits')
    lines = got.stdout.decode().splitlines()
    check('--limits prints them all, with a value and a reason', got.returncode == 0 and [l.split()[0] for l in lines] == names and
          all(re.fullmatch(r'\w+ +\d+  \S.*', l) for l in lines), lines)
    for bad in ('members=-1', 'members=abc', 'members=', 'members', '=5', 'members=5x', 'members= 5', 'members=1.5', 'members=0x10', 'no_such=5',
                'members=18446744073709551616', 'members=99999999999999999999999', 'members=\x1b[31m'):
        got = run('analyze', '--limit', bad, os.path.join(ROOT, 'samples', 's6-sync'))
        line = got.stderr.decode()
        check('--limit %r: exit 2 and one line' % bad, got.returncode == 2 and line.count('\n') == 1 and 'limit' in line and '\x1b' not in line and not got.stdout,
              (got.returncode, line))
    got = run('analyze', '--limit', 'members=18446744073709551615', '--limit', 'members=3', '--limit', 'members=18446744073709551615',
              os.path.join(ROOT, 'samples', 's6-sync'))
    check('the largest number is one, and the last --limit holds', got.returncode == 0 and b'limit members' not in got.stdout, got.stderr)
    for name in names:  # no limit makes the program crash or hang at the ends of its range
        for value in (0, 1, 2**64 - 1):
            start = time.monotonic()
            got = run('analyze', '--limit', '%s=%d' % (name, value), os.path.join(ROOT, 'samples', 's6-sync'))
            check('%s=%d: an ordinary end' % (name, value), got.returncode in (0, 2, 3, 4) and b'crashed' not in got.stderr and
                  got.stderr.count(b'\n') <= 1 and time.monotonic() - start < 60, (got.returncode, got.stderr))


def look_at_wall_time():
    """A pipe that gives nothing, standard input that gives little: the run ends, whatever reads it."""
    folder = os.path.join(work, 'wall')
    os.mkdir(folder)
    for words in (['analyze', '-'], ['analyze', '--no-sandbox', '-'], ['unpack', '-'], ['redact', '-'], ['explain', '-'], ['profile', '-']):
        out = os.path.join(folder, 'out')
        start = time.monotonic()
        child = subprocess.Popen([INQUEST, *words, '--limit', 'wall_s=1', *(['-o', out] if words[0] != 'explain' else [])],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=dict(os.environ, TMPDIR=folder))
        child.stdin.write(b'manifest')
        child.stdin.flush()
        child.wait(timeout=60)
        took, line = time.monotonic() - start, child.stderr.read().decode()
        child.stdin.close()
        check('%s of a slow standard input: exit 4 after the time, one line' % ' '.join(words), child.returncode == 4 and line.count('\n') == 1 and
              'wall_s' in line and 0.9 < took < 20, (child.returncode, line, took))
        check('%s: nothing is left' % ' '.join(words), not os.listdir(folder) and not child.stdout.read(), os.listdir(folder))
        shutil.rmtree(folder)
        os.mkdir(folder)


def main():
    wanted, skipped = sys.argv[1:], 0
    try:
        if not wanted:
            look_at_words()
            look_at_wall_time()
        for name, row in TABLE.items():
            if name == 'address_mb' and os.environ.get('SAN') == '1':
                skipped += 1
                print('skip - address_mb: a sanitizer reserves terabytes, so it is not set there')
            elif not wanted or name in wanted:
                look_at(name, row)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d passed, %d failed%s' % (passed, failed, ', %d skipped' % skipped if skipped else ''))
    sys.exit(failed > 0)


main()
