-- SPDX-License-Identifier: Apache-2.0
-- Any small number or word of the node: vmstat, loadavg, pressure, sysctls, block devices, FUSE connections, fdinfo.
CREATE TABLE value (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    scope TEXT NOT NULL, -- the file it is from, without proc/ in front: meminfo, vmstat, pressure/memory, sys/net/netfilter/nf_conntrack_max, sys/block/loop0
    key TEXT NOT NULL, -- the name within it; '' for a lone value
    number INTEGER, -- where it is a whole number
    word TEXT, -- where it is not
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (scope, key, member, line)
) WITHOUT ROWID;
