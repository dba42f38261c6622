#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""live.py REPORT DAEMON INIT WRITER UMOUNT SYNC  -  what the JSON report of the live hang must say of these pids."""
import json
import sys

report = json.load(open(sys.argv[1]))
daemon, init, writer, umount, sync = map(int, sys.argv[2:7])
findings, edges = report['findings'], {}
for wait in report['waits']:
    edges.setdefault(wait['waiter']['tid'], set()).add(wait['holder']['tid'])


def reaches(waiter, holder):
    seen, todo = set(), [waiter]
    while todo:
        new = edges.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return holder in seen


def say(name, holds):
    print('%s - live diagnosis: %s' % ('ok' if holds else 'not ok', name))


say('the stopped FUSE daemon stands first',
    findings and findings[0]['cause'] == 'fuse-daemon-stopped' and daemon in map(int, findings[0]['subjects'].get('pid', [])))
say('the writer waits for the daemon', reaches(writer, daemon))
say('its init waits for the writer', reaches(init, writer))
say('umount waits for the daemon', reaches(umount, daemon))
say('s6-sync waits for umount', reaches(sync, umount))
for cause in ('loop-backing-stuck', 'umount-stuck', 's-umount-contention', 'pidns-init-waits-children'):
    mine = [f for f in findings if f['cause'] == cause]
    say('%s is there and explained' % cause, mine and all(f['explained_by'] for f in mine))
say('nothing is unexplained', not report['unexplained'])
say('nobody blames the network', not any(f['cause'] in ('ceph-dead-netns', 'storage-dead-netns') for f in findings))
