-- SPDX-License-Identifier: Apache-2.0
-- Namespace links of processes (proc/<pid>/ns).
CREATE TABLE ns_link (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    pid INTEGER NOT NULL, -- process
    kind TEXT NOT NULL, -- net, pid, mnt, user, ipc, uts, cgroup, time, pid_for_children, time_for_children
    inode INTEGER, -- number of the namespace; NULL where the link could not be read
    why TEXT, -- for a NULL inode: gone (ENOENT), permission (EACCES), unknown
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (pid, kind, member, line)
) WITHOUT ROWID;
