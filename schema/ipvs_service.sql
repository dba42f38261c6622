-- SPDX-License-Identifier: Apache-2.0
-- IPVS virtual services.
CREATE TABLE ipvs_service (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    service TEXT NOT NULL, -- protocol address:port
    protocol TEXT, -- TCP, UDP, SCTP, FWM
    address TEXT, -- dotted or IPv6
    port INTEGER, -- port
    scheduler TEXT, -- rr, wrr, lc, wlc, sh …
    persistent_s INTEGER, -- session affinity in seconds; NULL none
    flags TEXT, -- ops …
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (service, member, line)
) WITHOUT ROWID;
