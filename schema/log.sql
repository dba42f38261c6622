-- SPDX-License-Identifier: Apache-2.0
-- Log records: physical lines that belong together are one. While analysing, this name is a virtual
-- table over compressed blocks; in what leaves the program it is this plain table.
CREATE TABLE log (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- its first physical line, from 1
    time INTEGER,          -- nanoseconds since 1970 UTC; NULL unknown
    clock INTEGER,         -- that the line's own stamp is on: 1 UTC, 2 local, 3 local without a year, 4 since boot
    unit TEXT,             -- docker, containerd, kubelet, kernel …
    pid INTEGER,           -- of the writer
    priority INTEGER,      -- syslog priority, 0 emergency to 7 debug
    host TEXT,             -- as the line says
    message TEXT,          -- without the prefix of the format
    lines INTEGER,         -- physical lines it took
    boot TEXT,             -- boot it belongs to (boot id, or a counter in the log); NULL unknown
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line)
) WITHOUT ROWID;
