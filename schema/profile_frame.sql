-- SPDX-License-Identifier: Apache-2.0
-- Frames of the stacks of profiles: depth 0 is the leaf. A stack has a function more than once where it recurs.
CREATE VIEW profile_frame AS
SELECT s.member, s.type, s.stack, f.key AS depth, f.value AS function, s.number
FROM profile_stack s, json_each('["' || replace(replace(replace(s.functions, '\', '/'), '"', ''''), char(10), '","') || '"]') f
WHERE s.functions <> '';
