-- SPDX-License-Identifier: Apache-2.0
-- Which member tells the mounts of each process: its own mountinfo, else that of a process in the same mount
-- namespace, else the node's. The row with pid NULL is the node.
CREATE VIEW process_mounts AS
WITH told AS MATERIALIZED (
    SELECT m.member, m.pid, t.mntns, t.kthread FROM (SELECT DISTINCT member, pid FROM mount) m LEFT JOIN thread t ON t.tid = m.pid
), here AS MATERIALIZED (
    SELECT coalesce((SELECT min(member) FROM told WHERE pid = 1),
                    (SELECT min(member) FROM told WHERE mntns = (SELECT mntns FROM thread WHERE tid = 1)),
                    (SELECT min(member) FROM told WHERE kthread = 1),
                    (SELECT min(member) FROM told WHERE pid IS NULL),
                    (SELECT min(member) FROM told)) AS member
)
SELECT t.pid AS pid,                       -- process; NULL the node
       coalesce((SELECT min(member) FROM told WHERE told.pid = t.pid),
                (SELECT min(member) FROM told WHERE told.mntns = t.mntns),
                (SELECT member FROM here)) AS member, -- mount.member
       (EXISTS (SELECT 1 FROM told WHERE told.pid = t.pid)
        OR EXISTS (SELECT 1 FROM told WHERE told.mntns = t.mntns)) AS own -- 0: the node's, for want of better
FROM thread t WHERE t.tid = t.pid
UNION ALL
SELECT NULL, member, 1 FROM here WHERE member IS NOT NULL;
