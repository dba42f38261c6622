-- SPDX-License-Identifier: Apache-2.0
-- What is known of each task's network namespace, one row an observation.
--   live                 its link is readable and the namespace has a device besides lo, or nothing says otherwise
--   stripped             its link is readable and only lo (and fallback devices) are left: the sandbox was torn down
--   dropped by the task  its own link is blank: it is exiting, or its listing was taken then
--   dropped by its init  its pid namespace's init is exiting; every dying init looks like this
CREATE VIEW task_netns AS
WITH own AS (
    SELECT t.tid, t.pid, t.pidns, l.inode AS netns, l.evidence,
           CASE WHEN l.inode IS NULL THEN 'dropped by the task'
                WHEN l.inode IN (SELECT netns FROM stripped_namespace) THEN 'stripped'
                ELSE 'live' END AS how
    FROM thread t JOIN ns_link l ON l.pid = t.pid AND l.kind = 'net'
    WHERE l.inode IS NOT NULL OR l.pid IN (SELECT pid FROM dropped_namespace WHERE kind = 'net')
)
SELECT tid, pid, netns, how,                                          -- as above
       CASE how WHEN 'stripped' THEN (SELECT s.evidence FROM stripped_namespace s WHERE s.netns = own.netns)
                ELSE evidence END AS evidence                         -- member:line
FROM own
UNION ALL
SELECT t.tid, t.pid, NULL, 'dropped by its init', d.evidence
FROM thread t JOIN dropped_namespace d ON d.kind = 'net' AND d.pidns = t.pidns AND d.pid <> t.pid
WHERE t.pidns IS NOT NULL AND t.pidns IS NOT (SELECT inode FROM ns_link WHERE pid = 1 AND kind = 'pid')
  AND t.tid NOT IN (
    -- a namespace that shows a device besides lo is alive, whatever its init looks like
    SELECT o.tid FROM own o JOIN ns_link l ON l.inode = o.netns AND l.kind = 'net' JOIN net_device n ON n.pid = l.pid
    WHERE n.device NOT IN ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'ip6gre0'));
