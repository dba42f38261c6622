-- SPDX-License-Identifier: Apache-2.0
-- The members of the bundle and what became of them.
CREATE TABLE member (
    path TEXT PRIMARY KEY, -- below the node's prefix
    kind TEXT,             -- the evidence kind that claimed it; NULL for none
    bytes INTEGER,         -- unpacked
    kept INTEGER,          -- 1 when its text can be read back, 0 when only listed
    target TEXT            -- of a symbolic link
) WITHOUT ROWID;
