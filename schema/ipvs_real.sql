-- SPDX-License-Identifier: Apache-2.0
-- IPVS real servers.
CREATE TABLE ipvs_real (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    service TEXT NOT NULL, -- of which service
    address TEXT, -- dotted or IPv6
    port INTEGER, -- port
    forward TEXT, -- Masq, Route, Tunnel, Local
    weight INTEGER, -- 0: no new connections
    active INTEGER, -- connections
    inactive INTEGER, -- closing ones, and all of UDP
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (service, member, line)
) WITHOUT ROWID;
