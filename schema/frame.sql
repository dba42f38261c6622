-- SPDX-License-Identifier: Apache-2.0
-- Frames of the distinct stacks.
CREATE TABLE frame (
    stack INTEGER NOT NULL, -- stack.id
    depth INTEGER NOT NULL, -- 0 is where it is now
    function TEXT,          -- normalised: no compiler suffix, sys:name for a system call's entry
    symbol TEXT,            -- as written
    offset INTEGER,         -- in the function, bytes; NULL unknown
    size INTEGER,           -- of the function, bytes; NULL unknown
    module TEXT,            -- '' for the kernel itself
    reliable INTEGER,       -- 0 where the kernel marked it with ?
    matters INTEGER,        -- 1 in the canonical stack: no sleep, lock or entry frame
    PRIMARY KEY (stack, depth)
) WITHOUT ROWID;
