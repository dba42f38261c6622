-- SPDX-License-Identifier: Apache-2.0
-- Network devices and their counters, of each network namespace that was collected.
CREATE TABLE net_device (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    pid INTEGER, -- whose proc/<pid>/net/dev; NULL for the node's own
    device TEXT NOT NULL, -- eth0, lo, veth…
    rx_bytes INTEGER, -- bytes received
    rx_packets INTEGER, -- packets received
    tx_bytes INTEGER, -- bytes sent
    tx_packets INTEGER, -- packets sent
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line, device)
) WITHOUT ROWID;
