-- SPDX-License-Identifier: Apache-2.0
-- Every chain of waits from a waiter to the end of the line.
CREATE VIEW wait_chain AS
WITH RECURSIVE chain(waiter, holder, depth, path) AS (
    SELECT waiter, holder, 1, waiter || ' -> ' || coalesce(holder, what) FROM wait
    UNION
    SELECT c.waiter, w.holder, c.depth + 1, c.path || ' -> ' || coalesce(w.holder, w.what)
    FROM chain c JOIN wait w ON w.waiter = c.holder
    WHERE c.depth < 32 AND instr(c.path, coalesce(w.holder, w.what)) = 0
)
SELECT waiter, holder, depth, path FROM chain;
