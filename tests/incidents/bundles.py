# SPDX-License-Identifier: Apache-2.0
"""Bundles of the incidents, made up task by task: a node at rest, and what goes wrong on it."""
import gzip
import io
import json
import random
import tarfile
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from protobuf import field, varint  # noqa: E402

COLLECTED = '2026-03-12T06:45:00Z'
HOST = {'pid': 4026531836, 'net': 4026531840, 'mnt': 4026531841, 'user': 4026531837, 'uts': 4026531838, 'ipc': 4026531839, 'cgroup': 4026531835}
LO = '    lo:  123456     789    0    0    0     0          0         0   123456     789    0    0    0     0       0          0\n'
NET_HEAD = 'Inter-|   Receive                                                |  Transmit\n' \
           ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n'
CONTAINER = 'c4e1' + '7b02' * 15


class Node:
    def __init__(self, kernel, rest=True):
        self.kernel, self.files = kernel, {}
        self.files['manifest.json'] = json.dumps({'format': 'inquest-bundle/1', 'hostname': 'node-7', 'kernel': kernel.release,
                                                  'boot_id': '0b7e2c8e-6d7f-4c7e-9a53-1f6f9f0a7d11', 'collected_at': COLLECTED,
                                                  'collector': 'inquest-collect 0.1.0', 'duration_s': 4.0})
        self.files['proc/uptime'] = '864000.00 1600000.00\n'
        self.files['proc/stat'] = 'cpu  1 2 3 4\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nbtime %d\n' % (1773297900 - 864000)
        if rest:
            self.rest()

    def rest(self):
        k = self.kernel
        self.task(1, 'systemd', 'S', k.idle('epoll'), ns=HOST)
        self.task(2, 'kthreadd', 'S', k.idle('worker'), kthread=True, ppid=0)
        self.task(310, 'kworker/3:1', 'I' if k.number > 413 else 'S', k.idle('worker'), kthread=True, ppid=2)
        self.task(402, 'jbd2/sda1-8', 'S', k.idle('journal'), kthread=True, ppid=2)
        self.task(700, 'sshd', 'S', ['poll_schedule_timeout', 'do_sys_poll'] + k.call('poll'), ns=HOST)
        self.task(812, 'bash', 'S', k.tty_read(), ns=HOST)
        self.task(900, 'dockerd', 'S', k.idle('futex'), ns=HOST)
        self.task(901, 'kubelet', 'S', k.idle('futex'), ns=HOST)
        self.task(950, 'containerd-shim', 'S', k.idle('epoll'), ns=HOST)
        # in D for a moment, and on in the second sample
        self.task(402333, 'tar', 'D', ['wait_on_page_bit', 'generic_file_read_iter', 'vfs_read'] + k.call('read'), ns=HOST, second=k.idle('futex'))

    def task(self, pid, comm, state, frames, ppid=1, nspid=None, ns=None, blank=(), container=None, exiting=False, kthread=False,
             second='same', extra=None, age_s=86400, mm=True, tracer=0):
        k, base = self.kernel, 'proc/%d/' % pid
        long = {'R': 'running', 'S': 'sleeping', 'D': 'disk sleep', 'T': 'stopped', 't': 'tracing stop', 'Z': 'zombie', 'I': 'idle'}[state]
        status = 'Name:\t%s\nState:\t%s (%s)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\nUid:\t0\t0\t0\t0\n' % (comm if kthread else comm[:15], state, long, pid, pid, ppid, tracer)
        if k.nspid:
            status += 'NSpid:\t%d%s\n' % (pid, '\t%d' % nspid if nspid else '')
        if mm and not kthread and not exiting and state != 'Z':
            status += 'VmSize:\t  102400 kB\nVmRSS:\t   20480 kB\n'
        if exiting:
            status += 'ShdPnd:\t0000000000000100\n'
        self.files[base + 'status'] = status + 'Threads:\t1\n'
        self.files[base + 'comm'] = (comm if kthread else comm[:15]) + '\n'
        start = 86400000 - age_s * 100
        self.files[base + 'stat'] = '%d (%s) %s %d 0 0 0 -1 %d 0 0 0 0 10 5 0 0 20 0 1 0 %d 104857600 5120\n' % (
            pid, comm if kthread else comm[:15], state, ppid, 0x200000 if kthread else 0x400, start)
        if frames is not None:
            self.files[base + 'stack'] = k.stack(frames, pid)
        if state == 'D' and frames is not None and second is not None:
            self.files[base + 'stack.2'] = k.stack(frames if second == 'same' else second, pid)
        if not kthread:
            self.files[base + 'cgroup'] = k.cgroup(container, exiting)
        if ns:
            self.ns(pid, ns, blank)
        self.files.update({base + name: text for name, text in (extra or {}).items()})

    def ns(self, pid, ns, blank=()):
        lines = ['total 0']
        for kind in ('cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'):
            arrow = '' if kind in blank else ' -> %s:[%d]' % (kind, ns.get(kind, HOST[kind]))
            lines.append('lrwxrwxrwx 1 0 0 0 Mar 12 06:44 %s%s' % (kind, arrow))
        self.files['proc/%d/ns.txt' % pid] = '\n'.join(lines) + '\n'

    def devices(self, pid, *names):
        self.files['proc/%d/net/dev' % pid] = NET_HEAD + LO + ''.join(LO.replace('    lo', '%6s' % n) for n in names)

    def log(self, unit, *records):
        """(time, ident, message) records in short-iso-precise."""
        path = 'journal/%s.log' % unit
        self.files[path] = self.files.get(path, '') + ''.join('%s node-7 %s: %s\n' % r for r in records)

    # ---- the pieces of the incidents -------------------------------------------------------------
    def dying_container(self, pid=291967, pidns=4026536204, container=CONTAINER, frames=None, comm='envoy'):
        k = self.kernel
        self.task(pid, comm, 'S', frames or k.dying_init(), ppid=950, nspid=1, ns={'pid': pidns}, exiting=True, container=container,
                  blank=('cgroup', 'ipc', 'mnt', 'net', 'uts'), extra={'wchan': 'do_wait'})
        return {'pid': pidns, 'net': pidns + 5, 'mnt': pidns - 2, 'uts': pidns - 1, 'ipc': pidns + 1, 'cgroup': HOST['cgroup'] if not k.v2 else pidns + 2}

    def docker_cannot_stop(self, container=CONTAINER, generation=1, day='12'):
        stamp = '2026-03-%sT06:%%s:15.458629+0000' % day
        text = {1: ('Container %s failed to exit within 30 seconds of signal 15 - using the force' % container,
                    'Container %s failed to exit within 10 seconds of kill - trying direct SIGKILL' % container[:12]),
                2: ('Container failed to exit within 30 seconds of signal 15 - using the force" container=%s "' % container,
                    'Container failed to exit within 10 seconds of kill - trying direct SIGKILL" container=%s "' % container),
                3: ('Container failed to exit within 30s of signal 15 - using the force" container=%s "' % container,
                    'Container failed to exit within 10s of kill - trying direct SIGKILL" container=%s error="context deadline exceeded' % container)}[generation]
        for minute, message in zip(('40', '41'), text):
            when = (stamp % minute)
            self.log('docker', (when, 'dockerd[900]', ('time="%s" level=info msg="%s"' % (when.replace('+0000', 'Z'), message)).replace(' ""', '')))

    def archive(self, seed=None, prefix='', packing='gz'):
        names = sorted(self.files)
        if seed is not None:
            random.Random(seed).shuffle(names)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w:' + packing) as tar:
            for name in names:
                content = self.files[name]
                content = content if isinstance(content, bytes) else content.encode()
                info = tarfile.TarInfo(prefix + name)
                info.size, info.mtime = len(content), 1773297900
                tar.addfile(info, io.BytesIO(content))
        return out.getvalue()


# ---- Go profiles --------------------------------------------------------------------------------------
def profile(types, samples, binary, duration_ns=0, period=('space', 'bytes', 524288)):
    """A gzipped profile.proto. types: (type, unit); samples: (functions leaf first, values)."""
    strings, functions = [''], {}

    def string(s):
        if s not in strings:
            strings.append(s)
        return strings.index(s)
    out = b''.join(field(1, field(1, string(t)) + field(2, string(u))) for t, u in types)
    for stack, values in samples:
        for name in stack:
            functions.setdefault(name, len(functions) + 1)
        out += field(2, field(1, b''.join(varint(functions[n]) for n in stack)) + field(2, b''.join(varint(v) for v in values)))
    out += field(3, field(1, 1) + field(5, string(binary)))
    for name, number in functions.items():
        out += field(4, field(1, number) + field(2, 1) + field(4, field(1, number) + field(2, 10)))
        out += field(5, field(1, number) + field(2, string(name)) + field(3, string(name)))
    out += field(9, 1773297000 * 10 ** 9) + (field(10, duration_ns) if duration_ns else b'')
    out += field(11, field(1, string(period[0])) + field(2, string(period[1]))) + field(12, period[2])
    out += b''.join(field(6, s.encode()) for s in strings)
    return gzip.compress(out, mtime=0)


HEAP = (('alloc_objects', 'count'), ('alloc_space', 'bytes'), ('inuse_objects', 'count'), ('inuse_space', 'bytes'))
CPU = (('samples', 'count'), ('cpu', 'nanoseconds'))
MIB = 1 << 20


def apiserver_heap(replicasets_mib, pods_mib, vendored=False, churn_mib=0):
    v = 'k8s.io/kubernetes/vendor/' if vendored else ''
    decode = [v + 'k8s.io/apiserver/pkg/storage/etcd3.decode', v + 'k8s.io/apiserver/pkg/storage/cacher.(*Cacher).startCaching']
    rs = [v + 'k8s.io/api/core/v1.(*PodSpec).Unmarshal', v + 'k8s.io/api/core/v1.(*PodTemplateSpec).Unmarshal', v + 'k8s.io/api/apps/v1.(*ReplicaSetSpec).Unmarshal',
          v + 'k8s.io/api/apps/v1.(*ReplicaSet).Unmarshal'] + decode
    pod = [v + 'k8s.io/api/core/v1.(*Container).Unmarshal', v + 'k8s.io/api/core/v1.(*Pod).Unmarshal'] + decode
    return profile(HEAP, [(rs, (10, (replicasets_mib + churn_mib) * MIB, 9, replicasets_mib * MIB)), (pod, (10, pods_mib * MIB * 2, 9, pods_mib * MIB))], '/usr/local/bin/kube-apiserver')


def proxy_cpu(nodeips_s, other_s, seconds):
    top = ['k8s.io/kubernetes/pkg/proxy/ipvs.(*Proxier).syncProxyRules', 'k8s.io/kubernetes/pkg/util/async.(*BoundedFrequencyRunner).tryRun']
    ask = ['syscall.Syscall6', 'k8s.io/kubernetes/vendor/github.com/vishvananda/netlink/nl.(*NetlinkRequest).Execute',
           'k8s.io/kubernetes/pkg/proxy/ipvs.(*netlinkHandle).GetLocalAddresses', 'k8s.io/kubernetes/pkg/proxy/ipvs.(*realIPGetter).NodeIPs'] + top
    other = ['runtime.mallocgc', 'k8s.io/kubernetes/pkg/util/ipset.(*runner).ListEntries'] + top
    ns = 10 ** 9
    return profile(CPU, [(ask, (int(nodeips_s * 100), int(nodeips_s * ns))), (other, (int(other_s * 100), int(other_s * ns)))], '/usr/local/bin/kube-proxy',
                   int(seconds * ns), ('cpu', 'nanoseconds', 10 ** 7))
