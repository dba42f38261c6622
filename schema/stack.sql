-- SPDX-License-Identifier: Apache-2.0
-- Distinct kernel stacks. Equal ones are stored once.
CREATE TABLE stack (
    id INTEGER PRIMARY KEY, -- in the order of their text
    frames TEXT,            -- one frame a line, top first: function+0xoffset/0xsize [module]
    depth INTEGER,          -- number of frames
    top TEXT,               -- first function that matters: below sleeping and lock primitives
    module TEXT,            -- its module; '' for the kernel itself
    lock TEXT,              -- what it shows of a lock: rwsem-read, rwsem-write, mutex, completion, none
    place TEXT,             -- where it waits, in words
    signature TEXT          -- stable fingerprint
);
