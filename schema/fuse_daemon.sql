-- SPDX-License-Identifier: Apache-2.0
-- Who serves which FUSE connection: the holders of /dev/fuse. fdinfo names the connection from 6.16 on; before
-- that the daemon's arguments and the type and source of the mount tell, else every holder that serves
-- no other is a candidate.
CREATE VIEW fuse_daemon AS
WITH holder AS MATERIALIZED (
    SELECT f.pid, min(f.evidence) AS evidence FROM fd f WHERE f.target = '/dev/fuse' GROUP BY f.pid
), proved AS MATERIALIZED (
    SELECT h.pid, v.number AS connection, min(v.evidence) AS evidence
    FROM holder h JOIN value v ON v.scope >= h.pid || '/fdinfo/' AND v.scope < h.pid || '/fdinfo0' AND v.key = 'fuse_connection' GROUP BY 1, 2
), guess AS MATERIALIZED (
    SELECT h.pid, c.connection, h.evidence,
           CASE WHEN length(c.mountpoint) > 1 AND instr(t.cmdline || ' ', c.mountpoint || ' ') > 0 THEN 4
                WHEN length(c.mount_source) > 4 AND instr(t.cmdline, c.mount_source) > 0 THEN 3
                WHEN c.fstype GLOB 'fuse*.*' AND instr(lower(coalesce(t.exe, t.comm)),
                                                       lower(substr(c.fstype, instr(c.fstype, '.') + 1))) > 0 THEN 2
                WHEN length(c.mount_source) > 3 AND instr(lower(t.comm), lower(c.mount_source)) > 0 THEN 1
                ELSE 0 END AS fit
    FROM holder h LEFT JOIN thread t ON t.tid = h.pid
    CROSS JOIN fuse_connection c
    WHERE h.pid NOT IN (SELECT pid FROM proved) AND c.connection NOT IN (SELECT connection FROM proved)
)
SELECT pid AS pid,                         -- process
       connection AS connection,           -- of fuse_connection
       'proved' AS certainty,              -- proved or inferred
       evidence
FROM proved
UNION ALL
SELECT g.pid, g.connection,
       CASE WHEN g.fit >= 4 OR (SELECT count(*) FROM guess) = 1 THEN 'proved' ELSE 'inferred' END, g.evidence
FROM guess g
WHERE g.fit = (SELECT max(o.fit) FROM guess o WHERE o.connection = g.connection)
  AND (g.fit > 0 OR g.pid NOT IN (SELECT o.pid FROM guess o WHERE o.fit > 0));
