-- SPDX-License-Identifier: Apache-2.0
-- Members of pid namespaces below the collector's, and their inits.
CREATE VIEW pidns_member AS
SELECT t.pidns, t.tid, t.pid, t.comm, t.state, t.container, (t.pidns_tid = 1) AS is_init, t.exiting, t.tracer_pid, t.ppid, t.evidence
FROM thread t
WHERE t.pidns IS NOT NULL AND t.pidns IS NOT (SELECT inode FROM ns_link WHERE pid = 1 AND kind = 'pid');
