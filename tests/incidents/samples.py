#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""samples.py [--check]  -  writes samples/, or says whether what is there is what this writes.

Whole bundles of incidents and of what looks like them, small enough to read; all names in them are made up."""
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from bundles import HOST, Node, apiserver_heap, proxy_cpu  # noqa: E402
from kernels import KERNELS  # noqa: E402

SAMPLES = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'samples')
PODS = {  # name: pod uid, container id, image
    'cart': ('7d0c41f2-9a64-4c0b-8f6e-2f1f3f0c9b11', 'c4e1' + '7b02' * 15, 'registry.example.net/shop/cart:2.8.1-s6'),
    'web': ('51b8e7aa-0d35-4d3e-9c39-83f0a54a7c02', '90ab' + '11fe' * 15, 'registry.example.net/shop/web:5.1.0'),
    'report': ('e2f6b8d4-6c2f-4f0e-a1b0-0c5d9e7f6a03', '3d5c' + '0aa7' * 15, 'registry.example.net/batch/report:1.9.4'),
}


class PodNode(Node):
    """A node of a cluster whose runtime is docker, cgroup v1 by the cgroupfs driver."""

    def pod_cgroup(self, pod, exiting=False):
        uid, container, _ = PODS[pod]
        path = '/' if exiting else '/kubepods/burstable/pod%s/%s' % (uid, container)
        return ''.join('%d:%s:%s\n' % (n, c, path) for n, c in ((9, 'memory'), (8, 'pids'), (5, 'freezer'), (4, 'cpu,cpuacct'), (1, 'name=systemd')))

    def member(self, pod, pid, comm, state, frames, nspid, ns, **more):
        self.task(pid, comm, state, frames, nspid=nspid, ns=ns, **more)
        self.files['proc/%d/cgroup' % pid] = self.pod_cgroup(pod, more.get('exiting', False))

    def names(self):
        rows = ['CONTAINER ID                                                       IMAGE                                      COMMAND   CREATED      STATUS      PORTS     NAMES']
        for pod, (uid, container, image) in PODS.items():
            rows.append('%s   %s   "/init"   2 days ago   Up 2 days             k8s_%s_%s-0_shop_%s_0' % (container, image, pod, pod, uid))
        self.files['cmd/docker-ps.txt'] = '\n'.join(rows) + '\n'

    def shim(self, pid, pod):
        uid, container, _ = PODS[pod]
        self.task(pid, 'containerd-shim', 'S', self.kernel.idle('epoll'), ns=HOST, ppid=900, extra={
            'cmdline.txt': 'containerd-shim -namespace moby -workdir /var/lib/docker/containerd/daemon/io.containerd.runtime.v1.linux/moby/%s\n' % container})

    def healthy_pod(self, pod, first, pidns):
        ns = {'pid': pidns, 'net': pidns + 5, 'mnt': pidns - 2, 'uts': pidns - 1, 'ipc': pidns + 1}
        self.shim(first - 1, pod)
        self.member(pod, first, 'tini', 'S', self.kernel.idle('wait'), 1, ns, ppid=first - 1)
        self.member(pod, first + 1, pod, 'S', self.kernel.idle('epoll'), 7, ns, ppid=first)
        self.devices(first, 'eth0')
        return ns


def s6_sync():
    """A container that cannot be stopped: s6-sync waits for a superblock whose umount waits for Ceph."""
    k = KERNELS[1]
    node = PodNode(k)
    node.names()
    node.healthy_pod('web', 51201, 4026535000)
    node.shim(291901, 'cart')
    ns = node.dying_container(comm='s6-svscan', pidns=4026536204)
    node.files['proc/291967/cgroup'] = node.pod_cgroup('cart', True)
    node.files['proc/291967/status'] = node.files['proc/291967/status'].replace('PPid:\t950', 'PPid:\t291901')
    node.member('cart', 362091, 's6-sync', 'D', k.sync_waits_for_lock(), 512, ns, ppid=291967, age_s=3170)
    node.devices(362091, 'eth0')
    node.task(401200, 'umount', 'D', k.ceph_umount(), ns=HOST, age_s=4011, ppid=901)
    node.files['proc/1/mountinfo'] = '22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro\n' \
        '25 22 0:4 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw\n' \
        '203 22 0:52 / /var/lib/kubelet/plugins/ceph/globalmount rw,relatime shared:90 - ceph 10.20.3.1:6789,10.20.3.2:6789:/volumes/shop rw,name=shop,acl\n'
    node.docker_cannot_stop(container=PODS['cart'][1])
    node.log('kubelet', ('2026-03-12T06:39:44.120000+0000', 'kubelet[901]', 'I0312 06:39:44.119871     901 kuberuntime_container.go:581] Killing container "docker://%s" with 30 second grace period' % PODS['cart'][1]),
             ('2026-03-12T06:41:46.008000+0000', 'kubelet[901]', 'E0312 06:41:46.007764     901 remote_runtime.go:243] StopContainer "%s" from runtime service failed: rpc error: code = DeadlineExceeded desc = context deadline exceeded' % PODS['cart'][1]),
             ('2026-03-12T06:41:46.011000+0000', 'kubelet[901]', 'E0312 06:41:46.010220     901 pod_workers.go:190] Error syncing pod %s ("cart-0_shop(%s)"), skipping: error killing pod: failed to "KillContainer" for "cart" with KillContainerError: "rpc error: code = DeadlineExceeded desc = context deadline exceeded"' % (PODS['cart'][0], PODS['cart'][0])))
    node.log('kernel', ('2026-03-12T05:37:02.511000+0000', 'kernel', 'libceph: mon1 10.20.3.2:6789 session established'),
             ('2026-03-12T05:38:20.090000+0000', 'kernel', 'ceph: mds0 caps stale'),
             ('2026-03-12T05:43:20.190000+0000', 'kernel', 'ceph: mds0 hung'))
    report = 'INFO: task s6-sync:362091 blocked for more than 120 seconds.|      Not tainted 4.14.105-19-0013 #1|' \
             '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.|s6-sync         D    0 362091 291967 0x00000184|Call Trace:|' \
             ' __schedule+0x28e/0x880| schedule+0x36/0x80| rwsem_down_read_failed+0x10a/0x170| call_rwsem_down_read_failed+0x18/0x30|' \
             ' down_read+0x20/0x40| iterate_supers+0xa2/0x110| sys_sync+0x44/0xb0| do_syscall_64+0x73/0x130| entry_SYSCALL_64_after_hwframe+0x41/0xa6'
    node.log('kernel', *[('2026-03-12T05:54:12.300000+0000', 'kernel', line) for line in report.split('|')])
    return node


def s6_sync_slow():
    """What looks like it: a backup's sync under much dirty data, which moves on; an init that ignores SIGTERM; a umount."""
    k = KERNELS[1]
    node = PodNode(k)
    node.names()
    node.healthy_pod('web', 51201, 4026535000)
    node.healthy_pod('cart', 52201, 4026536204)
    node.task(402100, 'sync', 'D', k.sync_writes_back(), ns=HOST, age_s=2, ppid=812, second=['wait_on_page_bit', 'filemap_fdatawait_range', 'sync_inodes_sb', 'iterate_supers'] + k.call('sync'))
    node.task(402101, 'umount', 'D', ['wb_wait_for_completion', 'sync_inodes_sb', 'sync_filesystem', 'generic_shutdown_super', 'kill_block_super', 'deactivate_locked_super', 'cleanup_mnt', 'task_work_run'],
              ns=HOST, age_s=1, second=k.idle('wait'))
    node.files['proc/meminfo'] = 'MemTotal:       65536000 kB\nMemFree:        22000000 kB\nMemAvailable:   48000000 kB\nBuffers:          120000 kB\nCached:         26000000 kB\n' \
        'AnonPages:      12000000 kB\nShmem:            300000 kB\nSlab:            2100000 kB\nSReclaimable:    1600000 kB\nSUnreclaim:       500000 kB\nDirty:           2400000 kB\nWriteback:        310000 kB\n'
    node.log('docker', ('2026-03-12T06:40:15.458629+0000', 'dockerd[900]', 'time="2026-03-12T06:40:15.458629778Z" level=info msg="Container %s failed to exit within 30 seconds of signal 15 - using the force"' % PODS['report'][1]))
    return node


def ceph_netns(dead):
    k = KERNELS[3]
    node = Node(k)
    ns = node.dying_container(comm='tini')
    node.docker_cannot_stop(generation=2)
    node.task(362091, 'php-fpm', 'D', k.ceph_truncate(), ppid=291967, nspid=77, ns=ns, container='c4e1' + '7b02' * 15)
    node.devices(362091, *([] if dead else ['eth0']))
    if dead:
        node.log('kernel', *[('2026-03-12T06:%02d:10.000000+0000' % m, 'kernel', 'libceph: connect (1)10.20.3.4:6789 error -101') for m in (31, 36, 41)])
    else:
        node.log('kernel', ('2026-03-12T06:31:10.000000+0000', 'kernel', 'libceph: osd4 (1)10.20.3.4:6801 socket closed (con state OPEN)'))
    return node


def ceph_dead_netns():
    """A truncate in a network namespace that has only lo left, and libceph that cannot connect."""
    return ceph_netns(True)


def ceph_slow_mds():
    """What looks like it: the same truncate in a namespace that is whole, on a cluster that is slow."""
    return ceph_netns(False)


def apiserver_replicasets():
    """A heap full of old ReplicaSets, and the Deployments that keep them."""
    node = Node(KERNELS[1], rest=False)
    node.files['pprof/apiserver/heap.pb.gz'] = apiserver_heap(6200, 1800, vendored=True)
    deployments = [{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': n, 'namespace': 'shop'}, 'spec': {'replicas': 2, 'revisionHistoryLimit': 2147483647}} for n in ('cart', 'web')]
    sets = [{'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'metadata': {'name': '%s-%09x' % (n, i * 7919 + 5), 'namespace': 'shop', 'ownerReferences': [
        {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': n, 'uid': n, 'controller': True}]}, 'spec': {'replicas': 2 if i == 0 else 0}, 'status': {'replicas': 2 if i == 0 else 0}}
        for n in ('cart', 'web') for i in range(60)]
    node.files['k8s/deployments.json'] = json.dumps({'apiVersion': 'v1', 'kind': 'List', 'items': deployments}, indent=1)
    node.files['k8s/replicasets.json'] = json.dumps({'apiVersion': 'v1', 'kind': 'List', 'items': sets})
    return node


def apiserver_list_churn():
    """What looks like it: much allocated for ReplicaSets by a client that lists, little of it alive."""
    node = Node(KERNELS[1], rest=False)
    node.files['pprof/apiserver/heap.pb.gz'] = apiserver_heap(150, 2600, churn_mib=90000)
    return node


def kube_proxy_nodeips():
    """A kube-proxy of 1.14 that asks for the node's addresses for every NodePort."""
    node = Node(KERNELS[1], rest=False)
    node.files['pprof/kube-proxy/profile.pb.gz'] = proxy_cpu(150, 90, 120)
    return node


def kube_proxy_idle():
    """What looks like it: the same share of next to nothing."""
    node = Node(KERNELS[1], rest=False)
    node.files['pprof/kube-proxy/profile.pb.gz'] = proxy_cpu(1.5, 1, 30)
    return node


ALL = {f.__name__.replace('_', '-'): f for f in (s6_sync, s6_sync_slow, ceph_dead_netns, ceph_slow_mds, apiserver_replicasets, apiserver_list_churn, kube_proxy_nodeips, kube_proxy_idle)}


def there(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = open(path, 'rb').read()
    return found


def main():
    wrong = []
    for name, make in ALL.items():
        folder = os.path.join(SAMPLES, name)
        files = {path: text if isinstance(text, bytes) else text.encode() for path, text in make().files.items()}
        if sys.argv[1:] == ['--check']:
            wrong += [name] if there(folder) != files else []
            continue
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            open(os.path.join(folder, path), 'wb').write(text)
    for name in wrong:
        print('not ok - samples/%s is not what tests/incidents/samples.py writes' % name)
    return len(wrong) > 0


if __name__ == '__main__':
    sys.exit(main())
