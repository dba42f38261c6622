-- SPDX-License-Identifier: Apache-2.0
-- What is known of each task's network namespace, one row an observation.
--   live                 its link is readable and the namespace has a device besides lo, or nothing says otherwise
--   stripped             its link is readable and only lo (and fallback devices) are left: the sandbox was torn down
--   dropped by the task  its own link is blank: it is exiting, or its listing was taken then
--   dropped by its init  its pid namespace's init is exiting; every dying init looks like this
CREATE VIEW task_netns AS
WITH own AS (
    SELECT t.tid, t.pid, t.pidns, l.inode AS netns, l.evidence,
           CASE WHEN l.inode IN (SELECT netns FROM stripped_namespace) THEN 'stripped' ELSE 'live' END AS how
    FROM thread t JOIN ns_link l ON l.pid = t.pid AND l.kind = 'net' WHERE l.inode IS NOT NULL
    UNION ALL
    SELECT t.tid, t.pid, t.pidns, NULL, d.evidence, 'dropped by the task'
    FROM dropped_namespace d JOIN thread t ON t.pid = d.pid WHERE d.kind = 'net'
)
SELECT tid, pid, netns, how,                                          -- as above
       CASE how WHEN 'stripped' THEN (SELECT s.evidence FROM stripped_namespace s WHERE s.netns = own.netns)
                ELSE evidence END AS evidence                         -- member:line
FROM own
UNION ALL
SELECT t.tid, t.pid, NULL, 'dropped by its init', d.evidence
FROM dropped_namespace d JOIN thread t ON t.pidns = d.pidns AND t.pid <> d.pid
LEFT JOIN thread i ON i.tid = d.pid
WHERE d.kind = 'net' AND d.pidns IS NOT (SELECT inode FROM ns_link WHERE pid = 1 AND kind = 'pid')
  -- the init itself: by its number, else by its stack, else (a listing alone) for want of anything against it
  AND CASE WHEN i.pidns_tid IS NOT NULL THEN i.pidns_tid = 1
           WHEN i.stack IS NOT NULL THEN EXISTS (SELECT 1 FROM frame f WHERE f.stack = i.stack AND f.function = 'zap_pid_ns_processes')
           ELSE 1 END
  AND t.tid NOT IN (
    -- a namespace that shows a device besides lo is alive, whatever its init looks like
    SELECT o.tid FROM own o JOIN ns_link l ON l.inode = o.netns AND l.kind = 'net' JOIN net_device n ON n.pid = l.pid
    WHERE n.device NOT IN ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'ip6gre0'));
