-- SPDX-License-Identifier: Apache-2.0
-- What functions hold below another: value and share of the total of the stacks in which `function` is called,
-- however far down, by `below` (or is it). Ask for one `below`: WHERE below = '…' AND type = 'inuse_space' AND
-- share > 0.1.
CREATE VIEW profile_below AS
SELECT p.component, c.member, c.type, c.below, c.function, sum(c.number) AS value,
       CAST(sum(c.number) AS REAL) / nullif(t.total, 0) AS share
FROM (SELECT DISTINCT a.member, a.type, a.stack, a.number, a.function AS below, f.function
      FROM profile_frame a JOIN profile_frame f
        ON f.member = a.member AND f.type = a.type AND f.stack = a.stack AND f.depth <= a.depth) c
JOIN profile_type t ON t.member = c.member AND t.type = c.type
JOIN profile p ON p.member = c.member
GROUP BY c.member, c.type, c.below, c.function;
