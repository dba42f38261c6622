-- SPDX-License-Identifier: Apache-2.0
-- Every stack of every task: as collected (seen now), or as a kernel log reports it.
CREATE VIEW sighting AS
SELECT 'now' AS seen, tid, pid, comm, state, container, pod, pidns, netns, stack, moved_on, NULL AS time, NULL AS report, NULL AS presence, age_s, evidence
FROM thread WHERE stack IS NOT NULL
UNION ALL
SELECT 'report', r.tid, coalesce(t.pid, r.tid), r.comm, r.state, t.container, t.pod, t.pidns, t.netns, r.stack, NULL, r.time, r.report, r.presence, t.age_s, r.evidence
FROM report_stack r LEFT JOIN thread t ON t.tid = r.tid AND r.presence IN ('there', 'over');
