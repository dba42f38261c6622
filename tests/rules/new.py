#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules that `inquest rules new` writes: of every stack and many log records of each bundle, each lints, passes its own
tests, fires on the bundle it was cut from, and names nothing of it.

Without arguments: the bundles of samples/ and one whose records come in every log format. With arguments: those bundles.
"""
import collections, json, os, re, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INQUEST = os.environ.get('INQUEST', os.path.join(TOP, 'build', 'inquest'))
PER_UNIT, STACKS = int(os.environ.get('PER_UNIT', '5')), int(os.environ.get('STACKS', '6'))

FORMATS = {
    'journal/docker.log': 'Mar 12 06:41:15 plato-17 dockerd[1359]: time="2026-03-12T06:41:15.458629Z" level=info msg="Container 7873876b3310 failed to exit within 10 seconds of kill - trying direct SIGKILL"\n'
                          'Mar 12 06:41:16 plato-17 dockerd[1359]: time="2026-03-12T06:41:16.458629Z" level=info msg="Container 7873876b3310 exited"\n',
    'journal/containerd.log': '2026-03-12T06:40:30+0200 plato-17 containerd[20911]: highest drive temperature of 10.7.8.9: 43 Celcius.\n'
                              '2026-03-12T06:40:31+0200 plato-17 containerd[20911]: shim 20999 of unit gives no answer\n',
    'journal/kernel.log': '2026-03-12T06:42:00.000000+0000 plato-17 kernel: nfs: server files.prod.example.com (10.20.30.40) not responding, still trying\n'
                          '2026-03-12T06:42:00.000000+0000 plato-17 kernel: INFO: task dd:4711 blocked for more than 120 seconds.\n'
                          '2026-03-12T06:42:01.000000+0000 plato-17 kernel: EXT4-fs (dm-3): I/O error while writing superblock\n',
    'journal/kubelet.log': 'Mar 12 06:43:00 plato-17 kubelet[1450]: E0312 06:43:00.934473    1450 kubelet.go:1778] "Skipping pod synchronization" err="PLEG is not healthy: pleg was last seen active 3m5.30015447s ago" pod="shop/cart-7d4b9c6f5d-x2x9z"\n'
                           'Mar 12 06:43:01 plato-17 kubelet[1450]: I0312 06:43:01.062975    1450 kubelet.go:2004] Orphaned pod "87cfe5a1-34c7-11e6-85f1-42010af00002" found, removing\n',
    'journal/etcd.json': '{ "__REALTIME_TIMESTAMP" : "1773297603514113", "_HOSTNAME" : "plato-17", "SYSLOG_IDENTIFIER" : "etcd", "_PID" : "991", "PRIORITY" : "4", "MESSAGE" : "slow fdatasync took 1.7s of peer 10.7.8.9:2380" }\n'
                         '{ "__REALTIME_TIMESTAMP" : "1773297604514113", "_HOSTNAME" : "plato-17", "SYSLOG_IDENTIFIER" : "etcd", "_PID" : "991", "PRIORITY" : "6", "MESSAGE" : "compacted revision 4711" }\n',
    'journal/chronyd.export': '__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1773297605514113\n_HOSTNAME=plato-17\nSYSLOG_IDENTIFIER=chronyd\n_PID=77\nMESSAGE=System clock was stepped by 3.2 seconds\n\n'
                              '__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1773297606514113\n_HOSTNAME=plato-17\nSYSLOG_IDENTIFIER=chronyd\n_PID=77\nMESSAGE=Selected source 10.7.8.10\n\n',
    'dmesg.txt': '[60246.744069] unregister_netdevice: waiting for lo to become free. Usage count = 1\n[60247.000000] eth0: link of 3e:11:22:33:44:55 is down\n',
    'var/log/messages': 'Apr 13 10:53:52 plato-17 multipathd: 8:16: path checker of 10.99.1.2 reports path is down\nApr 13 10:53:53 plato-17 sshd[99]: Accepted publickey for root\n',
    'logs/pods/shop_cart-7d4b9c6f5d-x2x9z_87cfe5a1-34c7-11e6-85f1-42010af00002/cart/0.log': '2026-03-12T06:40:41.8443515Z stdout F upstream plato-17.prod.example.com refused 17 connections\n2026-03-12T06:40:42.8443515Z stderr F shutting down the cart\n',
    'journal/odd.log': "2026-03-12T06:40:30+0200 plato-17 odd[209]: it's a \"tab\" \t, 100% of {n} *and* a \\\\ back: # no remark\n"
                       '2026-03-12T06:40:31+0200 plato-17 odd[209]: \x1b[31mred\x1b[0m alert from \u00fcml\u00e4ut M\udce4rz \udcff\udcfe broke\n'
                       '2026-03-12T06:40:32+0200 plato-17 odd[209]: ' + 'word 10.1.2.3 ' * 3000 + 'the end of a long record is reached by 10.9.9.9\n'
                       '2026-03-12T06:40:33+0200 plato-17 odd[209]: - yaml: [list, {map: 1}] & *anchor !tag |\n'
                       '2026-03-12T06:40:34+0200 plato-17 odd[209]: \u5bb9\u5668\u6ca1\u6709\u9000\u51fa container is still there\n',
    'logs/kube-proxy.log': 'E0312 06:43:00.934473       1 proxier.go:1778] "Failed to execute iptables-restore" err="exit status 4"\nI0312 06:43:00.934473       1 proxier.go:17] "Syncing" endpoint="10.7.8.9:443"\n',
}


def run(*words, **more):
    return subprocess.run([INQUEST, *words], capture_output=True, text=True, errors='replace', **more)


def query(bundle, sql):
    return json.loads(run('sql', bundle, sql, '--format', 'json').stdout or '{}').get('rows', [])


def rows(bundle, sql):
    told = json.loads(run('sql', bundle, sql, '--format', 'json').stdout or '[]')
    return told if isinstance(told, list) else told.get('rows', [])


class Suite:
    passed = failed = 0

    def check(self, name, good, why=''):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print('not ok - %s\n    %s' % (name, why.replace('\n', '\n    ')))


def names_of(bundle):
    """What of the bundle a rule must not name."""
    names = set()
    for row in rows(bundle, "SELECT hostname AS n FROM node UNION SELECT DISTINCT host FROM log UNION SELECT pod FROM container_name UNION SELECT container FROM thread "
                            "UNION SELECT container FROM container_name"):
        if row['n'] and len(row['n']) > 2 and row['n'] not in ('localhost', 'node'):
            names.add(row['n'])
            if len(row['n']) >= 64:
                names.add(row['n'][:12])
    for row in rows(bundle, 'SELECT message AS m FROM log LIMIT 20000'):
        for found in re.findall(r'(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b', row['m'] or ''):
            if not found.startswith(('127.', '0.0.0.0')):
                names.add(found)
    return names


def wishes(bundle):
    """What an author may ask for: (kind, value)."""
    for row in rows(bundle, 'SELECT min(tid) AS tid, signature, place FROM sighting JOIN stack ON stack.id = sighting.stack WHERE coalesce(report, \'sysrq\') IN (\'hung-task\', \'sysrq\') GROUP BY stack.id ORDER BY sum(state = \'D\') DESC, 1 LIMIT %d' % STACKS):
        yield 'tid', str(row['tid'])
        yield 'signature', row['signature']
    seen = collections.Counter()
    for row in rows(bundle, "SELECT unit, message FROM log WHERE length(message) > 12 ORDER BY member, line"):
        said = row['message'].split('\n')[0].split('\ufffd')[0].strip()
        shape = re.sub(r'[0-9a-f]*[0-9][0-9a-f]*', '0', said)[:60]
        if len(re.sub(r'[^A-Za-z ]', '', said)) < 10 or seen[row['unit'], shape] or seen[row['unit']] >= PER_UNIT:
            continue
        seen[row['unit'], shape] = 1
        seen[row['unit']] += 1
        yield 'log', said[:120] if seen[row['unit']] % 2 else said[len(said) // 4:len(said) // 4 + 40]


REFUSED = re.compile(r'shows only that it sleeps|stands in every match|no stack|takes a text of|matches the empty')


def try_bundle(suite, bundle, work, label):
    made, tids = {}, {str(row['tid']) for row in rows(bundle, 'SELECT DISTINCT tid FROM sighting WHERE tid > 999')}
    for number, (kind, value) in enumerate(wishes(bundle)):
        path = os.path.join(work, 'r%d.yaml' % number)
        told = run('rules', 'new', '--from', bundle, '--' + kind, value, '-o', path)
        name = '%s --%s %s' % (label, kind, value)
        if told.returncode == 2 and REFUSED.search(told.stderr) and told.stderr.count('\n') == 1:
            if os.environ.get("VERBOSE"):
                print("refused: %s: %s" % (name, told.stderr.strip()))
            continue
        suite.check('a rule of ' + name, told.returncode == 0 and not told.stderr, told.stderr)
        if told.returncode == 0:
            made['r%d' % number] = name
    if not made:
        return 0
    told = run('rules', 'lint', work)
    suite.check('%s: lint' % label, told.returncode == 0, told.stdout)
    told = run('rules', 'test', work)
    suite.check('%s: tests' % label, told.returncode == 0, told.stdout)
    told = run(bundle, '--no-builtin-rules', '--rules', work, '--format', 'json')
    try:
        fired = {finding['rule'] for finding in json.loads(told.stdout)['findings']}
    except (ValueError, KeyError):
        fired = set()
    names = names_of(bundle)
    for rule, name in made.items():
        suite.check(name + ' fires on its bundle', rule in fired, open(os.path.join(work, rule + '.yaml')).read()[:900])
        text = open(os.path.join(work, rule + '.yaml')).read()
        words = set(re.findall(r'[A-Za-z0-9][A-Za-z0-9._:-]*[A-Za-z0-9]', text)) | set(re.findall(r'[0-9]+(?:\.[0-9]+)*|[0-9a-f]{12,}', text))
        leaked = {n for n in names if n in words or (len(n) > 8 and n in text)} | (tids & set(re.findall(r'(?<![0-9.x+])[0-9]+(?![0-9.])', text)) - {'4242', '4250'})
        suite.check(name + ' names nothing', not leaked, '%s in\n%s' % (sorted(leaked), text[:3000]))
    return len(made)


def main():
    suite, bundles = Suite(), sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        if not bundles:
            formats = os.path.join(work, 'formats')
            for path, text in FORMATS.items():
                os.makedirs(os.path.dirname(os.path.join(formats, path)), exist_ok=True)
                open(os.path.join(formats, path), 'w', encoding='utf-8', errors='surrogateescape').write(text)
            json.dump({'format': 'inquest-bundle/1', 'hostname': 'plato-17', 'collected_at': '2026-03-12T07:00:00Z', 'boot_time': '2026-03-11T07:00:00Z'}, open(os.path.join(formats, 'manifest.json'), 'w'))
            samples = os.path.join(TOP, 'samples')
            bundles = [formats] + [os.path.join(samples, name) for name in sorted(os.listdir(samples))]
        total = 0
        for number, bundle in enumerate(bundles):
            folder = os.path.join(work, 'rules%d' % number)
            os.makedirs(folder)
            total += try_bundle(suite, bundle, folder, os.path.basename(bundle.rstrip('/')))
        suite.check('rules were made', total > 0)
        print('%d rules made' % total)
    print('%d passed, %d failed' % (suite.passed, suite.failed))
    return suite.failed > 0


if __name__ == '__main__':
    sys.exit(main())
