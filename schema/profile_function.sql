-- SPDX-License-Identifier: Apache-2.0
-- Functions of profiles with their flat and cumulative values, as go tool pprof -top counts.
CREATE TABLE profile_function (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    type TEXT NOT NULL, -- sample type
    function TEXT NOT NULL, -- name
    flat INTEGER, -- where it is the leaf
    cum INTEGER, -- where it stands anywhere, recursion counted once
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, type, function, line)
) WITHOUT ROWID;
