-- SPDX-License-Identifier: Apache-2.0
-- Open files of the processes whose descriptors were collected.
CREATE TABLE fd (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    pid INTEGER NOT NULL, -- process
    fd INTEGER NOT NULL, -- descriptor number
    target TEXT, -- what the link says: a path, pipe:[1], socket:[2], anon_inode:[eventpoll], /dev/fuse
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (pid, fd, member, line)
) WITHOUT ROWID;
