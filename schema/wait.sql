-- SPDX-License-Identifier: Apache-2.0
-- The wait graph: who waits for whom. Filled by the diagnosis (built-in edges and wait rules).
CREATE TABLE wait (
    waiter INTEGER NOT NULL,  -- tid that waits
    holder INTEGER,           -- tid that holds it up; NULL for a thing that is no thread
    what TEXT NOT NULL,       -- the thing where holder is NULL (a server, a device), else ''
    "on" TEXT NOT NULL,       -- what it waits on: pid namespace 4026536204, a superblock's s_umount …
    certainty TEXT NOT NULL,  -- proved or inferred
    one_of INTEGER NOT NULL,  -- candidates for this wait; 1: this is the only one
    rule TEXT NOT NULL,       -- what found it
    evidence TEXT,            -- of the waiter
    holder_evidence TEXT,     -- of the holder
    PRIMARY KEY (waiter, holder, what, "on", rule)
);
