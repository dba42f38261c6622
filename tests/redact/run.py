#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [WORD...]  -  inquest redact: nothing private comes through, everything else does.

  the same diagnosis   of the samples, the corpus, the incidents' bundles, profiles and a bundle of this machine (same.py stands in
                       for inquest in those suites), and the second look finds nothing
  nothing private      of a made-up bundle full of names and secrets, in every member, path and link

With words only the tests whose names hold one of them run. Prints ok and not ok lines, then `N passed, N failed`."""
import gzip
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
os.environ['REDACT_INQUEST'] = INQUEST
import same  # noqa: E402
from planted import CONNECTED, FILES, LINKS, PRIVATE, SECRETS, STAYS  # noqa: E402

SHARED = os.environ.get('INQUEST_SHARED', os.path.join(os.path.dirname(ROOT), 'shared'))
passed, failed = 0, 0
tests = []
work = tempfile.mkdtemp(prefix='redact-')


def test(function):
    tests.append(function)
    return function


def check(name, holds, detail=''):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    print(('ok - ' if holds else 'not ok - ') + name + ('' if holds else ': ' + str(detail)[:1500]))


def run(*arguments, **more):
    return subprocess.run([INQUEST, *arguments], capture_output=True, timeout=300, **more)


def suite(name, command, least):
    """Runs another suite with same.py in inquest's place."""
    base = os.path.join(work, name)
    environment = dict(os.environ, INQUEST=os.path.join(HERE, 'same.py'), REDACT_DIFFERENCES=base + '.differences', REDACT_COMPARED=base + '.compared')
    subprocess.run(command, env=environment, capture_output=True, timeout=1200)
    lines = {kind: open(base + kind).read().splitlines() if os.path.exists(base + kind) else [] for kind in ('.differences', '.compared')}
    check('%s: the same diagnosis (%d bundles)' % (name, len(lines['.compared'])), not lines['.differences'], '\n'.join(lines['.differences'][:5]))
    check('%s: at least %d were compared' % (name, least), len(lines['.compared']) >= least, len(lines['.compared']))


@test
def samples():
    for name in sorted(os.listdir(os.path.join(ROOT, 'samples'))):
        path = os.path.join(ROOT, 'samples', name)
        original = json.loads(run('-q', '--format', 'json', path).stdout)
        wrong = same.compare(path, [], original)
        check('sample %s: the same diagnosis' % name, not wrong, wrong)


@test
def corpus():
    if os.path.isdir(os.path.join(SHARED, 'corpus')):
        suite('corpus', [os.path.join(ROOT, 'tests', 'corpus', 'run.py')], 100)


@test
def incidents():
    suite('incidents', [os.path.join(ROOT, 'tests', 'incidents', 'run.py')], 100)


@test
def profiles():
    base = os.path.join(SHARED, 'profiles')
    if not os.path.isdir(base):
        return
    count, wrong = 0, []
    for folder, _, names in sorted(os.walk(base)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            own = run('-q', '--format', 'json', path)
            if name.endswith(('.tsv', '.md', '.expected.txt')) or own.returncode > 1:
                continue
            count += 1
            found = same.compare(path, [], json.loads(own.stdout))
            wrong += ['%s: %s' % (path, found)] if found else []
    check('%d profiles: the same diagnosis' % count, count > 50 and not wrong, '\n'.join(wrong[:5]))


@test
def this_machine():
    out = os.path.join(work, 'here.tar.gz')
    subprocess.run(['sh', os.path.join(ROOT, 'collector', 'inquest-collect'), '-o', out, '--quiet', '--deadline', '30', '--no-pprof'], timeout=120)
    own = run('-q', '--format', 'json', out)
    check('this machine can be analysed', own.returncode <= 1, own.stderr)
    os.environ['REDACT_LENIENT'] = '1'
    wrong = same.compare(out, [], json.loads(own.stdout))
    del os.environ['REDACT_LENIENT']
    check('this machine: the same diagnosis', not wrong, wrong)


@test
def wide_logs():
    """A kernel log in UTF-16, as PowerShell writes it, in pieces that end within a unit."""
    line = '2024-03-12T06:%02d:00.000000+0000 somehost kernel: INFO: task dd:%d blocked for more than 120 seconds. 10.20.30.40\n'
    text = '\ufeff' + ''.join(line % (i % 60, i) for i in range(3000))
    for encoding in ('utf-16-le', 'utf-16-be'):
        path, out = os.path.join(work, encoding), os.path.join(work, encoding + '.tar')
        os.makedirs(path + '/journal')
        with open(path + '/journal/kernel.log', 'wb') as file:
            file.write(text.encode(encoding))
        original = run('-q', '--format', 'json', path)
        wrong = same.compare(path, [], json.loads(original.stdout))
        hidden = run('-q', '--format', 'json', '--redact', path)
        check('a log in %s: --redact finds the same' % encoding, [f['rule'] for f in json.loads(hidden.stdout)['findings']] == ['hung-tasks'] and
              b'somehost' not in hidden.stdout, hidden.stderr)
        ran = run('redact', '-q', path, '-o', out)
        check('a log in %s: the same diagnosis, and nothing private' % encoding, not wrong and b'hung-tasks' in original.stdout and ran.returncode == 0 and
              not any(word in content for _, content in unpacked(out).values() for word in (b'somehost', b'10.20.30', 'somehost'.encode(encoding))), (wrong, ran.stderr))


# ---- what comes through ------------------------------------------------------------------------

def plant(path):
    with tarfile.open(path, 'w:gz') as tar:
        for name, content in FILES.items():
            info = tarfile.TarInfo(name)
            data = content if isinstance(content, bytes) else content.encode()
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, target in LINKS.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)


def unpacked(path):
    """Everything a reader of the redacted bundle sees: names, targets, contents without their packing."""
    out = {}
    with tarfile.open(path) as tar:
        for info in tar:
            data = tar.extractfile(info).read() if info.isfile() else b''
            if data[:2] == b'\x1f\x8b':
                data = gzip.decompress(data)
            out[info.name] = (info.linkname, data)
    return out


@test
def nothing_private():
    bundle, out = os.path.join(work, 'planted.tar.gz'), os.path.join(work, 'redacted.tar.gz')
    plant(bundle)
    ran = run('redact', bundle, '-o', out)
    check('a planted bundle is redacted', ran.returncode == 0, ran.stdout + ran.stderr)
    members = unpacked(out)
    everything = b'\n'.join(n.encode('utf-8', 'replace') + b'\n' + t.encode() + b'\n' + d for n, (t, d) in members.items())
    told = ran.stdout.replace(work.encode(), b'')
    for word in PRIVATE + SECRETS:
        word = word.encode()
        check('%s is gone' % word.decode(), word.lower() not in everything.lower() and word.lower() not in told.lower(),
              [(n, d[max(0, d.lower().find(word.lower()) - 80):][:200]) for n, (t, d) in members.items() if word.lower() in d.lower() or word.lower() in n.encode().lower()][:2])
    for word in STAYS:
        check('%s stays' % word, word.encode() in everything)
    with open(out + '.map', encoding='utf-8') as file:
        words = dict(line.rstrip('\n').split('\t')[1:] for line in file if not line.startswith('#'))
    for word in SECRETS:
        check('%s is not in the map' % word, not any(word.lower() in name for name in words))
    for path, pattern in CONNECTED:
        pattern = re.sub(r'\{(.*?)\}', lambda m: words.get(m.group(1).lower(), 'NO WORD FOR ' + m.group(1)), pattern)
        check('%s holds %s' % (path, pattern), pattern.encode() in members.get(path, ('', b'no such member'))[1], members.get(path, ('', b'no such member'))[1][:600])
    check('no time, no owner comes through', all(i.mtime == 0 and not i.uname for i in tarfile.open(out)))
    check('a map and a bundle that only their owner reads', all(stat.S_IMODE(os.stat(p).st_mode) == 0o600 for p in (out, out + '.map')))
    first = open(out, 'rb').read()
    run('redact', bundle, '-o', out)
    check('the same bundle gives the same bytes', open(out, 'rb').read() == first)


@test
def reports():
    """--redact on what is printed: the same words as in the redacted bundle, and nothing private."""
    bundle, out, db = (os.path.join(work, name) for name in ('reported-wolke-17.tar.gz', 'reported.tar', 'reported.db'))
    plant(bundle)
    run('redact', '-q', bundle, '-o', out)
    texts = {'text': run('--redact', bundle), 'json': run('--redact', '--format', 'json', bundle), 'explain': run('explain', '--redact', bundle),
             'sql': run('sql', '--redact', '--format', 'csv', bundle, 'SELECT * FROM log'), 'members': run('sql', '--redact', '--format', 'json', bundle, 'SELECT * FROM member'),
             'explain of a pipe': run('explain', '--redact', '-', input=open(bundle, 'rb').read()), 'unpack': run('unpack', '--redact', bundle, '-o', db)}
    for name, ran in texts.items():
        data = (open(db, 'rb').read() if name == 'unpack' else ran.stdout).replace(work.encode(), b'').lower()
        found = [word for word in PRIVATE + SECRETS if word.lower().encode() in data]
        check('--redact, %s: nothing private' % name, ran.returncode == 0 and len(data) > 500 and not found, (ran.stderr, found))
    one, other = json.loads(texts['json'].stdout), json.loads(run('--format', 'json', out).stdout)
    for report in (one, other):
        report['bundle'].update(path='', sha256='', bytes=0, entries=0)
        report['warnings'] = []
    check('--redact says what the redacted bundle says', one == other, [(k, one[k], other[k]) for k in one if one[k] != other[k]][:2])
    ran = run('--redact', db)
    check('a database is refused: exit 2', ran.returncode == 2 and b'database' in ran.stderr, ran.stderr)


@test
def forms_of_bundles():
    bundle = os.path.join(work, 'forms.tar.gz')
    plant(bundle)
    folder = os.path.join(work, 'forms')
    os.makedirs(folder)
    with tarfile.open(bundle) as tar:
        tar.extractall(folder, members=[m for m in tar if m.isfile()])
    wanted = None
    for source in (bundle, '-', folder):
        for suffix in ('.tar', '.tar.zst', '.tar.xz', '.tgz'):
            out = os.path.join(work, 'form' + suffix)
            ran = run('redact', '-q', source, '-o', out, **({'stdin': open(bundle, 'rb')} if source == '-' else {}))
            report = json.loads(run('-q', '--format', 'json', out).stdout or b'{}')
            findings = [(f['rule'], f['score']) for f in report.get('findings', [])]
            wanted = wanted or findings
            check('%s to %s' % (os.path.basename(source), suffix), ran.returncode == 0 and findings == wanted, ran.stderr)
    piped = subprocess.run('cat %s | %s redact -q - -o %s' % (bundle, INQUEST, os.path.join(work, 'piped.tar')), shell=True, capture_output=True)
    check('from a pipe', piped.returncode == 0 and open(os.path.join(work, 'piped.tar'), 'rb').read() == open(os.path.join(work, 'form.tar'), 'rb').read() or
          piped.returncode == 0, piped.stderr)


@test
def whole_or_not_at_all():
    sample = os.path.join(ROOT, 'samples', 's6-sync')
    folder, future = os.path.join(work, 'whole'), os.path.join(work, 'future')
    shutil.copytree(sample, future)
    with open(future + '/manifest.json', 'w') as file:
        file.write('{"format": "inquest-bundle/2", "hostname": "n"}')
    os.makedirs(folder)
    for name, arguments, status in (('no OUT', [sample], 2), ('OUT on standard output', [sample, '-o', '-'], 2), ('a map that is OUT', [sample, '-o', folder + '/a', '--map', folder + '/a'], 2),
                                    ('no such bundle', [folder + '/none', '-o', folder + '/a'], 3), ('no bundle', ['/dev/null', '-o', folder + '/a'], 3), ('no evidence in it', [os.path.join(ROOT, 'LICENSE'), '-o', folder + '/a'], 3),
                                    ('a manifest to come', [future, '-o', folder + '/a'], 3),
                                    ('no such folder', [sample, '-o', folder + '/none/a'], 4), ('no room', [sample, '-o', '/dev/full'], 2)):
        ran = run('redact', *arguments)
        check('%s: exit %d, one line' % (name, status), ran.returncode == status and ran.stderr.count(b'\n') == 1, (ran.returncode, ran.stderr))
    check('and nothing is left behind', os.listdir(folder) == [], os.listdir(folder))
    small = subprocess.run(['sh', '-c', 'ulimit -f 1; exec "$@"', '-', INQUEST, 'redact', sample, '-o', folder + '/a.tar'], capture_output=True)
    check('a disk that is full: exit 4, nothing left', small.returncode == 4 and os.listdir(folder) == [], (small.returncode, small.stderr, os.listdir(folder)))


def main():
    try:
        for one in tests:
            if len(sys.argv) == 1 or any(word in one.__name__ for word in sys.argv[1:]):
                one()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
