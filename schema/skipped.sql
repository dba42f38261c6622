-- SPDX-License-Identifier: Apache-2.0
-- What the collector could not read: evidence too, a read that timed out names a lock.
CREATE TABLE skipped (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    path TEXT NOT NULL, -- of the file on the node
    why TEXT, -- permission, gone, timeout, deadline, too-big, unsupported
    seconds INTEGER, -- after how long it gave up
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (path, member, line)
) WITHOUT ROWID;
