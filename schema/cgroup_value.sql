-- SPDX-License-Identifier: Apache-2.0
-- Numbers of the cgroup file system.
CREATE TABLE cgroup_value (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    cgroup TEXT NOT NULL, -- path below the hierarchy's root
    container TEXT, -- id in that path
    file TEXT NOT NULL, -- memory.stat, memory.current, cpu.stat, pids.max … (v1 names as they are)
    key TEXT NOT NULL, -- the name within it; '' for a lone number
    number INTEGER, -- NULL for max
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (cgroup, file, key, member, line)
) WITHOUT ROWID;
