-- SPDX-License-Identifier: Apache-2.0
-- Distinct stacks of profiles.
CREATE TABLE profile_stack (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    type TEXT NOT NULL, -- sample type
    stack INTEGER NOT NULL, -- number within the profile
    functions TEXT, -- one a line, leaf first
    number INTEGER, -- value in the type's unit
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, type, stack, line)
) WITHOUT ROWID;
