#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""seeds.py OUT - writes the fuzz targets' seeds to OUT/<target>/ and a dictionary a target to OUT/<target>.dict.

From samples/, tests/data/evidence (whose .rows name the kind), rules/ and, where they are there, ../shared/corpus and
../shared/profiles. What the program would unpack is seeded unpacked: a mutation of packed bytes seldom says
anything new."""
import bz2, gzip, hashlib, io, json, lzma, os, re, sqlite3, subprocess, sys, tarfile, tempfile, zipfile, glob

OUT, MOST = sys.argv[1], 65536
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
os.chdir(ROOT)

def seed(target, content, path=None):
    data = (path.encode() + b'\n' if path is not None else b'') + content
    if len(data) > MOST:
        data = data[:MOST]
    folder = os.path.join(OUT, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, hashlib.sha1(data).hexdigest()), 'wb') as f:
        f.write(data)

def read(path):
    with open(path, 'rb') as f:
        return f.read()

def unpacked(data):
    return gzip.decompress(data) if data[:2] == b'\x1f\x8b' else data

def goldens():
    """Each golden member, for its kind, for the feeder and as a small bundle."""
    for name in sorted(glob.glob('tests/data/evidence/*.txt')):
        rows = name[:-4] + '.rows'
        title, _, content = read(name).partition(b'\n')
        path = title[2:].decode('utf-8', 'replace')
        kind = re.match(r'kind ([\w-]+)', read(rows).decode('utf-8', 'replace')) if os.path.exists(rows) else None
        bare = path.startswith('bare ')
        seed('feeder', content, path)
        if kind:
            seed(kind.group(1), content, path[5:] if bare else path)

def by_path(path):
    base = os.path.basename(path)
    table = [(r'(^|/)proc/.*/(stack|stack\.2)$', 'stack'), (r'/status$', 'status'), (r'/stat(\.2)?$', 'stat'),
             (r'/cgroup$', 'cgroup'), (r'/ns\.txt$', 'ns'), (r'/wchan$', 'wchan'), (r'/syscall$', 'syscall'),
             (r'/comm$', 'comm'), (r'^journal/', 'log'), (r'^k8s/.*json$', 'k8s-objects'), (r'^k8s/.*txt$', 'k8s-table'),
             (r'manifest\.json$', 'manifest'), (r'/mountinfo$', 'mounts'), (r'/fd\.txt$', 'fd'), (r'/fdinfo/', 'fdinfo'),
             (r'/net/dev$', 'net-devices'), (r'sys/fs/cgroup', 'cgroup-values'), (r'skipped\.tsv$', 'skipped'), (r'ip_vs', 'ipvs')]
    return [kind for pattern, kind in table if re.search(pattern, path)] + (['paste'] if base.endswith('.txt') else [])

def tree(folder):
    """A folder's files for their kinds, and the folder as an archive."""
    members = []
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            full = os.path.join(at, name)
            if os.path.islink(full) or not os.path.isfile(full):
                continue
            path = os.path.relpath(full, folder)
            content = read(full)
            members.append((path, content))
            plain = unpacked(content) if path.startswith('pprof/') else content
            for kind in by_path(path):
                seed(kind, plain, path)
            seed('feeder', plain, path)
            if path.startswith('pprof/'):
                seed('profile', plain, path)
                seed('profile_report', plain)
    return members

def tar_of(members, fmt=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=fmt) as tar:
        for path, content in members:
            info = tarfile.TarInfo(path)
            info.size = len(content)
            if fmt == tarfile.PAX_FORMAT:
                info.pax_headers = {'SCHILY.xattr.user.note': 'x', 'mtime': '1.5', 'comment': 'é'}
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo('proc/1/ns/net')
        link.type, link.linkname = tarfile.SYMTYPE, 'net:[4026531992]'
        tar.addfile(link)
    return out.getvalue()[:MOST * 4]

def sparse_tar():
    """GNU tar's three sparse formats, where tar can write them."""
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + '/journal')
        with open(folder + '/journal/kernel.log', 'wb') as f:
            f.write(b'Mar 12 06:40:00 node kernel: one\n'); f.seek(1 << 20); f.write(b'Mar 12 06:41:00 node kernel: two\n')
        for fmt in (['--format=gnu'], ['--format=pax', '--sparse-version=0.0'], ['--format=pax', '--sparse-version=0.1'],
                    ['--format=pax', '--sparse-version=1.0']):
            made = subprocess.run(['tar', '-S', *fmt, '-C', folder, '-cf', '-', 'journal'], capture_output=True)
            if made.returncode == 0:
                yield made.stdout

def zip_of(members, how):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', how) as z:
        for path, content in members:
            z.writestr(path, content)
    return out.getvalue()

def archives(members):
    small = [m for m in members if len(m[1]) < 8192][:12]
    packed = small[:4] + [('journal/a.log.gz', gzip.compress(small[0][1])), ('journal/b.log.xz', lzma.compress(small[0][1]))]
    plain = tar_of(small)
    for data in (plain, tar_of(small, tarfile.PAX_FORMAT), tar_of(small, tarfile.GNU_FORMAT), tar_of(packed),
                 gzip.compress(plain), lzma.compress(plain), bz2.compress(plain),
                 zip_of(small, zipfile.ZIP_STORED), zip_of(small, zipfile.ZIP_DEFLATED), zip_of(small, zipfile.ZIP_BZIP2)):
        seed('bundle', data)
    zstd = subprocess.run(['zstd', '-qc'], input=plain, capture_output=True)
    if zstd.returncode == 0:
        seed('bundle', zstd.stdout)
    seed('report', plain)
    seed('report', zip_of(small, zipfile.ZIP_STORED))

def databases():
    program = 'build/inquest'
    for folder in sorted(glob.glob('samples/*/'))[:4]:
        if os.path.exists(program):
            with tempfile.TemporaryDirectory() as at:
                subprocess.run([program, 'unpack', folder, '-o', at + '/x.db'], capture_output=True)
                if os.path.exists(at + '/x.db'):
                    shrink = sqlite3.connect(at + '/x.db', isolation_level=None)
                    shrink.executescript("PRAGMA journal_mode=DELETE; PRAGMA page_size=1024; VACUUM")
                    shrink.close()
                    data = read(at + '/x.db')
                    os.makedirs(os.path.join(OUT, 'database'), exist_ok=True)
                    with open(os.path.join(OUT, 'database', os.path.basename(folder[:-1])), 'wb') as f:
                        f.write(data)

def rules():
    for name in sorted(glob.glob('rules/*/*.yaml')):
        text = read(name)
        seed('rule', text)
        # queries and views for the guarded statement, regexes with a line of a test for the matcher
        query = re.search(r'^query: \|[-+]?\n((?:  .*\n|\n)+)', text.decode(), re.M)
        if query:
            seed('sql', re.sub(r'^  ', '', query.group(1), flags=re.M).encode())
        lines = [l.strip() for l in text.decode().split('\n')]
        for found in re.findall(r"(?:log|text|function): '([^'\n]+)'", text.decode())[:4]:
            seed('pattern', ('\n'.join([found] + lines[-40:])).encode()[:4000])
    for name in sorted(glob.glob('schema/*.sql')):
        for body in re.findall(r'AS\s*\n?\s*((?:WITH|SELECT)[^;]+);', read(name).decode(), re.I):
            seed('sql', body.encode())
    for body in ("SELECT regexp('a(b)', message), duration(3) FROM log", 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT n FROM c',
                 'PRAGMA writable_schema=1', "ATTACH 'x' AS y", "SELECT load_extension('x')", 'SELECT * FROM sqlite_master', "SELECT printf('%.*c', 1e9, 'x')"):
        seed('sql', body.encode())

def corpus():
    for name in sorted(glob.glob('../shared/corpus/cases/*.json')):
        case = json.loads(read(name))
        for task in case.get('tasks') or [case]:
            frames = ''.join('[<0>] %s\n' % f for f in task.get('frames') or [])
            seed('stack', frames.encode(), 'proc/5/task/5/stack')
            log = case.get('log') or []
            trace = ''.join('Mar 12 06:40:00 n kernel: %s\n' % l for l in log + (['Call Trace:'] + [' ' + f for f in task.get('frames') or []]))
            seed('log', trace.encode(), 'journal/kernel.log')
            seed('paste', ('# cat /proc/77/stack\n' + frames + trace).encode(), 'ticket.txt')
    post = '../shared/knowledge/founding-post.txt'
    if os.path.exists(post):
        seed('paste', read(post), 'ticket.txt')
        seed('feeder', read(post), 'ticket.txt')

def profiles():
    for at, _, names in os.walk('../shared/profiles'):
        for name in names:
            path = os.path.join(at, name)
            data = read(path)
            if len(data) > 200000 or name.endswith(('.expected.txt', '.tsv', '.md')):
                continue
            try:
                data = unpacked(data)
            except (OSError, EOFError):
                pass
            seed('profile', data, 'pprof/x/heap.pb.gz')
            seed('profile_report', data)
            seed('goroutine', data, 'pprof/x/goroutine.txt')

def dictionaries():
    """Words of the seeds' own formats, for libFuzzer's -dict."""
    def write(target, words):
        with open(os.path.join(OUT, target + '.dict'), 'w') as f:
            for word in sorted(set(words)):
                if 2 <= len(word) <= 40:
                    f.write('"%s"\n' % ''.join(c if 32 <= ord(c) < 127 and c not in '"\\' else ''.join('\\x%02x' % b for b in c.encode()) for c in word))
    for target in os.listdir(OUT):
        folder = os.path.join(OUT, target)
        if not os.path.isdir(folder):
            continue
        words = {}
        if target in ('database', 'profile_report'):
            words = {w: 1 for w in ('SQLite format 3\0', 'CREATE TABLE', 'CREATE VIEW', 'heap profile:', 'goroutine profile: total', '--- contention:', 'MAPPED_LIBRARIES:', 'samples', 'count', 'cpu', 'nanoseconds')}
        else:
            for name in sorted(os.listdir(folder))[:400]:
                for word in re.findall(r'[A-Za-z_][A-Za-z0-9_.:/-]{2,30}', read(os.path.join(folder, name)).decode('latin-1')):
                    words[word] = words.get(word, 0) + 1
        if target in ('bundle', 'report'):
            words.update({w: 10**9 for w in ('ustar\0', 'ustar  \0', 'GNU.sparse.major=1', 'GNU.sparse.map=0,1', 'GNU.sparse.name=x', 'PK\3\4', 'PK\1\2', 'PK\5\6', 'path=', 'linkpath=', 'size=', '\x1f\x8b')})
        common = sorted(words, key=lambda w: -words[w])[:300]
        write(target, common)

os.makedirs(OUT, exist_ok=True)
goldens()
for sample in sorted(glob.glob('samples/*/')):
    members = tree(sample)
    if members:
        archives(members)
for data in sparse_tar():
    seed('bundle', data)
    seed('report', data)
databases()
rules()
corpus()
profiles()
dictionaries()
