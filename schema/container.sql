-- SPDX-License-Identifier: Apache-2.0
-- Containers with their names where anything names them, and what is known of their processes.
CREATE VIEW container AS
SELECT t.container, n.name, n.image, min(t.pod) AS pod, min(t.pidns) AS pidns, count(*) AS threads,
       sum(t.state = 'D') AS blocked, min(t.evidence) AS evidence
FROM thread t
LEFT JOIN (SELECT container, max(name) AS name, max(image) AS image FROM container_name GROUP BY container) n
       ON t.container LIKE n.container || '%'
WHERE t.container IS NOT NULL GROUP BY t.container;
