# SPDX-License-Identifier: Apache-2.0
"""A bundle full of what must not come through, and what must."""
import base64
import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from protobuf import field, varint  # noqa: E402

ID = '9f8e7d6c5b4a39281706f5e4d3c2b1a00f1e2d3c4b5a69788796a5b4c3d2e1f0'
UID = '3c5d7e9f-1a2b-4c3d-8e4f-5a6b7c8d9e0f'
JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLWEtdG9rZW4'
KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj'


def profile():
    strings = ['', 'samples', 'count', 'corp.Payroll', '/home/hannelore/src/payroll.go', 'tenant', 'Wolkenheim GmbH', 'a comment of Wolkenheim', '/opt/app/bin/kube-proxy', 'bytes']
    out = field(1, field(1, 1) + field(2, 2))
    out += field(2, field(1, varint(1)) + field(2, varint(7)) + field(3, field(1, 5) + field(2, 6)) + field(3, field(1, 9) + field(3, 64)))
    out += field(3, field(1, 1) + field(2, 4096) + field(3, 8192) + field(5, 8))
    out += field(4, field(1, 1) + field(2, 1) + field(4, field(1, 1) + field(2, 10)))
    out += field(5, field(1, 1) + field(2, 3) + field(4, 4))
    for string in strings:
        out += field(6, string.encode())
    return gzip.compress(out + field(13, 7), mtime=0)


NODE = 'wolke-17'
FILES = {
    'inquest-wolke-17/manifest.json': '{"format": "inquest-bundle/1", "hostname": "%s", "kernel": "5.10.0-28-amd64", "boot_id": "%s", "collected_at": "2026-03-12T06:45:00Z"}\n' % (NODE, UID),
    'inquest-wolke-17/proc/4242/comm': 'umount\n',
    'inquest-wolke-17/proc/4242/status': 'Name:\tumount\nState:\tD (disk sleep)\nTgid:\t4242\nPid:\t4242\nPPid:\t1\nTracerPid:\t0\nVmSize:\t  1024 kB\nThreads:\t1\n',
    'inquest-wolke-17/proc/4242/stack': '[<0>] ceph_mdsc_sync+0x1ea/0x2a0 [ceph]\n[<0>] ceph_sync_fs+0x2a/0xb0 [ceph]\n[<0>] __sync_filesystem+0x1b/0x60\n[<0>] do_syscall_64+0x5b/0x1a0\n',
    'inquest-wolke-17/proc/4242/cgroup': '0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice/cri-containerd-%s.scope\n' % (UID.replace('-', '_'), ID),
    'inquest-wolke-17/proc/4242/cmdline': b'umount\0-o\0password\0--token\0zaubertrank-eins\0-ptrollfinger\0/home/hannelore/mnt\0',
    'inquest-wolke-17/proc/4242/mountinfo': '25 1 0:22 / / rw shared:1 - ext4 /dev/sda1 rw\n26 25 0:40 / /var/lib/kubelet/pods/%s/volumes/x rw - ceph 10.111.3.4:6789,10.111.3.5:6789:/tenants/x rw,name=u,secret=QVFDa2V5a2V5a2V5a2V5,acl\n' % UID,
    'inquest-wolke-17/proc/net/ip_vs': 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\nTCP  0A6F0304:1A85 rr\n  -> 0A6F0305:1A85 Masq 1 0 0\n',
    'inquest-wolke-17/proc/net/tcp': '  sl  local_address rem_address   st\n   0: 04036F0A:1A85 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345678 1\n',
    'inquest-wolke-17/journal/kernel.log': '2026-03-12T06:40:00.000000+0000 %s kernel: ceph: mds0 hung\n2026-03-12T06:40:01.000000+0000 %s kernel: libceph: mon1 10.111.3.4:6789 socket error on read\n2026-03-12T06:40:02.000000+0000 %s kernel: IN=eth0 MAC=3e:11:22:33:44:55:52:54:7a:61:02:03:08:00 SRC=10.111.3.9 DST=185.199.7.8\n' % (NODE, NODE, NODE),
    'inquest-wolke-17/journal/kubelet.log': ''.join('2026-03-12T06:4%d:00.000000+0000 %s kubelet[901]: %s\n' % (n % 10, NODE, line) for n, line in enumerate([
        'I0312 06:39:44.119871     901 kubelet.go:1] "SyncLoop" pod="lohnbuero/gehalt-7d9f8b6c5d-x2x9z" podUID=%s containerID="containerd://%s"' % (UID, ID),
        'E0312 pod_workers.go:190] Error syncing pod %s ("gehalt-7d9f8b6c5d-x2x9z_lohnbuero(%s)"), skipping' % (UID, UID),
        'failed to pull image "registry.wolkenheim.de:5000/lohnbuero/gehalt:2.8": Get https://hannelore:geheim123@registry.wolkenheim.de:5000/v2/: x509',
        'Authorization: Bearer %s' % JWT,
        'mount --password trollsocke --user u //fileserver.wolkenheim.de/x',
        'cache fe80::5054:ff:fe7a:6102 and 2a01:4f8:c0c:1234::1 and 2a01:4f8:c0c:1234::2, container 9f8e7d6c5b4a, mail hannelore.kraft@wolkenheim.de',
        'var-lib-kubelet-pods-%s-volumes.mount: succeeded' % UID.replace('-', '\\x2d'),
        'dsn root:hexenkessel@tcp(db-7.wolkenheim.de:3306)/lohn AccountKey=Zm9vYmFyZm9vYmFyZm9vYmFy; AKIAIOSFODNN7WOLKENH ghp_0123456789abcdefghijABCDEFGHIJ012345',
        'node "%s" not ready; user=hannelore; GET http://wolke-18:10250/stats; etcd https://127.0.0.1:2379; kube-dns.kube-system.svc.cluster.local' % NODE,
        '-----BEGIN RSA PRIVATE KEY-----', KEY, KEY, 'bGV0enRlWmVpbGU=', '-----END RSA PRIVATE KEY-----', 'behind the key'])),
    'inquest-wolke-17/journal/docker.log.gz': gzip.compress(('2026-03-12T06:40:00.000000+0000 %s dockerd[900]: level=info msg="Container %s failed to exit within 30 seconds of signal 15 - using the force"\n' % (NODE, ID)).encode(), mtime=0),
    'inquest-wolke-17/k8s/pods.json': '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gehalt-7d9f8b6c5d-x2x9z", "namespace": "lohnbuero", "uid": "%s", "labels": {"mandant.wolkenheim.de/name": "x"}}, "spec": {"nodeName": "wolke-17", "containers": [{"name": "lohnrechner", "image": "registry.wolkenheim.de:5000/lohnbuero/gehalt:2.8", "env": [{"name": "DB_PASSWORD", "value": "drachenblut"}]}]}, "status": {"hostIP": "10.111.3.9", "podIP": "10.112.0.7", "containerStatuses": [{"name": "lohnrechner", "containerID": "containerd://%s"}]}}]}\n' % (UID, ID),
    'inquest-wolke-17/cmd/docker-ps.txt': 'CONTAINER ID   IMAGE   STATUS   NAMES\n%s   registry.wolkenheim.de:5000/lohnbuero/gehalt:2.8   Up 2 days   k8s_lohnrechner_gehalt-7d9f8b6c5d-x2x9z_lohnbuero_%s_0\n' % (ID, UID),
    'inquest-wolke-17/cmd/config.yaml': 'users:\n- name: u\n  user:\n    client-key-data: %s\n    token: rumpelstilz-token\nclusters:\n- cluster:\n    server: https://api.wolkenheim.de:6443\nenv:\n- name: API_SECRET\n  value: siebenmeilen\n' % base64.b64encode(b'a private key of somebody').decode(),
    'inquest-wolke-17/var/log/pods/lohnbuero_gehalt-7d9f8b6c5d-x2x9z_%s/lohnrechner/0.log' % UID: 'lohnrechner on WOLKE-17 listens\n',
    'inquest-wolke-17/pprof/kube-proxy/profile.pb.gz': profile(),
    'inquest-wolke-17/cmd/core': b'\x7fELF\2\1\1' + bytes(range(256)) * 8 + b'wolkenheim',
}
LINKS = {'inquest-wolke-17/proc/4242/cwd': '/home/hannelore/mnt', 'inquest-wolke-17/proc/4242/ns/net': 'net:[4026531992]'}

PRIVATE = ['wolke-17', 'wolke-18', 'wolkenheim', 'hannelore', 'lohnbuero', 'gehalt-7d9f', 'lohnrechner', '10.111.3.4', '10.111.3.5', '10.111.3.9', '10.112.0.7', '185.199.7.8',
           '0A6F0304', '0A6F0305', '04036F0A', '3e:11:22:33:44:55', '52:54:7a:61:02:03', 'fe80::5054:ff:fe7a:6102', '2a01:4f8', ID, ID[:12], UID, UID.replace('-', '_'),
           UID.replace('-', '\\x2d'), 'Wolkenheim GmbH', 'db-7']
SECRETS = ['geheim123', JWT, 'c2lnbmF0dXJlLW9mLWEtdG9rZW4', KEY, 'bGV0enRlWmVpbGU', 'QVFDa2V5a2V5', 'hexenkessel', 'Zm9vYmFyZm9v', 'AKIAIOSFODNN7WOLKENH', 'ghp_0123456789', 'drachenblut',
           'rumpelstilz', 'siebenmeilen', base64.b64encode(b'a private key of somebody').decode(), 'zaubertrank', 'trollfinger', 'trollsocke']
STAYS = ['ceph_mdsc_sync+0x1ea/0x2a0 [ceph]', 'mds0 hung', '5.10.0-28-amd64', '2026-03-12T06:40:00.000000+0000', 'kubelet[901]', '127.0.0.1:2379', 'kube-dns.kube-system.svc.cluster.local',
         'net:[4026531992]', 'behind the key', 'corp.Payroll', '12345678', 'kubepods-burstable', 'umount', 'ext4 /dev/sda1']
# member, what stands in it, with {name} for the word of a name: the same in all of them
N = 'inquest-host-1/'
CONNECTED = [
    (N + 'manifest.json', '"hostname": "{wolke-17}"'),
    (N + 'proc/4242/cgroup', 'cri-containerd-{%s}' % ID[:12]),
    (N + 'journal/docker.log.gz', 'Container {%s}' % ID[:12]),
    (N + 'cmd/docker-ps.txt', 'k8s_{lohnrechner}_{gehalt-7d9f8b6c5d-x2x9z}_{lohnbuero}_{%s}_0' % UID),
    (N + 'journal/kubelet.log', 'pod="{lohnbuero}/{gehalt-7d9f8b6c5d-x2x9z}"'),
    (N + 'journal/kubelet.log', '("{gehalt-7d9f8b6c5d-x2x9z}_{lohnbuero}({%s})")' % UID),
    (N + 'journal/kubelet.log', 'container {%s},' % ID[:12]),
    (N + 'journal/kubelet.log', 'mail {hannelore.kraft}@{wolkenheim.de}'),
    (N + 'journal/kernel.log', 'mon1 {10.111.3.4}:6789'),
    (N + 'proc/4242/mountinfo', '{10.111.3.4}:6789,{10.111.3.5}:6789'),
    (N + 'k8s/pods.json', '"name": "{gehalt-7d9f8b6c5d-x2x9z}", "namespace": "{lohnbuero}", "uid": "{%s}"' % UID),
    (N + 'k8s/pods.json', '"nodeName": "{wolke-17}"'),
    (N + 'k8s/pods.json', '"hostIP": "{10.111.3.9}"'),
]
