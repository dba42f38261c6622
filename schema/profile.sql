-- SPDX-License-Identifier: Apache-2.0
-- Go profiles.
CREATE TABLE profile (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    component TEXT, -- apiserver, kubelet, kube-proxy …
    format TEXT, -- protobuf, heap text …
    time_ns INTEGER, -- when it was taken, nanoseconds since 1970 UTC
    duration_ns INTEGER, -- over how long; NULL for a snapshot
    period_type TEXT, -- cpu/nanoseconds, space/bytes
    period INTEGER, -- sampling period
    samples INTEGER, -- samples read
    delta INTEGER, -- 1 for the difference of two snapshots: shares of what lives mean nothing
    default_type TEXT, -- the sample type shown by default
    comments TEXT, -- one a line
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line)
) WITHOUT ROWID;
