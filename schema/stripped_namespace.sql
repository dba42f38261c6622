-- SPDX-License-Identifier: Apache-2.0
-- Network namespaces, other than the node's own, in which only lo and the kernel's fallback devices are left.
CREATE VIEW stripped_namespace AS
SELECT l.inode AS netns, min(d.pid) AS pid, min(d.evidence) AS evidence
FROM net_device d JOIN ns_link l ON l.pid = d.pid AND l.kind = 'net'
WHERE l.inode IS NOT NULL AND l.inode IS NOT (SELECT inode FROM ns_link WHERE pid = 1 AND kind = 'net')
GROUP BY l.inode
HAVING sum(d.device NOT IN ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'ip6gre0')) = 0;
