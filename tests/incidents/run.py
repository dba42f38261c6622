#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [WORD...]  -  the incidents end to end: bundles in six generations of kernels, entries in shuffled order,
and what the report must say of them: the root cause first, its symptoms explained, look-alikes quiet.

With words only the tests whose names hold one of them run. Prints ok and not ok lines, then `N passed, N failed`."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from bundles import CONTAINER, HOST, Node, apiserver_heap, proxy_cpu  # noqa: E402
from kernels import KERNELS  # noqa: E402
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'tools'))
from schemas import report_faults  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(HERE))
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
POST = os.path.join(os.environ.get('INQUEST_SHARED', os.path.join(os.path.dirname(ROOT), 'shared')), 'knowledge', 'founding-post.txt')
LEVELS = ['info', 'low', 'medium', 'high', 'critical']
passed, failed = 0, 0
tests = []


def test(function):
    tests.append(function)
    return function


def check(name, holds, detail=''):
    global passed, failed
    passed, failed = passed + bool(holds), failed + (not holds)
    if not holds:
        print('not ok - %s%s' % (name, ': ' + detail if detail else ''))
    else:
        print('ok - ' + name)


def analyse(path, form='json', env=None):
    run = subprocess.run([INQUEST, '-q', '--format', form, path], capture_output=True, timeout=60, env=dict(os.environ, **(env or {})))
    if run.returncode != 0:
        raise RuntimeError('exit %d: %s' % (run.returncode, run.stderr.decode(errors='replace')))
    if form != 'json':
        return run.stdout
    report = json.loads(run.stdout)
    faults = report_faults(report)
    if faults:
        check('the report of %s follows schema/report.schema.json' % path, False, '; '.join(faults[:3]))
    return report


class Report:
    """A bundle's report, with a name for messages."""

    def __init__(self, name, node, seed=1, prefix=''):
        self.name = name
        with tempfile.NamedTemporaryFile(suffix='.tar.gz') as file:
            file.write(node.archive(seed, prefix))
            file.flush()
            self.json = analyse(file.name)
        self.findings = self.json['findings']

    def causes(self):
        return ' > '.join('%s(%s/%s)' % (f['cause'], f['severity'], f['confidence']) for f in self.findings) or 'nothing'

    def first(self, *causes):
        check('%s: first is %s' % (self.name, ' or '.join(causes)), self.findings and self.findings[0]['cause'] in causes, self.causes())

    def has(self, cause, **what):
        found = [f for f in self.findings if f['cause'] == cause and all(str(v) in str(f[k]) for k, v in what.items())]
        check('%s: %s%s' % (self.name, cause, ' %s' % what if what else ''), found, self.causes())
        return found[0] if found else None

    def explained(self, cause, by=None):
        """Every finding of that cause is explained by one that stands above it (of that cause, if given)."""
        mine = [f for f in self.findings if f['cause'] == cause]
        rank = {f['rank']: f for f in self.findings}
        good = mine and all(any(r < f['rank'] and (by is None or rank[r]['cause'] == by) for r in f['explained_by']) for f in mine)
        check('%s: %s is explained%s' % (self.name, cause, ' by ' + by if by else ''), good,
              ', '.join('%s by %s' % (f['cause'], f['explained_by']) for f in mine) or self.causes())

    def without(self, *causes):
        found = [f['cause'] for f in self.findings if f['cause'] in causes]
        check('%s: no %s' % (self.name, ' or '.join(causes)), not found, self.causes())

    def quiet(self):
        loud = [f for f in self.findings if LEVELS.index(f['severity']) >= 2]
        check('%s: nothing at medium or above' % self.name, not loud, self.causes())

    def waits(self, *pids):
        """A chain of waits: each pid for the next, directly or not."""
        edges = {}
        for w in self.json['waits']:
            edges.setdefault(w['waiter']['tid'], set()).add(w['holder']['tid'])
        for waiter, holder in zip(pids, pids[1:]):
            seen, todo = set(), [waiter]
            while todo:
                at = todo.pop()
                todo += [n for n in edges.get(at, ()) if n not in seen]
                seen |= edges.get(at, set())
            check('%s: %d waits for %d' % (self.name, waiter, holder), holder in seen, str(self.json['waits']))


def each_kernel():
    for number, kernel in enumerate(KERNELS):
        yield kernel, 'kernel ' + '.'.join(kernel.release.split('.')[:2]), number


# ---- 1: s6-sync keeps a container ----------------------------------------------------------------------
def s6_container(kernel, generation, frames=None, comm='s6-sync'):
    node = Node(kernel)
    ns = node.dying_container()
    node.docker_cannot_stop(generation=generation)
    node.task(362091, comm, 'D', frames or kernel.sync_waits_for_lock(), ppid=291967, nspid=512, ns=ns, container=CONTAINER, age_s=3000)
    return node


@test
def s6_sync():
    for kernel, name, n in each_kernel():
        report = Report('s6-sync, ' + name, s6_container(kernel, n % 3 + 1), seed=n)
        report.first('s-umount-contention')
        report.has('s-umount-contention', title='s6-sync')
        report.explained('pidns-init-waits-children', 's-umount-contention')
        report.explained('container-stop-failed')
        report.waits(291967, 362091)
        report.without('ceph-dead-netns', 'cni-stdin-wait')


@test
def s6_sync_holder():
    for kernel, name, n in each_kernel():
        node = s6_container(kernel, 1)
        node.task(401200, 'umount', 'D', kernel.ceph_umount(), ns=HOST, age_s=4000)
        report = Report('s6-sync behind a Ceph umount, ' + name, node, seed=n)
        report.first('umount-stuck', 'ceph-mds-request-wait')
        for symptom in ('s-umount-contention', 'pidns-init-waits-children', 'container-stop-failed'):
            report.explained(symptom)
        report.waits(291967, 362091, 401200)


@test
def s6_sync_many():
    for kernel, name, n in each_kernel():
        node = Node(kernel)
        inits = []
        for i in range(3):
            container, pidns, pid = '%x' % (0xa + i) * 64, 4026536204 + 100 * i, 291000 + 100 * i
            ns = node.dying_container(pid=pid, pidns=pidns, container=container)
            node.docker_cannot_stop(container=container)
            node.task(pid + 1, 's6-sync', 'D', kernel.sync_waits_for_lock(), ppid=pid, nspid=9, ns=ns, container=container, age_s=3000)
            inits.append(pid)
        node.task(401200, 'umount', 'D', kernel.ceph_umount(), ns=HOST, age_s=4000)
        report = Report('three containers behind one umount, ' + name, node, seed=n)
        report.first('umount-stuck', 'ceph-mds-request-wait')
        for symptom in ('s-umount-contention', 'pidns-init-waits-children', 'container-stop-failed'):
            report.explained(symptom)
        for pid in inits:
            report.waits(pid, pid + 1, 401200)


@test
def sync_lookalikes():
    for kernel, name, n in each_kernel():
        node = Node(kernel)
        node.task(5000, 'sync', 'D', kernel.sync_writes_back(), ns=HOST, age_s=1, second=kernel.idle('epoll'))
        Report('a sync that goes on, ' + name, node, seed=n).quiet()
        node = Node(kernel)
        node.task(5000, 's6-sync', 'D', kernel.sync_waits_for_lock(), ns=HOST, age_s=1, second=kernel.sync_writes_back())
        Report('an s6-sync that got its lock, ' + name, node, seed=n).quiet()


# ---- 2: a Ceph truncate and its network namespace ------------------------------------------------------
def ceph_container(kernel, own=None, blank=(), comm='nginx'):
    node = Node(kernel)
    ns = node.dying_container()
    node.docker_cannot_stop()
    node.task(362091, comm, 'D', kernel.ceph_truncate(), ppid=291967, nspid=77, ns=dict(ns, **(own or {})), blank=blank, container=CONTAINER)
    return node, ns


@test
def ceph():
    for kernel, name, n in each_kernel():
        node, ns = ceph_container(kernel)
        report = Report('ceph, its init dropped its namespaces, ' + name, node, seed=n)
        report.first('ceph-vmtruncate-wait')
        report.has('ceph-dead-netns', confidence='low', summary='dying init always looks like this')
        report.explained('pidns-init-waits-children', 'ceph-vmtruncate-wait')
        report.explained('container-stop-failed')

        node, ns = ceph_container(kernel, blank=('cgroup', 'ipc', 'mnt', 'net', 'uts'))
        report = Report('ceph, its own listing has no net, ' + name, node, seed=n)
        report.first('ceph-dead-netns', 'ceph-vmtruncate-wait')
        found = report.has('ceph-dead-netns', summary='dying init always looks like this')
        check(report.name + ': at most medium', found and found['confidence'] in ('low', 'medium'))
        report.explained('container-stop-failed')

        node, ns = ceph_container(kernel)
        node.devices(362091)
        report = Report('ceph, a stripped namespace, ' + name, node, seed=n)
        report.first('ceph-dead-netns')
        report.has('ceph-dead-netns', confidence='high')
        report.explained('ceph-vmtruncate-wait', 'ceph-dead-netns')
        report.explained('pidns-init-waits-children', 'ceph-dead-netns')
        report.explained('container-stop-failed')

        node, ns = ceph_container(kernel)
        node.log('kernel', ('2026-03-12T06:43:00.000000+0000', 'kernel', 'libceph: connect (1)10.20.3.4:6789 error -101'))
        report = Report('ceph, libceph cannot connect, ' + name, node, seed=n)
        report.first('ceph-dead-netns')
        report.has('ceph-dead-netns', confidence='high')


@test
def ceph_lookalikes():
    for kernel, name, n in each_kernel():
        node, ns = ceph_container(kernel)
        node.devices(362091, 'eth0')
        report = Report('ceph, a slow cluster and a live namespace, ' + name, node, seed=n)
        report.first('ceph-vmtruncate-wait')
        report.without('ceph-dead-netns')

        node = Node(kernel)
        node.dying_container(pid=7000, pidns=4026539000, container='d' * 64)
        node.task(362091, 'nginx', 'D', kernel.ceph_truncate(), nspid=77, ns={'pid': 4026536204, 'net': 4026536209}, container=CONTAINER)
        report = Report('ceph, the blank links are of another container, ' + name, node, seed=n)
        report.first('ceph-vmtruncate-wait')
        report.without('ceph-dead-netns')

        node = Node(kernel)
        node.dying_container()
        report = Report('a dying init with blank links and nobody to wait for, ' + name, node, seed=n)
        report.without('ceph-dead-netns', 'storage-dead-netns')


# ---- containers: the other phase, a tracer, three wordings --------------------------------------------
@test
def containers():
    for kernel, name, n in each_kernel():
        if kernel.number < 400:
            continue # no NSpid to tell members by; ns/pid does it below as well
        node = Node(kernel)
        ns = node.dying_container(frames=kernel.dying_init_foreign())
        node.task(9000, 'sh', 'Z', None, ppid=950, nspid=30, ns={'pid': ns['pid']}, blank=('cgroup', 'ipc', 'mnt', 'net', 'uts'), container=CONTAINER)
        report = Report('a dead exec that nobody reaps, ' + name, node, seed=n)
        report.has('pidns-init-waits-children', summary='containerd-shim (950)')
        report.waits(291967, 9000, 950)

        node = Node(kernel)
        ns = node.dying_container()
        node.task(9000, 'worker', 'Z', None, ppid=291967, nspid=30, ns={'pid': ns['pid']}, blank=('cgroup', 'ipc', 'mnt', 'net', 'uts'), container=CONTAINER, tracer=9100)
        node.task(9100, 'strace', 'S', kernel.idle('wait'), ns=HOST)
        report = Report('a tracer outside, ' + name, node, seed=n)
        report.first('ptrace-stop')
        report.explained('pidns-init-waits-children', 'ptrace-stop')
        report.waits(291967, 9000, 9100)


@test
def stop_wordings():
    for generation in (1, 2, 3):
        node = Node(KERNELS[3])
        node.docker_cannot_stop(generation=generation)
        node.task(8000, 'app', 'S', KERNELS[3].idle('futex'), container=CONTAINER, ns=HOST)
        report = Report('dockerd, wording %d' % generation, node)
        found = report.has('container-stop-failed')
        check(report.name + ': the container by its whole id', found and found['subjects'].get('container') == [CONTAINER], str(found and found['subjects']))


# ---- 3: old ReplicaSets in the apiserver ---------------------------------------------------------------
def objects(deployments, per, limit, api='apps/v1'):
    meta = {'namespace': 'shop'}
    d = [{'apiVersion': api, 'kind': 'Deployment', 'metadata': dict(meta, name='app-%d' % i),
          'spec': dict({'replicas': 2}, **({'revisionHistoryLimit': limit} if limit is not None else {}))} for i in range(deployments)]
    r = [{'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'metadata': dict(meta, name='app-%d-%08x' % (i, j), ownerReferences=[
        {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'app-%d' % i, 'uid': 'u', 'controller': True}]),
        'spec': {'replicas': 2 if j == 0 else 0}, 'status': {'replicas': 2 if j == 0 else 0}} for i in range(deployments) for j in range(per)]
    return [json.dumps({'apiVersion': 'v1', 'kind': 'List', 'items': x}) for x in (d, r)]


@test
def replicasets():
    node = Node(KERNELS[1])
    node.files['pprof/apiserver/heap.pb.gz'] = apiserver_heap(6200, 1800, vendored=True)
    report = Report('apiserver heap alone', node)
    report.first('replicaset-bloat')
    report.has('replicaset-bloat', severity='critical', confidence='medium')

    node.files['k8s/deployments.json'], node.files['k8s/replicasets.json'] = objects(20, 60, 2147483647)
    report = Report('apiserver heap and its ReplicaSets', node)
    report.has('replicaset-history-unlimited')
    report.has('replicaset-bloat', confidence='high')
    check(report.name + ': one of the two is first', report.findings[0]['cause'] in ('replicaset-history-unlimited', 'replicaset-bloat'), report.causes())
    report.explained('replicaset-bloat', 'replicaset-history-unlimited')

    node = Node(KERNELS[3])
    node.files['pprof/apiserver/heap.pb.gz'] = apiserver_heap(150, 6000, churn_mib=90000)
    report = Report('an apiserver with a client that lists much', node)
    report.without('replicaset-bloat')
    node = Node(KERNELS[3])
    node.files['pprof/apiserver/heap.pb.gz'] = apiserver_heap(120, 60)
    Report('a small apiserver', node).without('replicaset-bloat')
    node = Node(KERNELS[3])
    node.files['k8s/deployments.json'], node.files['k8s/replicasets.json'] = objects(20, 11, None)
    Report('Deployments in apps/v1 without a limit keep ten', node).quiet()
    node = Node(KERNELS[3])
    node.files['k8s/deployments.json'], node.files['k8s/replicasets.json'] = objects(20, 11, None, 'extensions/v1beta1')
    Report('Deployments in extensions/v1beta1 without a limit', node).has('replicaset-history-unlimited')


# ---- 4: a CNI plugin at its standard input -------------------------------------------------------------
@test
def cni():
    for kernel, name, n in each_kernel():
        node = Node(kernel)
        node.task(77001, 'acme-ipam', 'S', kernel.tty_read(), ns=HOST, age_s=7200, extra={
            'exe.txt': '/opt/cni/bin/acme-ipam\n', 'env.txt': 'CNI_COMMAND=VERSION\n', 'syscall': '0 0x0 0xc000130000 0x200 0x0 0x0 0x0 0x7ffd 0x4a1b2c\n',
            'fd.txt': 'total 0\nlrwx------ 1 0 0 64 Mar 12 06:44 0 -> /dev/pts/3\n'})
        report = Report('cni on a terminal, ' + name, node, seed=n)
        report.first('cni-stdin-wait')
        report.has('cni-stdin-wait', confidence='high', subjects='77001')

        node = Node(kernel)
        node.task(77001, 'bridge', 'S', kernel.pipe_read(), ns=HOST, age_s=7200, extra={
            'env.txt': 'CNI_COMMAND=ADD\nCNI_IFNAME=eth0\n', 'syscall': '0 0x0 0xc000130000 0x200 0x0 0x0 0x0 0x7ffd 0x4a1b2c\n',
            'fd.txt': 'total 0\nlr-x------ 1 0 0 64 Mar 12 06:44 0 -> pipe:[48123]\n'})
        Report('cni on a pipe, ' + name, node, seed=n).first('cni-stdin-wait')

        node = Node(kernel)
        node.task(77001, 'bash', 'S', kernel.tty_read(), ns=HOST, extra={'exe.txt': '/usr/bin/bash\n', 'env.txt': 'CNI_COMMAND=VERSION\n'})
        node.task(77002, 'cat', 'S', kernel.pipe_read(), ns=HOST)
        Report('a shell at its prompt, ' + name, node, seed=n).quiet()


# ---- 5: kube-proxy -------------------------------------------------------------------------------------
@test
def kube_proxy():
    node = Node(KERNELS[1])
    node.files['pprof/kube-proxy/profile.pb.gz'] = proxy_cpu(150, 90, 120)
    report = Report('kube-proxy at two cores', node)
    report.first('kube-proxy-nodeips')
    report.has('kube-proxy-nodeips', severity='high')
    for name, cpu in (('60 % of nothing', (1.5, 1, 30)), ('busy with other things', (2, 100, 60))):
        node = Node(KERNELS[1])
        node.files['pprof/kube-proxy/profile.pb.gz'] = proxy_cpu(*cpu)
        Report('kube-proxy, ' + name, node).without('kube-proxy-nodeips')


# ---- the two that are only named: memory, IPVS -----------------------------------------------------------
def meminfo(**kb):
    base = dict(MemTotal=65536000, MemFree=9000000, MemAvailable=30000000, Buffers=100000, Cached=20000000, AnonPages=30000000, Shmem=200000,
                Slab=1500000, SReclaimable=1000000, SUnreclaim=500000, KernelStack=30000, PageTables=120000, VmallocUsed=60000, Percpu=16000)
    base.update(kb)
    return ''.join('%-16s%10d kB\n' % (k + ':', v) for k, v in base.items())


@test
def memory():
    for name, cause, severity, kb in (
            ('anonymous', 'memory-anon', 'high', dict(MemFree=500000, MemAvailable=2000000, Cached=3000000, AnonPages=58000000)),
            ('tmpfs', 'memory-tmpfs', 'high', dict(MemFree=500000, MemAvailable=2000000, Cached=36000000, Shmem=34000000, AnonPages=24000000)),
            ('slab', 'memory-slab', 'medium', dict(MemFree=500000, MemAvailable=5000000, Cached=5000000, AnonPages=30000000, Slab=28000000, SReclaimable=1000000, SUnreclaim=27000000)),
            ('nobody', 'memory-kernel', 'medium', dict(MemFree=500000, MemAvailable=4000000, Cached=4000000, AnonPages=36000000))):
        node = Node(KERNELS[4])
        node.files['proc/meminfo'] = meminfo(**kb)
        report = Report('memory, ' + name, node)
        report.first(cause)
        report.has(cause, severity=severity)
    node = Node(KERNELS[4])
    node.files['proc/meminfo'] = meminfo()
    Report('memory, a healthy node', node).quiet()
    node = Node(KERNELS[4])
    node.files['proc/meminfo'] = meminfo(MemFree=500000, MemAvailable=48000000, Cached=50000000, AnonPages=10000000)
    report = Report('memory, page cache', node)
    report.has('memory-page-cache', severity='info')
    report.quiet()


@test
def ipvs():
    head = 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n'
    node = Node(KERNELS[1])
    node.files['proc/net/ip_vs'] = head + 'TCP  0A600001:01BB rr\n  -> 0A000001:192B      Masq    1      412        3\n  -> 0A000002:192B      Masq    1      14         0\n  -> 0A000003:192B      Masq    0      21         1\n'
    node.files['proc/sys/net/ipv4/vs/conn_reuse_mode'] = '0\n'
    report = Report('ipvs', node)
    report.has('ipvs-imbalance', summary='10.0.0.1')
    report.has('ipvs-weight-zero', summary='10.0.0.3')
    node = Node(KERNELS[1])
    node.files['proc/net/ip_vs'] = head + 'TCP  0A600001:01BB rr\n  -> 0A000001:192B      Masq    1      112        3\n  -> 0A000002:192B      Masq    1      104        0\n  -> 0A000003:192B      Masq    1      121        1\n'
    Report('ipvs, even', node).without('ipvs-imbalance', 'ipvs-weight-zero')


# ---- a stopped FUSE daemon under a loop device --------------------------------------------------------
@test
def fuse_loop():
    for kernel, name, n in each_kernel():
        node = Node(kernel)
        new = kernel.number >= 514
        ns = {'pid': 4026532196, 'mnt': 4026532195, 'net': 4026532197}
        mounts = '24 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n51 24 0:45 / /srv/remote rw,nosuid,nodev - fuse.sshfs storage-1:/export rw,user_id=0,group_id=0\n' \
                 '52 24 7:1 / /srv/data rw,relatime - ext4 /dev/loop1 rw\n'
        node.files['proc/1/mountinfo'] = mounts
        node.task(60, 'sshfs', 'T', ['do_signal_stop', 'get_signal'], ns=HOST, extra={
            'fd.txt': 'total 0\nlrwx------ 1 0 0 64 Mar 12 06:44 4 -> /dev/fuse\n', 'cmdline.txt': 'sshfs storage-1:/export /srv/remote\n'})
        node.files['sys/fs/fuse/connections/45/waiting'] = '2\n'
        for loop, image in (('loop0', 'gone'), ('loop1', 'data')):
            node.files['sys/block/%s/dev' % loop] = '7:%s\n' % loop[4]
            node.files['sys/block/%s/inflight' % loop] = '       0        5\n'
            node.files['sys/block/%s/loop/backing_file' % loop] = '/srv/remote/%s.img\n' % image
            node.task(70 + int(loop[4]), 'kworker/u8:1+' + loop if new else loop, 'S' if new else 'D', ['request_wait_answer [fuse]', 'fuse_perform_write [fuse]'] + (
                ['lo_rw_aio', 'loop_process_work', 'process_one_work', 'worker_thread'] if new else ['lo_rw_aio', 'loop_queue_work', 'kthread_worker_fn']) + ['kthread'], kthread=True, ppid=2)
        wait = ['folio_wait_bit', 'folio_wait_writeback'] if new else ['wait_on_page_bit']
        node.task(81, 'umount', 'D', wait + ['__filemap_fdatawait_range', 'sync_inodes_sb', 'sync_filesystem', 'generic_shutdown_super', 'kill_block_super',
                                             'deactivate_locked_super', 'cleanup_mnt', 'task_work_run'], ns=HOST)
        node.task(82, 's6-sync', 'D', kernel.sync_waits_for_lock(), ns=HOST)
        node.dying_container(pid=90, pidns=ns['pid'], comm='sleep')
        node.task(91, 'dd', 'D', wait + ['__filemap_fdatawait_range', 'ext4_sync_file'] + kernel.call('write'), ppid=90, nspid=2, ns=ns, container=CONTAINER, extra={
            'syscall': '1 0x1 0x7ffd0 0x100000 0x0 0x0 0x0 0x7ffd 0x7fff\n', 'fd.txt': 'total 0\nl-wx------ 1 0 0 64 Mar 12 06:44 1 -> /srv/data/h\n', 'mountinfo': mounts})
        report = Report('a stopped FUSE daemon, ' + name, node, seed=n)
        report.first('fuse-daemon-stopped')
        report.waits(90, 91, 70 + 1, 60)
        report.waits(82, 81, 70, 60)
        for symptom in ('loop-backing-stuck', 'umount-stuck', 's-umount-contention', 'pidns-init-waits-children'):
            report.explained(symptom)
        check(report.name + ': nothing is unexplained', not report.json['unexplained'], str(report.json['unexplained']))


@test
def fuse_two_daemons():
    for kernel, name, n in each_kernel():
        node = Node(kernel)
        node.files['proc/1/mountinfo'] = '24 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n51 24 0:45 / /srv/remote rw - fuse.sshfs storage-1:/export rw\n' \
            '52 24 0:46 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw\n'
        node.files['sys/fs/fuse/connections/45/waiting'] = '1\n'
        node.files['sys/fs/fuse/connections/46/waiting'] = '0\n'
        fd = {'fd.txt': 'total 0\nlrwx------ 1 0 0 64 Mar 12 06:44 4 -> /dev/fuse\n'}
        node.task(60, 'sshfs', 'T', ['do_signal_stop', 'get_signal'], ns=HOST, extra=fd)
        node.task(61, 'lxcfs', 'S', kernel.idle('futex'), ns=HOST, extra=fd)
        node.task(80, 'ls', 'D', ['request_wait_answer [fuse]', 'fuse_do_getattr [fuse]'] + kernel.call('newstat'), ns=HOST)
        report = Report('two FUSE daemons, one stopped, ' + name, node, seed=n)
        report.first('fuse-daemon-stopped')
        report.waits(80, 60)
        held = [w for w in report.json['waits'] if w['holder']['tid'] == 61]
        check(report.name + ': nobody waits for the other', not held, str(held))


# ---- time, order, place --------------------------------------------------------------------------------
HUNG = '''INFO: task %(comm)s:%(pid)d blocked for more than 120 seconds.
      Not tainted 5.15.0-91-generic #101-Ubuntu
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:%(comm)-15s state:D stack:    0 pid:%(pid)5d ppid:     1 flags:0x00000004
Call Trace:
 <TASK>
 __schedule+0x24e/0x590
 schedule+0x69/0x110
%(frames)s
 do_syscall_64+0x5c/0xc0
 </TASK>'''


def hung(node, when, comm, pid, frames):
    text = HUNG % {'comm': comm, 'pid': pid, 'frames': '\n'.join(' %s+0x40/0xb0' % f for f in frames)}
    node.log('kernel', *[(when, 'kernel', line) for line in text.split('\n')])


@test
def yesterday():
    for kernel, name, n in each_kernel():
        node = Node(kernel)
        hung(node, '2026-03-11T04:40:00.000000+0000', 'sync', 20111, ['rwsem_down_read_slowpath', 'down_read', 'iterate_supers', 'ksys_sync', '__x64_sys_sync'])
        hung(node, '2026-03-11T04:40:01.000000+0000', 'jbd2/sda1-8', 402, ['io_schedule', '__wait_on_buffer', 'jbd2_journal_commit_transaction', 'kjournald2', 'kthread'])
        hung(node, '2026-03-11T04:40:02.000000+0000', 'nginx', 20333, ['__ceph_do_pending_vmtruncate', '__ceph_setattr', 'ceph_setattr', 'notify_change', 'do_truncate'])
        node.docker_cannot_stop(day='11')
        report = Report("yesterday's hangs on a node that is fine, " + name, node, seed=n)
        report.quiet()
        sure = [f['cause'] for f in report.findings if f['confidence'] != 'low']
        check(report.name + ': nothing but low confidence', not sure, report.causes())
        Report('a node at rest, ' + name, Node(kernel), seed=n).quiet()


@test
def same_bytes():
    node, _ = ceph_container(KERNELS[2])
    node.task(401200, 'umount', 'D', KERNELS[2].ceph_umount(), ns=HOST)
    node.task(401300, 's6-sync', 'D', KERNELS[2].sync_waits_for_lock(), ns=HOST, container='e' * 64)
    hung(node, '2026-03-12T06:40:00.000000+0000', 's6-sync', 401300, ['rwsem_down_read_slowpath', 'down_read', 'iterate_supers', 'ksys_sync'])
    seen = {'json': set(), 'text': set()}
    for seed, env in ((None, {}), (3, {'TZ': 'Asia/Shanghai', 'LANG': 'C'}), (4, {'TZ': 'America/St_Johns', 'LC_ALL': 'de_DE.UTF-8'}), (5, {'LC_ALL': 'tr_TR.UTF-8'})):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'bundle.tar.gz')
            open(path, 'wb').write(node.archive(seed))
            report = analyse(path, env=env)
            report['bundle'].update(path='', sha256='')
            seen['json'].add(json.dumps(report))
            seen['text'].add(b'\n'.join(line for line in analyse(path, 'text', env).split(b'\n') if not line.startswith(b'Bundle: ')))
    for form, reports in seen.items():
        check('the same %s whatever the order, the zone, the locale' % form, len(reports) == 1, '%d different ones' % len(reports))


@test
def samples():
    made = subprocess.run([sys.executable, os.path.join(HERE, 'samples.py'), '--check'], capture_output=True, text=True)
    check('samples/ is what samples.py writes', made.returncode == 0, made.stdout)
    for name, cause in (('s6-sync', None), ('s6-sync-slow', 'quiet'), ('ceph-dead-netns', 'ceph-dead-netns'), ('ceph-slow-mds', 'ceph-vmtruncate-wait'),
                        ('apiserver-replicasets', 'replicaset-history-unlimited'), ('apiserver-list-churn', 'not replicaset-bloat'),
                        ('kube-proxy-nodeips', 'kube-proxy-nodeips'), ('kube-proxy-idle', 'quiet')):
        report = Report.__new__(Report)
        report.name, report.json = 'samples/' + name, analyse(os.path.join(ROOT, 'samples', name))
        report.findings = report.json['findings']
        if cause == 'quiet':
            report.quiet()
        elif cause and cause.startswith('not '):
            report.without(cause[4:])
        elif cause:
            report.first(cause)
        else:
            for symptom in ('umount-stuck', 's-umount-contention', 'pidns-init-waits-children', 'container-stop-failed'):
                report.explained(symptom)
            report.waits(291967, 362091, 401200)


@test
def founding_post():
    if not os.path.exists(POST):
        print('skip - the founding post is not here')
        return
    report = Report.__new__(Report)
    report.name, report.json = 'the founding post', analyse(POST)
    report.findings = report.json['findings']
    report.first('ceph-dead-netns', 'ceph-vmtruncate-wait', 's-umount-contention')
    report.has('s-umount-contention', summary='s6-overlay up to 1.21.8.0')
    report.has('ceph-vmtruncate-wait')
    found = report.has('ceph-dead-netns', summary='dying init always looks like this')
    check('the founding post: its network namespace is no more than likely', found and found['confidence'] in ('low', 'medium'))
    report.has('cni-stdin-wait')
    check('the founding post: both inits', sum(f['cause'] == 'pidns-init-waits-children' for f in report.findings) == 2, report.causes())
    report.explained('pidns-init-waits-children')
    report.explained('container-stop-failed')


def goroutines(*dumped):
    """A dump of (id, state, functions from the top, arguments of its system call) each."""
    text = ''
    for number, state, functions, arguments in dumped:
        frames = ['syscall.Syscall(%s)' % arguments] + ['%s(...)' % f for f in functions]
        text += 'goroutine %d [%s]:\n' % (number, state) + ''.join('%s\n\t/go/src/x.go:1 +0x10\n' % f for f in frames) + '\n'
    return text


# ---- a goroutine in a system call and its thread in the kernel -------------------------------------------
@test
def goroutine_and_thread():
    unmount = ['golang.org/x/sys/unix.Unmount', 'github.com/docker/docker/pkg/mount.Unmount', 'github.com/docker/docker/daemon.(*Daemon).Cleanup']
    inotify = ['syscall.read', 'syscall.Read', 'github.com/fsnotify/fsnotify.(*Watcher).readEvents']
    for kernel, name, n in each_kernel():
        node = s6_container(kernel, 1)
        node.task(5001, 'dockerd', 'D', kernel.ceph_umount(), ns=HOST)
        node.files['pprof/dockerd/goroutine.txt'] = goroutines((77, 'syscall, 41 minutes', unmount, '...'), (78, 'syscall, 9000 minutes', inotify, '0x0, 0x9'))
        report = Report('a goroutine whose thread is known, ' + name, node, seed=n)
        report.has('umount-stuck', summary='Goroutine 77 of dockerd, 41 minutes in', subjects='5001')
        report.has('umount-stuck', summary='and its thread 5001 are probably the same wait', evidence='pprof/dockerd/goroutine.txt')
        report.has('volume-stat-stuck', summary='the same wait', subjects='5001')
        report.explained('volume-stat-stuck', 'umount-stuck')

        node.files['proc/5001/syscall'] = '166 0xc000a1b2c0 0x2 0x0 0x0 0x0 0x0 0x7f 0x7f\n'
        node.files['pprof/dockerd/goroutine.txt'] = goroutines((77, 'syscall, 41 minutes', unmount, '0xa6, 0xc000a1b2c0, 0x2'))
        report = Report('the same call with the same argument, ' + name, node, seed=n)
        report.has('umount-stuck', summary='and its thread 5001 are the same wait')

        node.files['pprof/dockerd/goroutine.txt'] = goroutines((78, 'syscall, 9000 minutes', inotify, '0x0, 0x9'))
        report = Report('a goroutine that watches files, ' + name, node, seed=n)
        check(report.name + ': no wait is the same', 'the same wait' not in json.dumps(report.json))

        other = s6_container(kernel, 1)
        other.task(5001, 'my-agent', 'D', ['made_up_wait [made_up]', 'made_up_ioctl [made_up]'] + kernel.call('ioctl'), ns=HOST)
        other.files['pprof/my-agent/goroutine.txt'] = goroutines((9, 'syscall, 12 minutes', ['golang.org/x/sys/unix.Ioctl', 'example.com/agent.(*Card).Reset'], '...'))
        report = Report('a wait that no rule knows, ' + name, other, seed=n)
        said = [str(u['goroutine']) for u in report.json['unexplained'] if 'made_up_wait' in str(u['stack'])]
        check(report.name + ': says which goroutine it is', said and 'Goroutine 9 of my-agent, 12 minutes in example.com/agent.(*Card).Reset, and its thread 5001' in said[0], str(said))

        node.task(5002, 'dockerd', 'D', kernel.ceph_umount(), ns=HOST)
        node.files['pprof/dockerd/goroutine.txt'] = goroutines((77, 'syscall, 41 minutes', unmount, '...'))
        report = Report('two threads that may be its, ' + name, node, seed=n)
        check(report.name + ': none is said to be', 'the same wait' not in json.dumps(report.json))


def main():
    words = sys.argv[1:]
    for function in tests:
        if not words or any(w in function.__name__ for w in words):
            try:
                function()
            except (RuntimeError, subprocess.SubprocessError, ValueError) as problem:
                check(function.__name__, False, str(problem))
    print('%d passed, %d failed' % (passed, failed))
    return failed != 0


if __name__ == '__main__':
    sys.exit(main())
