-- SPDX-License-Identifier: Apache-2.0
-- Sample types of profiles.
CREATE TABLE profile_type (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    type TEXT NOT NULL, -- inuse_space, cpu, goroutine …
    unit TEXT, -- bytes, nanoseconds, count
    total INTEGER, -- sum over all samples
    position INTEGER, -- order in the profile
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, type, line)
) WITHOUT ROWID;
