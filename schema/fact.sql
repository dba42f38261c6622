-- SPDX-License-Identifier: Apache-2.0
-- What the node says of itself, one key a row; the view node has the usual ones as columns.
CREATE TABLE fact (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    key TEXT NOT NULL, -- hostname, kernel, boot_id, collected_at, uptime_s, boot_time_s, cpus, os, arch, zone_offset_s
    value TEXT, -- as written
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (key, member, line)
) WITHOUT ROWID;
