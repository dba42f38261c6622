-- SPDX-License-Identifier: Apache-2.0
-- Namespace links that are blank because the task gave its namespaces up, not for want of permission:
-- pid or user of the same listing is readable, and the task is no zombie. Normal for every exiting task.
CREATE VIEW dropped_namespace AS
SELECT l.pid, l.kind,
       (SELECT min(p.inode) FROM ns_link p WHERE p.pid = l.pid AND p.kind = 'pid') AS pidns, -- of the task; NULL unknown
       l.evidence
FROM ns_link l
LEFT JOIN thread t ON t.tid = l.pid
WHERE l.inode IS NULL AND coalesce(l.why, 'unknown') <> 'permission' AND t.state IS NOT 'Z'
  AND EXISTS (SELECT 1 FROM ns_link p WHERE p.pid = l.pid AND p.kind IN ('pid', 'user') AND p.inode IS NOT NULL)
UNION ALL
-- links as such: what could not be read is not there at all
SELECT p.pid, k.column1, p.inode, p.evidence
FROM ns_link p CROSS JOIN (VALUES ('net'), ('mnt'), ('ipc'), ('uts')) k
LEFT JOIN thread t ON t.tid = p.pid
WHERE p.kind = 'pid' AND p.inode IS NOT NULL AND p.member GLOB 'proc/*/ns/pid' AND t.state IS NOT 'Z'
  AND NOT EXISTS (SELECT 1 FROM ns_link l WHERE l.pid = p.pid AND l.kind = k.column1)
  AND EXISTS (SELECT 1 FROM ns_link o WHERE o.kind = k.column1 AND o.member GLOB 'proc/*/ns/*');
