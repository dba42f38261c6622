#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py  -  no byte of evidence, of a rule or of a file name reaches an output as anything but visible text.

A bundle, rules, a profile, databases and file names full of terminal escapes, controls, bidirectional overrides, invalid UTF-8, HTML and
formulas go through every command and format. Standard output and error must be valid UTF-8 without control and invisible
characters; JSON must parse, CSV must hold no formula, SVG be well formed with our script alone. Ends with `N passed, N failed`."""
import csv
import gzip
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'redact'))
from planted import field, varint  # noqa: E402

INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
RED, EVIL = '\x1b[31m', '\x1b]0;pwn\x07\x1b[31mRED\u202eevil\u200b\r\x9b31m\x08'
BYTES = EVIL.encode() + b'\xff\xfe\x01'
HTML = '<script>alert(1)</script>&"\'</style><img src=x onerror=1>'
INVISIBLE = {0xad, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xe0041}
work = tempfile.mkdtemp(prefix='text-')
passed, failed = 0, 0


def path(name):
    return os.path.join(work, name)


def check(name, problems):
    global passed, failed
    passed, failed = passed + (not problems), failed + bool(problems)
    if problems:
        print('not ok - %s: %s' % (name, problems[:3]))


def profile():
    strings = ['', 'samples', 'count', 'main.ev' + RED + 'il\u202e<script>;=1+1\r', '/src/\x1b]0;x\x07.go', '=SUM(A1)"];x', '/opt/' + RED + 'bin', 'cpu', 'nanoseconds', 'comment ' + RED]
    out = field(1, field(1, 1) + field(2, 2)) + field(1, field(1, 7) + field(2, 8))
    out += field(2, field(1, varint(1) + varint(2)) + field(2, varint(7) + varint(7000)))
    out += field(3, field(1, 1) + field(2, 4096) + field(3, 8192) + field(5, 6))
    for i, s in ((1, 3), (2, 5)):
        out += field(4, field(1, i) + field(2, 1) + field(4, field(1, i) + field(2, 10))) + field(5, field(1, i) + field(2, s) + field(4, 4))
    return gzip.compress(out + b''.join(field(6, s.encode()) for s in strings) + field(13, 9))


def make_bundle(name):
    files = {
        'manifest.json': json.dumps({'format': 'inquest-bundle/1', 'hostname': '=h' + EVIL + HTML, 'kernel': '+5.10.0' + EVIL, 'collected_at': '2026-03-12T06:45:00Z'}),
        'proc/4244/stack': b'[<0>] evil\x1b[31m_wait<script>+0x1/0x2 [m\x9b\xe2\x80\xae]\n[<0>] do_syscall_64+0x5b/0x1a0\n',
        'proc/4244/status': 'Name:\t-2+3+cmd\nState:\tD (disk sleep)\nTgid:\t4244\nPid:\t4244\nPPid:\t1\nTracerPid:\t0\nVmSize:\t 1 kB\nThreads:\t1\n',
        'journal/kernel.log': b'2026-03-12T06:40:00.000000+0000 =node' + BYTES + b' kernel: ceph: mds0 hung ' + BYTES + HTML.encode() + b'\n2026-03-12T06:40:00.000000+0000 n kernel: INFO: task =um' + BYTES[:8] + b':4242 blocked for more than 120 seconds.\n',
        'journal/@ev' + RED + 'il\r.log': b'2026-03-12T06:40:00.000000+0000 n @x' + BYTES + b': hi\n2026-03-12T06:40:01.000000+0000 n kernel: =1+1\n2026-03-12T06:40:02.000000+0000 n kernel: \xef\xbc\x9d1;@x\n',
        'proc/4242/' + RED + 'x\u202e.txt': 'x\n',
        'cmd/docker-ps.txt': 'CONTAINER ID   IMAGE   NAMES\n' + 'a' * 63 + '1   =image' + EVIL + '   -name' + EVIL + '\n',
        'skipped.tsv': 'proc/1/' + RED + 'stack\tper\x1bmission\t0\nproc/1/stack\tpermission\t0\n',
        'pprof/ev' + RED + 'il/profile.pb.gz': profile(),
        'pprof/kube-proxy/goroutine.txt': 'goroutine 1 [chan ' + RED + 'receive, 3 minutes]:\nmain.' + RED + 'f\u202e(0x1)\n\t/x\x1b.go:1 +0x1\n',
    }
    for pid in (4242, 4243):
        files['proc/%d/comm' % pid] = b'=um' + BYTES[:9] + b'\n'
        files['proc/%d/status' % pid] = b'Name:\t=um' + BYTES[:9] + b'\nState:\tD (disk sleep)\nTgid:\t%d\nPid:\t%d\nPPid:\t1\nTracerPid:\t0\nVmSize:\t  1024 kB\nThreads:\t1\n' % (pid, pid)
        files['proc/%d/stack' % pid] = b'[<0>] ceph_mdsc_sync+0x1ea/0x2a0 [ceph' + BYTES + b']\n[<0>] \x1b[31mfoo<b>+0x2a/0xb0 [ceph]\n[<0>] ceph_mdsc_sync+0x1ea/0x2a0 [ceph]\n'
        files['proc/%d/cmdline.txt' % pid] = b'=cmd ' + BYTES + HTML.encode()
    with tarfile.open(path(name), 'w') as tar:
        for member, content in files.items():
            info = tarfile.TarInfo(member)
            data = content if isinstance(content, bytes) else content.encode()
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for member, target in (('proc/4242/' + RED + 'link', '/x' + RED), ('proc/4242/exe', '/x' + RED)):
            info = tarfile.TarInfo(member)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
        tar.addfile(tarfile.TarInfo('../' + RED + 'up'))


def make_rules(folder):
    rule = 'id: %s\ntitle: "%s"\nseverity: high\ncause: ceph-mds-request-wait\ntags: [x]\npatterns:\n  w:\n    stack: ["ceph_mdsc_sync"]\nsummary: "%s {comm}"\nremedy: "%s"\nprevention: "P"\nreferences: ["%s"]\n'
    os.makedirs(path(folder))
    texts = {'ok.yaml': rule % ('ok-rule', '=T ' + HTML.replace('"', '\\"') + ' | `x` [a](javascript:b)', '=S <b>', '@R <b> ```', 'javascript:alert(1)'),
             'bidi.yaml': rule % ('bidi-rule', 'T\\u202e', 'S', 'R', 'https://x/'), 'ev' + RED + 'il.yaml': rule % ('evil-rule', 'T\\e[31m \\r x', 'S \\e[31m', 'R \\e]0;x\\a \\x9b31m', 'x\\e[31m'),
             'bad' + RED + '.yaml': 'id: ba' + RED + 'd\nkey\x1b]0;x\x07: 1\n\x9b31m: [\n',
             'bad2.yaml': 'id: bad2\ntitle: "x"\nseverity: "\\e[31mhigh"\ncause: "\\e[31m"\npatterns: {"w\\e[31m": {"sta\\e[31mck": ["/(\\e[31m/"]}}\nquery: "SELECT \\e[31m FROM \\u202e"\nsummary: "{\\e[31m}"\n'}
    for name, text in texts.items():
        with open(os.path.join(path(folder), name), 'w') as file:
            file.write(text)


def make_databases():
    database = sqlite3.connect(path('foreign.db'))
    database.execute('CREATE TABLE "a%s" ("c%s=" TEXT)' % (RED, RED))
    database.execute('CREATE TABLE log (time, "%s")' % RED)
    database.commit()
    database.close()
    with open(path('garb' + RED + '.zip'), 'wb') as file:
        file.write(b'7z\xbc\xaf\x27\x1c\x00\x04')


def unclean(data, is_csv):
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return ['invalid UTF-8 near %r' % data[max(0, error.start - 40):error.start + 20]]
    if is_csv:
        text = text.replace('\r\n', '\n')
    return ['U+%04X near %r' % (ord(c), text[max(0, k - 50):k + 10]) for k, c in enumerate(text)
            if (ord(c) < 32 and c not in '\n\t') or 0x7f <= ord(c) < 0xa0 or ord(c) in INVISIBLE]


def formulas(text):
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    return [cell for cell in cells if cell[:1] and cell[0] in '=+@\t\r＝＋－＠' or (cell[:1] == '-' and not cell[1:].replace('.', '').isdigit())]


def wrong(arguments, ran):
    problems = unclean(ran.stdout, 'csv' in arguments) + unclean(ran.stderr, False)
    if ran.returncode not in range(5):
        problems.append('exit %d' % ran.returncode)
    text = ran.stdout.decode(errors='replace')
    if ran.returncode == 0 and 'csv' in arguments:
        problems += ['formula ' + cell for cell in formulas(text)]
    if ran.returncode == 0 and ('json' in arguments or '--json' in arguments) and text.strip():
        try:
            json.loads(text)
        except ValueError as error:
            problems.append('no JSON: %s' % error)
    if '--svg' in arguments:
        try:
            tree = xml.etree.ElementTree.fromstring(text)
            problems += ['foreign element'] * (sum(e.tag.endswith('script') for e in tree.iter()) != 1 or any(e.tag.endswith(('img', 'iframe')) for e in tree.iter()))
            problems += ['handler ' + a for e in tree.iter() for a in e.attrib if a.lower().startswith('on')]
        except xml.etree.ElementTree.ParseError as error:
            problems.append('no XML: %s' % error)
    return problems


def commands():
    bundle, prof, rules, evil, ok = path('h' + RED + '\u202e\rx.tar'), path('p' + RED + '.pb.gz'), path('r' + RED + 'ules'), 'ev' + RED + 'il.yaml', None
    make_bundle(bundle)
    make_rules(rules)
    make_databases()
    with open(prof, 'wb') as file:
        file.write(profile())
    evil, ok = os.path.join(rules, evil), os.path.join(rules, 'ok.yaml')
    with_ok = ['--no-builtin-rules', '--rules', ok]
    yield from ([*c, *more] for c in (['analyze', bundle], ['explain', bundle]) for more in ([], with_ok, ['--redact'], ['--rules', rules], ['--no-builtin-rules', '--rules', evil], ['-v']))
    yield from (['analyze', bundle, '--format', 'json', *more] for more in ([], with_ok, ['--redact']))
    yield from (['analyze', bundle, '--color', 'never', *with_ok], ['rules', 'why', 'ok-rule', bundle, *with_ok], ['rules', 'why', 'ceph-mds-request', bundle], ['rules', 'bench', bundle])
    yield from (['rules', verb, *rest] for verb, rest in (('list', with_ok), ('list', ['--rules', rules]), ('list', [*with_ok, '--format', 'json']), ('show', ['ok-rule', *with_ok]), ('show', [RED]), ('sho' + RED, []),
                                                          ('lint', [rules]), ('lint', [rules, '--format', 'json']), ('lint', [ok]), ('lint', [evil]), ('test', [rules]), ('test', [ok])))
    yield from (['rules', 'new', '--from', bundle, *what] for what in (['--tid', '4244'], ['--log', 'mds0 hung'], ['--tid', RED], ['--signature', RED]))
    yield from (['redact', bundle, '-o', path('o' + RED + 'ut.tar')], ['redact', prof, '-o', path('o2' + RED + '.pb')], ['redact', bundle, '-o', '/none/' + RED])
    yield from (['profile', prof, *more] for more in ([], ['--json'], ['--folded'], ['--svg'], ['--peek', 'main'], ['--sample-type', 'cp' + RED], ['--diff', prof], ['--peek', '(' + RED], ['--focus', RED + '(']))
    yield from (['profile', bundle, *more] for more in ([], ['--json'], ['--member', RED], ['--component', RED]))
    yield from (['sql', bundle, query, '--format', form] for form in ('table', 'csv', 'json') for query in (
        'SELECT * FROM log', 'SELECT * FROM member', 'SELECT * FROM thread', 'SELECT * FROM warning', 'SELECT comm AS "=1+1", 2 AS "%s\u202e" FROM thread' % RED, 'SELEC ' + RED, 'SELECT * FROM "%s"' % RED))
    yield from (['unpack', bundle, '-o', path('x' + RED + '.db')], ['analyze', path('x' + RED + '.db')], ['analyze', path('foreign.db')], ['sql', path('foreign.db'), 'SELECT * FROM "a%s"' % RED],
                ['analyze', path('garb' + RED + '.zip')], ['analyze', path('none' + RED + '\u202e')], [RED + 'x'], ['analyze', bundle, '-o', '/none/' + RED], ['analyze', '--db', '/none/' + RED, bundle],
                ['analyze', '--rules', '/none/' + RED, bundle], ['analyze', rules], ['explain', rules])
    yield from (['analyze', bundle, option, RED] for option in ('--' + RED, '--format', '--limit', '--fail-on', '--color', '--sandbox'))
    yield ['analyze', bundle, '--limit', RED + '=1']


def main():
    statuses = set()
    try:
        for arguments in commands():
            ran = subprocess.run([INQUEST, *arguments], capture_output=True, timeout=300)
            statuses.add(ran.returncode)
            check(' '.join(repr(a)[1:-1].replace(work, '') for a in arguments), wrong(arguments, ran))
        check('the commands ran (exits %s)' % sorted(statuses), [] if {0, 1, 2, 3} <= statuses else ['some outcome is missing'])
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
