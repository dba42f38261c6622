-- SPDX-License-Identifier: Apache-2.0
-- Text members kept whole. Only in what leaves the program (unpack, --db).
CREATE TABLE file (
    path TEXT PRIMARY KEY, -- below the node's prefix
    content TEXT           -- its bytes
) WITHOUT ROWID;
