-- SPDX-License-Identifier: Apache-2.0
-- Damage that left the rest readable.
CREATE TABLE warning (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    problem TEXT NOT NULL, -- one line
    count INTEGER NOT NULL DEFAULT 1, -- how often it was met
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line, problem)
) WITHOUT ROWID;
