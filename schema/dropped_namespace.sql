-- SPDX-License-Identifier: Apache-2.0
-- Namespace links that are blank because the task gave its namespaces up, not for want of permission:
-- pid or user of the same listing is readable, and the task is no zombie. Normal for every exiting task.
CREATE VIEW dropped_namespace AS
SELECT l.pid, l.kind, p.inode AS pidns, l.evidence
FROM ns_link l
JOIN ns_link p ON p.pid = l.pid AND p.kind = (SELECT max(kind) FROM ns_link q WHERE q.pid = l.pid AND q.kind IN ('pid', 'user') AND q.inode IS NOT NULL)
LEFT JOIN thread t ON t.tid = l.pid
WHERE l.inode IS NULL AND coalesce(l.why, 'unknown') <> 'permission' AND t.state IS NOT 'Z';
